# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one crop policy: how a face is cut, for detectors, networks, messages and training.

Two steps, always both, so that a network sees the same pixels whether its face was handed over
in the process or went through a message:

1. ``cut_context``: an upright square around the box, wide enough for every network at any roll
   angle, at source resolution up to ``CONTEXT_MAX_SIZE``.
2. ``cut_face``: from that view, the square that the landmarks span (``square_of_landmarks``),
   turned upright and scaled to a network's input.

Pixels beyond a picture repeat its border. Coordinates follow the project's convention: the
centre of the top-left pixel lies at (0.5, 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from face_affect_ros.registry.catalogue import CropSpec

CONTEXT_FACTOR = 2.5
"""Side of a context crop, as a multiple of the longer side of the face's box."""

CONTEXT_MAX_SIZE = 384
"""Longest side of a context crop in pixels; larger ones are shrunk, by an area filter to at most
twice this and bilinearly from there, which costs a fraction of an area filter all the way."""

SIDE_PER_UNIT = 1.45
"""Side of a face's square at factor 1, in units of its landmarks' spread."""

CENTER_DOWN = 0.28
"""How far the square's centre lies from the eyes towards the mouth (0 = eyes, 1 = mouth)."""

EYE_WEIGHT = 2.0
FACE_WEIGHT = 1.8
"""The spread is the larger of these times the eye distance and the eye-to-mouth distance."""

BOX_FACTOR = 1.08
"""Side of a face's square in longer sides of its box, where it has no landmarks and the box comes
from elsewhere; ``detection/specs.py`` has each detector's own."""


@dataclass(frozen=True)
class ContextCrop:
    """A square context crop of one face.

    :param pixels: (S, S, 3) uint8 BGR; read-only where it is part of a frame.
    :param x: left of the view in pixels of the source image.
    :param y: top of the view in pixels of the source image.
    :param scale: view pixels per source pixel, at most 1.
    """

    pixels: np.ndarray
    x: float
    y: float
    scale: float

    @cached_property
    def grey(self) -> ContextCrop:
        """The same view in grey, (S, S) uint8."""
        if self.pixels.ndim == 2:
            return self
        return ContextCrop(
            cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY), self.x, self.y, self.scale
        )


@dataclass(frozen=True)
class FaceSquare:
    """The square that a network sees: centre, side and upright direction in source pixels.

    ``right`` is the unit vector (x, y) from the left to the right edge of the upright crop.
    ``box`` is the detector's (x, y, width, height), for the networks that want that instead.
    """

    x: float
    y: float
    side: float
    right: tuple[float, float] = (1.0, 0.0)
    box: tuple[float, float, float, float] | None = field(default=None, compare=False)


def square_of_landmarks(
    landmarks: np.ndarray, box: tuple[float, float, float, float] | None = None
) -> FaceSquare:
    """Return the square at factor 1 of (5, 2) landmarks; ``box`` is the detector's, if any.

    With E and M the midpoints of the eyes and of the mouth corners, u the larger of twice the
    eye distance and 1.8 |E - M|: up runs from M to E, the centre is E + 0.28 (M - E) and the
    side is 1.45 u. In a profile the eyes close up and |E - M| holds the scale; in a bowed head
    it is the other way round.
    """
    points = [complex(x, y) for x, y in landmarks.tolist()]
    right_eye, left_eye, _, right_mouth, left_mouth = points
    eyes = (right_eye + left_eye) / 2
    down = (right_mouth + left_mouth) / 2 - eyes
    height = abs(down)
    spread = max(EYE_WEIGHT * abs(left_eye - right_eye), FACE_WEIGHT * height)
    center = eyes + CENTER_DOWN * down
    right = -1j * down / height if height > 0 else 1 + 0j
    side = SIDE_PER_UNIT * spread
    return FaceSquare(center.real, center.imag, side, (right.real, right.imag), box)


def square_of_box(box: np.ndarray, box_factor: float = BOX_FACTOR) -> FaceSquare:
    """Return the upright square of a box (x, y, width, height) that has no landmarks.

    :param box_factor: side of the square in longer sides of the box.
    """
    x, y, width, height = (float(value) for value in box)
    return FaceSquare(
        x + width / 2, y + height / 2, box_factor * max(width, height), box=(x, y, width, height)
    )


def square_of_face(
    box: np.ndarray, landmarks: np.ndarray, box_factor: float = BOX_FACTOR
) -> FaceSquare:
    """Return the square at factor 1 of a face: by its landmarks, else (NaN) by its box."""
    by_box = square_of_box(box, box_factor)
    if np.isfinite(landmarks).all():
        return square_of_landmarks(landmarks, by_box.box)
    return by_box


def cut_context(image: np.ndarray, box: np.ndarray) -> ContextCrop:
    """Cut the context crop of a face.

    :param image: (H, W, 3) uint8 BGR.
    :param box: x, y, width, height in pixels; may reach beyond the image.
    """
    x, y, width, height = (float(value) for value in box)
    side = max(1, round(CONTEXT_FACTOR * max(width, height)))
    shrink = max(1, side // CONTEXT_MAX_SIZE)
    side -= side % shrink
    left, top = math.floor(x + width / 2 - side / 2), math.floor(y + height / 2 - side / 2)
    if side <= CONTEXT_MAX_SIZE:
        return ContextCrop(_region(image, left, top, side, side), left, top, 1.0)
    pixels = _shrunk_square(image, left, top, side // shrink, shrink)
    pixels = cv2.resize(
        pixels, (CONTEXT_MAX_SIZE, CONTEXT_MAX_SIZE), interpolation=cv2.INTER_LINEAR
    )
    # As exact as a message holds it, so that one that went through one is the same.
    return ContextCrop(pixels, left, top, float(np.float32(CONTEXT_MAX_SIZE / side)))


def cut_face(view: ContextCrop, frame: FaceSquare, size: int, factor: float = 1.0) -> np.ndarray:
    """Cut the square of ``frame`` times ``factor`` out of a context crop, upright.

    The part of the view that is needed is first shrunk by whole pixels to at most twice the
    target's scale, so that the bilinear warp does not alias.

    :returns: (size, size, 3) uint8 BGR (a grey view gives (size, size)).
    """
    side = frame.side * factor
    return _cut(view, (frame.x, frame.y), (side, side), frame.right, size)


def cut_box(
    view: ContextCrop, frame: FaceSquare, size: int, factor: float = 1.0, square: bool = True
) -> np.ndarray:
    """Cut the face's box with both sides times ``factor`` out of a context crop.

    :param square: by a square of its longer side, which distorts nothing; else its width and
        height both become ``size``.
    :returns: (size, size, 3) uint8 BGR (a grey view gives (size, size)).
    :raises ValueError: the frame has no box.
    """
    if frame.box is None:
        raise ValueError('this face has no box to be cut by')
    x, y, width, height = frame.box
    longer = max(width, height)
    sides = (longer, longer) if square else (width, height)
    return _cut(
        view,
        (x + width / 2, y + height / 2),
        (sides[0] * factor, sides[1] * factor),
        (1.0, 0.0),
        size,
    )


def cut_padded(
    view: ContextCrop, box: np.ndarray, image_size: tuple[int, int], size: int
) -> np.ndarray:
    """Cut the part of a face's box that lies in the picture, as REP-155 wants ``cropped``.

    :param box: x, y, width, height in pixels; may reach beyond the image.
    :param image_size: width and height of the image in pixels.
    :returns: (size, size, 3) uint8 BGR: the part, scaled as it is to fit and centred, black
        around it; all black where the box lies beyond the image.
    """
    x, y, width, height = (float(value) for value in box)
    spans = []
    for start, length, end, origin, limit in (
        (x, width, image_size[0], view.x, view.pixels.shape[1]),
        (y, height, image_size[1], view.y, view.pixels.shape[0]),
    ):
        low, high = (
            min(max(round((min(max(edge, 0), end) - origin) * view.scale), 0), limit)
            for edge in (start, start + length)
        )
        spans.append((low, high))
    (left, right), (top, bottom) = spans
    canvas = np.zeros((size, size, 3), np.uint8)
    if left >= right or top >= bottom:
        return canvas
    scale = size / max(right - left, bottom - top)
    columns, rows = (max(1, round(scale * (high - low))) for low, high in spans)
    first_x, first_y = (size - columns) // 2, (size - rows) // 2
    canvas[first_y : first_y + rows, first_x : first_x + columns] = cv2.resize(
        view.pixels[top:bottom, left:right],
        (columns, rows),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
    )
    return canvas


def cut(view: ContextCrop, frame: FaceSquare, spec: CropSpec) -> np.ndarray:
    """Cut what a network wants to see.

    :returns: (size, size) uint8 grey or (size, size, 3) uint8 BGR.
    """
    source = view.grey if spec.channels == 1 else view
    return KINDS[spec.kind](source, frame, spec.size, spec.factor)


KINDS: Mapping[str, Callable[[ContextCrop, FaceSquare, int, float], np.ndarray]] = {
    'aligned': cut_face,
    'square': cut_box,
    'box': partial(cut_box, square=False),
}
"""How each kind of crop is cut (``registry.catalogue.CropSpec``)."""


def _cut(
    view: ContextCrop,
    center: tuple[float, float],
    sides: tuple[float, float],
    right: tuple[float, float],
    size: int,
) -> np.ndarray:
    """Cut a rectangle of the source image, upright, to a square of ``size``."""
    width, height = sides[0] * view.scale, sides[1] * view.scale
    x, y = (center[0] - view.x) * view.scale, (center[1] - view.y) * view.scale
    longer = max(width, height)
    at_most_twice = max(1, math.ceil(longer / size / 2))
    pixels, left, top, shrink = _shrunk(view.pixels, x, y, longer, at_most_twice)
    matrix = _warp(
        (x - left) / shrink, (y - top) / shrink, (width / shrink, height / shrink), right, size
    )
    return cv2.warpAffine(
        no_single_pixel(pixels),
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def whole(image: np.ndarray) -> ContextCrop:
    """Return the view that is a whole picture; it is not copied."""
    return ContextCrop(image, 0, 0, 1.0)


def _warp(
    x: float, y: float, sides: tuple[float, float], right: tuple[float, float], size: int
) -> np.ndarray:
    """Return the (2, 3) matrix from pixel indices of the crop to pixel indices of the source."""
    step_x, step_y = sides[0] / size, sides[1] / size
    across = right[0] * step_x, right[1] * step_x
    down = -right[1] * step_y, right[0] * step_y
    offset = (size - 1) / 2
    return np.array(
        [
            [across[0], down[0], x - 0.5 - offset * (across[0] + down[0])],
            [across[1], down[1], y - 0.5 - offset * (across[1] + down[1])],
        ]
    )


def _shrunk(pixels, x, y, side, shrink):
    """Return the part around a turned square shrunk by a whole factor, and its place."""
    if shrink == 1:
        return pixels, 0, 0, 1
    reach = side / math.sqrt(2) + 2 * shrink
    spans = []
    for center, length in ((x, pixels.shape[1]), (y, pixels.shape[0])):
        low = min(max(math.floor(center - reach), 0), max(0, length - shrink))
        high = min(max(math.ceil(center + reach), low + shrink), max(length, low + shrink))
        spans.append((low, (high - low) // shrink))
    (left, columns), (top, rows) = spans
    part = _region(pixels, left, top, columns * shrink, rows * shrink)
    return cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), left, top, shrink


def _shrunk_square(image: np.ndarray, left: int, top: int, cells: int, shrink: int) -> np.ndarray:
    """Return a square of ``cells`` areas of ``shrink`` pixels a side, an area a pixel.

    Only the part that the image has is read; what lies beyond is repeated when it is small.
    """
    if shrink == 1:
        return _region(image, left, top, cells, cells)
    rows, columns = image.shape[:2]
    first_x, last_x = _cells_within(left, cells, shrink, columns)
    first_y, last_y = _cells_within(top, cells, shrink, rows)
    size = last_x - first_x, last_y - first_y
    part = _region(
        image, left + first_x * shrink, top + first_y * shrink, size[0] * shrink, size[1] * shrink
    )
    part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return _bordered(part, first_y, cells - last_y, first_x, cells - last_x)


def _cells_within(start: int, cells: int, shrink: int, length: int) -> tuple[int, int]:
    """Return the first and behind the last cell, at least one, that an axis 0..length touches."""
    first = min(max(-start // shrink, 0), cells - 1)
    last = min(max(-((start - length) // shrink), first + 1), cells)
    return first, last


def _region(image: np.ndarray, left: int, top: int, width: int, height: int) -> np.ndarray:
    """Return a part of an image, its border repeated beyond it; a view where it lies inside."""
    rows, columns = image.shape[:2]
    x0, x1 = (min(max(x, 0), columns) for x in (left, left + width))
    y0, y1 = (min(max(y, 0), rows) for y in (top, top + height))
    if x0 == x1:
        x0 = min(x0, columns - 1)
        x1 = x0 + 1
    if y0 == y1:
        y0 = min(y0, rows - 1)
        y1 = y0 + 1
    part = image[y0:y1, x0:x1]
    if part.shape[:2] == (height, width):
        return part
    before_x, before_y = min(max(0, x0 - left), width - 1), min(max(0, y0 - top), height - 1)
    part = part[: height - before_y, : width - before_x]
    return _bordered(
        part,
        before_y,
        height - before_y - part.shape[0],
        before_x,
        width - before_x - part.shape[1],
    )


def _bordered(pixels: np.ndarray, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    """Repeat an image's border by numbers of pixels."""
    rows, columns = top + pixels.shape[0] + bottom, left + pixels.shape[1] + right
    if pixels.shape[:2] == (1, 1):
        return np.tile(pixels, (rows, columns) + (1,) * (pixels.ndim - 2))
    return cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_REPLICATE)


def no_single_pixel(pixels: np.ndarray) -> np.ndarray:
    """Repeat a single pixel, which changes nothing here and which OpenCV 4.5.4 refuses."""
    return _bordered(pixels, 0, 1, 0, 1) if pixels.shape[:2] == (1, 1) else pixels
