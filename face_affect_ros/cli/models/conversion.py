# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models convert``: original networks as ONNX."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli.models.fetching import chosen
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from face_affect_ros.originals.catalogue import Original
    from face_affect_ros.originals.catalogue import OriginalFile

SUMMARY = 'turn original networks into ONNX, without their frameworks'

_ALL = 'all'

_EPILOG = """\
examples:
  face-affect models convert all
  face-affect models convert opencv_ssd --from downloads --to onnx

Files are known by their content, whatever they are called. "all" means all whose files are there.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this action."""
    parser.epilog = _EPILOG
    parser.add_argument('name', metavar='NAME', help='an original network, or "all"')
    parser.add_argument(
        '--from',
        dest='source',
        default='',
        metavar='DIR',
        help='folder of the originals (default: where "fetch" puts them)',
    )
    parser.add_argument(
        '--to',
        dest='target',
        default='',
        metavar='DIR',
        help='folder to write to (default: the same)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Convert; return 1 if one could not be."""
    from face_affect_ros.originals import local_copies
    from face_affect_ros.originals import paths

    _check_installed()
    entries = chosen([] if arguments.name == _ALL else [arguments.name])
    source = Path(arguments.source or paths.originals_folder())
    if not source.is_dir():
        raise UsageError(f'{quoted(source)} is no folder')
    target = Path(arguments.target or source)
    found = local_copies.find([file for entry in entries for file in entry.files], source)
    places = Places(source, target, found, arguments.name == _ALL)
    records = [record for entry in entries if (record := _converted(entry, places))]
    if not records:
        raise CommandError(
            f'no original is in {local_copies.described(source)}: face-affect models fetch'
        )
    if arguments.json:
        from face_affect_ros.cli import schema

        print(schema.line({'schema': schema.VERSION, 'originals': records}))
    else:
        for record in records:
            print(f'{record["name"]}: {record["file"] or "FAILED"}')
    faults = [record['error'] for record in records if record['error']]
    for fault in faults:
        print(f'face-affect models convert: {fault}', file=sys.stderr)
    return FAILED if faults else 0


def _check_installed() -> None:
    """Name what is missing, with the command that installs it."""
    from face_affect_ros.originals.conversion import converters

    missing = converters.missing()
    if missing:
        raise CommandError(
            f'converting needs {" and ".join(missing)}: pip install "face_affect_ros[convert]"'
        )


@dataclass(frozen=True)
class Places:
    """Where files come from and go to.

    :param found: copies in ``source`` by ``OriginalFile.path``.
    :param lenient: originals that are not there, or are of a kind that is not converted, are
        passed over.
    """

    source: Path
    target: Path
    found: dict[str, Path]
    lenient: bool


def _converted(entry: Original, places: Places) -> dict[str, Any] | None:
    """Convert one and return what became of it; None: it was passed over."""
    from face_affect_ros.originals.conversion import converters
    from face_affect_ros.originals.conversion import graph
    from face_affect_ros.originals.conversion.arrays import ConversionError

    record = {'name': entry.name, 'licence': entry.licence, 'file': None, 'error': None}
    try:
        files = _read(entry, places)
        if files is None or (places.lenient and entry.framework in converters.NOT_READ):
            return None
        path = places.target / entry.converted
        graph.write(converters.convert(entry, files), path)
    except (ConversionError, CommandError) as error:
        return {**record, 'error': str(error)}
    except OSError as error:
        return {
            **record,
            'error': f'{entry.name}: {quoted(error.filename or places.target)}: '
            f'{error.strerror or error}',
        }
    return {**record, 'file': str(path)}


def _read(entry: Original, places: Places) -> dict[str, bytes] | None:
    """Return an original's files by suffix; None: one is not there, and that is no error.

    :raises CommandError: a file is missing, or is altered.
    """
    absent = [file for file in entry.files if file.path not in places.found]
    for file in absent:
        _refuse_altered(entry, file, places.source / file.path)
    if absent and places.lenient:
        return None
    if absent:
        raise CommandError(
            f'{entry.name}: no copy of {" and ".join(file.path for file in absent)} in '
            f'{quoted(places.source)}; get it with: face-affect models fetch {entry.name}'
        )
    return {Path(file.path).suffix: places.found[file.path].read_bytes() for file in entry.files}


def _refuse_altered(entry: Original, file: OriginalFile, path: Path) -> None:
    """Name a file that lies where the right one should."""
    if not path.is_file():
        return
    fault = file.explained_fault(path.read_bytes())
    if fault:
        raise CommandError(f'{entry.name}: {quoted(path)} {fault}')
