# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faults of every kind at once and without end: the log must stay readable."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import cv2
import hostile
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import Parameter
from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import SetParameters
from robot import astronaut
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_affect_ros.srv import ClassifyImage
from reliability import bombs
from reliability.nodes import NAMES
from reliability.nodes import Nodes

FORGED = 'bgr8\n[ERROR] [1.0] [somebody]: forged\x1b[31m'
LONG = 'x' * 60_000
PERIOD_S = 0.01


def frames(number: int) -> Iterator[Any]:
    """Yield raw frames of which each is wrong in its own way; bytes are sent as they are.

    :param number: makes the values differ from frame to frame.
    """
    good = bombs.raw(astronaut(64, 48))
    for encoding in ('unknown', f'unknown{number}', FORGED, LONG, '16UC1', 'mono8'):
        yield Image(height=48, width=64, encoding=encoding, step=number % 64, data=bytes(100))
    yield Image(height=number, width=2**32 - 1, encoding='bgr8', step=2**32 - 1)
    for second in (0, number, -number, 2**31 - 1):
        good.header.stamp.sec = second
        good.header.frame_id = FORGED
        yield good
    yield bytes([0, 1, 0, 0, number % 256, 255, 255, 255])
    yield bytes(4)


def compressed_frames(number: int) -> Iterator[CompressedImage]:
    """Yield compressed frames of which each is wrong in its own way."""
    whole = cv2.imencode('.jpg', bombs.PICTURE)[1].tobytes()
    half = len(whole) // 2
    fields = [(40000 + number * 7 % 9000 + each, 5, 1000, 100) for each in range(50)]
    for data in (
        b'',
        b'%d' % number,
        whole[: half + number % 50],
        whole[:half] + whole[half + 1 + number % 90 :],
        hostile.tiff(fields),
        hostile.encoded(bombs.PICTURE, 'TIFF', compression='tiff_lzw')[:-1000] + bytes(1000),
        hostile.many_parts(bombs.PICTURE, 'segments'),
    ):
        yield CompressedImage(header=Header(frame_id=FORGED), format='jpeg', data=data)
        yield CompressedImage(format=FORGED + str(number), data=data)
    yield CompressedImage(format='h264', data=bytes(50))


def requests(number: int) -> Iterator[ClassifyImage.Request]:
    """Yield requests of which each is wrong in its own way."""
    for frame in frames(number):
        if isinstance(frame, Image):
            yield ClassifyImage.Request(image=frame)
    for compressed in compressed_frames(number):
        yield ClassifyImage.Request(compressed=compressed)
    yield ClassifyImage.Request(image=bombs.raw(bombs.PICTURE), compressed=compressed)


def settings(number: int) -> Iterator[SetParameters.Request]:
    """Yield parameters of which each is wrong in its own way."""
    for name, value in (
        ('max_rate', ParameterValue(type=200)),
        ('image_topic', ParameterValue(type=4, string_value=FORGED)),
        ('max_pixels', ParameterValue(type=2, integer_value=-number)),
        (FORGED + str(number), ParameterValue(type=4, string_value=LONG)),
    ):
        yield SetParameters.Request(parameters=[Parameter(name=name, value=value)])


def flood(nodes: Nodes, seconds: float) -> int:
    """Send all of this for some seconds; return how many faults were sent."""
    robot, namespace = nodes.robot, nodes.namespace
    compressed = robot.node.create_publisher(CompressedImage, f'{robot.topic}/compressed', 1)
    ask = robot.node.create_client(ClassifyImage, f'{namespace}/classify_image')
    asked = {
        kind: [robot.node.create_client(kind, f'{namespace}/{name}/{word}') for name in NAMES]
        for kind, word in ((SetParameters, 'set_parameters'), (ChangeState, 'change_state'))
    }
    end, sent = time.monotonic() + seconds, 0
    numbers = iter(range(1, 10**9))
    setters = cycle(asked[SetParameters])
    changers = cycle(asked[ChangeState])
    while time.monotonic() < end:
        number = next(numbers)
        for frame in (*frames(number), *compressed_frames(number)):
            (compressed if isinstance(frame, CompressedImage) else robot.camera).publish(frame)
            time.sleep(PERIOD_S)
            sent += 1
        for request in requests(number):
            ask.call_async(request)
            time.sleep(PERIOD_S)
            sent += 1
        for request in settings(number):
            next(setters).call_async(request)
            next(changers).call_async(_no_transition(number))
            sent += 2
    robot.node.destroy_publisher(compressed)
    return sent


def _no_transition(number: int) -> ChangeState.Request:
    request = ChangeState.Request()
    request.transition.id = 100 + number % 156
    request.transition.label = FORGED if number % 2 else ''
    return request
