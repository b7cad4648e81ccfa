# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Smooth lines and dots; letters and round boxes as masks, drawn large, shrunk and kept."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np

from face_affect_ros.drawing.palette import Color

_SUBPIXEL = 4
"""Binary digits of OpenCV's drawing coordinates behind the point."""

_OVERSAMPLING = 4

_CIRCLE = np.stack(
    [np.cos(np.arange(20) * math.pi / 10), np.sin(np.arange(20) * math.pi / 10)], axis=1
)


def lines(
    picture: np.ndarray, paths: Sequence[np.ndarray], closed: bool, color: Color, thickness: int
):
    """Draw smooth lines through (N, 2) points given in pixels."""
    cv2.polylines(
        picture,
        [_fixed_point(path) for path in paths],
        closed,
        color,
        thickness,
        cv2.LINE_AA,
        _SUBPIXEL,
    )


def dot(picture: np.ndarray, x: float, y: float, radius: float, color: Color):
    """Draw a smooth dot, round also where it is small; place and radius in pixels."""
    cv2.fillConvexPoly(
        picture, _fixed_point((x, y) + _CIRCLE * radius), color, cv2.LINE_AA, _SUBPIXEL
    )


def blend(region: np.ndarray, mask: np.ndarray, color: Color, opacity: float):
    """Lay a colour over a region where the mask (0..255) says so, in place."""
    mask = mask[:, : region.shape[1]]
    weight = (mask * np.float32(opacity / 255))[..., None]
    blended = region + (np.array(color, np.float32) - region) * weight
    region[:] = (blended + np.float32(0.5)).astype(np.uint8)


@functools.lru_cache(maxsize=512)
def rounded(width: int, height: int, radius: float) -> np.ndarray:
    """Return a (height, width) uint8 mask of a box with round corners."""
    scale = _OVERSAMPLING
    mask = np.zeros((height * scale, width * scale), np.uint8)
    inner = round(min(radius, width / 2, height / 2) * scale)
    cv2.rectangle(mask, (inner, 0), (mask.shape[1] - 1 - inner, mask.shape[0] - 1), 255, -1)
    cv2.rectangle(mask, (0, inner), (mask.shape[1] - 1, mask.shape[0] - 1 - inner), 255, -1)
    for x in (inner, mask.shape[1] - 1 - inner):
        for y in (inner, mask.shape[0] - 1 - inner):
            cv2.circle(mask, (x, y), inner, 255, -1)
    return cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)


@functools.lru_cache(maxsize=1024)
def glyphs(text: str, height: int, strong: bool) -> tuple[np.ndarray, int]:
    """Return a text as a uint8 mask, and the row of its baseline.

    Drawn large and shrunk: OpenCV's own small letters are hard to read.

    :param height: of capitals, in pixels.
    """
    font = cv2.FONT_HERSHEY_DUPLEX if strong else cv2.FONT_HERSHEY_SIMPLEX
    large = height * _OVERSAMPLING
    scale = large / _capital(font)
    thickness = max(1, round(large * (0.13 if strong else 0.1)))
    (width, _), _ = cv2.getTextSize(text, font, scale, thickness)
    ascent, descent = math.ceil(height * 1.15), math.ceil(height * 0.4)
    mask = np.zeros(((ascent + descent) * _OVERSAMPLING, width + 2 * large), np.uint8)
    cv2.putText(
        mask, text, (large, ascent * _OVERSAMPLING), font, scale, 255, thickness, cv2.LINE_AA
    )
    inked = np.flatnonzero(mask.any(axis=0))
    left = max(0, int(inked[0]) - _OVERSAMPLING // 2) if len(inked) else 0
    columns = math.ceil((int(inked[-1]) + 1 - left) / _OVERSAMPLING) if len(inked) else 1
    mask = mask[:, left : left + columns * _OVERSAMPLING]
    return cv2.resize(mask, (columns, ascent + descent), interpolation=cv2.INTER_AREA), ascent


@functools.cache
def _capital(font: int) -> float:
    """Return the height of a capital in pixels at scale 1."""
    mask = np.zeros((400, 400), np.uint8)
    cv2.putText(mask, 'H', (100, 300), font, 6, 255, 1, cv2.LINE_AA)
    rows = np.flatnonzero(mask.max(axis=1) > 127)
    return (int(rows[-1]) + 1 - int(rows[0])) / 6


def _fixed_point(points: np.ndarray) -> np.ndarray:
    """Return points as OpenCV draws them: its pixel centres are whole numbers."""
    return np.round((points - 0.5) * (1 << _SUBPIXEL)).astype(np.int32)
