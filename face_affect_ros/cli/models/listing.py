# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models list``: what there is."""

from __future__ import annotations

import argparse
from itertools import chain
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import options
from face_affect_ros.cli import tables

if TYPE_CHECKING:
    from face_affect_ros.originals.catalogue import Original
    from face_affect_ros.originals.catalogue import OriginalFile
    from face_affect_ros.registry.catalogue import Network

SUMMARY = 'what each network does, its size, licence and measured figures'

_HEADINGS = ('network', 'task', 'model', 'size', 'figures', 'licence')
_ORIGINAL_HEADINGS = ('original', 'framework', 'task', 'size', 'files', 'licence')


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this action."""
    options.add_weights_dir(parser)
    parser.add_argument(
        '--originals',
        action='store_true',
        help='also the original networks, which are not part of this package',
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what there is; return 0."""
    from face_affect_ros.registry import catalogue

    entries = [
        _entry(network, arguments.weights_dir)
        for network in catalogue.networks(arguments.weights_dir).values()
    ]
    originals = _originals() if arguments.originals else None
    if arguments.json:
        from face_affect_ros.cli import schema

        more = {} if originals is None else {'originals': originals}
        print(schema.line({'schema': schema.VERSION, 'networks': entries, **more}))
        return 0
    for name in catalogue.model_names():
        print(f'model {name}: {catalogue.model(name).description}')
    print()
    print(tables.text([_HEADINGS, *(_row(entry) for entry in entries)]))
    if originals is not None:
        print()
        print(tables.text([_ORIGINAL_HEADINGS, *(_original_row(entry) for entry in originals)]))
    return 0


def _entry(network: Network, weights_dir: str) -> dict[str, Any]:
    """Return what there is to say about a network; ``bytes`` is null where its file is missing."""
    from face_affect_ros.registry import catalogue

    path = catalogue.weights_path(network, weights_dir)
    users = [name for name in catalogue.model_names() if network.name in _names(name)]
    return {
        'name': network.name,
        'task': network.task,
        'models': users,
        'file': str(path),
        'bytes': path.stat().st_size if path.is_file() else None,
        'sha256': network.sha256,
        'licence': network.licence,
        'source': network.source,
        'figures': dict(network.figures),
    }


def _names(model: str) -> tuple[str, ...]:
    """Return the names of all networks of a model."""
    from face_affect_ros.detection.specs import DETECTORS
    from face_affect_ros.registry import catalogue

    spec = catalogue.model(model)
    return (*DETECTORS[spec.detector].networks, *chain.from_iterable(spec.networks.values()))


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return a network's cells in the order of the headings."""
    size = 'missing' if entry['bytes'] is None else f'{entry["bytes"] / 1e6:.2f} MB'
    figures = ', '.join(f'{name} {value:g}' for name, value in entry['figures'].items())
    return (
        entry['name'],
        entry['task'],
        ' '.join(entry['models']) or '-',
        size,
        figures or '-',
        entry['licence'],
    )


def _originals() -> list[dict[str, Any]]:
    """Return what there is to say about the original networks."""
    from face_affect_ros import originals

    return [_original(entry) for entry in originals.originals().values()]


def _original(entry: Original) -> dict[str, Any]:
    """Return what there is to say about an original network."""
    return {
        'name': entry.name,
        'framework': entry.framework,
        'task': entry.task,
        'licence': entry.licence,
        'files': [_file(file) for file in entry.files],
    }


def _file(file: OriginalFile) -> dict[str, Any]:
    """Return what is known of a file; null: not known."""
    return {
        'path': file.path,
        'bytes': file.bytes,
        'sha256': file.sha256 or None,
        'sha1': file.sha1 or None,
        'git_blob': file.git_blob or None,
        'addresses': list(file.addresses),
    }


def _original_row(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return an original's cells in the order of the headings."""
    sizes = [file['bytes'] for file in entry['files']]
    size = 'not known' if None in sizes else f'{sum(sizes) / 1e6:.2f} MB'
    files = ' '.join(file['path'].rpartition('/')[2] for file in entry['files'])
    return entry['name'], entry['framework'], entry['task'], size, files, entry['licence']
