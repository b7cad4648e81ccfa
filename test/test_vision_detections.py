# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The faces as vision_msgs has detections: the same places, ids and scores."""

import pytest

pytest.importorskip('robot', reason='no ROS here')

import message_packages
from robot import wait_until
from robot import wall

from face_affect_ros.msg import FaceDetectionArray

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]


@pytest.fixture(scope='module')
def vision():
    """Return the messages of vision_msgs."""
    message_packages.provide('vision_msgs')
    return pytest.importorskip('vision_msgs.msg')


def test_detections_are_the_faces(start, vision):
    """Of each frame that both tell of."""
    robot = start().robot
    faces, _ = robot.listen('faces', FaceDetectionArray)
    detections, _ = robot.listen('detections', vision.Detection2DArray)

    def pair():
        told = {str(message.header.stamp): message for message in faces if message.faces}
        both = [each for each in detections if str(each.header.stamp) in told]
        return both and (told[str(both[-1].header.stamp)], both[-1])

    found, same = robot.show_until(pair)
    (face,), (detection,) = found.faces, same.detections
    assert same.header == detection.header == found.header
    box = detection.bbox
    assert (box.size_x, box.size_y) == (face.width, face.height)
    assert box.center.position.x == face.x + face.width / 2
    assert box.center.position.y == face.y + face.height / 2
    assert detection.id == str(face.track_id)
    (result,) = detection.results
    assert result.hypothesis.class_id == 'face'
    assert result.hypothesis.score == face.confidence


def test_a_frame_without_a_face_has_an_empty_list(start, vision):
    """And nobody who listens means that the camera is left alone."""
    robot = start().robot
    detections, subscription = robot.listen('detections', vision.Detection2DArray)
    robot.show_until(lambda: detections, wall())
    assert list(detections[-1].detections) == []
    robot.node.destroy_subscription(subscription)
    wait_until(lambda: robot.node.count_subscribers(robot.topic) == 0)
