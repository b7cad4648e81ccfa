# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Messages to pictures: the right colours for every encoding, an ImageError for everything else.

The colours that are expected come from formulas for one pixel, written here a second time; every
converter that is installed must give them.
"""

import array
import warnings
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from expected_colours import ALL
from expected_colours import BAYER
from expected_colours import TOLERANCE
from expected_colours import Message
from expected_colours import assert_picture
from expected_colours import expected
from expected_colours import geometry
from expected_colours import make
from expected_colours import refused
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros import images
from face_affect_ros.image_messages import convert
from face_affect_ros.image_messages import cv_bridge_adapter
from face_affect_ros.image_messages.converters import OwnConverter
from face_affect_ros.image_messages.encodings import ENCODINGS
from face_affect_ros.images import ImageError

OWN = OwnConverter()
CV_BRIDGE = next((each for each in convert.CONVERTERS if each.name == 'cv_bridge'), None)
LONGEST = 300
BOTH = [
    pytest.param((OWN,), id='own'),
    pytest.param(
        (CV_BRIDGE, OWN),
        id='cv_bridge',
        marks=pytest.mark.skipif(
            CV_BRIDGE is None, reason='cv_bridge is not installed, or NumPy is 2'
        ),
    ),
]


def test_the_table_and_this_test_know_the_same_encodings():
    assert sorted(ALL) == sorted(ENCODINGS)


@pytest.mark.parametrize('converters', BOTH)
@settings(max_examples=400, deadline=None)
@given(
    encoding=st.sampled_from(ALL),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    padding=st.integers(0, 9),
    bigendian=st.sampled_from((0, 1)),
    extra=st.integers(0, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_colours(converters, encoding, height, width, padding, bigendian, extra, seed):
    if encoding in BAYER:
        assume(height > 1 and width > 1)
    message = make(encoding, height, width, padding, bigendian, extra, seed)
    pixels = convert.to_bgr(message, converters)
    assert_picture(pixels, height, width)
    difference = np.abs(pixels - expected(message))
    if encoding in BAYER and converters[0] is not OWN:
        difference = difference[1:-1, 1:-1]  # cv_bridge repeats the pixels beside the border
    assert difference.max(initial=0) <= TOLERANCE[encoding]


RED = {
    'rgb8': 'ff0000' * 4,
    'bgr8': '0000ff' * 4,
    '8UC3': '0000ff' * 4,
    'rgba8': 'ff000080' * 4,
    'bgra8': '0000ff80' * 4,
    '8UC4': '0000ff80' * 4,
    'rgb16': '80ff00000000' * 4,
    'bgr16': '0000000080ff' * 4,
    'rgba16': '80ff000000000080' * 4,
    'bgra16': '0000000080ff0080' * 4,
    'bayer_rggb8': 'ff000000',
    'bayer_bggr8': '000000ff',
    'bayer_gbrg8': '0000ff00',
    'bayer_grbg8': '00ff0000',
    'bayer_rggb16': '80ff000000000000',
    'bayer_bggr16': '00000000000080ff',
    'bayer_gbrg16': '0000000080ff0000',
    'bayer_grbg16': '000080ff00000000',
    'uyvy': '5a51f051' * 2,
    'yuv422': '5a51f051' * 2,
    'yuyv': '515a51f0' * 2,
    'yuv422_yuy2': '515a51f0' * 2,
    'nv12': '515151515af0',
    'nv21': '51515151f05a',
    'nv24': '51515151' + '5af0' * 4,
}


@pytest.mark.parametrize('encoding', sorted(set(ALL) - {'mono8', 'mono16', '8UC1'}))
def test_red_is_red(encoding):
    data = bytes.fromhex(RED[encoding])
    message = Message(2, 2, encoding, 0, geometry(encoding, 2, 2)[0], data)
    blue, green, red = np.moveaxis(convert.to_bgr(message).astype(int), 2, 0)
    assert blue.max() <= 2 and green.max() <= 2 and red.min() >= 253


def test_bgr8_without_padding_is_not_copied():
    message = make('bgr8')
    message.data = array.array('B', message.data)
    pixels = convert.to_bgr(message)
    assert np.shares_memory(pixels, np.frombuffer(message.data, np.uint8))
    assert not np.shares_memory(
        convert.to_bgr(replace(message, width=5)), np.frombuffer(message.data, np.uint8)
    )


@pytest.mark.parametrize(
    'changes, code, words',
    [
        ({'height': 0, 'width': 0, 'step': 0, 'data': b''}, images.BAD_IMAGE, ['empty', '0x0']),
        ({'width': 0}, images.BAD_IMAGE, ['empty', '0x4']),
        ({'step': 17}, images.BAD_IMAGE, ['step 17', '18']),
        ({'step': 0}, images.BAD_IMAGE, ['step 0', '18']),
        ({'data': bytes(71)}, images.BAD_IMAGE, ['71 bytes', '72']),
        ({'height': 30_000, 'width': 30_000, 'step': 90_000}, images.TOO_LARGE, ['30000x30000']),
        ({'height': 2**32 - 1, 'width': 2**32 - 1}, images.TOO_LARGE, ['4294967295']),
        ({'encoding': 'rgb9'}, images.UNSUPPORTED_ENCODING, ["'rgb9'", 'bgr8', 'nv12']),
        ({'encoding': ''}, images.UNSUPPORTED_ENCODING, ["''"]),
        ({'encoding': '16UC1'}, images.UNSUPPORTED_ENCODING, ['depth', 'colour image']),
        (
            {'encoding': '32FC1', 'step': 24, 'data': np.full(24, np.nan, '<f4').tobytes()},
            images.UNSUPPORTED_ENCODING,
            ['depth'],
        ),
    ],
)
@pytest.mark.parametrize('converters', BOTH)
def test_bad_messages_are_refused(converters, changes, code, words):
    message = refused(code, convert.to_bgr, replace(make('rgb8'), **changes), converters)
    assert all(word in message for word in words)
    assert len(message) <= LONGEST


@pytest.mark.parametrize('encoding', ['x' * 10_000, '\n' * 400, '\x1b[31m' * 100])
def test_an_encoding_of_any_length_is_named_shortly(encoding):
    message = refused(
        images.UNSUPPORTED_ENCODING, convert.to_bgr, replace(make('rgb8'), encoding=encoding)
    )
    assert len(message) <= LONGEST and message.isprintable()


def test_nv12_with_its_chroma_counted_in_the_height_is_refused():
    message = make('nv12')
    message.height = 6
    assert 'not of chroma' in refused(images.BAD_IMAGE, convert.to_bgr, message)


@pytest.mark.parametrize('converters', BOTH)
@settings(max_examples=300, deadline=None)
@given(
    message=st.builds(
        Message,
        height=st.integers(0, 9) | st.integers(0, 2**32 - 1),
        width=st.integers(0, 9) | st.integers(0, 2**32 - 1),
        encoding=st.sampled_from([*ALL, '16UC1', '32FC1']) | st.text(max_size=12),
        is_bigendian=st.integers(0, 255),
        step=st.integers(0, 99) | st.integers(0, 2**32 - 1),
        data=st.builds(bytes, st.integers(0, 400)),
    )
)
def test_any_message_gives_a_picture_or_an_image_error(converters, message):
    try:
        assert_picture(convert.to_bgr(message, converters), message.height, message.width)
    except ImageError as error:
        assert error.code in (images.BAD_IMAGE, images.TOO_LARGE, images.UNSUPPORTED_ENCODING)


@pytest.mark.parametrize('raised', (TypeError, RuntimeError, cv2.error))
def test_what_cv_bridge_cannot_do_is_done_all_the_same(raised):
    def fail(message, encoding):
        raise raised('cannot')

    bridge = cv_bridge_adapter.CvBridgeConverter(SimpleNamespace(imgmsg_to_cv2=fail))
    message = make('rgb8')
    assert bridge.takes(message)
    np.testing.assert_array_equal(convert.to_bgr(message, (bridge, OWN)), expected(message))


def test_cv_bridge_gets_only_what_it_converts_right():
    bridge = cv_bridge_adapter.CvBridgeConverter(None)
    taken = {encoding for encoding in ALL if bridge.takes(make(encoding))}
    assert taken == {
        'rgb8',
        'rgba8',
        'bgra8',
        'mono8',
        'yuv422',
        'yuv422_yuy2',
        *(name for name in BAYER if name.endswith('8')),
    }
    assert not bridge.takes(make('rgb8', padding=3))
    assert not bridge.takes(make('yuv422', width=5))
    assert not bridge.takes(make('bayer_rggb8', width=2))


BGR = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8), (0, 0), 3)


def compressed(pixels, extension, text):
    data = cv2.imencode(extension, pixels)[1].tobytes()
    return SimpleNamespace(format=text, data=array.array('B', data))


@pytest.mark.parametrize(
    'text',
    [
        'jpeg',
        'jpg',
        '',
        'bgr8; jpeg compressed bgr8',
        'rgb8; jpeg compressed bgr8',
        'rgb8; jpeg compressed ',
        'rgb8;jpeg compressed',
    ],
)
def test_jpeg_has_its_own_colours_whatever_the_format_says(text):
    pixels = convert.compressed_to_bgr(compressed(BGR, '.jpg', text))
    assert_picture(pixels, 24, 32)
    assert np.abs(pixels.astype(int) - BGR).mean() < 4


@pytest.mark.parametrize('extension', ('.png', '.tiff', '.bmp'))
def test_lossless_formats(extension):
    message = compressed(BGR, extension, f'bgr8; {extension[1:]} compressed bgr8')
    np.testing.assert_array_equal(convert.compressed_to_bgr(message), BGR)


def test_samples_that_the_transport_left_as_they_were():
    grey = BGR[..., 0]
    deep = compressed(grey.astype(np.uint16) * 256 + 255, '.png', 'mono16; png compressed ')
    assert (convert.compressed_to_bgr(deep) == grey[..., None]).all()
    mosaic = Message(24, 32, 'bayer_grbg8', 0, 32, grey.tobytes())
    bayer = compressed(grey, '.png', 'bayer_grbg8; png compressed ')
    np.testing.assert_array_equal(convert.compressed_to_bgr(bayer), convert.to_bgr(mosaic, (OWN,)))
    rgb = compressed(BGR[..., ::-1], '.tiff', 'rgb8; tiff compressed ')
    np.testing.assert_array_equal(convert.compressed_to_bgr(rgb), BGR)
    bgr = compressed(BGR, '.tiff', 'bgr8; tiff compressed ')
    np.testing.assert_array_equal(convert.compressed_to_bgr(bgr), BGR)


@pytest.mark.parametrize(
    'text, data, code, word',
    [
        ('16UC1; compressedDepth png', b'\0' * 12, images.UNSUPPORTED_ENCODING, 'depth'),
        ('16UC1; png compressed ', b'\x89PNG', images.UNSUPPORTED_ENCODING, 'depth'),
        ('32FC1; compressedDepth rvl', b'', images.UNSUPPORTED_ENCODING, 'depth'),
        ('h264', b'\0\0\0\1g', images.UNSUPPORTED_ENCODING, 'h264'),
        ('jpeg', b'', images.BAD_IMAGE, '0 bytes'),
        ('', b'', images.BAD_IMAGE, '0 bytes'),
        ('jpeg', compressed(BGR, '.jpg', '').data[:-40], images.BAD_IMAGE, 'cut short'),
        ('png', compressed(BGR, '.png', '').data[:-40], images.BAD_IMAGE, 'cut short'),
    ],
)
def test_bad_compressed_messages_are_refused(text, data, code, word):
    message = SimpleNamespace(format=text, data=data)
    assert word in refused(code, convert.compressed_to_bgr, message)


@settings(deadline=None)
@given(
    text=st.text(max_size=20) | st.sampled_from(['jpeg', 'rgb8; tiff compressed ']),
    data=st.binary(max_size=40),
)
def test_any_compressed_message_gives_a_picture_or_an_image_error(text, data):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            convert.compressed_to_bgr(SimpleNamespace(format=text, data=data))
        except ImageError:
            pass


def test_messages_of_ros_go_both_ways():
    messages = pytest.importorskip('sensor_msgs.msg')
    header = pytest.importorskip('std_msgs.msg').Header(frame_id='camera')
    for bgr in (BGR, BGR[:, ::-1]):
        message = convert.to_image_message(bgr, header)
        assert isinstance(message, messages.Image)
        assert (message.encoding, message.step, message.header.frame_id) == ('bgr8', 96, 'camera')
        np.testing.assert_array_equal(convert.to_bgr(message), bgr)
    refused(images.BAD_IMAGE, convert.to_bgr, messages.Image(encoding='rgb8'))
    packed = messages.CompressedImage(format='png')
    packed.data = compressed(BGR, '.png', '').data
    np.testing.assert_array_equal(convert.compressed_to_bgr(packed), BGR)
