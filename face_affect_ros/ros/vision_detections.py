# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces as ``vision_msgs/Detection2DArray``, where vision_msgs is installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from face_affect_ros.ros.stage_node import StageNode
from face_affect_ros.stream.types import DetectedFaces

TOPIC = 'detections'

CLASS = 'face'
"""What each detection is said to be."""


def is_installed() -> bool:
    """Return whether the messages are there."""
    return importlib.util.find_spec('vision_msgs') is not None


class VisionDetections:
    """The topic ``detections``, published while somebody subscribes; none without vision_msgs.

    :param node: publishes.
    """

    def __init__(self, node: StageNode) -> None:
        self._node = node
        self._types: Any = None
        self._publisher: Any = None

    def advertise(self) -> None:
        """Create the topic."""
        if is_installed():
            self._types = importlib.import_module('vision_msgs.msg')
            self._publisher = self._node.create_output(self._types.Detection2DArray, TOPIC)

    def unadvertise(self) -> None:
        """Remove the topic."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self._node.destroy_publisher(publisher)

    def wanted(self) -> bool:
        """Return whether somebody subscribes."""
        publisher = self._publisher
        return publisher is not None and publisher.get_subscription_count() > 0

    def publish(self, found: DetectedFaces) -> None:
        """Publish the faces of a frame, also of one without faces."""
        publisher = self._publisher
        if publisher is not None and publisher.get_subscription_count() > 0:
            publisher.publish(self._message(found))

    def _message(self, found: DetectedFaces) -> Any:
        detections = found.detections
        rows = zip(detections.boxes.tolist(), detections.scores.tolist(), detections.track_ids)
        return self._types.Detection2DArray(
            header=found.header,
            detections=[
                self._detection(found.header, box, score, number) for box, score, number in rows
            ],
        )

    def _detection(self, header: Any, box: list[float], score: float, number: int) -> Any:
        x, y, width, height = box
        detection = self._types.Detection2D(header=header, id=str(number) if number else '')
        detection.bbox.center.position.x = x + width / 2
        detection.bbox.center.position.y = y + height / 2
        detection.bbox.size_x, detection.bbox.size_y = width, height
        result = self._types.ObjectHypothesisWithPose()
        result.hypothesis.class_id, result.hypothesis.score = CLASS, score
        detection.results = [result]
        return detection
