# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From paths, pipes and file objects to the bytes of an image file."""

from __future__ import annotations

import os
import re
import select
import stat
import time
from collections.abc import Callable
from typing import Any
from typing import TypeVar

from face_affect_ros.images.errors import BAD_IMAGE
from face_affect_ros.images.errors import NO_IMAGE
from face_affect_ros.images.errors import TOO_LARGE
from face_affect_ros.images.errors import ImageError
from face_affect_ros.images.formats import FORMATS
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

Buffer = TypeVar('Buffer', bytes, bytearray)

WRITER_S = 2.0
"""Seconds for which a pipe may be without anybody who writes to it."""

SILENCE_S = 60.0
"""Seconds for which whoever writes to a pipe may say nothing."""

_PART = 1 << 20
"""Bytes that are read at a time: room for as many as are asked for is taken at once."""

_URL = re.compile(r'[A-Za-z][A-Za-z0-9+.-]+:/')  # a Path has made one slash of two

_BASE64 = re.compile(
    r'(?:/9j/|iVBORw0KGg|UklGR|Qk[0-3]|SUkqA|SUkrA|TU0AK|R0lGOD)[A-Za-z0-9+/=\s]{60}'
)
"""How JPEG, PNG, WebP, BMP, TIFF and GIF begin in base64."""

_KINDS: dict[Callable[[int], bool], str] = {
    stat.S_ISDIR: 'it is a folder',
    stat.S_ISSOCK: 'it is a socket',
    stat.S_ISCHR: 'it is a device',
    stat.S_ISBLK: 'it is a device',
}


def read_path(path: str, most: int) -> bytes:
    """Return what is in a file, or comes through a pipe.

    :param most: largest number of bytes that is read.
    :raises ImageError: NO_IMAGE where it cannot be read, TOO_LARGE.
    """
    name = f'image file {quoted(path)}'
    try:
        return _read(path, most, name)
    except (OSError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        misunderstood = no_path(path)
        if misunderstood:
            raise ImageError(BAD_IMAGE, misunderstood) from error
        reason = getattr(error, 'strerror', None) or error
        raise ImageError(
            NO_IMAGE,
            f'{name} cannot be read ({reason}): give the path of a {FORMATS} file '
            'that you may read',
        ) from error


def no_path(text: str) -> str:
    """Return what a text that is the path of nothing is instead, and what to do with it.

    Empty where it looks like a path.
    """
    if text[:5].lower() == 'data:':
        return (
            f'image {quoted(text)} is a data URI: give the bytes behind its comma, '
            'base64.b64decode(text.partition(",")[2])'
        )
    if text[:6].lower() == 'file:/':
        return f'image {quoted(text)} is a URL: give its path, without file://'
    if _URL.match(text):
        return (
            f'image {quoted(text)} is a URL, and nothing is fetched from the network: '
            'download it (curl -sLO URL) and give the file, or give its bytes'
        )
    if _BASE64.match(text):
        return f'image {quoted(text)} is base64: give its bytes, base64.b64decode(text)'
    if text.startswith(("b'", 'b"', '\x89PNG', '\xff\xd8\xff')):
        return (
            f'image {quoted(text)} is a text of bytes: give the bytes themselves, as '
            "open(path, 'rb').read() returns them"
        )
    return ''


def read_object(file: Any, most: int) -> bytes:
    """Return what is left in an open binary file.

    :param file: has ``read``, as ``io.BytesIO`` and what ``open(path, 'rb')`` returns.
    :raises ImageError: NO_IMAGE where it cannot be read, BAD_IMAGE where it gives text, TOO_LARGE.
    """
    name = f'file object {quoted(getattr(file, "name", file))}'
    data = bytearray()
    while len(data) <= most:
        part = _next(file, name)
        if not part:
            break
        data += part
    return bytes(_limited(data, most, name))


def _next(file: Any, name: str) -> Any:
    """Return the next bytes of an open file, none at its end."""
    try:
        part = file.read(_PART)
    except Exception as error:  # closed, not readable, or anything that others' classes raise
        raise ImageError(
            NO_IMAGE,
            f'{name} cannot be read ({shortened(str(error))}): give an open file, or its bytes',
        ) from error
    if isinstance(part, str):
        raise ImageError(BAD_IMAGE, f"{name} gives text: open it as binary, open(path, 'rb')")
    if not isinstance(part, (bytes, bytearray, memoryview)):
        raise ImageError(
            BAD_IMAGE, f'{name} gives {type(part).__name__}, not bytes: give an open binary file'
        )
    return part


def _read(path: str, most: int, name: str) -> bytes:
    """Read a file or a pipe; raise OSError or ValueError where that cannot be done."""
    mode = os.stat(path).st_mode
    for is_kind, reason in _KINDS.items():
        if is_kind(mode):
            raise OSError(reason)
    # Not blocking: to open a pipe without a writer would wait for one.
    with open(path, 'rb', buffering=0, opener=_open_at_once) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISFIFO(status.st_mode):
            return _from_pipe(file, most, name)
        if status.st_size > most:
            raise _too_large(f'{status.st_size:,}', most, name)
        return _limited(file.read(), most, name)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, 'O_NONBLOCK', 0))


def _from_pipe(file: Any, most: int, name: str) -> bytes:
    """Read until all writers are gone."""
    poll = select.poll()
    poll.register(file, select.POLLIN)
    data = bytearray()
    deadline = time.monotonic() + WRITER_S
    while len(data) <= most:
        part = file.read(_PART)  # None: there is a writer, but nothing yet
        if part:
            data += part
        elif part is not None and data:
            break
        elif part is not None and time.monotonic() >= deadline:
            raise OSError('it is a pipe that nobody writes to')
        elif part is not None:
            time.sleep(0.01)
        elif not poll.poll(SILENCE_S * 1000):
            raise OSError(f'it is a pipe to which nothing was written for {SILENCE_S:g} s')
    return bytes(_limited(data, most, name))


def _limited(data: Buffer, most: int, name: str) -> Buffer:
    if len(data) > most:
        raise _too_large(f'more than {most:,}', most, name)
    return data


def _too_large(count: str, most: int, name: str) -> ImageError:
    return ImageError(
        TOO_LARGE,
        f'{name} has {count} bytes, more than the {most:,} that are accepted: scale it down',
    )
