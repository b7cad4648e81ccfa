# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""REP-155: every topic under /humans/faces, heard by a real subscriber on a real graph."""

import math

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import message_packages
import rclpy
from robot import Graph
from robot import astronaut
from robot import join
from robot import wait_until
from robot import wall
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.ros import qos

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]

EMOTIONS = {'angry', 'disgusted', 'scared', 'happy', 'sad', 'surprised', 'neutral'}


@pytest.fixture(scope='module')
def hri():
    """Return the messages of ROS4HRI."""
    message_packages.provide('hri_msgs')
    return pytest.importorskip('hri_msgs.msg')


@pytest.fixture
def humans(request, hri):
    """Return the namespace of the test, below which people are."""
    return f'/{request.node.name.translate(str.maketrans("[]-", "___"))}_people'


class Listener:
    """Hears what is said of faces, as pyhri does."""

    def __init__(self, robot, hri, humans):
        self._robot = robot
        self._hri = hri
        self._humans = humans
        self.lists, _ = robot.listen(f'{humans}/faces/tracked', hri.IdsList)

    def ids(self):
        """Return the faces that are tracked."""
        return list(self.lists[-1].ids) if self.lists else []

    def of_face(self, name):
        """Subscribe to all topics of a face; return the lists of messages."""
        hri = self._hri
        kinds = {
            'roi': hri.NormalizedRegionOfInterest2D,
            'cropped': Image,
            'aligned': Image,
            'landmarks': hri.FacialLandmarks,
            'softbiometrics': hri.SoftBiometrics,
            'expression': hri.Expression,
        }
        return {
            topic: self._robot.listen(f'{self._humans}/faces/{name}/{topic}', kind)[0]
            for topic, kind in kinds.items()
        }


@pytest.fixture
def own(start, hri, humans):
    """Return a robot whose graph publishes its own faces, and who listens to them."""
    robot = start(faces_from='own', humans_namespace=humans).robot
    return robot, Listener(robot, hri, humans)


def test_each_topic_of_an_own_face(own):
    """Where the face is, its pictures, and what is told of it, under the camera's header."""
    robot, listener = own
    robot.show_until(listener.ids)
    (name,) = listener.ids()
    assert name.isidentifier()
    heard = listener.of_face(name)
    robot.show_until(lambda: all(heard.values()))
    newest = {topic: messages[-1] for topic, messages in heard.items()}
    assert {message.header.frame_id for message in newest.values()} == {'head_camera'}
    roi = newest['roi']
    assert 0.3 < roi.xmin < roi.xmax < 0.6 and 0.1 < roi.ymin < roi.ymax < 0.5
    assert 0.8 < roi.c <= 1
    for topic in ('cropped', 'aligned'):
        assert convert.to_bgr(newest[topic]).shape == (128, 128, 3)
    assert newest['expression'].expression in EMOTIONS
    assert 0 < newest['expression'].confidence <= 1
    assert math.isnan(newest['expression'].valence) and math.isnan(newest['expression'].arousal)
    told = newest['softbiometrics']
    assert told.gender in (told.UNDEFINED, told.FEMALE, told.MALE)
    assert 10 < told.age < 70 and 0 < told.age_confidence <= 1


def test_landmarks_are_at_their_places(own):
    """Five of seventy, the person's own right and left; the others are empty."""
    robot, listener = own
    robot.show_until(listener.ids)
    heard = listener.of_face(listener.ids()[0])
    robot.show_until(lambda: heard['landmarks'])
    message = heard['landmarks'][-1]
    assert (message.width, message.height) == (512, 384)
    known = {
        place: (point.x * 512, point.y * 384)
        for place, point in enumerate(message.landmarks)
        if point.c > 0
    }
    expected = {
        message.RIGHT_PUPIL: (205, 101),
        message.LEFT_PUPIL: (247, 103),
        message.NOSE: (225, 128),
        message.MOUTH_OUTER_RIGHT: (203, 139),
        message.MOUTH_OUTER_LEFT: (246, 141),
    }
    assert known.keys() == expected.keys()
    for place, point in known.items():
        assert point == pytest.approx(expected[place], abs=9)
    others = [point for place, point in enumerate(message.landmarks) if place not in known]
    assert {(point.x, point.y, point.c) for point in others} == {(0, 0, 0)}


def test_cropped_is_the_box_on_black(own):
    """Its content has the shape of the box, and shows what the picture shows there."""
    robot, listener = own
    robot.show_until(listener.ids)
    heard = listener.of_face(listener.ids()[0])
    robot.show_until(lambda: heard['cropped'] and heard['roi'])
    roi, picture = heard['roi'][-1], convert.to_bgr(heard['cropped'][-1])
    width, height = (roi.xmax - roi.xmin) * 512, (roi.ymax - roi.ymin) * 384
    lit = np.flatnonzero(picture.any(axis=(0, 2)))
    assert lit[-1] - lit[0] + 1 == pytest.approx(128 * min(1, width / height), abs=2)
    x, y = round(roi.xmin * 512), round(roi.ymin * 384)
    there = astronaut()[y : y + round(height), x : x + round(width)]
    shown = picture[:, lit[0] : lit[-1] + 1]
    assert shown.mean(axis=(0, 1)) == pytest.approx(there.mean(axis=(0, 1)), abs=4)


def test_lost_faces_are_no_longer_listed(own):
    """An empty list, also where the camera falls silent; a face that returns is listed again."""
    robot, listener = own
    robot.show_until(listener.ids)
    robot.show_until(lambda: not listener.ids(), wall())
    robot.show_until(listener.ids)
    wait_until(lambda: not listener.ids())


def test_what_is_off_is_not_told(start, hri, humans):
    """Without gender and age there are no soft biometrics; the expression comes all the same."""
    off = {'gender.enable': False, 'age.enable': False, 'humans_namespace': humans}
    robot = start(**off).robot
    listener = Listener(robot, hri, humans)
    robot.show_until(listener.ids)
    heard = listener.of_face(listener.ids()[0])
    robot.show_until(lambda: len(heard['expression']) > 3)
    assert not heard['softbiometrics']


def test_topics_go_with_the_node(own):
    """Deactivated, it says that nobody is tracked and takes its topics away."""
    robot, listener = own
    robot.show_until(listener.ids)
    name = listener.ids()[0]
    topics = lambda: [  # noqa: E731
        topic for topic, _ in robot.node.get_topic_names_and_types() if f'/{name}/' in topic
    ]
    wait_until(topics)
    assert robot.change('attributes', 'deactivate')
    wait_until(lambda: not listener.ids())
    wait_until(lambda: not topics())
    assert robot.change('attributes', 'activate')
    robot.show_until(listener.ids)


def test_quality_of_service(own, humans):
    """Reliable, and only the last message."""
    robot, listener = own
    robot.show_until(listener.ids)
    for topic in ('tracked', f'{listener.ids()[0]}/roi'):
        (info,) = wait_until(
            lambda topic=topic: robot.node.get_publishers_info_by_topic(f'{humans}/faces/{topic}')
        )
        assert info.qos_profile.reliability == qos.RELIABILITIES['reliable']


def test_nobody_listens_nobody_looks(start, hri, humans):
    """The camera is subscribed to while the list is."""
    robot = start(humans_namespace=humans).robot
    cameras = lambda: robot.node.count_subscribers(robot.topic)  # noqa: E731
    assert cameras() == 0
    lists, subscription = robot.listen(f'{humans}/faces/tracked', hri.IdsList)
    robot.show_until(lambda: lists)
    assert cameras() == 1
    robot.node.destroy_subscription(subscription)
    wait_until(lambda: cameras() == 0)


def test_it_keeps_out_of_the_way_of_another_detector(start, hri, humans):
    """Whoever was first publishes the list; once it is gone, ours begins."""
    join()
    other = rclpy.create_node('hri_face_detect', namespace=humans)
    publisher = other.create_publisher(hri.IdsList, f'{humans}/faces/tracked', 1)
    robot = start(humans_namespace=humans).robot
    status, listener = robot.diagnostics(), Listener(robot, hri, humans)
    attributes = robot.attributes()
    told = lambda: status('attributes') and status('attributes').message  # noqa: E731
    robot.show_until(lambda: attributes and 'set faces_from to hri' in (told() or ''))
    assert 'hri_face_detect' in told()
    assert robot.node.count_publishers(f'{humans}/faces/tracked') == 1
    other.destroy_publisher(publisher)
    robot.show_until(listener.ids)
    other.destroy_node()


def test_two_robots_in_one_domain(hri):
    """Each has its own people: what one sees, the other does not tell."""
    graphs = [Graph(f'/{name}', humans_namespace=f'/{name}/humans') for name in ('left', 'right')]
    try:
        left, right = (graph.robot for graph in graphs)
        lists = [Listener(robot, hri, f'{robot.namespace}/humans') for robot in (left, right)]
        told = [robot.attributes() for robot in (left, right)]

        def come():
            right.show(wall())
            return lists[0].ids() and lists[1].lists and all(told)

        left.show_until(come)
        assert lists[1].ids() == []
        assert any(message.faces for message in told[0])
        assert not any(message.faces for message in told[1])
    finally:
        for graph in graphs:
            graph.close()
