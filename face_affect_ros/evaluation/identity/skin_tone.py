# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A proxy of skin tone by the picture alone: the individual typology angle of the cheeks.

ITA = atan((L* - 50) / b*) in degrees (Chardin et al. 1991), as in Merler et al. 2019: above 41
light, 10 to 41 intermediate, below 10 dark. Light and camera move it as much as skin does: it says
for which pictures figures differ, not of whom somebody is.
"""

from __future__ import annotations

import cv2
import numpy as np

from face_affect_ros import crops

SIZE = 64
CHEEKS = ((slice(34, 44), slice(14, 24)), (slice(34, 44), slice(40, 50)))
"""Rows and columns of the face's square at 64 pixels."""

COLOURLESS = 3.0
"""Mean difference of the colours of a pixel below which a picture is grey."""

BANDS = (('dark', -91.0, 10.0), ('intermediate', 10.0, 41.0), ('light', 41.0, 91.0))
"""Degrees, from and up to."""


def typology_angle(view: crops.ContextCrop, square: crops.FaceSquare) -> float:
    """Return the angle of a face's cheeks in degrees; NaN where the picture has no colour."""
    face = crops.cut_face(view, square, SIZE)
    if face.ndim == 2:
        return float('nan')
    lab = cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    cheeks = np.concatenate([lab[place].reshape(-1, 3) for place in CHEEKS])
    light, _, yellow = np.median(cheeks, 0)
    if np.ptp(face.astype(int), axis=2).mean() < COLOURLESS:
        return float('nan')
    return float(np.degrees(np.arctan2(light - 50, max(yellow, 1e-3))))


def bands(angles: np.ndarray) -> np.ndarray:
    """Return (N,) names of bands, empty where the angle is NaN."""
    names = np.full(len(angles), '', dtype=object)
    for name, low, high in BANDS:
        names[(angles >= low) & (angles < high)] = name
    return names
