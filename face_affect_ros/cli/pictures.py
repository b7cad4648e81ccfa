# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what is named on the command line to picture and video files, in the order that people
expect."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from face_affect_ros.quoting import quoted

STDIN = '-'


@dataclass(frozen=True)
class Source:
    """One picture or video, or something named that gives none.

    :param path: for people and JSON: as given, with the way inside a folder; ``-`` for stdin.
    :param inside: path below the folder it was found in; the bare name of a file.
    :param error: why there is no picture to read.
    :param is_closed: it is a folder that cannot be looked into.
    :param is_video: it is a video file; only those are that are named by themselves.
    """

    path: str
    inside: Path
    error: str | None = None
    is_closed: bool = False
    is_video: bool = False


def find(
    named: Sequence[str], skipped: str | None = None, passed_over: Counter[str] | None = None
) -> list[Source]:
    """Return the pictures behind files, folders (all the way down) and ``-``.

    In folders files are taken whose names end as pictures that are read here (in any case); a file
    named by itself may have any name. What cannot be looked at is a source with an error.

    :param skipped: real path of a folder whose pictures are not taken: our own output inside an
        input.
    :param passed_over: counts the files in folders that are no pictures, by their endings.
    """
    counts = Counter() if passed_over is None else passed_over
    return [source for name in named for source in _behind(name, skipped, counts)]


def natural_key(text: str) -> list[tuple[bool, int, str]]:
    """Return a sorting key by which ``a2`` comes before ``a10``."""
    return [
        (place % 2 == 1, int(part) if place % 2 else 0, part.casefold())
        for place, part in enumerate(re.split(r'([0-9]+)', text))
    ]


def _behind(name: str, skipped: str | None, passed_over: Counter[str]) -> list[Source]:
    """Return the pictures behind one argument, or one source that says why there is none."""
    if name == STDIN:
        return [Source(STDIN, Path('stdin'))]
    inside = Path(os.path.basename(name))
    try:
        is_folder = stat.S_ISDIR(os.stat(name).st_mode)
    except (OSError, ValueError) as error:
        return [Source(name, inside, _reason(name, error))]
    if not is_folder:
        return [Source(name, inside, is_video=_is_video(name))]
    from face_affect_ros import images

    found = list(_walk(name, skipped, passed_over))
    if found:
        return found
    return [
        Source(
            name,
            Path(),
            f'{quoted(name)}: no pictures in this folder or below it '
            f'(looked for {", ".join(images.endings())})',
        )
    ]


def _is_video(name: str) -> bool:
    from face_affect_ros.stream import video_file

    return video_file.is_video(name)


def _reason(name: str, error: Exception) -> str:
    """Return why there is nothing to read behind a name."""
    from face_affect_ros.images import files

    if isinstance(error, FileNotFoundError):
        missing = (
            'a symbolic link to nothing' if os.path.islink(name) else ('no such file or folder')
        )
        return files.no_path(name) or f'{quoted(name)}: {missing}'
    return files.no_path(name) or (
        f'{quoted(name)} cannot be read: {getattr(error, "strerror", None) or error}'
    )


def _walk(top: str, skipped: str | None, passed_over: Counter[str]) -> Iterator[Source]:
    """Yield the pictures of a folder, then those of its subfolders; nothing hidden.

    Links to folders are not followed: they may lead back.
    """
    from face_affect_ros import images

    endings = images.endings()
    folders = ['']
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(os.path.join(top, folder)) as entries:
                shown = sorted(
                    (entry for entry in entries if not entry.name.startswith('.')),
                    key=lambda entry: natural_key(entry.name),
                )
        except OSError as error:
            path = os.path.join(top, folder) if folder else top
            yield Source(
                path,
                Path(folder),
                f'folder {quoted(path)} cannot be looked into: '
                f'{error.strerror}; its pictures are missing here',
                is_closed=True,
            )
            continue
        inner = []
        for entry in shown:
            inside = os.path.join(folder, entry.name)
            if _is_folder(entry):
                inner.append(inside)
            elif entry.name.lower().endswith(endings):
                yield Source(os.path.join(top, inside), Path(inside))
            else:
                passed_over[os.path.splitext(entry.name)[1].lower()] += 1
        folders += [
            inside
            for inside in reversed(inner)
            if os.path.realpath(os.path.join(top, inside)) != skipped
        ]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a folder and no link to one; of what is unreadable, not."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
