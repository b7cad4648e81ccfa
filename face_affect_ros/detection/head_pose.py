# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a head is and which way it faces, by five landmarks and a calibrated camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = np.array(
    [
        (-0.015, -0.0315, 0.0),
        (-0.015, 0.0315, 0.0),
        (0.020, 0.0, -0.040),
        (-0.010, -0.025, -0.070),
        (-0.010, 0.025, -0.070),
    ]
)
"""The landmarks of an adult's head in metres, in the face frame of REP-155: origin between the
eyes, x forward out of the face, y to the person's left, z up. Eyes are 63 mm apart, the mean of
adults; a child's head is smaller, and so looks farther away than it is."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera as ``sensor_msgs/CameraInfo`` describes it.

    :param matrix: (3, 3), in pixels.
    :param distortion: coefficients of OpenCV's model; empty: none.
    """

    matrix: np.ndarray
    distortion: np.ndarray

    @classmethod
    def of_info(
        cls,
        k: Sequence[float],
        d: Sequence[float],
        model: str,
        calibrated: tuple[int, int],
        size: tuple[int, int],
    ) -> Camera | None:
        """Return the camera of a ``CameraInfo``; None: it is not calibrated.

        :param k: its nine numbers, row by row.
        :param d: its distortion; only ``plumb_bob`` and ``rational_polynomial`` are undone.
        :param model: its ``distortion_model``.
        :param calibrated: width and height that it was calibrated at, 0: those of the picture.
        :param size: width and height of the picture.
        """
        matrix = np.array(k, float).reshape(3, 3)
        if not np.isfinite(matrix).all() or matrix[0, 0] <= 0 or matrix[1, 1] <= 0:
            return None
        for row in range(2):
            if calibrated[row]:
                matrix[row] *= size[row] / calibrated[row]
        known = model in ('plumb_bob', 'rational_polynomial') and len(d) in (4, 5, 8, 12, 14)
        return cls(matrix, np.array(d if known else (), float))


def head_pose(
    landmarks: np.ndarray, camera: Camera
) -> tuple[np.ndarray, tuple[float, float, float, float]] | None:
    """Return a head's place and orientation in the camera's optical frame; None: cannot be told.

    :param landmarks: (5, 2) in pixels, in the order of ``faces.LANDMARKS``.
    :returns: (3,) place in metres (x right, y down, z ahead of the camera), and the unit
        quaternion x, y, z, w that turns the face frame of ``HEAD`` into the optical frame.
    """
    points = np.asarray(landmarks, float)
    if points.shape != (5, 2) or not np.isfinite(points).all():
        return None
    try:
        # Pixels here have their centres at .5, those of a calibration at whole numbers.
        found, turn, place = cv2.solvePnP(
            HEAD, points - 0.5, camera.matrix, camera.distortion, flags=cv2.SOLVEPNP_SQPNP
        )
    except cv2.error:  # all at one place
        return None
    if not found or not np.isfinite(place).all() or place[2] <= 0:
        return None
    rotation = cv2.Rodrigues(turn)[0]
    if rotation[2, 0] >= 0:  # facing away from the camera, where its landmarks cannot be seen
        return None
    return place.ravel(), quaternion_of(rotation)


def quaternion_of(rotation: np.ndarray) -> tuple[float, float, float, float]:
    """Return the unit quaternion x, y, z, w (w >= 0) of a (3, 3) rotation matrix."""
    vector = cv2.Rodrigues(rotation)[0].ravel()
    angle = float(np.linalg.norm(vector))
    if angle == 0:
        return 0.0, 0.0, 0.0, 1.0
    x, y, z = (vector / angle * np.sin(angle / 2)).tolist()
    return x, y, z, float(np.cos(angle / 2))
