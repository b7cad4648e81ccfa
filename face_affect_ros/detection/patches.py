# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Patches sampled from a picture, bilinear and exact.

OpenCV's warps round positions to 1/32 pixel, differently from release to release, which is enough
to move a face across a detector's threshold.
"""

from __future__ import annotations

import numpy as np


def sample(pixels: np.ndarray, squares: np.ndarray, size: int,
           padding: float | None = None) -> np.ndarray:
    """Sample patches of ``size`` pixels a side.

    :param pixels: (H, W, 3) float32.
    :param squares: (N, 4) left, top, right, bottom in pixels; may reach beyond the picture.
    :param padding: value of a sample beyond the border; ``None`` repeats the border.
    :returns: (N, size, size, 3) float32.
    """
    height, width = pixels.shape[:2]
    steps = (np.arange(size) + 0.5) / size
    sides = squares[:, 2:] - squares[:, :2]
    x = squares[:, :1] + sides[:, :1] * steps - 0.5
    y = squares[:, 1:2] + sides[:, 1:] * steps - 0.5
    left, right, share_x = _neighbours(x, width)
    upper, lower, share_y = _neighbours(y, height)
    flat = pixels.reshape(-1, 3)
    share_x = share_x[:, None, :, None]
    patches = _row(flat, upper * width, left, right, share_x)
    below = _row(flat, lower * width, left, right, share_x)
    below -= patches
    below *= share_y[:, :, None, None]
    patches += below
    if padding is not None:
        outside_x, outside_y = _outside(x, width), _outside(y, height)
        patches[outside_y[:, :, None] | outside_x[:, None, :]] = padding
    return patches


def _neighbours(places: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pixels before and after each place on an axis and the second one's share."""
    inside = np.clip(places, 0, length - 1)
    before = inside.astype(np.intp)
    return before, np.minimum(before + 1, length - 1), (inside - before).astype(np.float32)


def _row(flat, starts, left, right, share) -> np.ndarray:
    """Return (N, size, size, 3) pixels of given rows, mixed from left and right neighbours."""
    mixed = np.take(flat, starts[:, :, None] + left[:, None, :], axis=0)
    other = np.take(flat, starts[:, :, None] + right[:, None, :], axis=0)
    other -= mixed
    other *= share
    mixed += other
    return mixed


def _outside(places: np.ndarray, length: int) -> np.ndarray:
    """Return which places lie beyond the centres of the first and last pixel."""
    return (places < 0) | (places > length - 1)
