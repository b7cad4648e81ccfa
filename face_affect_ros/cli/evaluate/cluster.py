# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Options that spread an evaluation over a Dask cluster."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from face_affect_ros.cli import UsageError

if TYPE_CHECKING:
    from face_affect_ros.parameter import Parameter

DASK = 'dask'
"""Value of ``--engine`` that means where it runs, not what runs the networks."""


def with_dask(parameter: Parameter) -> Parameter:
    """Return a parameter of models; ``engine`` may be ``dask`` too."""
    if parameter.name != 'engine':
        return parameter
    return replace(parameter, choices=(*parameter.choices, DASK))


def add_scheduler(group: argparse._ActionsContainer):
    """Add the cluster's address."""
    group.add_argument(
        '--scheduler',
        default='',
        metavar='ADDRESS',
        help='of a Dask cluster whose workers do it (--engine dask, extra "dask"); they need this '
        'package, and the input at the path that it has here',
    )


def cluster_of(arguments: argparse.Namespace) -> str:
    """Return the address of the cluster that is asked for; empty: none is.

    :raises UsageError: ``--engine dask`` without an address.
    """
    if arguments.engine == DASK:
        if not arguments.scheduler:
            raise UsageError('--engine dask needs the address of a cluster: --scheduler ADDRESS')
        arguments.engine = 'onnx'
    return arguments.scheduler
