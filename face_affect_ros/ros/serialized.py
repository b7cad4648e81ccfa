# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A serialised sensor_msgs/Image, its pixels left where they are.

rclpy unpacks an image by copying its pixels twice. Here it unpacks all but the pixels, which are
the last field and lie in the message as they are (CDR, OMG DDSI-RTPS 10.2).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

_ORDERS = {b'\x00\x00': '>', b'\x00\x01': '<'}
"""Byte orders of plain CDR by the first two bytes of its encapsulation."""

_ENCAPSULATION = 4
_WORD = 4


@dataclass(frozen=True)
class ImageView:
    """What a sensor_msgs/Image tells, over the memory of its serialised form."""

    header: Any
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: memoryview


def read_image(message: bytes) -> ImageView | Image:
    """Unpack a sensor_msgs/Image without copying its pixels.

    What is serialised in any other way than usual is unpacked by rclpy.
    """
    pixels = _pixels(message)
    if pixels is None:
        return deserialize_message(message, Image)
    # The same message without pixels: the number of them is 0.
    rest = deserialize_message(message[:pixels.start - _WORD] + bytes(_WORD), Image)
    return ImageView(rest.header, rest.height, rest.width, rest.encoding, rest.is_bigendian,
                     rest.step, memoryview(message)[pixels])


def _pixels(message: bytes) -> slice | None:
    """Return where the pixels lie; None where this is no image in plain CDR."""
    order = _ORDERS.get(message[:2])
    if order is None:
        return None
    try:
        after_frame_id = _after_text(message, _ENCAPSULATION + 2 * _WORD, order)
        after_encoding = _after_text(message, _aligned(after_frame_id) + 2 * _WORD, order)
        at_count = _aligned(after_encoding + 1) + _WORD
        begin = at_count + _WORD
        end = begin + _word(message, at_count, order)
    except struct.error:
        return None
    return slice(begin, end) if end <= len(message) < end + _WORD else None


def _after_text(message: bytes, place: int, order: str) -> int:
    """Return the place behind a text."""
    return place + _WORD + _word(message, place, order)


def _word(message: bytes, place: int, order: str) -> int:
    return struct.unpack_from(f'{order}I', message, place)[0]


def _aligned(place: int) -> int:
    return -(-place // _WORD) * _WORD
