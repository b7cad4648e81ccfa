# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What converts an image message, and the converter of our own, which takes every encoding."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from face_affect_ros import images
from face_affect_ros.image_messages.encodings import Depth
from face_affect_ros.image_messages.encodings import encoding_of
from face_affect_ros.images import bit_depth


class ImageMessage(Protocol):
    """What is read of a sensor_msgs/Image."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: images.Buffer


class Converter(Protocol):
    """One way to make BGR of a message whose encoding and sizes have been checked."""

    name: str

    def takes(self, message: ImageMessage) -> bool:
        """Say whether this converter can be trusted with the message."""

    def convert(self, message: ImageMessage, depth: Depth) -> np.ndarray:
        """Return (height, width, 3) uint8 BGR, perhaps a view of the message's memory.

        :param depth: returns the bits of 16-bit samples.
        """


class OwnConverter:
    """NumPy and OpenCV: every encoding of the table."""

    name = 'own'

    def takes(self, message: ImageMessage) -> bool:
        return True

    def convert(self, message: ImageMessage, depth: Depth = bit_depth.of_picture) -> np.ndarray:
        encoding = encoding_of(message.encoding)
        assert encoding is not None
        rows = np.frombuffer(message.data, np.uint8, encoding.rows(message.height) * message.step)
        return encoding.to_bgr(
            rows.reshape(-1, message.step),
            message.height,
            message.width,
            bool(message.is_bigendian),
            depth,
        )
