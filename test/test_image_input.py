# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera's topic in the running graph: which one is taken, and what is told of it."""

import time

import cv2
import pytest

pytest.importorskip('robot', reason='no ROS here')

import rclpy
from rclpy.qos import QoSDurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy
from robot import Robot
from robot import astronaut
from robot import join
from robot import wait_until
from robot import wall
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import String

from face_affect_ros.image_messages import convert
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.ros import cdr_image
from face_affect_ros.ros import image_input
from face_affect_ros.ros.image_input import ImageInput
from face_affect_ros.ros.throttled_log import ThrottledLog

pytestmark = pytest.mark.ros

LONGEST = 300


@pytest.fixture(scope='module')
def stranger():
    """Return a node of another participant: one takes a topic of one type only."""
    context = rclpy.Context()
    rclpy.init(args=[], context=context)
    yield rclpy.create_node('stranger', context=context)
    rclpy.shutdown(context=context)


@pytest.fixture
def listening(start, monkeypatch):
    """Return a function that starts the graph, listens and gives (robot, log)."""
    monkeypatch.setattr(image_input, 'SILENCE_S', 0.5)

    def begin(**parameters):
        robot = start(**parameters).robot
        log = robot.log()
        robot.attributes()
        return robot, log

    return begin


def explained(log, *words):
    """Wait for an explanation of silence with given words; return it."""

    def line():
        lines = [each for each in log().splitlines() if each.startswith('no image on ')]
        return next((each for each in lines if all(word in each for word in words)), None)

    found = wait_until(line)
    assert len(found) <= LONGEST
    return found


def values_of(status):
    """Return a status's figures by name."""
    return {each.key: each.value for each in status.values}


def jpeg(robot):
    """Return a compressed picture."""
    message = CompressedImage(header=robot.header(), format='jpeg')
    message.data.frombytes(cv2.imencode('.jpg', astronaut())[1].tobytes())
    return message


def is_answered(robot, publish):
    """Return whether pictures that are published again and again come through."""
    attributes = robot.attributes()

    def came():
        publish()
        time.sleep(0.05)
        return attributes

    return wait_until(came)


@pytest.mark.parametrize('named', ['{topic}', '{topic}/compressed'])
def test_compressed_topic_by_either_name(start, named):
    """With and without its suffix: it is not put on twice."""
    namespace = '/test_compressed_either'
    robot = start(
        image_topic=named.format(topic=f'{namespace}/own'), image_transport='compressed'
    ).robot
    publisher = robot.publisher(CompressedImage, f'{namespace}/own/compressed')
    assert is_answered(robot, lambda: publisher.publish(jpeg(robot)))


def test_compressed_topic_of_any_name(start):
    """A topic that itself carries compressed pictures is read as it is."""
    robot = start(image_topic='pictures', image_transport='compressed').robot
    publisher = robot.publisher(CompressedImage, f'{robot.namespace}/pictures')
    assert is_answered(robot, lambda: publisher.publish(jpeg(robot)))


@pytest.mark.parametrize(
    ('asked', 'published', 'there', 'words'),
    [
        (
            'raw',
            CompressedImage,
            'own',
            ('carries sensor_msgs/msg/CompressedImage', 'set image_transport to compressed'),
        ),
        (
            'compressed',
            Image,
            'own/compressed',
            ('carries sensor_msgs/msg/Image', 'set image_transport to raw'),
        ),
        (
            'raw',
            CompressedImage,
            'own/compressed',
            ('own/compressed has', 'set image_transport to compressed'),
        ),
        ('compressed', Image, 'own', ('/own has', 'set image_transport to raw')),
        ('raw', CameraInfo, 'own', ('carries sensor_msgs/msg/CameraInfo, no picture', '/cam')),
        ('raw', String, 'own', ('carries std_msgs/msg/String, no picture',)),
        ('raw', Image, 'Own', ('did you mean', '/Own (image_transport raw)')),
        ('raw', Image, 'front/own', ('/front/own',)),
        (
            'raw',
            CompressedImage,
            'OWN/compressed',
            ('OWN/compressed (image_transport compressed)',),
        ),
    ],
)
def test_what_is_there_instead_is_named(listening, stranger, asked, published, there, words):
    """Another kind of picture, another type, another spelling: each with what to do."""
    robot, log = listening(image_topic='own', image_transport=asked)
    publisher = stranger.create_publisher(published, f'{robot.namespace}/{there}', 1)
    explained(log, *words)
    stranger.destroy_publisher(publisher)


def test_missing_slash_is_named(listening):
    """A relative name stands for one in the namespace."""
    robot, log = listening(image_topic='front_camera/image_raw')
    robot.publisher(Image, '/front_camera/image_raw')
    explained(log, 'did you mean /front_camera/image_raw', 'A name without /', robot.namespace)


def test_reliability_that_does_not_fit_is_named(listening):
    """With the parameter that mends it."""
    robot, log = listening(image_reliability='reliable')
    wait_until(lambda: 'no image on' in log())
    robot.show()
    explained(log, 'does not fit', 'est effort', 'set image_reliability to auto')


def test_publisher_that_sends_nothing(listening):
    """It is named: everything else fits."""
    _, log = listening()
    explained(log, 'its publisher (robot) fits, but nothing arrived')


def latched(robot, topic):
    """Return a publisher that keeps its last picture for late subscribers."""
    return robot.node.create_publisher(
        Image,
        topic,
        QoSProfile(
            depth=1,
            reliability=QoSReliabilityPolicy.RELIABLE,
            durability=QoSDurabilityPolicy.TRANSIENT_LOCAL,
        ),
    )


def test_still_that_was_sent_before(start, monkeypatch):
    """The publisher's durability is taken over: its one picture comes, and no silence is told."""
    monkeypatch.setattr(image_input, 'SILENCE_S', 1.0)
    robot = start(image_topic='still').robot
    log, status = robot.log(), robot.diagnostics()
    publisher = latched(robot, f'{robot.namespace}/still')
    publisher.publish(convert.to_image_message(astronaut(), robot.header()))
    attributes = robot.attributes()
    wait_until(lambda: attributes)
    age = 'age of last frame (s)'
    wait_until(
        lambda: (
            status('camera')
            and values_of(status('camera'))[age] not in ('none', '0')
            and float(values_of(status('camera'))[age]) > 2
        )
    )
    assert status('camera').level == b'\x00'
    assert 'reliable, transient local' in log()
    assert 'no image on' not in log()


def test_still_that_cannot_come_by_best_effort(listening):
    """What was sent before comes by reliable transmission only."""
    robot, log = listening(image_topic='still', image_reliability='best_effort')
    publisher = latched(robot, f'{robot.namespace}/still')
    publisher.publish(convert.to_image_message(astronaut(), robot.header()))
    explained(log, 'transient local', 'set image_reliability to auto')


def test_alternative_topic(start):
    """It is taken where only it has a publisher, and kept while it has."""
    robot = start(image_topic='first', image_topic_alternative='second').robot
    second = robot.publisher(Image, f'{robot.namespace}/second')
    show = lambda camera: camera.publish(  # noqa: E731
        convert.to_image_message(astronaut(), robot.header())
    )
    assert is_answered(robot, lambda: show(second))
    first = robot.publisher(Image, f'{robot.namespace}/first')
    assert is_answered(robot, lambda: show(second))
    robot.node.destroy_publisher(second)
    assert is_answered(robot, lambda: show(first))


def test_all_well_is_told_once(start):
    """One line for the topic with its QoS, one for the first picture with its rate."""
    robot = start().robot
    log = robot.log()
    for _ in range(2):
        attributes, subscription = robot.listen('attributes', FaceAttributesArray)
        first_image = f'images on {robot.topic}: 320x240 bgr8, '
        robot.show_until(lambda seen=attributes, text=first_image: text in log() and seen, wall())
        robot.node.destroy_subscription(subscription)
        wait_until(lambda: robot.node.count_subscribers(robot.topic) == 0)
    lines = log().splitlines()
    told = [line for line in lines if line.startswith(f'image topic {robot.topic} (raw; ')]
    assert len(told) == 1
    assert 'best effort, volatile), published by robot' in told[0]
    first = [line for line in lines if line.startswith('images on ')]
    assert len(first) == 1
    rate = float(first[0].rpartition(', ')[2].removesuffix(' Hz'))
    assert 1 <= rate <= 20


def test_two_publishers_are_named(start):
    """Their pictures mix."""
    robot = start().robot
    status = robot.diagnostics()
    robot.attributes()
    other = robot.publisher(Image, robot.topic)
    robot.show_until(
        lambda: status('camera') and '2 publishers (robot, robot)' in status('camera').message
    )
    robot.node.destroy_publisher(other)
    robot.show_until(lambda: status('camera').level == b'\x00')


def test_lost_frames_are_told_with_what_to_do(start, monkeypatch):
    """Frames that the middleware replaces before they are taken are counted as well."""
    take = image_input.ImageInput._take

    def slowly(*given):
        time.sleep(0.3)
        take(*given)

    monkeypatch.setattr(image_input.ImageInput, '_take', slowly)
    robot = start().robot
    status = robot.diagnostics()
    robot.attributes()

    def lost():
        return int(values_of(status('camera'))['frames lost before reception'].split()[0])

    robot.show_until(
        lambda: (
            status('camera') and 'frames a second on' in status('camera').message and lost() > 5
        ),
        wall(),
        period=0.02,
    )
    assert 'docs/transport.md' in status('camera').message
    values = values_of(status('camera'))
    assert float(values['published rate (Hz)']) > 2 * float(values['input rate (Hz)'])


def test_a_picture_is_of_the_kind_that_was_subscribed_to():
    """Also where the parameter has changed since: the one that is on its way is no other."""
    join()
    robot = Robot('/kinds')
    parameters = {
        'image_topic': robot.topic,
        'image_topic_alternative': '',
        'image_transport': 'raw',
        'image_reliability': 'auto',
    }
    taken = []
    image_input = ImageInput(
        robot.node,
        ThrottledLog(robot.node.get_logger()),
        parameters,
        lambda kind, message: taken.append((kind, message)),
    )
    image_input.open()
    robot.show_until(lambda: taken, wall())
    parameters['image_transport'] = 'compressed'
    before = len(taken)
    robot.show_until(lambda: len(taken) > before, wall())
    image_input.close()
    robot.close()
    assert {kind for kind, _ in taken} == {'raw'}
    assert cdr_image.read_image(taken[-1][1]).width == 320
