# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Image messages of every encoding, and the colours of their pictures, a pixel at a time."""

from dataclasses import dataclass
from dataclasses import field

import numpy as np
import pytest

from face_affect_ros.images import ImageError

PACKED = {
    'rgb8': 'RGB',
    'bgr8': 'BGR',
    'rgba8': 'RGBA',
    'bgra8': 'BGRA',
    'mono8': 'M',
    'rgb16': 'RGB',
    'bgr16': 'BGR',
    'rgba16': 'RGBA',
    'bgra16': 'BGRA',
    'mono16': 'M',
    '8UC1': 'M',
    '8UC3': 'BGR',
    '8UC4': 'BGRA',
}


BAYER = [
    f'bayer_{pattern}{bits}' for pattern in ('rggb', 'bggr', 'gbrg', 'grbg') for bits in (8, 16)
]


PAIRS = {'uyvy': 'UYVY', 'yuv422': 'UYVY', 'yuyv': 'YUYV', 'yuv422_yuy2': 'YUYV'}


PLANES = {'nv12': 'UV', 'nv21': 'VU', 'nv24': 'UV'}


ALL = [*PACKED, *BAYER, *PAIRS, *PLANES]


# The greatest difference that rounding may make.
TOLERANCE = {
    **dict.fromkeys(PACKED, 0),
    **dict.fromkeys(BAYER, 1),
    **dict.fromkeys([*PAIRS, *PLANES], 2),
}


@dataclass
class Message:
    """The attributes of a sensor_msgs/Image."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: bytes = field(repr=False)


def depth(encoding):
    return 2 if encoding.endswith('16') else 1


def geometry(encoding, height, width):
    """Return the smallest step and the rows of data."""
    if encoding in PACKED:
        return width * len(PACKED[encoding]) * depth(encoding), height
    if encoding in BAYER:
        return width * depth(encoding), height
    if encoding in PAIRS:
        return (width + 1) // 2 * 4, height
    if encoding == 'nv24':
        return width, 3 * height
    return (width + 1) // 2 * 2, height + (height + 1) // 2


def make(encoding, height=4, width=6, padding=0, bigendian=0, extra=0, seed=0):
    step, rows = geometry(encoding, height, width)
    data = np.random.default_rng(seed).bytes((step + padding) * rows + extra)
    return Message(height, width, encoding, bigendian, step + padding, data)


def yuv_pixel(message, y, x):
    """Return the Y, U and V that belong to one pixel."""
    data, step, height = message.data, message.step, message.height
    if message.encoding in PAIRS:
        order, pair = PAIRS[message.encoding], y * step + x // 2 * 4
        luma = [place for place, name in enumerate(order) if name == 'Y'][x % 2]
        return data[pair + luma], data[pair + order.index('U')], data[pair + order.index('V')]
    order = PLANES[message.encoding]
    if message.encoding == 'nv24':
        chroma = height * step + y * 2 * step + 2 * x
    else:
        chroma = (height + y // 2) * step + x // 2 * 2
    return data[y * step + x], data[chroma + order.index('U')], data[chroma + order.index('V')]


def expected_yuv(message, y, x):
    luma, u, v = yuv_pixel(message, y, x)
    luma, u, v = 255 / 219 * max(luma - 16, 0), (u - 128) * 255 / 224, (v - 128) * 255 / 224
    return (luma + 1.772 * u, luma - 0.344136 * u - 0.714136 * v, luma + 1.402 * v)


def sample(message, at):
    """Return the 8 bits that count of a sample that begins at a byte."""
    return message.data[at + (depth(message.encoding) == 2 and not message.is_bigendian)]


def expected_packed(message, y, x):
    names, size = PACKED[message.encoding], depth(message.encoding)
    begin = y * message.step + x * len(names) * size
    values = {name: sample(message, begin + place * size) for place, name in enumerate(names)}
    return [values['M' if names == 'M' else name] for name in 'BGR']


def mirrored(place, size):
    return abs(place) if place < size else 2 * (size - 1) - place


def expected_bayer(message, y, x):
    """Return for each colour the mean of the samples of its own among the nine around."""
    pattern, found = message.encoding[6:10], {'r': [], 'g': [], 'b': []}
    centre = pattern[y % 2 * 2 + x % 2]
    for row, column in np.ndindex(3, 3):
        row = mirrored(y + row - 1, message.height)
        column = mirrored(x + column - 1, message.width)
        at = row * message.step + column * depth(message.encoding)
        found[pattern[row % 2 * 2 + column % 2]].append(sample(message, at))
    found[centre] = [sample(message, y * message.step + x * depth(message.encoding))]
    return [np.mean(found[name]) for name in 'bgr']


def expected(message):
    pixel = (
        expected_packed
        if message.encoding in PACKED
        else expected_bayer
        if message.encoding in BAYER
        else expected_yuv
    )
    colours = np.array(
        [[pixel(message, y, x) for x in range(message.width)] for y in range(message.height)],
        float,
    )
    return np.clip(colours, 0, 255)


def assert_picture(pixels, height, width):
    assert isinstance(pixels, np.ndarray)
    assert (pixels.shape, pixels.dtype) == ((height, width, 3), np.uint8)
    assert pixels.flags.c_contiguous
    assert not pixels.flags.writeable


def refused(code, call, *arguments):
    with pytest.raises(ImageError) as caught:
        call(*arguments)
    assert caught.value.code == code
    return str(caught.value)
