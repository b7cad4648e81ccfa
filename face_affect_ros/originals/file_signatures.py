# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a file really is that was handed over as a network."""

from __future__ import annotations

_PAGE_STARTS = (b'<!doctype html', b'<html', b'<?xml')
_POINTER_START = b'version https://git-lfs'
_TEXT_PICKLE_STARTS = (b'(dp', b'(lp', b'ccopy_reg', b'cnumpy', b'c__builtin__', b'cbuiltins')
_PICKLE_PROTOCOLS = range(2, 6)
_ARRAY_START, _OBJECTS, _ARRAY_HEADER = b'\x93NUMPY', b"'descr': '|O'", 128


def kind(data: bytes) -> str | None:
    """Return what bytes are that are no network: a web page, a pickle; None: nothing known.

    A pickle runs whatever its author wrote when it is read, so none is.

    :param data: a whole file or its beginning, 128 bytes or more.
    """
    if not data:
        return 'an empty file'
    start = data[:_ARRAY_HEADER]
    if start.startswith(_POINTER_START):
        return 'a git-lfs pointer'
    if start.lstrip().lower().startswith(_PAGE_STARTS):
        return 'an HTML page'
    if start.startswith(b'PK\x03\x04'):
        return 'a ZIP archive'
    if _is_pickle(start):
        return 'a Python pickle'
    return None


def _is_pickle(start: bytes) -> bool:
    """Return whether a file is a pickle, or a NumPy file that holds one."""
    if start.startswith(_ARRAY_START):
        return _OBJECTS in start
    if start.startswith(_TEXT_PICKLE_STARTS):
        return True
    return len(start) > 1 and start[0] == 0x80 and start[1] in _PICKLE_PROTOCOLS
