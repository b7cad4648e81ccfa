# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Boxes that a user gives in place of detected ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face
from face_affect_ros.quoting import quoted

MAX_SIDE = 32_767
MAX_PLACE = 1_000_000_000
"""Largest side and coordinate of a given box, in pixels."""


def as_boxes(boxes: Iterable[Any]) -> np.ndarray:
    """Return (N, 4) float32 boxes; raise ``ValueError`` naming the first that is none."""
    if isinstance(boxes, (Box, Face, str, bytes)) or not isinstance(boxes, Iterable):
        raise ValueError(f'boxes is {quoted(boxes)}: give a list of boxes, also of one')
    with np.errstate(over='ignore'):  # what is too large is told in the error
        rows = [_as_box(index, box) for index, box in enumerate(boxes)]
    return np.array(rows, np.float32).reshape(-1, 4)


def align_boxes(detector: Detector, frame: np.ndarray, boxes: Iterable[Any]) -> Detections:
    """Give landmarks to boxes from elsewhere, where a face can be seen in them.

    :param frame: (H, W, 3) uint8 BGR.
    :param boxes: ``Box``es, ``Face``s or rows of x, y, width, height in pixels.
    :raises ValueError: ``boxes`` are no boxes of finite place and positive size.
    """
    xywh = as_boxes(boxes)
    landmarks, scores = detector.landmarks_in_boxes(frame, xywh)
    landmarks = np.where((scores >= MIN_ALIGN_SCORE)[:, None, None], landmarks, np.nan)
    return Detections(xywh, scores, landmarks)


def _as_box(index: int, box: Any) -> list[float]:
    """Return x, y, width, height; raise ``ValueError`` if that is no box."""
    try:
        row = () if isinstance(box, (str, bytes)) else box.box if isinstance(box, Face) else box
        x, y, width, height = numbers = [float(np.float32(value)) for value in row]
        if (
            max(abs(x), abs(y)) <= MAX_PLACE
            and 0 < min(width, height) <= max(width, height) <= MAX_SIDE
        ):
            return numbers
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(
        f'boxes[{index}] is {quoted(box)}: x, y, width, height must be finite '
        f'numbers, width and height above 0 and at most {MAX_SIDE:,} pixels'
    )
