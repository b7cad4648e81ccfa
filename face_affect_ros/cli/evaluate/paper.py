# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate paper``: the paper's four tables, recomputed, and those of our models."""

from __future__ import annotations

import argparse
from pathlib import Path

from face_affect_ros.cli import CommandError

SUMMARY = "the paper's four tables recomputed, with what they contradict and what they can show"

_EPILOG = """\
examples:
  face-affect evaluate paper                    on the terminal, as Markdown
  face-affect evaluate paper --to paper         and as a report

and the same tables of models that were evaluated before:
  face-affect evaluate data fer2013_val.parquet --crops --model 1 2 --to fer2013
  face-affect evaluate data utkface_val.parquet --crops --model 1 2 --to utkface
  face-affect evaluate paper --ours fer2013 utkface --to paper
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this kind."""
    parser.epilog = _EPILOG
    parser.add_argument(
        '--ours',
        nargs='+',
        type=Path,
        default=[],
        metavar='DIR',
        help='folders that "evaluate data" wrote: the same tables of the models in them',
    )
    parser.add_argument('--to', type=Path, metavar='DIR', help='write a report to this folder')


def run(arguments: argparse.Namespace) -> int:
    """Print the tables, and write the report where it is asked for."""
    from face_affect_ros.cli.evaluate import command_line
    from face_affect_ros.evaluation import provenance
    from face_affect_ros.evaluation.paper import ours
    from face_affect_ros.evaluation.paper import sections
    from face_affect_ros.evaluation.report import Report
    from face_affect_ros.evaluation.report import markdown
    from face_affect_ros.evaluation.report import write_report

    try:
        figures, tables = ours.our_tables(arguments.ours)
    except ours.PredictionsError as error:
        raise CommandError(str(error)) from error
    report = Report(
        'The paper, recomputed',
        {'command': command_line(without=('--to',)), 'software': provenance.software()},
        {**sections.published_figures(), **figures},
        [*sections.published_sections(), *tables],
    )
    print(markdown.text(report), end='')
    if arguments.to:
        write_report(report, arguments.to)
    return 0
