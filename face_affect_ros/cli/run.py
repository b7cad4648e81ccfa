# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect run``: the ROS 2 nodes, all in one process or one alone."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.parameter import NODES
from face_affect_ros.parameter import ParameterError
from face_affect_ros.ros import named_cameras
from face_affect_ros.ros.parameters import TABLE
from face_affect_ros.ros.throttled_log import one_line

if TYPE_CHECKING:
    from face_affect_ros.drawing.rerun_stream import RerunStream

SUMMARY = 'the ROS 2 nodes: camera pictures in, described faces out'

_EPILOG = """examples:
  face-affect run --image-topic /camera/color/image_raw
  face-affect run camera                        one node alone, for a process of its own
  face-affect run --cameras front=/front/image_raw back=/back/image_raw
                                                nodes for each, in namespaces of their own
  face-affect run --model 1 --ros-args -r __ns:=/robot/faces --params-file my.yaml
  face-affect run --rerun stream.rrd            in the Rerun viewer, recorded too
  ros2 topic echo /face_affect/attributes

Each option is a parameter of the nodes, with dashes; what follows --ros-args is handed to ROS.
Ctrl-C ends it with exit code 0.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the node and an option a parameter."""
    parser.epilog = _EPILOG
    parser.add_argument(
        'node',
        nargs='?',
        choices=NODES,
        metavar='NODE',
        help=f'run this node alone: {", ".join(NODES)} (default: all, in one process)',
    )
    parser.add_argument(
        '--cameras',
        nargs='+',
        metavar='NAME=TOPIC',
        default=[],
        help='several cameras in this process, each with nodes in the namespace NAME below the '
        'usual one; the networks are shared (default: one camera, by image_topic)',
    )
    parser.add_argument(
        '--rerun',
        nargs='?',
        const='',
        metavar='FILE.rrd',
        help='show the stream in the Rerun viewer, and record it to the file if one is given '
        '(extra "rerun"; with a file also where there is no display)',
    )
    group = parser.add_argument_group('parameters')
    for parameter in TABLE:
        options.add_option(group, parameter, default=None)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    from face_affect_ros.ros import process

    cameras = _cameras(arguments)
    stream = _rerun_stream(arguments)
    stop = process.stop_on_signals()
    process.configure_process()
    try:
        from face_affect_ros.ros import main as nodes
    except ImportError as error:
        raise CommandError(
            f'the nodes need ROS 2 and the messages of this package ({error}): source a ROS 2 '
            'installation, or on Linux x86_64 run "pip install ." in the checkout'
        ) from error
    try:
        viewer = stream.log if stream else None
        return nodes.run(arguments.node, ros_arguments(arguments), stop, cameras, viewer)
    except nodes.START_ERRORS as error:
        raise CommandError(one_line(f'{type(error).__name__}: {error}')) from error
    finally:
        if stream:
            stream.close()


def _rerun_stream(arguments: argparse.Namespace) -> RerunStream | None:
    """Return where the stream is shown, if it is; raise where it cannot be."""
    if arguments.rerun is None:
        return None
    from face_affect_ros.drawing.rerun_stream import RerunError
    from face_affect_ros.drawing.rerun_stream import RerunStream

    if arguments.cameras or arguments.node not in (None, 'attributes'):
        raise UsageError('--rerun shows one camera, of all nodes or of attributes alone')
    if arguments.privacy == 'strict':
        raise UsageError('--rerun shows pictures, which --privacy strict keeps back')
    try:
        return RerunStream(arguments.rerun)
    except RerunError as error:
        raise CommandError(str(error)) from error


def _cameras(arguments: argparse.Namespace) -> tuple[named_cameras.NamedCamera, ...]:
    """Return the cameras; raise ``UsageError`` where they do not go with other arguments."""
    for name in ('node', 'image_topic'):
        if arguments.cameras and getattr(arguments, name) is not None:
            raise UsageError(f'--cameras does not go with {name}: it names a topic for each')
    try:
        return named_cameras.parse(arguments.cameras)
    except ParameterError as error:
        raise UsageError(str(error)) from error


def ros_arguments(arguments: argparse.Namespace) -> list[str]:
    """Return what follows ``--ros-args``: the options given, then ROS's own arguments."""
    given = {parameter.name: getattr(arguments, parameter.name) for parameter in TABLE}
    return [
        *(
            word
            for name, value in given.items()
            if value is not None
            for word in ('-p', f'{name}:={json.dumps(value)}')
        ),
        *arguments.ros_arguments,
    ]
