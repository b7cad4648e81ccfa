# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The names by which people are enrolled: one short line that is safe as a folder's name, too."""

from __future__ import annotations

import unicodedata

from face_affect_ros.faces import UNKNOWN
from face_affect_ros.identity.errors import PersonNameError
from face_affect_ros.quoting import quoted

MOST_CHARACTERS = 64

_SEPARATORS = '/\\'


def checked(name: str) -> str:
    """Return a name in Unicode's composed form (NFC), so that one that looks the same is the same.

    :raises PersonNameError: it is no text, empty, longer than 64 characters, has a slash or what
        does not print (a newline), begins or ends with a blank, is ``unknown``, ``.`` or ``..``.
    """
    if not isinstance(name, str):
        raise PersonNameError(f'a name is a text, not {quoted(name)}')
    composed = unicodedata.normalize('NFC', name)
    rule = _broken_rule(composed)
    if rule:
        raise PersonNameError(f'{quoted(name)} cannot be a name: {rule}')
    return composed


def _broken_rule(name: str) -> str:
    """Return why nobody can have a name; empty: somebody can."""
    if not name.strip():
        return 'it is empty'
    if len(name) > MOST_CHARACTERS:
        return f'it has {len(name)} characters, {MOST_CHARACTERS} are the most'
    if any(character in _SEPARATORS for character in name):
        return 'it has a slash'
    if not name.isprintable():
        return 'it has a newline or another character that does not print'
    if name != name.strip():
        return 'it begins or ends with a blank'
    if name.casefold() == UNKNOWN:
        return 'this is the answer where a face is nobody enrolled'
    if name in ('.', '..'):
        return 'it names a folder'
    return ''
