# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate``: how good models are, and how sure that is; a module a kind of input.

A kind's module has ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> int``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from importlib import import_module

from face_affect_ros.cli import CommandError

SUMMARY = 'how good a model is: on recorded robots, and as the paper told it'

_EPILOG = """\
examples:
  face-affect evaluate bag recording --to result          a recorded robot, frame by frame
  face-affect evaluate paper --to paper                   the paper's four tables, recomputed

Each kind has its own --help. A report is report.json, report.md, report.html and
predictions.parquet. Needs the extra "evaluate": pip install "face_affect_ros[evaluate]".
"""

KINDS = ('bag', 'paper')
"""Modules of this package, in the order of ``--help``."""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the kinds of input with their options."""
    parser.epilog = _EPILOG
    kinds = parser.add_subparsers(title='kinds', dest='kind', metavar='KIND', required=True)
    for name in KINDS:
        module = import_module(f'{__name__}.{name}')
        command = kinds.add_parser(
            name,
            help=module.SUMMARY,
            description=f'{module.SUMMARY[:1].upper()}{module.SUMMARY[1:]}.',
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(kind_function=module.run)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; name the extra where its packages are missing."""
    from face_affect_ros.evaluation import extra

    try:
        extra.check_installed()
    except extra.MissingExtraError as error:
        raise CommandError(str(error)) from error
    return arguments.kind_function(arguments)


def command_line() -> str:
    """Return the command as a reader can repeat it."""
    return shlex.join(['face-affect', *sys.argv[1:]])
