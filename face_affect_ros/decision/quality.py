# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How much a picture of a face counts beside others of the same: its size, sharpness, direction.

The product of three factors, each 0 (unusable) to 1 (as good as it need be). It says nothing of
how likely answers are right (certainty.py); it is cheap, about a tenth of a millisecond.
"""

from __future__ import annotations

import cmath
from collections.abc import Sequence

import cv2
import numpy as np

from face_affect_ros import crops
from face_affect_ros.faces import Detections

ENOUGH_SIDE = 96.0
"""Side in pixels of a face's square from which more gives the networks nothing."""

LOOK_SIZE = 64
"""Side in pixels at which sharpness is looked at: what is smaller was enlarged and so is blurred.
"""

BLURRED, SHARP = 0.11, 0.45
"""Spread of the Laplacian in spreads of the picture itself, of a face that tells little and of one
that is sharp: on 57 faces of photographs the median after shrinking to 16 pixels and back, and
the quarter of them that is softest as they are."""

NOSE_DOWN = 0.55
"""How far the tip of the nose is from the eyes to the mouth, in a face seen from the front: the
median of the same."""

PROFILE, BOWED = 1.2, 0.6
"""Offset of the nose at which a face counts as turned away: sideways in half eye distances (or
thirds of the distance from eyes to mouth, whichever is more), up and down in that distance."""

LEAST_DIRECTION = 0.1
"""Factor of a face that is turned away altogether: a profile still tells something."""

WITHOUT_LANDMARKS = 0.3
"""Factor of a face whose direction is not known."""


def of_faces(
    contexts: Sequence[crops.ContextCrop],
    squares: Sequence[crops.FaceSquare],
    detections: Detections,
) -> list[float]:
    """Return the quality of faces, 0..1.

    :param contexts: the context crop of each face.
    :param squares: the square of each.
    :param detections: the faces.
    """
    return [
        of_face(context, square, landmarks)
        for context, square, landmarks in zip(contexts, squares, detections.landmarks)
    ]


def of_face(context: crops.ContextCrop, square: crops.FaceSquare, landmarks: np.ndarray) -> float:
    """Return the quality of one face, 0..1.

    :param landmarks: (5, 2) in pixels of the source image; NaN: none.
    """
    return (
        size_factor(square.side * context.scale)
        * sharpness_factor(crops.cut_face(context.grey, square, LOOK_SIZE))
        * direction_factor(landmarks)
    )


def size_factor(side: float) -> float:
    """Return the factor of a square of ``side`` pixels."""
    return _within(side / ENOUGH_SIDE)


def sharpness_factor(grey: np.ndarray) -> float:
    """Return the factor of a cut face.

    :param grey: (``LOOK_SIZE``, ``LOOK_SIZE``) uint8.
    """
    spread = float(cv2.meanStdDev(grey)[1][0, 0])
    edges = float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))[1][0, 0])
    return _within((edges / max(spread, 1.0) - BLURRED) / (SHARP - BLURRED))


def direction_factor(landmarks: np.ndarray) -> float:
    """Return 1 for a face seen from the front, less for one that is turned or bowed.

    :param landmarks: (5, 2); NaN: none.
    """
    points = [complex(x, y) for x, y in landmarks.tolist()]
    if not all(map(cmath.isfinite, points)):
        return WITHOUT_LANDMARKS
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    eyes, mouth = (right_eye + left_eye) / 2, (right_mouth + left_mouth) / 2
    height = abs(mouth - eyes)
    if height <= 0:
        return LEAST_DIRECTION
    upright = (nose - eyes) / ((mouth - eyes) / height)
    half = max(abs(left_eye - right_eye) / 2, height / 3)
    aside = abs(upright.imag) / half / PROFILE
    bowed = abs(upright.real / height - NOSE_DOWN) / BOWED
    return max(LEAST_DIRECTION, _within(1 - aside**2) * _within(1 - bowed**2))


def _within(value: float) -> float:
    """Return a value clipped to 0..1."""
    return min(max(value, 0.0), 1.0)
