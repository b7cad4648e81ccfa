# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files that their owner alone can read, written whole or not at all, with a copy of what was."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from face_affect_ros.identity.errors import GalleryError
from face_affect_ros.quoting import quoted

MOST_BYTES = 64 * 2**20

_OWNER_ALONE = 0o600


def copy_of(path: Path) -> Path:
    """Return where the copy of what a file held before is: its name with ``.bak``."""
    return path.with_name(f'{path.name}.bak')


def read(path: Path) -> bytes:
    """Return a file's bytes.

    :raises FileNotFoundError: there is none.
    :raises GalleryError: it cannot be read, is no file, or has more than 64 MiB.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), 'rb') as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise GalleryError(f'{quoted(path)} is no file: name the file of a gallery')
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except IsADirectoryError as error:
        raise GalleryError(f'{quoted(path)} is a folder: name the file of a gallery') from error
    except (OSError, ValueError) as error:
        raise _failure(path, 'read', error) from error
    if len(data) > MOST_BYTES:
        raise GalleryError(f'{quoted(path)} is no gallery: it has more than 64 MiB')
    return data


def write(path: Path, data: bytes) -> None:
    """Replace a file, or make it: 0600, on the disk when this returns, whole whatever happens.

    :raises GalleryError: it cannot be written; what was is still there.
    """
    if len(data) > MOST_BYTES:
        raise GalleryError(f'{quoted(path)} would have more than 64 MiB: enrol fewer pictures')
    part = path.with_name(f'.{path.name}.part')
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(part, flags, _OWNER_ALONE), 'wb') as file:
            os.fchmod(file.fileno(), _OWNER_ALONE)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError):
            part.unlink()
        raise _failure(path, 'written', error) from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let nobody else write beside a file who asks for the same: a lock on its folder.

    :raises GalleryError: there is no such folder.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _failure(path, 'written', error) from error
    try:
        with contextlib.suppress(OSError):  # of file systems without locks
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, where the file system can say so."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failure(path: Path, what: str, error: Exception) -> GalleryError:
    return GalleryError(
        f'{quoted(path)} cannot be {what}: {getattr(error, "strerror", None) or error}'
    )
