# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sent pictures that would cost seconds and gigabytes hold up nobody."""

import time

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import cv2
from hostile import blank_png
from hostile import many_scans
from robot import astronaut
from robot import wait_until
from sensor_msgs.msg import CompressedImage
from test_service import SLACK_S
from test_service import assert_answered
from test_service import assert_refused
from test_service import compressed
from test_service import duration
from test_service import header
from test_service import picture

from face_affect_ros.srv import ClassifyImage

pytestmark = pytest.mark.ros


def file(data):
    """Return an encoded picture to send."""
    return CompressedImage(header=header(), format='', data=data)


def test_what_takes_too_much_is_refused_at_once(start):
    """By its header, before anything is decoded."""
    robot = start().robot
    for data in (blank_png(8000, 8000), many_scans(astronaut(), 500)):
        begin = time.monotonic()
        assert_refused(robot.classify(compressed=file(data)), 'TOO_LARGE')
        assert time.monotonic() - begin < SLACK_S
    assert_refused(
        robot.classify(image=picture(np.zeros((3000, 4000, 3), np.uint8)), timeout=duration(5)),
        'TOO_LARGE',
    )


def test_a_picture_of_a_4k_camera_is_taken(start):
    """In the default limits, as the library answers."""
    robot = start().robot
    large = cv2.resize(astronaut(), (3840, 2160))
    for sent in (
        {'image': picture(large)},
        {'compressed': compressed(large)},
        {'compressed': compressed(large, '.png')},
    ):
        answer = robot.classify(**sent, timeout=duration(20))
        assert_answered(answer)
        assert (answer.result.image_width, answer.result.image_height) == (3840, 2160)
        assert answer.result.faces[0].width > 400


def test_work_that_is_late_is_given_up(start):
    """Of 64 megapixels, encoded or not; who comes next is answered, a transition at once."""
    graph = start(max_pixels=64_000_000)
    robot = graph.robot
    bomb = file(blank_png(8000, 8000))
    raw = picture(np.tile(astronaut(500, 400), (16, 16, 1)))
    for sent in ({'compressed': bomb}, {'image': raw}):
        begin = time.monotonic()
        assert_refused(robot.classify(**sent, timeout=duration(0.4)), 'TIMEOUT')
        assert_answered(robot.classify(image=picture(), timeout=duration(5)))
        assert time.monotonic() - begin < 5
    futures = robot.ask(
        [
            ClassifyImage.Request(compressed=bomb, timeout=duration(20)),
            ClassifyImage.Request(image=raw, timeout=duration(20)),
        ]
    )
    time.sleep(0.7)
    begin = time.monotonic()
    assert robot.change('attributes', 'deactivate')
    assert time.monotonic() - begin < 1
    wait_until(lambda: all(future.done() for future in futures))
    for future in futures:
        assert_refused(future.result(), 'NOT_ACTIVE')


def test_a_large_picture_is_reduced_where_only_large_faces_are_looked_for(start):
    """The same face in the same place."""
    robot = start(min_face_size=256).robot
    large = cv2.resize(astronaut(), (3840, 2160))
    found = [
        robot.classify(**sent, timeout=duration(20)).result
        for sent in ({'compressed': compressed(large)}, {'image': picture(large)})
    ]
    robot.set('attributes', min_face_size=100.0)
    found.append(robot.classify(image=picture(large), timeout=duration(20)).result)
    assert {(result.image_width, result.image_height) for result in found} == {(3840, 2160)}
    boxes = np.array(
        [
            [face.x, face.y, face.width, face.height]
            for face in (result.faces[0] for result in found)
        ]
    )
    assert np.ptp(boxes, axis=0).max() < 0.15 * boxes[0, 2]
    eyes = np.array(
        [[result.faces[0].landmarks[0].x, result.faces[0].landmarks[0].y] for result in found]
    )
    assert np.ptp(eyes, axis=0).max() < 0.05 * boxes[0, 2]
