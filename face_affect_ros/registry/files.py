# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files of a user: only regular ones, of a bounded size, are read, and nothing is waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(path: Path, most: int) -> bytes:
    """Return what is in a file.

    :param most: largest number of bytes that is read.
    :raises OSError: it is missing, may not be read, is a folder, a pipe or a device, or larger.
    """
    # Not blocking: to open a pipe without a writer would wait for one.
    with open(path, 'rb', opener=_open_at_once) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, 'it is no regular file')
        # Not read(most): room for as many bytes as are asked for is taken at once.
        data = file.read() if status.st_size <= most else b''
    if max(status.st_size, len(data)) > most:
        raise OSError(errno.EFBIG, f'it has more than {most:,} bytes')
    return data


def is_there(path: Path) -> bool:
    """Return whether a path names anything, be it a broken link.

    :raises OSError: that may not be looked at.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def check_folder(path: str | Path) -> None:
    """Raise ``OSError`` unless a path is a folder whose files can be opened."""
    try:
        status = os.stat(path)
    except ValueError as error:  # a null character
        raise OSError(errno.EINVAL, str(error)) from error
    if not stat.S_ISDIR(status.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(path, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, 'O_NONBLOCK', 0))
