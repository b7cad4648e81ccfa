# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of cameras that are mounted on their side or head: turned, and points turned back."""

from __future__ import annotations

import numpy as np

ANGLES = (0, 90, 180, 270)
"""Degrees, clockwise, that a picture can be turned."""


def turned(image: np.ndarray, degrees: int) -> np.ndarray:
    """Return a picture turned clockwise.

    :param image: (H, W, 3) or (H, W).
    :param degrees: one of ``ANGLES``.
    :returns: C-contiguous, of 90 and 270 degrees (W, H, 3) or (W, H); of 0 the argument itself.
    :raises ValueError: other degrees.
    """
    import cv2

    if degrees == 0:
        return image
    codes = {
        90: cv2.ROTATE_90_CLOCKWISE,
        180: cv2.ROTATE_180,
        270: cv2.ROTATE_90_COUNTERCLOCKWISE,
    }
    if degrees not in codes:
        raise ValueError(f'a picture is turned by 0, 90, 180 or 270 degrees, not {degrees}')
    return cv2.rotate(image, codes[degrees])


def size_before(size: tuple[int, int], degrees: int) -> tuple[int, int]:
    """Return width and height that a turned picture of width and height had."""
    return size if degrees in (0, 180) else (size[1], size[0])


def points_before(points: np.ndarray, degrees: int, size: tuple[int, int]) -> np.ndarray:
    """Return points of a turned picture where they were before.

    :param points: (N, 2) x and y in pixels, the centre of the top-left pixel at (0.5, 0.5).
    :param degrees: by which it was turned, one of ``ANGLES``.
    :param size: width and height of the turned picture.
    """
    (width, height), (x, y) = size, np.asarray(points, float).T
    places = {
        0: (x, y),
        90: (y, width - x),
        180: (width - x, height - y),
        270: (height - y, x),
    }
    return np.stack(places[degrees], axis=1)
