# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image messages to pictures and back: C-contiguous (H, W, 3) uint8 arrays in BGR order.

``encodings.py`` says what is understood. Where ``cv_bridge`` is installed it converts what it does
right, with the same result; everything else is converted here, so that nothing depends on it. Only
the attributes of a message are used: any object that has them will do.
"""

from __future__ import annotations

import array
import re
from collections.abc import Callable
from typing import Any
from typing import Protocol

import numpy as np

from face_affect_ros import images
from face_affect_ros.image_messages.converters import Converter
from face_affect_ros.image_messages.converters import ImageMessage
from face_affect_ros.image_messages.converters import OwnConverter
from face_affect_ros.image_messages.cv_bridge_adapter import find_cv_bridge
from face_affect_ros.image_messages.encodings import DEPTH_ENCODINGS
from face_affect_ros.image_messages.encodings import ENCODINGS
from face_affect_ros.image_messages.encodings import Depth
from face_affect_ros.image_messages.encodings import encoding_of
from face_affect_ros.images import ImageError
from face_affect_ros.images import bit_depth
from face_affect_ros.quoting import quoted


class CompressedImageMessage(Protocol):
    """What is read of a sensor_msgs/CompressedImage."""

    format: str
    data: images.Buffer


USUAL = ('bgr8', 'rgb8', 'mono8', 'mono16', 'bayer_rggb8', 'yuv422_yuy2', 'nv12')
"""Encodings that are proposed in place of an unknown one."""

CONVERTERS: tuple[Converter, ...] = (*find_cv_bridge(), OwnConverter())
"""The converters at hand; the first that takes a message converts it."""


def to_bgr(
    message: ImageMessage,
    converters: tuple[Converter, ...] = CONVERTERS,
    max_pixels: int = images.MAX_PIXELS,
    depth: Depth = bit_depth.of_picture,
) -> np.ndarray:
    """
    Convert a sensor_msgs/Image.

    :param depth: returns the bits that 16-bit samples use; of a stream a ``StreamDepth``.
    :returns: read-only, C-contiguous (height, width, 3) uint8 array in BGR order. For bgr8 and
        8UC3 without padding it is a view of the message's own memory: nothing is copied.
    :raises ImageError: UNSUPPORTED_ENCODING for an encoding that is not in ``ENCODINGS``,
        BAD_IMAGE for an empty picture or a step or data too short for it, TOO_LARGE beyond
        ``max_pixels``.
    """
    _check(message, max_pixels)
    converter = next(converter for converter in converters if converter.takes(message))
    return _read_only(converter.convert(message, depth))


def compressed_to_bgr(
    message: CompressedImageMessage,
    decode: Callable[[images.Buffer, str], np.ndarray] = images.decode,
) -> np.ndarray:
    """
    Decode a sensor_msgs/CompressedImage.

    The data says what it is; ``format`` is believed where it names depth, and where
    compressed_image_transport wrote samples as they were (Bayer in PNG, RGB in TIFF).

    :param decode: decodes the data, given with its name: ``images.decode``, perhaps with other
        limits.
    :returns: read-only, C-contiguous (height, width, 3) uint8 array in BGR order.
    :raises ImageError: as ``images.decode``; UNSUPPORTED_ENCODING for depth and for data in a
        format that is not known, such as h264.
    """
    source, _, target = (part.strip() for part in message.format.partition(';'))
    name = f'compressed image (format {quoted(message.format)})'
    if source in DEPTH_ENCODINGS or 'compresseddepth' in message.format.lower():
        raise _depth_error(name)
    try:
        picture = decode(message.data, name)
    except ImageError as error:
        if error.code != images.BAD_IMAGE or _is_known_format(message.format):
            raise
        raise ImageError(
            images.UNSUPPORTED_ENCODING,
            f'{name} is not understood: send {images.FORMATS}, or the raw image',
        ) from error
    return _read_only(_samples_in_order(picture, source, target))


def to_image_message(bgr: np.ndarray, header: Any) -> Any:
    """
    Return a sensor_msgs/Image in bgr8.

    :param bgr: (H, W, 3) uint8 array in BGR order.
    :param header: std_msgs/Header that the message gets.
    """
    from sensor_msgs.msg import Image

    height, width = bgr.shape[:2]
    data = array.array('B')  # any other type is copied value by value: 0.06 ms against 133 ms
    data.frombytes(np.ascontiguousarray(bgr).data)
    message = Image(header=header, height=height, width=width, encoding='bgr8', step=3 * width)
    message.data = data
    return message


def _check(message: ImageMessage, max_pixels: int) -> None:
    """Refuse whatever a converter could stumble over; sizes before anything is computed."""
    name = _name(message)
    if message.encoding in DEPTH_ENCODINGS:
        raise _depth_error(name)
    encoding = encoding_of(message.encoding)
    if encoding is None:
        raise ImageError(
            images.UNSUPPORTED_ENCODING,
            f'{name} has an unknown encoding: send {", ".join(USUAL)} or another '
            'colour or grey one of sensor_msgs',
        )
    images.check_size(message.width, message.height, name, max_pixels)
    row_bytes = encoding.row_bytes(message.width)
    if message.step < row_bytes:
        raise ImageError(
            images.BAD_IMAGE,
            f'{name} has step {message.step}, less than the {row_bytes} bytes '
            'of its row: correct the driver',
        )
    needed = encoding.rows(message.height) * message.step
    if len(message.data) < needed:
        raise ImageError(
            images.BAD_IMAGE,
            f'{name} has {len(message.data)} bytes of data, less than the '
            f'{needed} of its {encoding.rows(message.height)} rows with step {message.step}: '
            'correct the driver (height counts rows of picture, not of chroma)',
        )


def _name(message: ImageMessage) -> str:
    return f'image (encoding {quoted(message.encoding)}, {message.width}x{message.height})'


def _depth_error(name: str) -> ImageError:
    return ImageError(
        images.UNSUPPORTED_ENCODING,
        f'{name} is a depth image: subscribe to the colour image of '
        'the camera (an infrared picture should be sent as mono16)',
    )


def _is_known_format(text: str) -> bool:
    return text == '' or bool(re.search('jpe?g|png|webp|bmp|tiff?', text, re.IGNORECASE))


def _samples_in_order(picture: np.ndarray, source: str, target: str) -> np.ndarray:
    """Undo the transport's one omission: it converts to BGR only where it names a target."""
    encoding = ENCODINGS.get(re.sub('1[0246]$', '8', source))
    if encoding is None or not target.endswith('compressed'):
        return picture
    height, width = picture.shape[:2]
    if source.startswith('bayer_'):
        return encoding.to_bgr(np.ascontiguousarray(picture[..., 0]), height, width)
    if source.startswith('rgb') and target.startswith('tiff'):
        return images.rgb_to_bgr(picture)
    return picture


def _read_only(picture: np.ndarray) -> np.ndarray:
    contiguous = np.ascontiguousarray(picture).view()
    contiguous.flags.writeable = False
    return contiguous
