# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models``: the networks, their files, the originals; a module an action.

An action's module has ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> int``.
"""

from __future__ import annotations

import argparse

from face_affect_ros.cli.models import conversion
from face_affect_ros.cli.models import fetching
from face_affect_ros.cli.models import listing
from face_affect_ros.cli.models import verification

SUMMARY = 'the networks: tasks, licences, figures, whether they are whole; the original ones'

_EPILOG = """\
examples:
  face-affect models list
  face-affect models list --originals --json
  face-affect models verify                     exit code 1 if a file is missing or altered
  face-affect models verify --weights-dir my_weights
  face-affect models fetch opencv_ssd           an original network, from its public address
  face-affect models fetch --from downloads     the same from files that you have, by content
  face-affect models convert all --to onnx      fetched originals as ONNX, without frameworks
"""

ACTIONS = {'list': listing, 'verify': verification, 'fetch': fetching, 'convert': conversion}


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(
        title='actions', dest='action', metavar='ACTION', required=True
    )
    for name, module in ACTIONS.items():
        command = actions.add_parser(
            name,
            help=module.SUMMARY,
            description=f'{module.SUMMARY.capitalize()}.',
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument('--json', action='store_true', help='one JSON object')
        module.add_arguments(command)
        command.set_defaults(action_function=module.run)


def run(arguments: argparse.Namespace) -> int:
    """Run the action."""
    return arguments.action_function(arguments)
