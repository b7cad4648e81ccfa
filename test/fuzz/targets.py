# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What takes bytes from outside: each must give a result, or an ``ImageError`` that says why.

Anything else that a target raises is a fault, as are more than ``SECONDS`` or ``MEGABYTES`` for
one input.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np

from face_affect_ros import images
from face_affect_ros.image_messages import convert
from face_affect_ros.images import ImageError

SECONDS = 10
"""Longest time for one input, on a busy machine and with coverage counted."""

MEGABYTES = 1500
"""Most memory of the process."""

MAX_PIXELS = 500_000
"""Largest picture that is decoded: the search would spend its time on pixels."""

LONGEST_MESSAGE = 300


def decode(data: bytes) -> None:
    """Decode an image file, as the command line and Python do."""
    picture = images.decode(data, warn=lambda _: None, max_pixels=MAX_PIXELS)
    _check_picture(picture)
    header = images.read_header(data, max_pixels=MAX_PIXELS)
    assert sorted(picture.shape[:2]) == sorted((header.width, header.height))


def compressed_to_bgr(data: bytes) -> None:
    """Decode a CompressedImage: a line with its format, then its data."""
    text, _, content = data.partition(b'\n')
    message = SimpleNamespace(format=text.decode(errors='replace'), data=content)
    picture = convert.compressed_to_bgr(
        message,
        lambda data, name: images.decode(data, name, warn=lambda _: None, max_pixels=MAX_PIXELS),
    )
    _check_picture(picture)


def read_image(data: bytes) -> None:
    """Unpack a serialised Image as the node ``camera`` does, and convert it."""
    from face_affect_ros.ros import cdr_image

    message = cdr_image.read_image(data)
    _check_picture(convert.to_bgr(message, max_pixels=MAX_PIXELS))


def read_compressed(data: bytes) -> None:
    """Unpack a serialised CompressedImage as the node ``camera`` does; its text is short."""
    from sensor_msgs.msg import CompressedImage

    from face_affect_ros.ros import cdr_image

    cdr_image.unpack(data, CompressedImage)


def frames(data: bytes) -> None:
    """Unpack a message of the private topic ``frames``, as ``detection`` takes it."""
    from face_affect_ros.msg import CameraFrame
    from face_affect_ros.ros import cdr_image
    from face_affect_ros.ros import messages

    frame = messages.frame_from_message(cdr_image.unpack(data, CameraFrame))
    _check_picture(frame.image)


def face_crops(data: bytes) -> None:
    """Unpack a message of the private topic ``face_crops``, and cut what networks would see."""
    from face_affect_ros import crops
    from face_affect_ros.decision import quality
    from face_affect_ros.model import face_squares
    from face_affect_ros.msg import FaceDetectionArray
    from face_affect_ros.ros import cdr_image
    from face_affect_ros.ros import messages

    found = messages.detected_from_message(cdr_image.unpack(data, FaceDetectionArray))
    squares = face_squares(found.detections)
    with np.errstate(all='raise'):
        qualities = quality.of_faces(found.contexts, squares, found.detections)
    assert all(0 <= each <= 1 for each in qualities)
    for context, square in zip(found.contexts, squares):
        assert crops.cut_face(context, square, 64).shape == (64, 64, 3)
        assert crops.cut_box(context.grey, square, 96, 1.3).shape == (96, 96)


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (decode, compressed_to_bgr, read_image, read_compressed, frames, face_crops)
}

WITH_ROS = {'read_image', 'read_compressed', 'frames', 'face_crops'}
"""Targets that need the messages."""


def run(name: str, data: bytes) -> str:
    """Run a target; return the code of the ``ImageError`` that it raised, else an empty text.

    :raises Exception: whatever else it raises.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            TARGETS[name](data)
        except ImageError as error:
            text = str(error)
            assert 0 < len(text) <= LONGEST_MESSAGE and text.isprintable(), text
            return error.code
    return ''


def _check_picture(picture: np.ndarray) -> None:
    assert picture.dtype == np.uint8 and picture.flags.c_contiguous
    assert picture.ndim == 3 and picture.shape[2] == 3 and picture.size
