# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Samples of 10, 12 and 14 bits in 16 are as bright as those of 8, in pictures and in streams."""

from __future__ import annotations

import array
import io
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from samples import astronaut

from face_affect_ros import images
from face_affect_ros.image_messages import convert
from face_affect_ros.images import bit_depth
from face_affect_ros.images.bit_depth import StreamDepth

DEPTHS = (8, 10, 12, 14, 16)
ENCODINGS = {
    'mono16': 1,
    'rgb16': 3,
    'bgr16': 3,
    'rgba16': 4,
    'bgra16': 4,
    'bayer_rggb16': 1,
    'bayer_grbg16': 1,
}


@dataclass
class Message:
    """The attributes of a sensor_msgs/Image."""

    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: bytes


def message(samples, encoding, bigendian=0, padding=0):
    """Return a message with (H, W) or (H, W, C) samples of 16 bits."""
    rows = samples.reshape(len(samples), -1).astype('>u2' if bigendian else '<u2')
    data = np.pad(rows.view(np.uint8), ((0, 0), (0, padding)), constant_values=255)
    return Message(*samples.shape[:2], encoding, bigendian, data.shape[1], data.tobytes())


def scene(channels=1, seed=0):
    """Return what a camera of 8 bits would send, with its highlights: (40, 60, C)."""
    smooth = cv2.GaussianBlur(
        np.random.default_rng(seed).uniform(0, 255, (40, 60, channels)), (0, 0), 2
    )
    values = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint16)
    values[0, :20] = 255
    return values.reshape(40, 60, channels)


@pytest.mark.parametrize('bigendian', [0, 1])
@pytest.mark.parametrize('depth', DEPTHS)
@pytest.mark.parametrize('encoding', ENCODINGS)
def test_as_bright_as_eight_bits(encoding, depth, bigendian):
    """To the bit; alpha and padding, which are all ones, say nothing."""
    values = scene(ENCODINGS[encoding])
    samples = values << (depth - 8)
    if ENCODINGS[encoding] == 4:
        samples[..., 3] = 65535
    eight = message(values << 8, encoding, bigendian)
    found = convert.to_bgr(message(samples, encoding, bigendian, padding=6))
    np.testing.assert_array_equal(found, convert.to_bgr(eight))


@pytest.mark.parametrize('bits', [10, 12, 14])
@pytest.mark.parametrize('name', ['mono', 'bayer_rggb', 'bayer_gbrg'])
def test_encodings_that_name_their_depth(name, bits):
    """However dark the picture is."""
    values = scene() // 8
    found = convert.to_bgr(message(values << (bits - 8), f'{name}{bits}'))
    np.testing.assert_array_equal(
        found,
        convert.to_bgr(Message(40, 60, f'{name}8', 0, 60, values.astype(np.uint8).tobytes())),
    )


@pytest.mark.parametrize('depth', DEPTHS)
def test_few_samples_may_be_larger(depth):
    """Broken pixels, and a row of numbers that the camera writes into a picture of full size."""
    values = np.resize(scene()[..., 0], (480, 640))
    samples = values << (depth - 8)
    samples[0] = 65535
    samples[5, ::100] = 65535
    found = convert.to_bgr(message(samples, 'mono16'))
    np.testing.assert_array_equal(found[6:, :, 0], values[6:])
    assert (found[0] == 255).all()


@pytest.mark.parametrize('depth', [10, 12])
def test_a_face_is_found(depth):
    """Where the picture was black."""
    from samples import detector

    grey = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY).astype(np.uint16)
    found = convert.to_bgr(message(grey << (depth - 8), 'mono16'))
    assert len(detector().detect(found)) == 1


def files(values, depth):
    """Yield encoded pictures with (H, W), (H, W, 3) or (H, W, 4) samples of a depth, in BGR."""
    samples = np.ascontiguousarray(values << (depth - 8))
    if samples.ndim == 3 and samples.shape[2] == 4:
        samples[..., 3] = 65535
    yield cv2.imencode('.png', samples)[1].tobytes()
    yield cv2.imencode('.tiff', samples)[1].tobytes()
    if samples.ndim == 2:
        for mode, order in (('I;16', '<u2'), ('I;16B', '>u2')):
            file = io.BytesIO()
            Image.frombytes(mode, samples.shape[::-1], samples.astype(order).tobytes()).save(
                file, 'TIFF'
            )
            yield file.getvalue()


@pytest.mark.parametrize('depth', DEPTHS)
@pytest.mark.parametrize('channels', [1, 3, 4])
def test_files(channels, depth):
    """PNG and TIFF, grey, in colours and with alpha."""
    values = scene(channels)
    expected = np.repeat(values, 3, axis=2) if channels == 1 else values[..., :3]
    for data in files(values[..., 0] if channels == 1 else values, depth):
        np.testing.assert_array_equal(images.load(data), expected)


def test_files_are_upright():
    """Colours of 10 bits too."""
    exif = Image.Exif()
    exif[0x0112] = 6
    values = scene(3) << 2
    data = cv2.imencode('.png', values)[1].tobytes()
    chunk = b'eXIf' + exif.tobytes()[6:]
    crc = zlib.crc32(chunk).to_bytes(4, 'big')
    turned = data[:33] + (len(chunk) - 4).to_bytes(4, 'big') + chunk + crc + data[33:]
    pixels = images.load(turned)
    assert pixels.shape == (60, 40, 3)
    np.testing.assert_array_equal(pixels[:, -1], scene(3)[0])


@pytest.mark.parametrize('text', ['mono16; png compressed ', 'bayer_rggb16; png compressed '])
def test_compressed_images(text):
    """As the transport sends them."""
    values = scene()[..., 0]

    def sent(depth):
        data = cv2.imencode('.png', values << (depth - 8))[1].tobytes()
        return convert.compressed_to_bgr(
            type('Sent', (), {'format': text, 'data': array.array('B', data)})
        )

    np.testing.assert_array_equal(sent(10), sent(16))
    assert sent(10).max() == 255


def frame(largest, size=1000):
    """Return samples of a frame."""
    return np.linspace(0, largest, size).astype(np.uint16)


def test_a_stream_does_not_flicker():
    """Dark frames of a camera with 12 bits, one after another or for a minute, are shown dark."""
    depth = StreamDepth()
    rng = np.random.default_rng(0)
    assert {depth(frame(rng.integers(5, 4096))) for _ in range(300)} - {12} <= {8, 10}
    found = [depth(frame(rng.integers(5, 4096))) for _ in range(300)]
    assert found == [12] * 300
    assert [depth(frame(60)) for _ in range(1800)] == [12] * 1800


def test_a_stream_that_begins_in_the_dark():
    """Takes what it needs at once, from the frame that needs it on."""
    depth = StreamDepth()
    assert [depth(frame(value)) for value in (9, 200, 900, 200, 4000, 200)] == [
        8,
        8,
        10,
        10,
        12,
        12,
    ]


def test_a_damaged_frame_does_no_harm_for_long():
    """Nor does another sensor, which may come with the driver's next start."""
    depth = StreamDepth()
    found = [depth(frame(65535 if number == 50 else 1000)) for number in range(300)]
    assert found[49] == 10 and found[51] == 16 and found[200:] == [10] * 100
    for _ in range(1000):
        depth(frame(60000))
    found = [depth(frame(1000)) for _ in range(3100)]
    assert found[:2000] == [16] * 2000 and found[-1] == 10


def test_another_size_is_another_stream():
    """It begins with its first frame."""
    depth = StreamDepth()
    assert (depth(frame(60000)), depth(frame(1000)), depth(frame(1000, 999))) == (16, 16, 10)


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=50))
def test_any_samples(values):
    """None is larger than its depth where there are few, and the order stays."""
    samples = np.array(values, np.uint16)
    depth = bit_depth.of_picture(samples)
    assert depth in DEPTHS and max(values) < 1 << depth
    assert depth == 8 or max(values) >= 1 << DEPTHS[DEPTHS.index(depth) - 1]
    eight = bit_depth.to_eight_bits(samples, depth)
    assert (np.diff(eight[np.argsort(samples, kind='stable')].astype(int)) >= 0).all()
    assert bit_depth.to_eight_bits(samples, 8).max() == min(255, max(values))
