# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a user or a message gave, as it stands in errors and logs: one line, and short."""

from __future__ import annotations

import os
import reprlib

LENGTH = 100
"""Most characters of a quoted value, its quotes included."""

_GAP = '...'


def quoted(value: object, most: int = LENGTH) -> str:
    """Return a value's ``repr`` on one line of at most so many characters, ``LENGTH`` or less.

    What is longer is cut in its middle: the end of a path tells more than its folders. Control
    characters and surrogates are escaped; a path is quoted as its text.
    """
    try:
        text = _representation(os.fspath(value) if isinstance(value, os.PathLike) else value)
    except Exception:  # a ``__repr__`` may raise anything
        text = f'<{type(value).__name__}>'
    return _cut(printable(_cut(text)), most)


def shortened(text: str, most: int = LENGTH) -> str:
    """Return a text, as of another library's error, on one line of at most so many characters."""
    return _cut(printable(_cut(' '.join(text.split()), most)), most)


def printable(text: str) -> str:
    """Return a text whole, whatever does not print (newlines, escapes, surrogates) escaped."""
    if text.isprintable():
        return text
    return ''.join(
        character if character.isprintable() else character.encode('unicode_escape').decode()
        for character in text
    )


def _representation(value: object) -> str:
    """Return a ``repr`` that may still be too long, without spelling out large values."""
    if isinstance(value, str):
        return repr(str(value[:LENGTH] + value[LENGTH:][-LENGTH:]))
    if isinstance(value, (bytes, bytearray)):
        return repr(bytes(value[:LENGTH] + value[LENGTH:][-LENGTH:]))
    return ' '.join(reprlib.repr(value).split())


def _cut(text: str, most: int = LENGTH) -> str:
    """Return a text with its middle left out where it is too long."""
    if len(text) <= most:
        return text
    end = (most - len(_GAP)) // 2
    return text[: most - len(_GAP) - end] + _GAP + text[-end:]
