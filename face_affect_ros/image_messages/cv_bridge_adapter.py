# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``cv_bridge`` as a converter, where a ROS installation has it and it works."""

from __future__ import annotations

import importlib
from typing import Any
from typing import NamedTuple

import numpy as np

from face_affect_ros.image_messages.converters import Converter
from face_affect_ros.image_messages.converters import ImageMessage
from face_affect_ros.image_messages.converters import OwnConverter
from face_affect_ros.image_messages.encodings import ENCODINGS
from face_affect_ros.image_messages.encodings import Depth
from face_affect_ros.images import bit_depth


class _Limits(NamedTuple):
    width_multiple: int = 1
    smallest_side: int = 1


_CV_BRIDGE_LIMITS = {
    'rgb8': _Limits(),
    'rgba8': _Limits(),
    'bgra8': _Limits(),
    'mono8': _Limits(),
    'yuv422': _Limits(width_multiple=2),
    'yuv422_yuy2': _Limits(width_multiple=2),
    'bayer_rggb8': _Limits(smallest_side=3),
    'bayer_bggr8': _Limits(smallest_side=3),
    'bayer_gbrg8': _Limits(smallest_side=3),
    'bayer_grbg8': _Limits(smallest_side=3),
}


class CvBridgeConverter:
    """``cv_bridge``, for what it converts right, and ours where it raises all the same.

    Left to ours: encodings that it lacks (nv12, nv21, nv24, uyvy, yuyv, and 8UC1, 8UC3 and 8UC4,
    to which it gives no colours); 16-bit samples, which it scales by 1/257 and whose bytes it
    cannot swap under NumPy 2; bgr8, which it copies without need; padded rows, which it shears
    (all of them before 3.0.7, then those whose step is no multiple of the pixel); odd widths of
    4:2:2, at which it fails; small Bayer pictures, which it turns black.
    """

    name = 'cv_bridge'

    def __init__(self, bridge: Any) -> None:
        self._bridge = bridge

    def takes(self, message: ImageMessage) -> bool:
        limits = _CV_BRIDGE_LIMITS.get(message.encoding)
        return (
            limits is not None
            and message.step == ENCODINGS[message.encoding].row_bytes(message.width)
            and message.width % limits.width_multiple == 0
            and min(message.height, message.width) >= limits.smallest_side
        )

    def convert(self, message: ImageMessage, depth: Depth = bit_depth.of_picture) -> np.ndarray:
        try:
            return self._bridge.imgmsg_to_cv2(message, 'bgr8')
        except Exception:  # TypeError, cv2.error and, at last, CvBridgeError
            return OwnConverter().convert(message, depth)


def find_cv_bridge() -> list[Converter]:
    """Look for a ``cv_bridge`` that can be used.

    Not under NumPy 2: the builds of Humble, Jazzy and Kilted are for NumPy 1, and importing them
    there prints a page of warnings and may end the process.
    """
    if int(np.__version__.split('.')[0]) >= 2:
        return []
    try:
        return [CvBridgeConverter(importlib.import_module('cv_bridge').CvBridge())]
    except Exception:  # a half-installed one raises anything from ImportError to RuntimeError
        return []
