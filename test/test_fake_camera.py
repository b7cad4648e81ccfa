# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The fake camera, as a node of its own and in a node of a test."""

import itertools
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

from rclpy.qos import QoSProfile
from rclpy.qos import qos_profile_sensor_data
from robot import Robot
from robot import join
from robot import wait_until
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.testing import fake_camera
from face_affect_ros.testing.fake_camera import FakeCamera

pytestmark = pytest.mark.ros

COUNTER = itertools.count()
LEVELS = (40, 120, 200)


@pytest.fixture
def robot():
    """Return a robot that listens."""
    join()
    made = Robot(f'/fake_camera_{next(COUNTER)}')
    yield made
    made.close()


@pytest.fixture
def picture(tmp_path):
    """Return a picture's file, and its pixels."""
    pixels = np.dstack([np.full((48, 64), level, np.uint8) for level in LEVELS])
    path = tmp_path / 'picture.png'
    path.write_bytes(cv2.imencode('.png', pixels)[1].tobytes())
    return path, pixels


@pytest.fixture
def clip(tmp_path):
    """Return the file of a clip of three grey frames, 12 a second."""
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 12.0, (64, 48))
    for level in LEVELS:
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    if fake_camera._open_clip(path) is None:
        pytest.skip('OpenCV cannot write clips here')
    return path


def levels(frames):
    """Return the mean grey level of each frame, rounded to tens."""
    return [round(float(frame.mean()), -1) for frame in frames]


def test_frames_of_a_picture(picture):
    """Over and over, or once."""
    path, pixels = picture
    frames, rate = fake_camera.frames_of(path)
    assert rate == 30
    for frame in itertools.islice(frames, 3):
        np.testing.assert_array_equal(frame, pixels)
    assert len(list(fake_camera.frames_of(path, repeat=False)[0])) == 1


def test_frames_of_a_clip(clip):
    """At its own rate, over and over, or once."""
    frames, rate = fake_camera.frames_of(clip)
    assert rate == 12
    assert levels(itertools.islice(frames, 7)) == [*LEVELS, *LEVELS, LEVELS[0]]
    assert levels(fake_camera.frames_of(clip, repeat=False)[0]) == [*LEVELS]


def test_files_that_cannot_be_shown(tmp_path):
    """Named, with what is wrong."""
    (tmp_path / 'notes.txt').write_text('no picture')
    for name, words in (('gone.png', 'is no file'), ('notes.txt', 'nor is it a clip')):
        with pytest.raises(fake_camera.FakeCameraError, match=words) as caught:
            fake_camera.frames_of(tmp_path / name)
        assert name in str(caught.value)


@pytest.mark.parametrize('reliability', ['reliable', 'best_effort'])
def test_what_is_shown_is_published(robot, picture, reliability):
    """Pixels, stamps that go on, and silence after ``stop``."""
    camera = FakeCamera(robot.node, 'color', rate=50, reliability=reliability, frame_id='eye')
    (offer,) = robot.node.get_publishers_info_by_topic(f'{robot.namespace}/color')
    assert offer.qos_profile.reliability.name.lower() == reliability
    heard = []
    profile = QoSProfile(depth=10, reliability=offer.qos_profile.reliability)
    robot.node.create_subscription(Image, 'color', heard.append, profile)
    camera.show(picture[1])
    wait_until(lambda: len(heard) >= 3)
    camera.stop()
    np.testing.assert_array_equal(convert.to_bgr(heard[0]), picture[1])
    stamps = [(each.header.stamp.sec, each.header.stamp.nanosec) for each in heard]
    assert stamps == sorted(set(stamps))
    assert heard[0].header.frame_id == 'eye'
    camera.play([picture[1]] * 2)
    sent = camera.sent
    wait_until(lambda: camera.sent == sent + 2)


def test_compressed(robot, picture):
    """On the topic that image_transport would take."""
    camera = FakeCamera(robot.node, 'color', rate=50, reliability='reliable', compressed=True)
    heard, _ = robot.listen('color/compressed', CompressedImage)
    camera.show(picture[1])
    wait_until(lambda: heard)
    pixels = convert.compressed_to_bgr(heard[0])
    assert np.abs(pixels.astype(int) - picture[1]).max() < 8


def test_node(robot, picture, tmp_path):
    """As ``ros2 run`` starts it; SIGINT ends it with exit code 0."""
    command = [sys.executable, '-m', 'face_affect_ros.testing.fake_camera', str(picture[0])]
    options = ['--topic', f'{robot.namespace}/seen', '--rate', '20', '--frame-id', 'eye']
    heard = []
    robot.node.create_subscription(Image, 'seen', heard.append, qos_profile_sensor_data)
    with subprocess.Popen([*command, *options], cwd=tmp_path) as process:
        wait_until(lambda: len(heard) >= 3)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    np.testing.assert_array_equal(convert.to_bgr(heard[0]), picture[1])
    assert heard[0].header.frame_id == 'eye'


def test_node_without_a_picture(tmp_path):
    """Exit code 1, in words."""
    answer = subprocess.run(
        [sys.executable, '-m', 'face_affect_ros.testing.fake_camera', str(tmp_path / 'gone.png')],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith('fake_camera: error: ') and 'is no file' in answer.stderr
