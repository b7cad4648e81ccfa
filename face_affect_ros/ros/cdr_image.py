# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A serialised sensor_msgs/Image, its pixels left where they are.

rclpy unpacks an image by copying its pixels twice, and takes a tenth of a millisecond for the few
fields before them. They lie in the message as CDR lays them (OMG DDSI-RTPS 10.2).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_affect_ros.images import ImageError
from face_affect_ros.ros import decoder_messages

_ORDERS = {b'\x00\x00\x00\x00': '>', b'\x00\x01\x00\x00': '<'}
"""Byte orders of plain CDR by its encapsulation, whose options tell of no padding."""

_ENCAPSULATION = 4
_WORD = 4
_SHORTEST = _ENCAPSULATION + _WORD


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


class _Unusual(Exception):
    """What rclpy has to judge."""


class _Reader:
    """Takes field after field from a message in plain CDR."""

    def __init__(self, message: bytes) -> None:
        order = _ORDERS.get(message[:_ENCAPSULATION])
        if order is None:
            raise _Unusual
        self._message = message
        self._order = order
        self.place = _ENCAPSULATION

    def words(self, kinds: str) -> tuple[int, ...]:
        """Take aligned words, ``i`` or ``I`` each."""
        place = -(-self.place // _WORD) * _WORD
        self.place = place + _WORD * len(kinds)
        return struct.unpack_from(self._order + kinds, self._message, place)

    def byte(self) -> int:
        """Take a byte."""
        self.place += 1
        return self._message[self.place - 1]

    def text(self) -> str:
        """Take a text, which ends with the only zero in it."""
        (length,) = self.words('I')
        begin, self.place = self.place, self.place + length
        text = self._message[begin : self.place]
        if len(text) != length or text.find(0) != length - 1:
            raise _Unusual
        return text[:-1].decode()


def read_image(message: bytes) -> ImageView | Image:
    """Unpack a sensor_msgs/Image without copying its pixels.

    What is serialised in any other way than usual is unpacked by rclpy.
    """
    try:
        return _view(message)
    except (_Unusual, struct.error, IndexError, UnicodeDecodeError):
        return unpack(message, Image)


def unpack(message: bytes, message_type: type) -> Any:
    """Unpack a message as rclpy does, which one without any field would crash.

    Fast CDR leaves out as many bytes at the end as the encapsulation's options say, also where
    there are fewer.

    :raises ImageError: the message is shorter than any picture's, or is none of this type.
    """
    if len(message) < _SHORTEST:
        raise ImageError(
            'BAD_IMAGE',
            f'a message of {len(message)} bytes is no picture: what publishes it, on this topic?',
        )
    try:
        with decoder_messages.told_to(lambda _: None):
            return deserialize_message(message, message_type)
    except Exception as error:  # of types that differ between distributions
        raise ImageError(
            'BAD_IMAGE',
            f'a message of {len(message)} bytes is no {message_type.__name__}: what publishes it, '
            'on this topic?',
        ) from error


def _view(message: bytes) -> ImageView:
    """Read the fields in their order."""
    reader = _Reader(message)
    sec, nanosec = reader.words('iI')
    header = Header(stamp=Time(sec=sec, nanosec=nanosec), frame_id=reader.text())
    height, width = reader.words('II')
    encoding, is_bigendian = reader.text(), reader.byte()
    step, count = reader.words('II')
    begin, end = reader.place, reader.place + count
    if not end <= len(message) < end + _WORD:
        raise _Unusual
    return ImageView(
        header, height, width, encoding, is_bigendian, step, memoryview(message)[begin:end]
    )
