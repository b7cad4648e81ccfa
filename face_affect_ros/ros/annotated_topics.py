# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The annotated picture as a topic, raw and as JPEG (``annotated/compressed``)."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.ros.stage_node import StageNode

JPEG_QUALITY = 90

FORMAT = 'bgr8; jpeg compressed bgr8'
"""As image_transport's own plugin says it."""


class AnnotatedTopics:
    """The topics ``annotated`` and ``annotated/compressed``, each published while it is watched.

    :param node: publishes.
    """

    def __init__(self, node: StageNode) -> None:
        self._node = node
        self._raw: Any = None
        self._compressed: Any = None

    def advertise(self) -> None:
        """Create the topics."""
        self._raw = self._node.create_output(Image, 'annotated')
        self._compressed = self._node.create_output(CompressedImage, 'annotated/compressed')

    def unadvertise(self) -> None:
        """Remove the topics."""
        publishers = self._raw, self._compressed
        self._raw = self._compressed = None
        for publisher in publishers:
            if publisher is not None:
                self._node.destroy_publisher(publisher)

    def watched(self) -> bool:
        """Return whether somebody watches."""
        return _is_watched(self._raw) or _is_watched(self._compressed)

    def publish(self, draw: Callable[[], np.ndarray], header: Any) -> None:
        """Publish a picture to those who watch.

        :param draw: makes the (H, W, 3) uint8 BGR picture.
        :param header: of the frame.
        """
        raw, compressed = self._raw, self._compressed  # another thread may remove them meanwhile
        watched = [publisher for publisher in (raw, compressed) if _is_watched(publisher)]
        if not watched:
            return
        picture = draw()
        if raw in watched:
            raw.publish(convert.to_image_message(picture, header))
        if compressed in watched:
            compressed.publish(_jpeg_message(picture, header))


def _is_watched(publisher: Any) -> bool:
    return publisher is not None and publisher.get_subscription_count() > 0


def _jpeg_message(picture: np.ndarray, header: Any) -> CompressedImage:
    encoded = cv2.imencode('.jpg', picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    data = array.array('B')  # any other type is copied value by value
    data.frombytes(encoded.data)
    return CompressedImage(header=header, format=FORMAT, data=data)
