# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Odd pictures on a camera's topic: what can be used is used, and told once."""

import io
import time

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

from PIL import Image
from robot import astronaut
from robot import wait_until
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image as ImageMessage

pytestmark = pytest.mark.ros


def test_a_camera_that_leaves_out_the_end_marker(start):
    """Its faces are found, and the log has one warning for all of its pictures."""
    robot = start(image_transport='compressed').robot
    camera = robot.publisher(CompressedImage, f'{robot.topic}/compressed')
    attributes, log = robot.attributes(), robot.log()
    stream = io.BytesIO()
    Image.fromarray(astronaut()[..., ::-1]).save(stream, 'JPEG')

    def shown():
        camera.publish(
            CompressedImage(header=robot.header(), format='jpeg', data=stream.getvalue()[:-2])
        )
        time.sleep(0.05)
        return len(attributes) >= 4 and attributes

    assert len(wait_until(shown)[-1].faces) == 1
    wait_until(lambda: 'no end marker' in log())
    assert log().count('no end marker') == 1


@pytest.mark.parametrize(('width', 'height'), [(20_000, 1), (1, 20_000)])
def test_long_thin_pictures(start, width, height):
    """They are annotated at their own size, and the next picture is described as ever."""
    robot = start().robot
    annotated, _ = robot.listen('annotated', ImageMessage)
    attributes = robot.attributes()
    robot.show_until(lambda: annotated, np.full((height, width, 3), 90, np.uint8))
    assert (annotated[-1].width, annotated[-1].height) == (width, height)
    robot.show_until(lambda: attributes and attributes[-1].faces)
