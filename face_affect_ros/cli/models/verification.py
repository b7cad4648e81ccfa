# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models verify``: are the files whole?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.quoting import quoted

SUMMARY = 'check every weight file against its hash'

States = dict[str, 'str | None']
"""What is wrong with each network; None: nothing."""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this action."""
    options.add_weights_dir(parser)
    parser.add_argument(
        '--originals',
        default='',
        metavar='DIR',
        help='folder of fetched originals, which are checked too; those not there at all are not',
    )


def run(arguments: argparse.Namespace) -> int:
    """Check; return 1 if a file is missing or altered."""
    from face_affect_ros.registry import catalogue

    states = {
        name: _fault(name, arguments.weights_dir)
        for name in catalogue.networks(arguments.weights_dir)
    }
    originals = _originals(Path(arguments.originals)) if arguments.originals else None
    if arguments.json:
        from face_affect_ros.cli import schema

        more = {} if originals is None else {'originals': _records(originals)}
        print(schema.line({'schema': schema.VERSION, 'networks': _records(states), **more}))
    else:
        for name, fault in {**states, **(originals or {})}.items():
            print(f'{name}: {"FAILED" if fault else "ok"}')
    faults = [fault for fault in (*states.values(), *(originals or {}).values()) if fault]
    for fault in faults:
        print(f'face-affect models verify: {fault}', file=sys.stderr)
    return FAILED if faults else 0


def _fault(name: str, weights_dir: str) -> str | None:
    """Return what is wrong with a network's file."""
    from face_affect_ros.registry import catalogue

    try:
        catalogue.read_weights(name, weights_dir)
    except catalogue.WeightsError as error:
        return str(error)
    return None


def _originals(folder: Path) -> States:
    """Return the states of the originals of which a file is in a folder.

    :raises UsageError: it is no folder.
    """
    from face_affect_ros import originals

    if not folder.is_dir():
        raise UsageError(f'{quoted(folder)} is no folder')
    there = [
        entry
        for entry in originals.originals().values()
        if any((folder / file.path).exists() for file in entry.files)
    ]
    return {entry.name: _original_fault(entry.name, folder) for entry in there}


def _original_fault(name: str, folder: Path) -> str | None:
    """Return what is wrong with an original's files."""
    from face_affect_ros import originals
    from face_affect_ros.registry import catalogue

    try:
        originals.read_files(originals.original(name), folder)
    except catalogue.WeightsError as error:
        return str(error)
    return None


def _records(states: States) -> list[dict[str, str | None]]:
    """Return states for JSON."""
    return [{'name': name, 'error': fault} for name, fault in states.items()]
