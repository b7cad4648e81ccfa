# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A search of those parts of a picture where others propose a face, each at one and the same size.

A detector that sees faces of one size so need not look at the whole picture in several sizes.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from face_affect_ros.detection import boxes

FACE = 100
"""Side in pixels that a proposed square gets."""

PART = 220
"""Side in pixels of the part about it that is searched."""

SAME = 0.3
"""Overlap from which two boxes, or a box and a proposed square, are one face."""

Search = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Finds (N, 4) boxes with (N,) scores in a (``PART``, ``PART``, 3) uint8 picture."""


def search(image: np.ndarray, squares: np.ndarray, find: Search) -> tuple[np.ndarray, np.ndarray]:
    """Return (N, 4) boxes in pixels of the picture and their (N,) scores.

    A proposed square in which a face has been found already, beside another, is not searched.

    :param image: (H, W, 3) uint8 BGR.
    :param squares: (M, 4) left, top, right, bottom of the proposed faces, the surest first; may
        reach beyond the picture.
    :param find: searches a part.
    """
    xyxy, scores = np.empty((0, 4)), np.empty(0)
    for square in squares:
        if boxes.iou(square[None], xyxy).max(initial=0) > SAME:
            continue
        found, found_scores = find(_part(image, square))
        xyxy = np.concatenate([xyxy, _to_image(found, square)])
        scores = np.concatenate([scores, found_scores])
    kept = boxes.nms(xyxy, scores, SAME)
    return xyxy[kept], scores[kept]


def _part(image: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Return what is searched about a square; the picture's edge goes on beyond it."""
    left, top, size = _place(square)
    side = max(2, round(size))
    (first_row, last_row), above = _span(round(top), side, image.shape[0])
    (first_column, last_column), aside = _span(round(left), side, image.shape[1])
    inside = image[first_row:last_row, first_column:last_column]
    below, beyond = side - above - len(inside), side - aside - inside.shape[1]
    part = cv2.copyMakeBorder(inside, above, below, aside, beyond, cv2.BORDER_REPLICATE)
    shrinks = side > 2 * PART
    return cv2.resize(
        part, (PART, PART), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )


def _span(begin: int, side: int, length: int) -> tuple[tuple[int, int], int]:
    """Return which pixels of 0..length a span has, at least one, and how many lie before them."""
    first = min(max(begin, 0), length - 1)
    last = min(max(begin + side, first + 1), length)
    return (first, last), min(max(-begin, 0), side - 1)


def _place(square: np.ndarray) -> tuple[float, float, float]:
    """Return left, top and side of what is searched about a square."""
    left, top, right, bottom = square.tolist()
    size = (right - left) * PART / FACE
    return (left + right - size) / 2, (top + bottom - size) / 2, size


def _to_image(xyxy: np.ndarray, square: np.ndarray) -> np.ndarray:
    """Return boxes of a part in pixels of the picture."""
    left, top, size = _place(square)
    offset = np.array([round(left), round(top)] * 2)
    return xyxy * (max(2, round(size)) / PART) + offset
