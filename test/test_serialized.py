# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A serialised image is read as rclpy reads it, and its pixels are not copied."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

pytest.importorskip('rclpy', reason='no ROS here')

from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message
from rclpy.serialization import serialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_affect_ros.images import ImageError
from face_affect_ros.ros import cdr_image

FIELDS = ('header', 'height', 'width', 'encoding', 'is_bigendian', 'step')
WORDS = st.integers(0, 2**32 - 1)
TEXTS = st.text(st.characters(codec='utf-8', exclude_characters='\0'), max_size=40)
IMAGES = st.builds(
    Image,
    header=st.builds(
        Header,
        frame_id=TEXTS,
        stamp=st.builds(Time, sec=st.integers(-(2**31), 2**31 - 1), nanosec=WORDS),
    ),
    height=WORDS,
    width=WORDS,
    encoding=TEXTS,
    is_bigendian=st.integers(0, 255),
    step=WORDS,
    data=st.binary(max_size=50),
)


def same(read, expected):
    """Say whether two images have the same fields and pixels."""
    return bytes(read.data) == bytes(expected.data) and all(
        getattr(read, name) == getattr(expected, name) for name in FIELDS
    )


@settings(deadline=None)
@given(IMAGES)
def test_all_fields_are_as_sent(image):
    """Whatever the lengths of the texts do to the places of the fields behind them."""
    assert same(cdr_image.read_image(serialize_message(image)), image)


@pytest.mark.parametrize('options', range(1, 256), ids=hex)
def test_options_of_the_encapsulation_are_treated_as_rclpy_treats_them(options):
    """Its last two bits tell how many bytes of padding stand at the end."""
    message = bytearray(serialize_message(Image(encoding='mono8', data=b'12345')))
    message[3] = options
    try:
        expected = deserialize_message(bytes(message), Image)
    except Exception:
        with pytest.raises(ImageError):
            cdr_image.read_image(bytes(message))
    else:
        assert same(cdr_image.read_image(bytes(message)), expected)


@given(st.binary(max_size=7))
def test_what_is_shorter_than_any_image_is_refused(message):
    """rclpy may crash on it."""
    with pytest.raises(ImageError):
        cdr_image.read_image(message)


@settings(deadline=None)
@given(IMAGES, st.data())
def test_what_is_no_whole_image_is_treated_as_rclpy_treats_it(image, data):
    """Cut off, longer, or with bytes that are wrong: the same error, or the same image."""
    message = bytearray(serialize_message(image))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(message) - 1))
        message[place] ^= data.draw(st.integers(1, 255))
    message = bytes(message[: data.draw(st.integers(8, len(message)))])
    message += data.draw(st.binary(max_size=5))
    try:
        expected = deserialize_message(message, Image)
    except Exception:
        with pytest.raises(ImageError):
            cdr_image.read_image(message)
    else:
        assert same(cdr_image.read_image(message), expected)


def test_pixels_are_not_copied():
    """They lie in the message's own memory."""
    pixels = np.arange(6 * 4 * 3, dtype=np.uint8)
    image = Image(height=6, width=4, encoding='bgr8', step=12, data=pixels.tobytes())
    message = serialize_message(image)
    read = np.frombuffer(cdr_image.read_image(message).data, np.uint8)
    assert np.shares_memory(read, np.frombuffer(message, np.uint8))
    assert (read == pixels).all()
