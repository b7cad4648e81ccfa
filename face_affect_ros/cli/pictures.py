# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what is named on the command line to picture files, in the order that people expect."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ENDINGS = ('.jpg', '.jpeg', '.png', '.webp', '.bmp', '.tif', '.tiff')
"""Endings, in any case, that are looked for in folders; a file named by itself may have any."""

STDIN = '-'


@dataclass(frozen=True)
class Source:
    """One picture, or something named that gives none.

    :param path: for people and JSON: as given, with the way inside a folder; ``-`` for stdin.
    :param inside: path below the folder it was found in; the bare name of a file.
    :param error: why there is no picture to read.
    """

    path: str
    inside: Path
    error: str | None = None


def find(named: Sequence[str], skipped: Path | None = None) -> list[Source]:
    """Return the pictures behind files, folders (all the way down) and ``-``.

    :param skipped: folder whose pictures are not taken: our own output inside an input.
    """
    return [source for name in named for source in _behind(name, skipped)]


def natural_key(text: str) -> list[tuple[bool, int, str]]:
    """Return a sorting key by which ``a2`` comes before ``a10``."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part.casefold())
            for part in re.split(r'([0-9]+)', text)]


def _behind(name: str, skipped: Path | None) -> list[Source]:
    """Return the pictures behind one argument, or one source that says why there is none."""
    path = Path(name)
    if name == STDIN:
        return [Source(STDIN, Path('stdin'))]
    if not path.exists():
        return [Source(name, Path(path.name), f'{name}: no such file or folder')]
    if not path.is_dir():
        return [Source(name, Path(path.name))]
    found = [Source(str(file), file.relative_to(path)) for file in _walk(path, skipped)]
    if found:
        return found
    return [Source(name, Path(), f'{name}: no pictures in this folder or below it '
                                 f'(looked for {", ".join(ENDINGS)})')]


def _walk(folder: Path, skipped: Path | None) -> Iterator[Path]:
    """Yield the pictures of a folder, then those of its subfolders; nothing hidden."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(
            (name for name in folders
             if not name.startswith('.') and (here / name).resolve() != skipped),
            key=natural_key)
        for name in sorted(files, key=natural_key):
            if name.lower().endswith(ENDINGS) and not name.startswith('.'):
                yield here / name
