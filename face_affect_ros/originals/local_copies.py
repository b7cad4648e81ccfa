# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Copies of the originals' files, found by what is in them, whatever they are called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path

from face_affect_ros.originals.catalogue import OriginalFile
from face_affect_ros.quoting import quoted

MAX_BYTES = 1 << 29
"""Larger files are none of the originals."""


def find(files: Iterable[OriginalFile], folder: Path) -> dict[str, Path]:
    """Return where copies of files lie in a folder, at any depth, by ``OriginalFile.path``."""
    wanted = {file.path: file for file in files}
    found: dict[str, Path] = {}
    for path in sorted(_files(folder)):
        left = [file for file in wanted.values() if file.path not in found]
        if not left:
            break
        size = _size(path)
        if any(file.bytes in (None, size) for file in left) and 0 < size <= MAX_BYTES:
            found.update(_matches(path, left))
    return found


def described(folder: Path) -> str:
    """Return a folder's name, with what in it cannot be looked into: there may be copies."""
    closed: list[OSError] = []
    for _ in os.walk(folder, onerror=closed.append):
        pass
    more = f', of which {len(closed)} folders' if len(closed) > 1 else ', of which'
    return quoted(folder) + (
        f'{more} cannot be looked into ({quoted(closed[0].filename)})' if closed else ''
    )


def _files(folder: Path) -> Iterator[Path]:
    """Yield all that lies in a folder and is no folder."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def _size(path: Path) -> int:
    """Return a file's size; 0 for what is none or cannot be looked at."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _matches(path: Path, files: Iterable[OriginalFile]) -> dict[str, Path]:
    """Return which of the files this one is a copy of."""
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    return {file.path: path for file in files if file.fault(data) is None}
