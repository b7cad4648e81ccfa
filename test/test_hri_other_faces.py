# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""REP-155 with another detector: its cropped faces in, what is told of them out."""

import time

import cv2
import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import message_packages
from robot import astronaut
from robot import wait_until
from robot import wall
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert

pytestmark = [pytest.mark.ros, pytest.mark.timeout(700)]


@pytest.fixture(scope='module')
def hri():
    """Return the messages of ROS4HRI."""
    message_packages.provide('hri_msgs')
    return pytest.importorskip('hri_msgs.msg')


def padded(face):
    """Return a picture of a face as REP-155 wants it: 128 x 128, black around it."""
    scale = 128 / max(face.shape[:2])
    face = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((128, 128, 3), np.uint8)
    x, y = ((128 - side) // 2 for side in (face.shape[1], face.shape[0]))
    canvas[y : y + face.shape[0], x : x + face.shape[1]] = face
    return canvas


def her_face():
    """Return the astronaut's face, about as a detector cuts it."""
    return padded(astronaut()[62:174, 180:268])


class Detector:
    """Another package's face detector.

    :param reliability: of its pictures.
    """

    def __init__(self, robot, hri, humans, reliability='reliable'):
        self._robot = robot
        self._hri = hri
        self._prefix = f'{humans}/faces'
        self._reliability = reliability
        self._tracked = robot.publisher(hri.IdsList, f'{self._prefix}/tracked', reliability)
        self._pictures = {}

    def show(self, **faces):
        """Publish a frame with some faces, by their names."""
        header = self._robot.header()
        for name in faces:
            if name not in self._pictures:
                topic = f'{self._prefix}/{name}/cropped'
                self._pictures[name] = self._robot.publisher(Image, topic, self._reliability)
        self._tracked.publish(self._hri.IdsList(header=header, ids=[*faces]))
        for name, picture in faces.items():
            self._pictures[name].publish(convert.to_image_message(picture, header))
        return header

    def show_until(self, condition, **faces):
        """Publish again and again until a condition comes true."""

        def shown():
            self.show(**faces)
            time.sleep(0.05)
            return condition()

        return wait_until(shown)

    def hear(self, name):
        """Subscribe to what is told of a face; return the lists of messages."""
        hri = self._hri
        return tuple(
            self._robot.listen(f'{self._prefix}/{name}/{topic}', kind)[0]
            for topic, kind in (
                ('softbiometrics', hri.SoftBiometrics),
                ('expression', hri.Expression),
            )
        )


@pytest.fixture
def humans(request):
    """Return the namespace of the test, below which people are."""
    return f'/{request.node.name.translate(str.maketrans("[]-", "___"))}_people'


@pytest.mark.parametrize('reliability', ['reliable', 'best_effort'])
def test_told_of_cropped_faces(start, hri, humans, reliability):
    """Age, gender and expression of every face; nothing else is published, no camera taken."""
    robot = start(faces_from='hri', humans_namespace=humans).robot
    detector = Detector(robot, hri, humans, reliability)
    heard = {name: detector.hear(name) for name in ('abcde', 'fghij')}
    detector.show_until(
        lambda: all(messages for each in heard.values() for messages in each),
        abcde=her_face(),
        fghij=her_face()[:, ::-1].copy(),
    )
    for biometrics, expressions in heard.values():
        assert biometrics[-1].header.frame_id == 'head_camera'
        assert biometrics[-1].age > 10 and 0 < biometrics[-1].age_confidence <= 1
        assert expressions[-1].expression and 0 < expressions[-1].confidence <= 1
    topics = {
        topic.removeprefix(f'{humans}/faces/')
        for topic, _ in robot.node.get_topic_names_and_types()
        if topic.startswith(humans)
        and any(
            info.node_name == 'attributes'
            for info in robot.node.get_publishers_info_by_topic(topic)
        )
    }
    assert topics == {
        f'{name}/{what}' for name in heard for what in ('softbiometrics', 'expression')
    }
    assert robot.node.count_subscribers(robot.topic) == 0


def test_pictures_are_taken_only_while_somebody_listens(start, hri, humans):
    """Topics come with the list and go with it."""
    robot = start(faces_from='hri', humans_namespace=humans).robot
    detector = Detector(robot, hri, humans)
    topic = f'{humans}/faces/abcde/cropped'
    expression = f'{humans}/faces/abcde/expression'
    detector.show_until(lambda: robot.node.count_publishers(expression), abcde=her_face())
    assert robot.node.count_subscribers(topic) == 0
    detector.hear('abcde')
    detector.show_until(lambda: robot.node.count_subscribers(topic) == 1, abcde=her_face())
    detector.show_until(lambda: robot.node.count_publishers(expression) == 0)


def test_odd_names_and_pictures_cost_only_themselves(start, hri, humans):
    """A name that is no topic, a picture without a face, one that cannot be read."""
    robot = start(faces_from='hri', humans_namespace=humans).robot
    log, detector = robot.log(), Detector(robot, hri, humans)
    _, expressions = detector.hear('abcde')
    other = robot.publisher(hri.IdsList, f'{humans}/faces/tracked', 'reliable')
    names = ['abcde', 'empty', 'bad', 'no topic', '', '1a']
    bad = robot.publisher(Image, f'{humans}/faces/bad/cropped', 'reliable')

    def come():
        other.publish(hri.IdsList(ids=names))
        bad.publish(Image(encoding='nonsense', width=4, height=4, step=4, data=[0] * 16))
        return len(expressions) > 3 and 'cannot be part of a topic' in log()

    detector.show_until(come, abcde=her_face(), empty=wall(128, 128), bad=wall(128, 128))


def test_without_a_detector_it_says_so(start, hri, humans):
    """After a while."""
    robot = start(faces_from='hri', humans_namespace=humans).robot
    status = robot.diagnostics()
    wait_until(lambda: status('attributes') and 'hri_face_detect' in status('attributes').message)


def test_the_service_answers_with_the_newest_cropped_face(start, hri, humans):
    """As with the faces of the camera."""
    robot = start(faces_from='hri', humans_namespace=humans).robot
    detector = Detector(robot, hri, humans)
    answers = []

    def asked():
        answers.append(robot.classify())
        return answers[-1].success and answers[-1].result.faces

    detector.show_until(asked, abcde=her_face())
    (face,) = answers[-1].result.faces
    assert len(face.emotion_scores) == 7
