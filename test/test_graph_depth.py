# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An infrared camera of ten bits on the running graph: what was black has faces."""

import array
import time

import cv2
import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import astronaut
from robot import wait_until
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert

pytestmark = pytest.mark.ros


def test_ten_bits_in_mono16(start):
    """A face is found, and a frame in the dark stays dark."""
    robot = start().robot
    attributes = robot.attributes()
    pictures, _ = robot.listen('annotated', Image)
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY).astype(np.uint16) << 2

    def show(samples):
        height, width = samples.shape
        header = robot.header()
        robot.camera.publish(
            Image(
                header=header,
                height=height,
                width=width,
                encoding='mono16',
                step=2 * width,
                data=array.array('B', samples.astype('<u2').tobytes()),
            )
        )
        return header.stamp.sec * 10**9 + header.stamp.nanosec

    wait_until(lambda: show(grey) and (time.sleep(0.05), attributes and attributes[-1].faces)[-1])
    wait_until(lambda: pictures)
    assert convert.to_bgr(pictures[-1])[-40:].max() > 200
    dark = grey // 16
    last = show(dark)
    wait_until(
        lambda: (
            show(dark),
            time.sleep(0.05),
            pictures[-1].header.stamp.sec * 10**9 + pictures[-1].header.stamp.nanosec > last,
        )[-1]
    )
    assert 8 < convert.to_bgr(pictures[-1])[-40:].max() < 20  # below what is drawn
