# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on arrays of boxes: overlap, non-maximum suppression, squares, conversion.

Boxes named ``xyxy`` are (N, 4) arrays of left, top, right, bottom in pixels, half-open.
"""

from __future__ import annotations

import numpy as np

from face_affect_ros.faces import Detections

_BLOCK = 128
_BETTER = np.triu(np.ones((_BLOCK, _BLOCK), bool), k=1)


def area(xyxy: np.ndarray) -> np.ndarray:
    """Return the (N,) areas in square pixels; a box turned inside out has none."""
    width, height = np.maximum(xyxy[:, 2:] - xyxy[:, :2], 0).T
    return width * height


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the (N, M) intersections over unions, 0..1, of N and M boxes in ``xyxy``."""
    shared = _shared(a.T, b.T)
    union = area(a)[:, None] + area(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def overlap_of_smaller(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the (N, M) intersections over the smaller area, 0..1: 1 for a box in a box."""
    shared = _shared(a.T, b.T)
    smaller = np.minimum(area(a)[:, None], area(b)[None, :])
    return np.divide(shared, smaller, out=np.zeros_like(shared), where=smaller > 0)


def nms(
    xyxy: np.ndarray,
    scores: np.ndarray,
    threshold: float,
    of_smaller: bool = False,
    groups: np.ndarray | None = None,
) -> np.ndarray:
    """Non-maximum suppression: a box goes when any better one overlaps it.

    All pairs at once, so a box that has gone itself still suppresses others (Fast NMS; Bolya and
    others 2019, section 3.3; also what the reference implementation of MTCNN does). A block of
    boxes at a time is held against all better ones, so that memory grows with N.

    :param xyxy: (N, 4) boxes.
    :param scores: (N,) scores, higher is better; equal scores keep their order.
    :param threshold: a box goes when its overlap with a better one is above this, 0..1.
    :param of_smaller: overlap is the intersection over the smaller area, else over the union.
    :param groups: (N,) integers; only boxes of the same group suppress each other.
    :returns: indices of the boxes kept, group by group, best first.
    """
    if len(scores) < 2:
        return np.arange(len(scores))
    order = np.argsort(-scores, kind='stable') if groups is None else np.lexsort((-scores, groups))
    edges = xyxy.T.astype(np.float32, order='C').take(order, axis=1)
    width, height = np.maximum(edges[2:] - edges[:2], 0)
    areas = width * height
    groups = None if groups is None else groups[order]
    kept = []
    for start in range(0, len(order), _BLOCK):
        block = slice(start, start + _BLOCK)
        first = 0 if groups is None else groups.searchsorted(groups[start])
        better = slice(first, start + _BLOCK)
        shared = _shared(edges[:, better], edges[:, block])
        if of_smaller:
            allowed = np.minimum(areas[better, None], areas[block]) * np.float32(threshold)
        else:
            # shared / (a + b - shared) > t, without a division
            share = np.float32(threshold / (1 + threshold))
            allowed = (areas[better, None] + areas[block]) * share
        suppressed = shared > allowed
        suppressed[start - first :] &= _BETTER[: len(order) - start, : len(order) - start]
        if groups is not None and groups[start] != groups[block][-1]:
            suppressed &= groups[better, None] == groups[block]
        kept.append(order[block][~suppressed.any(axis=0)])
    return kept[0] if len(kept) == 1 else np.concatenate(kept)


def nms_by_landmarks(faces: Detections, threshold: float) -> np.ndarray:
    """Return the (K,) rows of faces whose landmarks are not those of a surer face, in order.

    :param threshold: mean distance of two faces' landmarks, in longer sides of the smaller box,
        below which they are one face; 0: none are. Faces without landmarks stay.
    """
    gaps = np.linalg.norm(faces.landmarks[:, None] - faces.landmarks[None], axis=3).mean(axis=2)
    sides = faces.boxes[:, 2:].max(axis=1, initial=0)
    is_same = gaps < threshold * np.minimum(sides[:, None], sides)
    rank = np.argsort(np.argsort(-faces.scores, kind='stable'), kind='stable')
    return np.flatnonzero(~(is_same & (rank[:, None] > rank)).any(axis=1))


def _shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the (N, M) areas shared by boxes given as (4, N) and (4, M) edges."""
    sides = np.minimum(a[2:, :, None], b[2:, None])
    sides -= np.maximum(a[:2, :, None], b[:2, None])
    width, height = np.maximum(sides, 0, out=sides)
    width *= height
    return width


def squared(xyxy: np.ndarray, factor: float | np.ndarray = 1.0) -> np.ndarray:
    """Return squares of the same centres with the longer side of each box times a factor.

    :param factor: one for all or (N, 1).
    """
    size = xyxy[:, 2:] - xyxy[:, :2]
    half = size.max(axis=1, keepdims=True, initial=0) / 2 * factor
    center = xyxy[:, :2] + size / 2
    return np.concatenate([center - half, center + half], axis=1)


def to_xywh(xyxy: np.ndarray) -> np.ndarray:
    """Return x, y, width, height of boxes given as left, top, right, bottom."""
    return np.concatenate([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]], axis=1)


def to_xyxy(xywh: np.ndarray) -> np.ndarray:
    """Return left, top, right, bottom of boxes given as x, y, width, height."""
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1)
