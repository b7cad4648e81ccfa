# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One process: one node alone, or all three composed, once or for each of several cameras.

Composed nodes hand frames on by reference and share their networks.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence

import rclpy
from rclpy.exceptions import NameValidationException
from rclpy.exceptions import ParameterException
from rclpy.executors import Executor
from rclpy.executors import ExternalShutdownException
from rclpy.logging import get_logger
from rclpy.signals import SignalHandlerOptions

from face_affect_ros.parameter import ParameterError
from face_affect_ros.pipeline import EngineLoader
from face_affect_ros.pipeline import SharedEngines
from face_affect_ros.ros import middleware
from face_affect_ros.ros import process
from face_affect_ros.ros.executor import PatientExecutor
from face_affect_ros.ros.named_cameras import NamedCamera
from face_affect_ros.ros.named_cameras import namespace_of
from face_affect_ros.ros.nodes.attributes import AttributesNode
from face_affect_ros.ros.nodes.attributes import Viewer
from face_affect_ros.ros.nodes.camera import CameraNode
from face_affect_ros.ros.nodes.detection import DetectionNode
from face_affect_ros.ros.stage_node import NAMESPACE
from face_affect_ros.ros.stage_node import StageNode

EXECUTOR_THREADS = 4
"""Two may be held up (a request that waits, a transition that loads) while two go on."""

THREADS_A_CAMERA = 2
"""Threads more for each camera more."""

SHUTDOWN_S = 2.0
"""Longest time that callbacks, and then the middleware, get to end."""

START_ERRORS = (ParameterError, ParameterException, NameValidationException, RuntimeError)
"""Errors of wrong arguments, whose text says all; rclpy's own are RuntimeErrors."""

ALONE = {
    'camera': CameraNode,
    'detection': DetectionNode,
    'attributes': AttributesNode,
}


def compose(
    cli_args: list[str] | None = None, engines: EngineLoader | None = None
) -> list[StageNode]:
    """Return the three nodes, linked in this process, upstream first.

    :param cli_args: ROS arguments of these nodes alone.
    :param engines: loads networks; None: the nodes share theirs.
    """
    engines = engines or SharedEngines()
    camera = CameraNode(cli_args)
    detection = DetectionNode(camera.frames, cli_args, engines)
    return [camera, detection, AttributesNode(detection.faces, cli_args, engines)]


def compose_cameras(cameras: Sequence[NamedCamera], namespace: str = NAMESPACE) -> list[StageNode]:
    """Return three nodes for each camera, in a namespace of its own, that share their networks.

    :param namespace: that all of them begin with.
    """
    engines = SharedEngines()
    return [node for camera in cameras for node in compose(camera.arguments(namespace), engines)]


def run(
    node: str | None,
    ros_arguments: Sequence[str],
    stop: threading.Event,
    cameras: Sequence[NamedCamera] = (),
    viewer: Viewer | None = None,
) -> int:
    """Run until ``stop`` is set, in a process that ends with it.

    :param node: name of the one node to run; None: all three, composed.
    :param ros_arguments: what would follow ``--ros-args``.
    :param cameras: three composed nodes for each; none: one camera, by the parameters.
    :param viewer: shows the frames of ``attributes``, beside the topics.
    :returns: exit code: 0 after ``stop``, 1 where a node could not be started.
    """
    rclpy.init(args=['--ros-args', *ros_arguments], signal_handler_options=SignalHandlerOptions.NO)
    get_logger('face_affect').info(
        f'transport: {middleware.in_use(rclpy.get_rmw_implementation_identifier())}'
    )
    nodes: list[StageNode] = []
    code = 1
    try:
        if not stop.is_set():
            nodes = _nodes(node, ros_arguments, cameras)
            for each in nodes:
                if isinstance(each, AttributesNode):
                    each.viewer = viewer
            code = _spin(nodes, stop)
        return 0 if stop.is_set() else code
    finally:
        process.ignore_signals()
        process.end_within(SHUTDOWN_S, code)
        for each in nodes:
            each.destroy_node()
        rclpy.try_shutdown()


def _nodes(
    node: str | None, ros_arguments: Sequence[str], cameras: Sequence[NamedCamera]
) -> list[StageNode]:
    if node:
        return [ALONE[node]()]
    if cameras:
        return compose_cameras(cameras, namespace_of(ros_arguments, NAMESPACE))
    return compose()


def autostart(nodes: Sequence[StageNode], stop: threading.Event | None = None) -> bool:
    """Configure and activate the nodes that want it, downstream first, until ``stop`` is set.

    :returns: False as soon as one fails.
    """
    for node in reversed(nodes):
        if node.wants_autostart() and not (stop and stop.is_set()):
            node.trigger_configure()
            if node.configured:
                node.trigger_activate()
            if not node.active:
                return False
    return True


def executor_of(nodes: Sequence[StageNode]) -> PatientExecutor:
    """Return an executor of the nodes; what their callbacks raise is counted by the node."""

    def tell(node: StageNode | None, where: str, error: BaseException) -> None:
        (node or nodes[0]).failures.add(where, error, 'the node goes on')

    cameras = sum(isinstance(node, CameraNode) for node in nodes)
    executor = PatientExecutor(EXECUTOR_THREADS + THREADS_A_CAMERA * max(0, cameras - 1), tell)
    for node in nodes:
        executor.add_node(node)
    return executor


def serve(executor: Executor) -> None:
    """Spin until the executor is shut down."""
    with contextlib.suppress(ExternalShutdownException):
        executor.spin()


def _spin(nodes: Sequence[StageNode], stop: threading.Event) -> int:
    """Start and serve the nodes until ``stop`` is set.

    The executor spins on a thread of its own: the main thread waits where signals reach it.
    """
    if not autostart(nodes, stop):
        get_logger('face_affect').error('autostart failed: see above')
        return 1
    executor = executor_of(nodes)
    thread = threading.Thread(target=serve, args=(executor,), name='executor', daemon=True)
    thread.start()
    stop.wait()
    for node in nodes:
        node.release()
    executor.shutdown(timeout_sec=SHUTDOWN_S)
    thread.join(SHUTDOWN_S)
    return 0
