# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate``: how good models are, and how sure that is; a module a kind of input.

A kind's module has ``SUMMARY``, ``add_arguments(parser)`` and ``run(arguments) -> int``.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module

from face_affect_ros.cli import CommandError

SUMMARY = 'how good a model is: on labelled pictures, on recorded robots, and as the paper told it'

_EPILOG = """\
examples:
  face-affect evaluate data faces.parquet --crops --to report
  face-affect evaluate bag recording --to result          a recorded robot, frame by frame
  face-affect evaluate paper --to paper                   the paper's four tables, recomputed
  face-affect evaluate identity people.parquet --crops    who is who, by embeddings

Each kind has its own --help. A report is report.json, report.md, report.html and
predictions.parquet. Needs the extra "evaluate": pip install "face_affect_ros[evaluate]".
"""

KINDS = ('data', 'bag', 'paper', 'identity')
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


def command_line(given: Sequence[str] | None = None, without: Sequence[str] = ()) -> str:
    """Return the command as a reader can repeat it.

    :param given: its arguments; None: those of this process.
    :param without: options with one value that do not change what comes out.
    """
    kept: list[str] = []
    arguments = iter(sys.argv[1:] if given is None else given)
    for argument in arguments:
        if argument in without:
            next(arguments, None)
        elif argument.partition('=')[0] not in without:
            kept.append(argument)
    return shlex.join(['face-affect', *kept])
