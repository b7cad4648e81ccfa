# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models fetch``: the original networks, from where they are published."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from face_affect_ros.originals.catalogue import Original
    from face_affect_ros.originals.catalogue import OriginalFile
    from face_affect_ros.originals.download import Progress

SUMMARY = 'get original networks from their public addresses, or from files that you have'

_EPILOG = """\
examples:
  face-affect models fetch                      all that are published; what is there already stays
  face-affect models fetch age_levi_hassner --to originals
  face-affect models fetch --from downloads     no network: files are known by their content

A download that was cut goes on where it stopped. Every file is checked against its hash.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this action."""
    parser.epilog = _EPILOG
    parser.add_argument(
        'names', nargs='*', metavar='NAME', help='original networks (default: all)'
    )
    parser.add_argument(
        '--from',
        dest='source',
        default='',
        metavar='DIR',
        help='take files of the right content from this folder, at any depth and of any name, '
        'instead of downloading',
    )
    parser.add_argument(
        '--to',
        dest='target',
        default='',
        metavar='DIR',
        help="folder to put them in (default: face_affect_ros/originals in the user's data "
        'folder, $XDG_DATA_HOME or ~/.local/share)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Get the files; return 1 if one could not be had."""
    from face_affect_ros.originals import paths

    entries = chosen(arguments.names)
    target = Path(arguments.target or paths.originals_folder())
    files = {file.path: file for entry in entries for file in entry.files}
    states = _states(files, target, arguments)
    if arguments.json:
        from face_affect_ros.cli import schema

        print(
            schema.line(
                {
                    'schema': schema.VERSION,
                    'folder': str(target),
                    'originals': [_record(entry, states) for entry in entries],
                }
            )
        )
    else:
        print(f'originals in {target}')
        for entry in entries:
            _show(entry, states)
    missing = {path: error for path, (_, error) in states.items() if error}
    for path, error in missing.items():
        print(f'face-affect models fetch: {_advice(files[path], error)}', file=sys.stderr)
    return FAILED if missing else 0


def chosen(names: list[str]) -> list[Original]:
    """Return the originals of these names, all where there are none.

    :raises UsageError: there is none of a name.
    """
    from face_affect_ros import originals
    from face_affect_ros.registry import catalogue

    try:
        return [originals.original(name) for name in names or originals.originals()]
    except catalogue.UnknownNameError as error:
        raise UsageError(str(error)) from error


States = dict[str, 'tuple[str, str]']
"""What became of each file, by its path: how it came, and what went wrong, one of them empty."""


def _states(files: dict[str, OriginalFile], target: Path, arguments: argparse.Namespace) -> States:
    """Get all files and return what became of each."""
    try:
        there = {path: ('was there', '') for path, file in files.items() if _whole(file, target)}
        absent = {path: file for path, file in files.items() if path not in there}
        if arguments.source:
            got = _copied(absent, Path(arguments.source), target)
        else:
            got = {path: _downloaded(file, target) for path, file in absent.items()}
    except OSError as error:
        raise CommandError(
            f'{quoted(error.filename or target)}: {error.strerror or error}'
        ) from error
    return {path: {**there, **got}[path] for path in files}


def _whole(file: OriginalFile, target: Path) -> bool:
    """Return whether a file is in its place already."""
    path = target / file.path
    return path.is_file() and file.fault(path.read_bytes()) is None


def _copied(files: dict[str, OriginalFile], source: Path, target: Path) -> States:
    """Copy the files of which there is a copy in a folder.

    :raises UsageError: it is no folder.
    """
    from face_affect_ros.originals import local_copies

    if not source.is_dir():
        raise UsageError(f'{quoted(source)} is no folder')
    found = local_copies.find(files.values(), source)
    states = {}
    for path in files:
        if path not in found:
            states[path] = '', f'no copy in {local_copies.described(source)}'
            continue
        _place(found[path], target / path)
        states[path] = f'from {found[path]}', ''
    return states


def _place(source: Path, target: Path) -> None:
    """Copy a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f'{target.name}.part')
    shutil.copyfile(source, part)
    part.replace(target)


def _downloaded(file: OriginalFile, target: Path) -> tuple[str, str]:
    """Download a file and return what became of it."""
    from face_affect_ros.originals import download

    with _bar(file) as progress:
        try:
            return f'from {download.download(file, target / file.path, progress)}', ''
        except download.DownloadError as error:
            return '', str(error)


@contextmanager
def _bar(file: OriginalFile) -> Iterator[Progress]:
    """Show how far a download is, on stderr where that is a terminal."""
    from tqdm import tqdm

    with tqdm(
        desc=file.path.rpartition('/')[2],
        total=file.bytes,
        unit='B',
        unit_scale=True,
        leave=False,
        disable=None,
    ) as bar:

        def show(there: int, total: int | None) -> None:
            if total is not None:
                bar.total = total
            bar.n = there
            bar.refresh()

        yield show


def _record(entry: Original, states: States) -> dict[str, Any]:
    """Return for JSON what became of an original."""
    return {
        'name': entry.name,
        'licence': entry.licence,
        'files': [
            {
                'path': file.path,
                'state': states[file.path][0] or None,
                'error': states[file.path][1] or None,
            }
            for file in entry.files
        ],
    }


def _show(entry: Original, states: States) -> None:
    """Print what became of an original, and its licence."""
    print(f'{entry.name} ({entry.licence})')
    for file in entry.files:
        state, _ = states[file.path]
        print(f'  {file.path}: {state or "NOT THERE"}')


def _advice(file: OriginalFile, error: str) -> str:
    """Return what could not be had and how to look for it."""
    known = [
        f'{name} {value}'
        for name, value in (
            ('sha256', file.sha256),
            ('sha1', file.sha1),
            ('git blob', file.git_blob),
        )
        if value
    ]
    return (
        f'{file.path} could not be had: {error}; any copy with {", ".join(known)} will do '
        f'(published as {file.source or ", ".join(file.urls)}): '
        'give its folder with --from'
    )
