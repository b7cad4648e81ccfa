# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A picture with its faces drawn in: frames, landmarks and plates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from face_affect_ros.drawing import primitives
from face_affect_ros.drawing.labels import arrange
from face_affect_ros.drawing.labels import draw_plate
from face_affect_ros.drawing.labels import side_of
from face_affect_ros.drawing.palette import DARK
from face_affect_ros.drawing.palette import NOT_GIVEN
from face_affect_ros.drawing.palette import color_of
from face_affect_ros.faces import Box
from face_affect_ros.faces import Face

_ARC = 1 - np.stack(
    [np.sin(np.linspace(0, math.pi / 2, 8)), np.cos(np.linspace(0, math.pi / 2, 8))], axis=1
)

_LEAST_LANDMARK_SIDE = 48
"""Shorter faces, in pixels, get no landmarks: the dots would hide them."""


def annotate(image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
    """Return a copy of a picture with its faces drawn in.

    :param image: (H, W, 3) uint8 BGR; it is not changed.
    :param faces: boxes in pixels of the picture; whatever was not computed is left out.
    """
    picture = image.copy()
    shown = [face for face in faces if _is_visible(face.box, picture)]
    shown.sort(key=lambda face: side_of(face.box))
    for face in shown:
        _draw_frame(picture, face)
        _draw_landmarks(picture, face)
    shown.reverse()
    for plate, (left, top), color in arrange(shown, picture.shape[1], picture.shape[0]):
        draw_plate(picture, plate, left, top, color)
    return picture


MOST_PIXELS = 4_000_000
MOST_SIDE = 8_000
"""What an enlarged picture may have: its encoder and whoever looks at it have limits."""


def enlarged(
    image: np.ndarray,
    faces: Sequence[Face],
    side: int = 320,
) -> tuple[np.ndarray, list[Face]]:
    """Return a picture and its faces scaled up until there is room to write in it.

    :param image: (H, W, 3) uint8 BGR.
    :param side: the shorter side's least length in pixels; a larger picture comes back as it is.
        Long thin ones stay shorter: at most ``MOST_PIXELS`` and ``MOST_SIDE`` come out.
    """
    height, width = image.shape[:2]
    factor = min(
        math.ceil(side / min(height, width)),
        MOST_SIDE // max(height, width),
        math.isqrt(MOST_PIXELS // (height * width)),
    )
    if factor <= 1:
        return image, list(faces)
    scaled = [
        replace(
            face,
            box=Box(*(value * factor for value in face.box)),
            landmarks=tuple((x * factor, y * factor) for x, y in face.landmarks),
        )
        for face in faces
    ]
    size = width * factor, height * factor
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), scaled


def _is_visible(box: Box, picture: np.ndarray) -> bool:
    """Return whether a box is finite and reaches into the picture by at least a pixel."""
    height, width = picture.shape[:2]
    return (
        all(math.isfinite(value) for value in box)
        and box.x < width - 1
        and box.y < height - 1
        and box.right > 1
        and box.bottom > 1
        and box.width >= 2
        and box.height >= 2
    )


def _draw_frame(picture: np.ndarray, face: Face):
    """Draw a fine rounded box with strong corners, over a dark edge that any background needs."""
    height, width = picture.shape[:2]
    thickness = _thickness(face.box, width, height)
    inset = thickness / 2
    left, top = max(face.box.x, inset), max(face.box.y, inset)
    right, bottom = min(face.box.right, width - inset), min(face.box.bottom, height - inset)
    short = min(right - left, bottom - top)
    radius, arm = short * 0.14, short * (0.24 if short >= 24 else 0.5)
    corners = [
        _corner(x, y, dx, dy, radius, arm)
        for x, y, dx, dy in (
            (left, top, 1, 1),
            (right, top, -1, 1),
            (right, bottom, -1, -1),
            (left, bottom, 1, -1),
        )
    ]
    outline = np.concatenate([corners[0][::-1], corners[1], corners[2][::-1], corners[3]])
    color = color_of(face)
    primitives.lines(picture, corners, False, DARK, thickness + 2)
    if short >= 24:
        primitives.lines(picture, [outline], True, color, 1)
    primitives.lines(picture, corners, False, color, thickness)


def _thickness(box: Box, width: int, height: int) -> int:
    """Return the width in pixels of a face's corners."""
    most = max(3.0, min(width, height) / 180)
    return round(min(max(min(box.width, box.height) / 42, 1.0), most))


def _corner(x: float, y: float, dx: int, dy: int, radius: float, arm: float) -> np.ndarray:
    """Return the points of a rounded corner whose arms run in directions ``dx`` and ``dy``."""
    points = np.empty((len(_ARC) + 2, 2))
    points[0], points[-1] = (x + dx * arm, y), (x, y + dy * arm)
    points[1:-1] = (x, y) + _ARC * (dx * radius, dy * radius)
    return points


def _draw_landmarks(picture: np.ndarray, face: Face):
    """Dot the landmarks of a face that is large enough for it."""
    side = min(face.box.width, face.box.height)
    if side < _LEAST_LANDMARK_SIDE:
        return
    radius = max(1.0, side / 90)
    reach = max(picture.shape[:2])
    for x, y in face.landmarks:
        if not (abs(x) < 2 * reach and abs(y) < 2 * reach):
            continue
        for size, color in ((radius + 0.8, DARK), (radius, NOT_GIVEN)):
            primitives.dot(picture, x, y, size, color)
