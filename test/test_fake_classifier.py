# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The fake classifier answers as a scene says, as a node of its own and in a node of a test."""

import itertools
import signal
import subprocess
import sys

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import Robot
from robot import join
from robot import wait_until
from test_service import CODES
from test_service import duration
from test_service import picture

from face_affect_ros.faces import EMOTIONS
from face_affect_ros.msg import FaceAttributes
from face_affect_ros.srv import ClassifyImage
from face_affect_ros.testing import scenes
from face_affect_ros.testing.fake_classifier import FakeClassifier

pytestmark = pytest.mark.ros

COUNTER = itertools.count()

SCENE = """
rate: 50
model: '2'
image_size: [320, 240]
steps:
  - for_s: 0.5
    faces: []
  - faces: [{emotion: happy, gender: female, age: 34, attributes: {Smiling: 0.75}}]
"""


@pytest.fixture
def robot():
    """Return a robot that asks."""
    join()
    made = Robot(f'/fake_classifier_{next(COUNTER)}')
    yield made
    made.close()


def labels(message):
    """Return the emotions of a message's faces."""
    return [EMOTIONS[face.emotion] for face in message.faces]


def test_topic_and_service_tell_the_same(robot):
    """Largest face first, with what is not named not given."""
    fake = FakeClassifier(robot.node)
    heard = robot.attributes()
    fake.show({'emotion': 'sad', 'box': [0, 0, 9, 9], 'track_id': 2}, {'emotion': 'happy'})
    wait_until(lambda: heard and heard[-1].faces)
    answer = robot.classify()
    assert answer.success and answer.error_code == ClassifyImage.Response.NONE
    assert labels(heard[-1]) == labels(answer.result) == ['happy', 'sad']
    face = answer.result.faces[0]
    assert face.gender == FaceAttributes.GENDER_NOT_GIVEN and face.age != face.age
    assert face.emotion_confidence == pytest.approx(0.9)
    assert len(face.emotion_scores_frame) == len(EMOTIONS)
    assert answer.result.processing.latency_ms >= 0


def test_sent_picture(robot):
    """Its header and size; the faces have no track."""
    FakeClassifier(robot.node).show({'emotion': 'happy', 'track_id': 4})
    sent = picture()
    result = robot.classify(image=sent).result
    assert result.header == sent.header
    assert (result.image_width, result.image_height) == (sent.width, sent.height)
    (face,) = result.faces
    assert face.track_id == 0 and len(face.emotion_scores_frame) == 0
    assert result.processing.latency_ms != result.processing.latency_ms


@pytest.mark.parametrize('error', scenes.ERRORS)
def test_errors(robot, error):
    """Each of the service's, with words; and nothing on the topic."""
    FakeClassifier(robot.node).show(error=error, message='as a test says')
    heard = robot.attributes()
    answer = robot.classify()
    assert not answer.success and CODES[answer.error_code] == error
    assert answer.message == 'as a test says'
    assert list(answer.result.faces) == [] == heard


def test_late_and_missing_answers(robot):
    """Whoever asks next is answered meanwhile; one is never answered."""
    fake = FakeClassifier(robot.node)
    fake.show(answers=False)
    (never,) = robot.ask([ClassifyImage.Request()])
    wait_until(lambda: fake.requests == 1)
    fake.show({'emotion': 'happy'}, delay_s=0.5)
    (late,) = robot.ask([ClassifyImage.Request()])
    wait_until(lambda: fake.requests == 2)
    fake.show({'emotion': 'sad'})
    assert labels(robot.classify().result) == ['sad']
    wait_until(late.done)
    assert labels(late.result().result) == ['happy']
    assert not never.done()


def test_node(robot, tmp_path):
    """A scene that begins with the first request; SIGTERM ends it with exit code 0."""
    path = tmp_path / 'scene.yaml'
    path.write_text(SCENE)
    command = [sys.executable, '-m', 'face_affect_ros.testing.fake_classifier', str(path)]
    command += ['--ros-args', '-r', f'__ns:={robot.namespace}']
    with subprocess.Popen(command, cwd=tmp_path) as process:
        first = robot.classify(timeout=duration(5)).result
        assert (first.model, first.image_width, first.image_height) == ('2', 320, 240)
        assert list(first.faces) == []
        heard = robot.attributes()
        wait_until(lambda: heard and heard[-1].faces)
        assert labels(robot.classify().result) == ['happy']
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    (face,) = heard[-1].faces
    assert face.attribute_scores[FaceAttributes.ATTRIBUTE_SMILING] == 0.75
    assert face.age_range == FaceAttributes.AGE_RANGE_25_32


def test_node_with_a_wrong_scene(tmp_path):
    """Exit code 1, in words."""
    path = tmp_path / 'scene.yaml'
    path.write_text('steps: [{faces: [{emotion: hapy}]}]')
    answer = subprocess.run(
        [sys.executable, '-m', 'face_affect_ros.testing.fake_classifier', str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 1
    assert "emotion has 'hapy': give one of angry" in answer.stderr


def test_no_network_is_loaded(tmp_path):
    """Nor what runs them."""
    code = (
        'import sys; from face_affect_ros.testing import fake_classifier, fake_camera; '
        'from face_affect_ros.ros import messages; '
        'print([name for name in ("onnxruntime", "dlib") if name in sys.modules])'
    )
    answer = subprocess.run(
        [sys.executable, '-c', code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert answer.stdout.strip() == '[]'
