# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Large pictures are searched tile by tile: memory and the length of a step have a bound.

Small faces are looked for in tiles of the picture, those of twice the size in tiles of the picture
halved, and so on, until it is small enough to be searched whole. Where no small faces are wanted
the picture is halved first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from face_affect_ros import glibc_malloc
from face_affect_ros import interruption
from face_affect_ros.detection import boxes
from face_affect_ros.faces import Detections

TILE = 1536
"""Longest side of a tile, pixels."""

WHOLE_PIXELS = 3_200_000
"""Pixels up to which a picture is searched whole: more than 2048x1536, no less than a tile."""

MOST_GROWN = 2.5
"""Faces larger than this, in smallest faces, are left to the next picture, halved."""

OVERLAP = 3.0
"""Pixels that neighbouring tiles share, in smallest faces: a face that is not left to the next
picture lies wholly in the tile that has its centre in its core."""

SAME = 0.5
"""Overlap, of the smaller of two faces, from which they are one that was found twice."""

Found = tuple[Detections, np.ndarray]
Search = Callable[[np.ndarray, Any], Found]


def search(
    image: np.ndarray, settings: Any, smallest: float, seen_from: float, whole: Search
) -> Found:
    """Return the faces of a picture, largest first, and the squares of their landmarks.

    :param image: (H, W, 3) uint8 BGR.
    :param settings: of the detector: ``min_face_size`` and ``max_faces``.
    :param smallest: side of the smallest face that is found by these settings, pixels.
    :param seen_from: side from which the detector sees faces well, pixels: what is larger is
        looked for in a smaller picture.
    :param whole: searches a small picture.
    """
    height, width = image.shape[:2]
    if height * width <= WHOLE_PIXELS:
        return whole(image, settings)
    while smallest >= 2 * seen_from:
        image, smallest = _halved(image), smallest / 2
        settings = replace(settings, min_face_size=settings.min_face_size / 2)
    found = [
        _placed(each, (0, 0), image, (height, width))
        for image in _octaves(image)
        for each in _search_octave(image, settings, smallest, whole)
    ]
    glibc_malloc.give_back_freed()
    return _merged(found, settings.max_faces)


def _octaves(image: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a picture halved again and again, the last small enough to be searched whole."""
    yield image
    while image.shape[0] * image.shape[1] > WHOLE_PIXELS:
        image = _halved(image)
        yield image


def _halved(image: np.ndarray) -> np.ndarray:
    """Return a picture with its sides halved, rounded up."""
    height, width = image.shape[:2]
    return cv2.resize(image, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)


def _search_octave(
    image: np.ndarray, settings: Any, smallest: float, whole: Search
) -> Iterator[Found]:
    """Yield the faces of a picture's tiles that no other tile and no smaller picture has."""
    height, width = image.shape[:2]
    if height * width <= WHOLE_PIXELS:
        interruption.check()
        yield whole(image, settings)
        return
    overlap = math.ceil(OVERLAP * smallest)
    for top, bottom in _spans(height, overlap):
        for left, right in _spans(width, overlap):
            interruption.check()
            tile = np.ascontiguousarray(image[top:bottom, left:right])
            faces, squares = whole(tile, settings)
            size = faces.boxes[:, 2:].max(axis=1, initial=0)
            center = faces.boxes[:, :2] + faces.boxes[:, 2:] / 2
            inner = (_core(left, right, width, overlap), _core(top, bottom, height, overlap))
            kept = size < MOST_GROWN * smallest
            for axis, (low, high) in enumerate(inner):
                kept &= (center[:, axis] >= low) & (center[:, axis] < high)
            yield _placed((faces.take(kept), squares[kept]), (left, top))


def _spans(length: int, overlap: int) -> list[tuple[int, int]]:
    """Return begin and end of the tiles along an axis."""
    most = max(TILE, 4 * overlap)
    count = max(1, math.ceil((length - overlap) / (most - overlap)))
    step = (length - overlap) / count
    return [
        (round(number * step), min(length, math.ceil((number + 1) * step) + overlap))
        for number in range(count)
    ]


def _core(begin: int, end: int, length: int, overlap: int) -> tuple[float, float]:
    """Return where centres of faces lie that belong to a tile, in its own pixels.

    Neighbours' cores overlap a little: a face may be found a pixel to either side.
    """
    margin = overlap / 2 - overlap / 16
    return (
        -math.inf if begin == 0 else margin,
        math.inf if end == length else end - begin - margin,
    )


def _placed(
    found: Found,
    place: tuple[int, int],
    image: np.ndarray | None = None,
    size: tuple[int, int] | None = None,
) -> Found:
    """Return faces of a part of a picture, in pixels of the whole.

    :param place: left and top of the part.
    :param image: the whole as it was searched.
    :param size: height and width of the whole as it came; None: as it was searched.
    """
    faces, squares = found
    factor = (
        np.ones(2)
        if image is None or size is None
        else np.array([size[1] / image.shape[1], size[0] / image.shape[0]])
    )
    offset = np.array(place, float)
    moved = boxes.to_xyxy(faces.boxes.astype(float)) + np.tile(offset, 2)
    return Detections(
        boxes.to_xywh(moved * np.tile(factor, 2)).astype(np.float32),
        faces.scores,
        ((faces.landmarks + offset) * factor).astype(np.float32),
        detector=faces.detector,
        left_out=faces.left_out,
    ), (squares + np.tile(offset, 2)) * np.tile(factor, 2)


def _merged(found: list[Found], max_faces: int) -> Found:
    """Return all faces, largest first, each once."""
    parts = [each for each, _ in found]
    faces = Detections(
        np.concatenate([each.boxes for each in parts]),
        np.concatenate([each.scores for each in parts]),
        np.concatenate([each.landmarks for each in parts]),
        detector=parts[0].detector,
    )
    squares = np.concatenate([each for _, each in found])
    xyxy = boxes.to_xyxy(faces.boxes)
    kept = boxes.nms(xyxy, faces.scores, SAME, of_smaller=True)
    order = kept[np.argsort(-boxes.area(xyxy[kept]), kind='stable')][: max_faces or None]
    left_out = len(kept) - len(order) + sum(each.left_out for each in parts)
    return replace(faces.take(order), left_out=left_out), squares[order]
