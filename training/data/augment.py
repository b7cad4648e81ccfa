# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a camera and a detector do to a face, done at random to a training picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from face_affect_ros import crops

from . import camera


@dataclass(frozen=True)
class Jitter:
    """How much a training crop varies.

    :param shift: standard range of the centre, +- this part of the square's side.
    :param roll: range of the roll angle, +- degrees.
    :param scale: range of the side's factor, drawn log-uniformly.
    :param keep: share of the source's sides that is kept at least when its border is cut.
    :param cut: probability that the source's border is cut and then repeated.
    :param degrade: probability of a low resolution, of JPEG compression and of a gamma, each.
    :param flip: probability of a mirror image.
    :param framed: probability that the picture's own frame takes the place of the square.
    :param camera: probability of noise, and in proportion of what else cameras do
        (``camera.seen_by_camera``).
    :param occluded: probability of something in front of the face.
    :param tilted: probability of a roll angle of up to 30 degrees.
    """

    shift: float = 0.06
    roll: float = 6.0
    scale: tuple[float, float] = (0.87, 1.15)
    keep: float = 0.7
    cut: float = 0.5
    degrade: float = 0.15
    flip: float = 0.5
    framed: float = 0.0
    camera: float = 0.0
    occluded: float = 0.0
    tilted: float = 0.0


TILT = 30.0
"""Largest roll angle in degrees of a face that is tilted."""


def jittered(picture, frame, size: int, factor: float, jitter: Jitter, random) -> np.ndarray:
    """Cut a training crop with the run-time crop function, varied at random.

    :param picture: (S, S) or (S, S, 3) uint8.
    :param frame: the square of the face in it.
    :param random: a ``numpy.random.Generator``.
    """
    if jitter.framed and random.random() < jitter.framed:
        frame = framed(picture, factor)
    if random.random() < jitter.cut:
        picture, frame = _border_cut(picture, frame, jitter.keep, random)
    frame = _moved(frame, jitter, random)
    crop = crops.cut_face(crops.whole(picture), frame, size, factor)
    return degraded(crop, jitter, random)


def framed(picture, factor: float) -> crops.FaceSquare:
    """Return the square whose crop at this factor is the picture's own frame."""
    height, width = picture.shape[:2]
    return crops.FaceSquare(width / 2, height / 2, max(width, height) / factor)


def degraded(crop: np.ndarray, jitter: Jitter, random) -> np.ndarray:
    """Mirror a crop and spoil it as distance, compression and light do."""
    if random.random() < jitter.flip:
        crop = cv2.flip(crop, 1)
    if random.random() < jitter.degrade:
        crop = _low_resolution(crop, random)
    if random.random() < jitter.degrade:
        crop = _compressed(crop, random)
    if random.random() < jitter.degrade:
        crop = camera.gamma(crop, random)
    if jitter.occluded and random.random() < jitter.occluded:
        crop = camera.occluded(crop, random)
    if jitter.camera:
        crop = camera.seen_by_camera(crop, jitter.camera, random)
    return crop


def _border_cut(picture, frame, keep, random):
    """Keep a random part of the source; what is cut away will be repeated border."""
    height, width = picture.shape[:2]
    rows, columns = (int(length * random.uniform(keep, 1)) for length in (height, width))
    top, left = random.integers(height - rows + 1), random.integers(width - columns + 1)
    part = picture[top : top + rows, left : left + columns]
    return part, crops.FaceSquare(frame.x - left, frame.y - top, frame.side, frame.right)


def _moved(frame, jitter, random):
    """Shift, turn and scale the square."""
    shift_x, shift_y = random.uniform(-jitter.shift, jitter.shift, 2) * frame.side
    scale = math.exp(random.uniform(*np.log(jitter.scale)))
    roll = jitter.roll
    if jitter.tilted and random.random() < jitter.tilted:
        roll = TILT
    angle = math.radians(random.uniform(-roll, roll))
    right_x, right_y = frame.right
    right = (
        right_x * math.cos(angle) - right_y * math.sin(angle),
        right_x * math.sin(angle) + right_y * math.cos(angle),
    )
    return crops.FaceSquare(frame.x + shift_x, frame.y + shift_y, frame.side * scale, right)


def _low_resolution(crop, random):
    """Shrink to 24 pixels up to the crop's own size, and back."""
    size = crop.shape[0]
    small = int(random.integers(24, size + 1))
    shrunk = cv2.resize(crop, (small, small), interpolation=cv2.INTER_AREA)
    return cv2.resize(shrunk, (size, size), interpolation=cv2.INTER_LINEAR)


def _compressed(crop, random):
    """Compress as JPEG of quality 30 to 90."""
    quality = int(random.integers(30, 91))
    _, data = cv2.imencode('.jpg', crop, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
