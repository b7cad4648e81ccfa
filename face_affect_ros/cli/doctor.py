# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect doctor``: what is wrong here, and what to do about it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import options

if TYPE_CHECKING:
    from face_affect_ros.doctor.finding import Finding

SUMMARY = 'what is wrong: ROS, camera, weights, nodes, service, clocks, memory; and what to do'

CLEAR = '\x1b[H\x1b[2J'
"""Moves a terminal's cursor to its beginning and clears it."""

PAUSE_S = 1.0
"""Seconds between two rounds of ``--watch``."""

_EPILOG = """\
examples:
  face-affect doctor                            before the first start, and while the nodes run
  face-affect doctor --namespace /robot/faces   these nodes should be running
  face-affect doctor --watch                    again and again, until Ctrl-C
  face-affect doctor --json | jq '.findings[] | select(.level == "problem")'

One line a finding: "ok", "note" (worth knowing) or "problem", what is, "->" what to do, and in
brackets its place in docs/troubleshooting.md. Exit code 1 where there is a problem. Without
running nodes, or without ROS, the rest is checked. Nodes are listened to like any subscriber does:
they work meanwhile, though nobody else may listen.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument(
        '--namespace',
        metavar='NAME',
        help='nodes that should be running (default: whatever runs, which may be nothing)',
    )
    parser.add_argument(
        '--seconds',
        type=options.number(float, 1, 3600),
        default=4.0,
        metavar='S',
        help='how long nodes and camera are listened to (default: %(default)s)',
    )
    parser.add_argument(
        '--weights-dir',
        default='',
        metavar='DIR',
        help='folder whose weight files take precedence over the embedded ones',
    )
    parser.add_argument('--watch', action='store_true', help='look again and again, until Ctrl-C')
    parser.add_argument(
        '--json', action='store_true', help='one JSON object; with --watch one a line and round'
    )


def run(arguments: argparse.Namespace) -> int:
    """Look and print; return 1 where something is wrong."""
    from face_affect_ros.doctor import finding

    with contextlib.ExitStack() as stack:
        look = None
        while True:
            found = _local(arguments.weights_dir)
            look = look or _graph(arguments, stack, found)
            found += look()
            _print(found, arguments)
            if not arguments.watch:
                return 0 if finding.is_well(found) else FAILED
            time.sleep(PAUSE_S)


def _local(weights_dir: str) -> list[Finding]:
    """Return what is found without ROS."""
    from face_affect_ros.doctor import finding
    from face_affect_ros.doctor import local

    return finding.findings(local.checks(weights_dir))


def _graph(
    arguments: argparse.Namespace, stack: contextlib.ExitStack, found: list[Finding]
) -> Callable[[], list[Finding]]:
    """Join the graph for as long as the stack lasts; return what looks at it.

    :param found: by the checks before; where ROS is missing, or does not start, they tell so.
    """
    if any(each.anchor == 'ros-start' for each in found):
        return list
    from face_affect_ros.doctor import finding
    from face_affect_ros.ros import process

    process.configure_process()
    try:
        from face_affect_ros.doctor.graph.looking import look
        from face_affect_ros.doctor.graph.session import GraphSession
    except ImportError:
        return list
    try:
        session = stack.enter_context(GraphSession())
    except Exception as error:  # of types that differ between distributions
        broken = finding.problem(
            'ros-start',
            f'ROS does not start: {error}',
            'see the findings above; are RMW_IMPLEMENTATION and ROS_DOMAIN_ID right?',
        )
        return lambda: [broken]

    def checks() -> Iterator[Finding]:
        from face_affect_ros.doctor import running

        for view in look(session, arguments.namespace, arguments.seconds):
            yield from finding.findings(running.checks(view))

    return lambda: finding.findings([checks])


def _print(found: list[Finding], arguments: argparse.Namespace) -> None:
    from face_affect_ros.doctor import report

    if arguments.json:
        from face_affect_ros.cli import schema

        print(schema.line({'schema': schema.VERSION, **report.as_record(found)}), flush=True)
        return
    if arguments.watch:
        print(CLEAR if sys.stdout.isatty() else time.strftime('%H:%M:%S'), end='\n')
    print(report.as_text(found), flush=True)
