# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``image_topic: auto`` in the running graph: the camera is found, followed and named."""

from __future__ import annotations

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import astronaut
from robot import wait_until
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.ros import camera_finder

pytestmark = pytest.mark.ros


class Camera:
    """A camera of its own on a topic.

    :param robot: whose node publishes.
    """

    def __init__(self, robot, topic):
        self.robot, self.topic = robot, f'{robot.namespace}/{topic}'
        self.start()

    def start(self):
        self.publisher = self.robot.publisher(Image, self.topic)

    def stop(self):
        self.robot.node.destroy_publisher(self.publisher)

    def show(self):
        self.publisher.publish(convert.to_image_message(astronaut(), self.robot.header()))


@pytest.fixture
def looking(start):
    """Return a graph that looks for its camera, its log, and what it tells."""
    graph = start(image_topic='auto')
    robot = graph.robot
    robot.node.destroy_publisher(robot.camera)
    return graph, robot.log(), robot.attributes()


def comes(camera, told):
    """Show pictures until one is told of."""
    before = len(told)

    def more():
        camera.show()
        return len(told) > before

    wait_until(more)


def taken(graph):
    """Return the topic that the camera node is subscribed to."""
    values = graph.camera.report().values
    return values['image topic'] if 'no:' not in str(values['subscribed']) else ''


def test_no_camera_is_said_once_and_the_first_one_is_taken(looking):
    graph, log, told = looking
    wait_until(lambda: 'waiting for a camera' in log())
    assert log().count('waiting for a camera') == 1
    assert 'waiting' not in taken(graph)
    camera = Camera(graph.robot, 'usb_cam/image_raw')
    comes(camera, told)
    wait_until(lambda: f'image topic {camera.topic}' in log())
    assert 'chosen of' in log()
    assert log().count('waiting for a camera') == 1


def test_the_head_camera_goes_before_others_whenever_it_appears(looking):
    graph, _, told = looking
    depth = Camera(graph.robot, 'head_front_camera/depth/image_raw')
    other = Camera(graph.robot, 'wrist/image_raw')
    comes(other, told)
    assert taken(graph) == other.topic
    head = Camera(graph.robot, 'head_front_camera/rgb/image_raw')
    wait_until(lambda: taken(graph) == head.topic)
    comes(head, told)
    assert taken(graph) == head.topic != depth.topic


def test_a_camera_that_starts_again_is_followed(looking):
    graph, _, told = looking
    camera = Camera(graph.robot, 'rgb/image_raw')
    comes(camera, told)
    camera.stop()
    camera.start()
    comes(camera, told)
    assert taken(graph) == camera.topic


def test_another_camera_is_taken_where_the_first_is_gone(looking, monkeypatch):
    monkeypatch.setattr(camera_finder, 'PATIENCE_S', 0.2)
    graph, _, told = looking
    first, second = (Camera(graph.robot, name) for name in ('rgb/image_raw', 'other/image_raw'))
    comes(first, told)
    first.stop()
    wait_until(lambda: taken(graph) == second.topic)
    comes(second, told)


def test_the_nodes_own_picture_is_never_taken(looking, monkeypatch):
    monkeypatch.setattr(camera_finder, 'PATIENCE_S', 0.2)
    graph, log, told = looking
    annotated = []
    graph.robot.node.create_subscription(
        Image, f'{graph.robot.namespace}/annotated', annotated.append, 5
    )
    camera = Camera(graph.robot, 'image_raw')
    comes(camera, told)
    wait_until(lambda: camera.show() or annotated)
    camera.stop()
    wait_until(lambda: not taken(graph))
    assert 'annotated' not in log()
