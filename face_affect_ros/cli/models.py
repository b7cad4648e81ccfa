# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models``: which networks there are, and whether their files are whole."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import tables

if TYPE_CHECKING:
    from face_affect_ros.registry.catalogue import Network

SUMMARY = 'the networks: tasks, licences, figures, and whether their files are whole'

_EPILOG = """\
examples:
  face-affect models list
  face-affect models list --json
  face-affect models verify                     exit code 1 if a file is missing or altered
  face-affect models verify --weights-dir my_weights
"""

_HEADINGS = ('network', 'task', 'model', 'size', 'figures', 'licence')


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(title='actions', dest='action', metavar='ACTION',
                                    required=True)
    for name, (action, summary) in ACTIONS.items():
        command = actions.add_parser(name, help=summary, description=f'{summary.capitalize()}.')
        command.add_argument('--json', action='store_true', help='one JSON object')
        command.add_argument(
            '--weights-dir', default='', metavar='DIR',
            help='folder whose weight files take precedence over the embedded ones')
        command.set_defaults(action_function=action)


def run(arguments: argparse.Namespace) -> int:
    """List or verify."""
    return arguments.action_function(arguments)


def list_networks(arguments: argparse.Namespace) -> int:
    """Print what there is; return 0."""
    from face_affect_ros.registry import catalogue
    entries = [_entry(network, arguments.weights_dir)
               for network in catalogue.networks().values()]
    if arguments.json:
        from face_affect_ros.cli import schema
        print(schema.line({'schema': schema.VERSION, 'networks': entries}))
        return 0
    for name in catalogue.model_names():
        print(f'model {name}: {catalogue.model(name).description}')
    print()
    print(tables.text([_HEADINGS, *(_row(entry) for entry in entries)]))
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Check every file against its hash; return 1 if one is missing or altered."""
    from face_affect_ros.registry import catalogue
    states = {name: _fault(name, arguments.weights_dir) for name in catalogue.networks()}
    faults = {name: fault for name, fault in states.items() if fault}
    if arguments.json:
        from face_affect_ros.cli import schema
        print(schema.line({'schema': schema.VERSION, 'networks': [
            {'name': name, 'error': fault} for name, fault in states.items()]}))
    else:
        for name, fault in states.items():
            print(f'{name}: {"FAILED" if fault else "ok"}')
    for fault in faults.values():
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


def _entry(network: Network, weights_dir: str) -> dict[str, Any]:
    """Return what there is to say about a network; ``bytes`` is null where its file is missing."""
    from face_affect_ros.registry import catalogue
    path = catalogue.weights_path(network, weights_dir)
    users = [name for name in catalogue.model_names() if network.name in _names(name)]
    return {
        'name': network.name, 'task': network.task, 'models': users, 'file': str(path),
        'bytes': path.stat().st_size if path.is_file() else None, 'sha256': network.sha256,
        'licence': network.licence, 'source': network.source, 'figures': dict(network.figures)}


def _names(model: str) -> tuple[str, ...]:
    """Return the names of all networks of a model."""
    from face_affect_ros.registry import catalogue
    spec = catalogue.model(model)
    return (*spec.detector_networks, *spec.networks.values())


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return a network's cells in the order of the headings."""
    size = 'missing' if entry['bytes'] is None else f'{entry["bytes"] / 1e6:.2f} MB'
    figures = ', '.join(f'{name} {value:g}' for name, value in entry['figures'].items())
    return (entry['name'], entry['task'], ' '.join(entry['models']) or '-', size, figures or '-',
            entry['licence'])


ACTIONS = {
    'list': (list_networks, 'what each network does, its size, licence and measured figures'),
    'verify': (verify, 'check every weight file against its hash'),
}
