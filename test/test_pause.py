# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The service enable: the nodes rest and go on without leaving the active state."""

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import astronaut
from robot import wait_until
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from face_affect_ros.image_messages import convert
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.ros import qos
from face_affect_ros.srv import ClassifyImage

pytestmark = pytest.mark.ros

CODES = ClassifyImage.Response


def enable(robot, value):
    """Call enable; return its answer."""
    return robot.call(SetBool, 'enable', SetBool.Request(data=value))


def test_pausing_and_going_on(start):
    """The camera is let go of, nothing comes out, all stay active; then frames come again."""
    robot = start().robot
    attributes = robot.attributes()
    faces, _ = robot.listen('faces', FaceDetectionArray)
    status = robot.diagnostics()
    robot.show_until(lambda: attributes and faces)
    answer = enable(robot, False)
    assert answer.success and answer.message == 'paused'
    robot.show_until(lambda: robot.node.count_subscribers(robot.topic) == 0)
    attributes.clear()
    faces.clear()
    for node in ('camera', 'detection', 'attributes'):
        robot.show_until(lambda node=node: status(node) and status(node).message == 'paused')
        assert status(node).level == b'\0'
        assert robot.state(node) == 'active'
    assert not attributes and not faces
    assert enable(robot, True).message == 'enabled'
    robot.show_until(lambda: attributes and faces)


def test_requests_while_paused(start):
    """Whoever waits for a frame is told at once, and so are pictures that are sent."""
    robot = start().robot
    picture = convert.to_image_message(astronaut(), robot.header())
    (waiting,) = robot.ask([ClassifyImage.Request(timeout=seconds(30))])
    enable(robot, False)
    wait_until(waiting.done)
    for answer in (waiting.result(), robot.classify(), robot.classify(image=picture)):
        assert not answer.success
        assert answer.error_code == CODES.NOT_ACTIVE
        assert 'paused' in answer.message and '/enable' in answer.message
    enable(robot, True)
    assert robot.classify(image=picture).success


def test_pause_outlives_the_lifecycle(start):
    """Deactivated and activated again, the nodes still rest; the topic tells who comes late."""
    robot = start().robot
    enable(robot, False)
    for label in ('deactivate', 'activate'):
        assert robot.change('attributes', label)
    assert robot.classify().error_code == CODES.NOT_ACTIVE
    heard = []
    robot.node.create_subscription(
        Bool, 'enabled', lambda message: heard.append(message.data), qos.kept()
    )
    wait_until(lambda: heard)
    assert heard == [False]


def seconds(count):
    """Return a duration."""
    from builtin_interfaces.msg import Duration

    return Duration(sec=count)
