# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PBM, PGM and PPM, plain and binary, of every depth."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from face_affect_ros import images
from face_affect_ros.images import ImageError


def binary(samples, largest):
    """Return (H, W) or (H, W, 3) RGB samples as a P5 or P6 file."""
    height, width = samples.shape[:2]
    kind = 6 if samples.ndim == 3 else 5
    data = samples.astype(np.uint8 if largest < 256 else '>u2').tobytes()
    return b'P%d\n%d %d\n%d\n' % (kind, width, height, largest) + data


def plain(samples, largest):
    """Return the same as a P2 or P3 file."""
    height, width = samples.shape[:2]
    kind = 3 if samples.ndim == 3 else 2
    words = ' '.join(map(str, samples.reshape(-1).tolist())).encode()
    return b'P%d # made here\n%d %d\n%d\n' % (kind, width, height, largest) + words


def refused(code, data):
    with pytest.raises(ImageError) as caught:
        images.decode(data)
    assert caught.value.code == code and len(str(caught.value)) <= 300
    return str(caught.value)


@st.composite
def pictures(draw):
    """Samples with the largest value that the header names."""
    largest = draw(st.sampled_from([1, 15, 100, 254, 255, 256, 1023, 4095, 65534]))
    shape = draw(st.sampled_from([(1, 1), (3, 5), (4, 2, 3)]))
    count = int(np.prod(shape))
    values = draw(st.lists(st.integers(0, largest), min_size=count, max_size=count))
    return np.array(values, np.uint16).reshape(shape), largest


@given(pictures())
def test_samples_are_parts_of_the_largest(picture):
    """As Pillow has them, whatever the notation; a dark picture stays dark."""
    samples, largest = picture
    expected = np.rint(samples * 255.0 / largest).astype(np.uint8)
    if samples.ndim == 3:
        expected = expected[..., ::-1]
    else:
        expected = np.repeat(expected[..., None], 3, 2)
    for data in (binary(samples, largest), plain(samples, largest)):
        assert np.abs(images.decode(data).astype(int) - expected).max() <= 1


@given(
    bits=st.integers(0, 2**15 - 1), width=st.integers(1, 15), kind=st.sampled_from(['P1', 'P4'])
)
def test_bitmaps(bits, width, kind):
    """1 is black; rows of the binary kind begin with a byte each."""
    row = np.array([bits >> place & 1 for place in range(width)], np.uint8)
    samples = np.stack([row, 1 - row])
    if kind == 'P4':
        data = np.packbits(samples, axis=1).tobytes()
    else:
        data = b'# a comment\n'.join(''.join(map(str, line)).encode() for line in samples.tolist())
    pixels = images.decode(b'%s %d 2\n' % (kind.encode(), width) + data)
    np.testing.assert_array_equal(pixels[..., 0], np.where(samples, 0, 255))
    assert (pixels == pixels[..., :1]).all()


@pytest.mark.parametrize('depth', [10, 12, 16])
@pytest.mark.parametrize('colour', [False, True])
def test_the_same_as_a_deep_png(depth, colour):
    """A camera's 12 bits under a header of 16 are seen, as in other files of 16 bits."""
    shape = (40, 50, 3) if colour else (40, 50)
    samples = np.random.default_rng(0).integers(0, 2**depth, shape, np.uint16)
    png = cv2.imencode('.png', samples)[1].tobytes()
    pgm = cv2.imencode('.ppm' if colour else '.pgm', samples)[1].tobytes()
    np.testing.assert_array_equal(images.decode(pgm), images.decode(png))
    assert images.decode(pgm).max() > 250


def test_as_pillow_reads_a_picture_that_it_opened():
    """A user's PIL picture of a file is the file's picture."""
    samples = np.arange(0, 65536, 64, np.uint16).reshape(32, 32)
    data = binary(samples, 65535)
    np.testing.assert_array_equal(images.load(Image.open(io.BytesIO(data))), images.decode(data))


@given(data=pictures(), end=st.integers(0, 200))
def test_a_cut_file_never_gives_half_a_picture(data, end):
    whole = binary(*data)
    if end < len(whole):
        refused(images.BAD_IMAGE, whole[:end])


@pytest.mark.parametrize(
    'data',
    [
        b'P5 2 2 255\nabc',
        b'P2 2 2 255\n1 2 3',
        b'P2 2 2 255\n1 2 x 4',
        b'P2 2 2 255\n1 2 3 256',
        b'P2 2 2 255\n1 2 3 -4',
        b'P1 2 2\n0 1 2 1',
        b'P4 9 2\nabc',
        b'P5 2 2 0\nabcd',
        b'P5 2 2 65536\nabcdefgh',
        b'P5 2\n',
        b'P5 0 2 255\n',
        b'P5 2 2 255',
    ],
)
@pytest.mark.filterwarnings('ignore:string or file could not be read:DeprecationWarning')
def test_damaged(data):
    refused(images.BAD_IMAGE, data)


def test_comments_without_end():
    """They cost no time and no memory."""
    refused(images.BAD_IMAGE, b'P5 ' + b'#\n' * 5_000_000)
    refused(images.BAD_IMAGE, b'P5 ' + b' ' * 10_000_000)


def test_a_claim_of_too_many_pixels():
    assert '30000x30000' in refused(images.TOO_LARGE, b'P5 30000 30000 255\n')
