# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes with a camera that is mounted otherwise (parameter ``rotate``)."""

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

from builtin_interfaces.msg import Duration
from robot import astronaut
from samples import model
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]


@pytest.mark.parametrize('degrees', [90, 180, 270])
def test_a_turned_camera_tells_what_an_upright_one_does(start, degrees):
    """Boxes and landmarks of the turned picture, its size, and the camera's header."""
    upright = np.ascontiguousarray(astronaut()[:320])
    mounted = np.ascontiguousarray(np.rot90(upright, degrees // 90))
    (expected,) = model().analyze(upright)
    robot = start(rotate=degrees).robot
    heard, (annotated, _) = robot.attributes(), robot.listen('annotated', Image)
    robot.show_until(lambda: annotated and heard and heard[-1].faces, mounted)
    found = heard[-1]
    assert (found.image_width, found.image_height) == (upright.shape[1], upright.shape[0])
    assert found.header.frame_id == 'head_camera'
    (face,) = found.faces
    assert [face.x, face.y, face.width, face.height] == pytest.approx([*expected.box], abs=3)
    assert np.allclose([(p.x, p.y) for p in face.landmarks], expected.landmarks, atol=3)
    drawn = convert.to_bgr(annotated[-1])
    assert drawn.shape == upright.shape
    assert (np.abs(drawn.astype(int) - upright).max(axis=2) == 0).mean() > 0.5


def test_a_sent_picture_is_not_turned(start):
    """Who sends one knows how it stands."""
    robot = start(rotate=90).robot
    picture = np.ascontiguousarray(astronaut()[:320])
    message = convert.to_image_message(picture, robot.header())
    answer = robot.classify(image=message, timeout=Duration(sec=30))
    assert answer.success and len(answer.result.faces) == 1
    assert (answer.result.image_width, answer.result.image_height) == (picture.shape[1], 320)
