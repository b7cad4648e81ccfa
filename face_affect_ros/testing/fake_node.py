# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A process of one stand-in node, which ends with exit code 0 on SIGINT and SIGTERM."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any

from face_affect_ros.ros import process

SHUTDOWN_S = 2.0
"""Longest time that the middleware gets to end."""


def split(argv: list[str] | None) -> tuple[list[str], list[str]]:
    """Return the arguments before ``--ros-args``, and those from it on.

    :param argv: None: those of the process.
    """
    given = sys.argv[1:] if argv is None else argv
    place = given.index('--ros-args') if '--ros-args' in given else len(given)
    return given[:place], given[place:]


def spin(
    name: str, namespace: str, ros_arguments: list[str], begin: Callable[[Any], object]
) -> int:
    """Run a node until SIGINT or SIGTERM; return the exit code.

    :param name: of the node; ROS arguments may change it.
    :param namespace: of the node; likewise.
    :param begin: called with the node, gives it its work.
    """
    stop = process.stop_on_signals()
    process.configure_process()
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.signals import SignalHandlerOptions

    rclpy.init(args=ros_arguments, signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node(name, namespace=namespace)
    work = begin(node)
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def serve() -> None:
        with contextlib.suppress(ExternalShutdownException):
            executor.spin()

    thread = threading.Thread(target=serve, name='executor', daemon=True)
    thread.start()
    while not stop.wait(0.5) and thread.is_alive():
        pass
    process.ignore_signals()
    failed = not stop.is_set()
    process.end_within(SHUTDOWN_S, int(failed))
    executor.shutdown(timeout_sec=SHUTDOWN_S)
    thread.join(SHUTDOWN_S)
    del work
    node.destroy_node()
    rclpy.try_shutdown()
    return int(failed)
