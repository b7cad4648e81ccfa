# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a head is: what a camera sees of a known head gives its place and direction back."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.detection import head_pose as module
from face_affect_ros.detection.head_pose import Camera
from face_affect_ros.detection.head_pose import head_pose

K = (520.0, 0.0, 320.0, 0.0, 525.0, 240.0, 0.0, 0.0, 1.0)
SIZE = (640, 480)
FACING = np.array([[0.0, 1, 0], [0, 0, -1], [-1, 0, 0]])
"""Of a face that looks into the camera: its x is the camera's -z, its y the camera's x."""


def camera(k=K, d=(), model='plumb_bob', calibrated=SIZE, size=SIZE):
    """Return a camera."""
    return Camera.of_info(k, d, model, calibrated, size)


def seen(turn, place, by):
    """Return the (5, 2) landmarks of a head in this project's pixels."""
    points, _ = cv2.projectPoints(
        module.HEAD, cv2.Rodrigues(turn)[0], place, by.matrix, by.distortion
    )
    return points[:, 0] + 0.5


def matrix(quaternion):
    """Return the rotation matrix of a quaternion x, y, z, w."""
    x, y, z, w = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


angles = st.floats(-0.6, 0.6)


@given(
    st.tuples(angles, angles, angles),
    st.tuples(st.floats(-0.5, 0.5), st.floats(-0.4, 0.4), st.floats(0.4, 4)),
)
def test_a_known_head_is_found(angles, place):
    """Its place to a millimetre a metre, and its direction."""
    turn = FACING @ cv2.Rodrigues(np.array(angles))[0]
    found, quaternion = head_pose(seen(turn, np.array(place), camera()), camera())
    assert found == pytest.approx(place, abs=1e-3 * place[2])
    assert matrix(quaternion) == pytest.approx(turn, abs=0.01)
    assert np.linalg.norm(quaternion) == pytest.approx(1)


def test_distortion_is_undone():
    """Of the models that OpenCV knows; others count as none."""
    place = np.array([0.4, 0.2, 1.0])
    bent = camera(d=(-0.3, 0.1, 0.001, 0.0, 0.0))
    found, _ = head_pose(seen(FACING, place, bent), bent)
    assert found == pytest.approx(place, abs=2e-3)
    assert camera(d=(1.0, 2.0), model='equidistant').distortion.size == 0


def test_a_smaller_picture_than_the_calibration():
    """The matrix is scaled with it."""
    half = camera(size=(320, 240))
    assert half.matrix[0] == pytest.approx(camera().matrix[0] / 2)
    assert half.matrix[1] == pytest.approx(camera().matrix[1] / 2)
    assert camera(calibrated=(0, 0)).matrix == pytest.approx(camera().matrix)


@pytest.mark.parametrize(
    'landmarks',
    [
        np.full((5, 2), np.nan),
        np.zeros((5, 2)),
        np.zeros((0, 2)),
        np.array([(205, 101), (247, 103), (225, 128), (203, np.inf), (246, 141)]),
    ],
)
def test_no_head_no_pose(landmarks):
    """Landmarks that are none, or all at one place."""
    assert head_pose(landmarks, camera()) is None


@pytest.mark.parametrize('k', [(0.0,) * 9, (np.nan,) * 9])
def test_an_uncalibrated_camera_is_none(k):
    """As drivers without a calibration file say it."""
    assert camera(k=k) is None
