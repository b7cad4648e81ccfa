# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""REP-155 (ROS4HRI): faces under ``/humans/faces``, as pyhri, libhri and hri_rviz know them.

The one adapter to ``hri_msgs``, which is imported where a class of this package is made.
``OwnFaces`` publishes the faces that ``detection`` found; ``OtherFaces`` takes those of another
detector and adds what is told of them.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import Protocol

from rclpy.node import Node

from face_affect_ros.model import Model
from face_affect_ros.parameter import ParameterError
from face_affect_ros.ros import privacy
from face_affect_ros.ros.diagnostics import Failures
from face_affect_ros.ros.throttled_log import ThrottledLog
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces


def is_installed() -> bool:
    """Return whether the messages of ROS4HRI are there."""
    return importlib.util.find_spec('hri_msgs') is not None


def check_installed() -> None:
    """Raise ``ParameterError`` where they are not."""
    if not is_installed():
        raise ParameterError(
            "parameter faces_from is 'hri': needs hri_msgs (sudo apt install "
            'ros-$ROS_DISTRO-hri-msgs); own does without'
        )


class Faces(Protocol):
    """Faces under ``/humans/faces``."""

    def start(self) -> None:
        """Begin, where the node becomes active."""

    def stop(self) -> None:
        """End all faces and remove the topics."""

    def clear(self) -> None:
        """Let go of what is of another stream, or of a node that rests."""

    def watch(self, on_match: Callable[[], None]) -> None:
        """Look at the graph, several times a second.

        :param on_match: is called where subscribers come or go.
        """

    def wanted(self) -> bool:
        """Return whether somebody subscribes to any of the topics."""

    def warning(self) -> str:
        """Return what is wrong in the graph, or an empty text."""

    def detected(self, item: Any, model: Model) -> DetectedFaces:
        """Return the faces of an item of the stream."""

    def publish(self, described: DescribedFaces) -> None:
        """Publish the faces of a frame."""


class NoFaces:
    """No topics: ``hri_msgs`` is not installed."""

    def start(self) -> None:
        """Do nothing."""

    stop = clear = start

    def watch(self, on_match: Callable[[], None]) -> None:
        """Do nothing."""

    def wanted(self) -> bool:
        """Return that nobody does."""
        return False

    def warning(self) -> str:
        """Return that nothing is wrong."""
        return ''

    def detected(self, item: Any, model: Model) -> DetectedFaces:
        """Return the item itself."""
        return item

    def publish(self, described: DescribedFaces) -> None:
        """Do nothing."""


def create(
    node: Node, log: ThrottledLog, failures: Failures, parameters: Mapping[str, Any]
) -> Faces:
    """Return what ``faces_from`` says.

    :param log: of the node.
    :param failures: of the node.
    :param parameters: of the node.
    :raises ParameterError: it says ``hri``, and there is no hri_msgs.
    """
    namespace = node.resolve_topic_name(parameters['humans_namespace'])
    if parameters['faces_from'] == 'hri':
        check_installed()
        from face_affect_ros.ros.hri.other_faces import OtherFaces

        return OtherFaces(node, log, failures, namespace)
    if not is_installed():
        return NoFaces()
    from face_affect_ros.ros.hri.face_frames import FaceFrames
    from face_affect_ros.ros.hri.own_faces import OwnFaces

    frames = FaceFrames(node, parameters['camera_info_topic'], int(parameters['rotate']))
    return OwnFaces(node, log, namespace, frames, pixels=not privacy.is_strict(parameters))
