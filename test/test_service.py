# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``classify_image``: every answer that it can give, each in time."""

import time

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import cv2
from builtin_interfaces.msg import Duration
from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message
from rclpy.serialization import serialize_message
from robot import LONG_S
from robot import Slow
from robot import astronaut
from robot import wait_until
from robot import wall
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.pipeline import load_model
from face_affect_ros.ros import messages
from face_affect_ros.srv import ClassifyImage

pytestmark = pytest.mark.ros

CODES = {
    getattr(ClassifyImage.Response, name): name
    for name in (
        'NONE',
        'NO_IMAGE',
        'STALE_IMAGE',
        'BAD_IMAGE',
        'UNSUPPORTED_ENCODING',
        'TOO_LARGE',
        'TIMEOUT',
        'NOT_ACTIVE',
        'INTERNAL',
    )
}

SLACK_S = 0.5
"""Way of request and answer on a busy machine."""


def duration(seconds):
    """Return a message of seconds."""
    return Duration(sec=int(seconds), nanosec=int(seconds % 1 * 1e9))


def picture(image=None):
    """Return a picture to send."""
    return convert.to_image_message(astronaut() if image is None else image, header())


def header():
    """Return the header of a sent picture."""
    from std_msgs.msg import Header

    return Header(frame_id='sent')


def compressed(image, suffix='.jpg'):
    """Return an encoded picture to send."""
    return CompressedImage(
        header=header(), format='jpeg', data=cv2.imencode(suffix, image)[1].tobytes()
    )


def assert_refused(answer, code):
    """Check a failure: its code, words, and no faces."""
    assert CODES[answer.error_code] == code, answer.message
    assert not answer.success
    assert answer.message
    assert list(answer.result.faces) == []


def assert_answered(answer):
    """Check a success."""
    assert answer.success, answer.message
    assert CODES[answer.error_code] == 'NONE'
    assert answer.message == ''


def test_before_the_node_is_active(start):
    """The service exists from the start and says what to do."""
    robot = start(autostart=False).robot
    assert_refused(robot.classify(), 'NOT_ACTIVE')
    assert_refused(robot.classify(image=picture()), 'NOT_ACTIVE')


def test_before_the_first_frame(start):
    """No camera: the answer comes within the default time-out, counted from the request."""
    robot = start().robot
    begin = time.monotonic()
    answer = robot.classify()
    assert 0.75 < time.monotonic() - begin < 0.8 + SLACK_S
    assert_refused(answer, 'NO_IMAGE')
    assert f'image_topic {robot.topic} has a publisher' in answer.message
    assert 'Other image topics: none' in answer.message
    assert len(answer.message) <= 300


def test_topics_that_there_are_instead(start):
    """The only client is told which topic is empty, and which are not."""
    graph = start(image_topic='/nobody/sends_here')
    robot = graph.robot
    names = [f'{robot.namespace}/camera_with_a_long_name_of_its_own_{place}' for place in range(5)]
    cameras = [robot.publisher(Image, name) for name in names]
    wait_until(lambda: all(map(graph.attributes.count_publishers, names)))
    answer = robot.classify()
    assert_refused(answer, 'NO_IMAGE')
    assert 'image_topic /nobody/sends_here has no publisher' in answer.message
    assert 'Other image topics: /' in answer.message and ' more' in answer.message
    assert len(answer.message) <= 300
    for camera in cameras:
        robot.node.destroy_publisher(camera)


def test_time_out_is_the_callers(start):
    """A shorter one is kept too."""
    robot = start().robot
    begin = time.monotonic()
    assert_refused(robot.classify(timeout=duration(0.1)), 'NO_IMAGE')
    assert time.monotonic() - begin < 0.1 + SLACK_S


def test_newest_frame_of_the_stream(start):
    """What the topic has, with its header, track id and counts."""
    robot = start().robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    robot.show()
    answer = robot.classify(max_age=duration(10))
    assert_answered(answer)
    assert answer.result.header.frame_id == 'head_camera'
    assert answer.result.faces[0].track_id == attributes[-1].faces[0].track_id
    assert answer.result.processing.frames_processed > 0


def test_request_wakes_an_idle_camera(start):
    """A waiting request counts as a subscriber."""
    robot = start().robot
    wait_until(lambda: robot.node.count_publishers(f'{robot.namespace}/attributes'))
    assert robot.node.count_subscribers(robot.topic) == 0
    timer = robot.node.create_timer(1 / 30, robot.show)
    time.sleep(0.5)
    answer = robot.classify(timeout=duration(5))
    assert_answered(answer)
    assert len(answer.result.faces) == 1
    robot.node.destroy_timer(timer)
    wait_until(lambda: robot.node.count_subscribers(robot.topic) == 0)


def test_stale_frame(start):
    """The camera stopped: how old the newest frame is stands in the message."""
    robot = start().robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    time.sleep(0.6)
    answer = robot.classify()
    assert_refused(answer, 'STALE_IMAGE')
    assert 's old, max_age is 0.50 s' in answer.message
    assert_answered(robot.classify(max_age=duration(60)))


def test_a_clock_that_jumps_back(start):
    """As when a bag is played again: what was seen then is of a time that has not come yet."""
    graph = start(use_sim_time=True)
    robot = graph.robot
    clock = robot.node.create_publisher(Clock, '/clock', 10)

    def set_clock(seconds):
        wait_until(
            lambda: (
                clock.publish(Clock(clock=Time(sec=seconds)))
                or all(
                    node.get_clock().now().nanoseconds == seconds * 10**9 for node in graph.nodes
                )
            )
        )

    set_clock(100)
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    set_clock(101)
    assert_answered(robot.classify(max_age=duration(60)))
    set_clock(50)
    assert_refused(robot.classify(max_age=duration(60)), 'TIMEOUT')
    robot.show()
    assert_answered(robot.classify(max_age=duration(60), timeout=duration(5)))


def as_answered(picture):
    """Return what the library says of a picture, as exact as a message holds it."""
    faces = map(messages.face_to_message, load_model(1).analyze(picture))
    return str([deserialize_message(serialize_message(face), type(face)) for face in faces])


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
def test_sent_compressed_picture(start, suffix):
    """As the library answers, untracked, under the request's header."""
    robot = start().robot
    sent = compressed(astronaut(), suffix)
    answer = robot.classify(compressed=sent)
    assert_answered(answer)
    assert str(list(answer.result.faces)) == as_answered(bytes(sent.data))
    assert answer.result.header == header()
    assert answer.result.faces[0].track_id == 0


def test_sent_picture(start):
    """Raw; no camera is needed."""
    robot = start().robot
    answer = robot.classify(image=picture())
    assert_answered(answer)
    assert (answer.result.image_width, answer.result.image_height) == (512, 384)
    expected = as_answered(astronaut())
    assert str(list(answer.result.faces)) == expected
    assert answer.result.processing.detection_ms > 0
    assert np.isnan(answer.result.processing.latency_ms)


def test_sent_picture_without_a_face(start):
    """A success with an empty list."""
    answer = start().robot.classify(image=picture(wall()))
    assert_answered(answer)
    assert list(answer.result.faces) == []


def test_pictures_that_cannot_be_used(start):
    """Each has its code and words, and the node goes on."""
    robot = start().robot
    truncated = compressed(astronaut())
    truncated.data = truncated.data[: len(truncated.data) // 2]
    short = picture()
    short.data = short.data[:-1]
    narrow = picture()
    narrow.step = 10
    bad = (
        ('BAD_IMAGE', {'image': picture(), 'compressed': compressed(wall())}),
        ('BAD_IMAGE', {'compressed': truncated}),
        ('BAD_IMAGE', {'compressed': CompressedImage(format='jpeg')}),
        ('BAD_IMAGE', {'image': short}),
        ('BAD_IMAGE', {'image': narrow}),
        ('BAD_IMAGE', {'image': Image(encoding='bgr8', height=10)}),
        (
            'UNSUPPORTED_ENCODING',
            {'image': Image(encoding='32FC1', height=1, width=1, step=4, data=b'\0\0\xc0\x7f')},
        ),
        (
            'UNSUPPORTED_ENCODING',
            {'image': Image(encoding='what', height=1, width=1, step=4, data=bytes(4))},
        ),
        (
            'TOO_LARGE',
            {
                'image': Image(
                    encoding='bgr8', height=30000, width=30000, step=90000, data=bytes(9)
                )
            },
        ),
    )
    for code, fields in bad:
        assert_refused(robot.classify(timeout=duration(LONG_S), **fields), code)
    assert_answered(robot.classify(image=picture(), timeout=duration(LONG_S)))


def test_computation_that_is_late(start):
    """The answer comes in time all the same."""
    graph = start()
    model = graph.attributes.work.model
    model.detector = Slow(model.detector, 1.5)
    begin = time.monotonic()
    answer = graph.robot.classify(image=picture(), timeout=duration(0.3))
    assert time.monotonic() - begin < 0.3 + SLACK_S
    assert_refused(answer, 'TIMEOUT')


def test_stream_that_is_late(start):
    """A frame came, but detection is not done with it: not called missing or stale."""
    graph = start()
    graph.slow_down(2.0)
    robot = graph.robot
    robot.attributes()
    robot.show_until(lambda: graph.camera.received_at, wall())
    assert_refused(robot.classify(timeout=duration(0.2)), 'TIMEOUT')


def test_network_that_raises(start):
    """INTERNAL, in words; the next request is answered."""
    graph = start()
    model = graph.attributes.work.model
    detector = model.detector
    model.detector = None
    answer = graph.robot.classify(image=picture())
    assert_refused(answer, 'INTERNAL')
    assert 'AttributeError' in answer.message
    model.detector = detector
    assert_answered(graph.robot.classify(image=picture()))


def test_memory_that_is_short(start, monkeypatch):
    """Named as what it is."""
    graph = start()

    def detect(image, reduction=1):
        raise MemoryError

    monkeypatch.setattr(graph.attributes.work.model.detector, 'detect', detect)
    answer = graph.robot.classify(image=picture())
    assert_refused(answer, 'INTERNAL')
    assert 'memory is short' in answer.message


def test_deactivation_answers_who_waits(start):
    """Nobody is left waiting for a stream that has ended."""
    graph = start()
    robot = graph.robot
    (future,) = robot.ask([ClassifyImage.Request(timeout=duration(60))])
    wait_until(graph.attributes.service.wants_stream)
    assert robot.change('attributes', 'deactivate')
    wait_until(future.done)
    assert_refused(future.result(), 'NOT_ACTIVE')
