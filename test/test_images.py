# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Everything a user may call an image becomes the same BGR array, or an ImageError."""

import io
import pickle
import struct
import subprocess
import sys
import warnings
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from PIL import Image
from PIL import ImageOps

from face_affect_ros import images
from face_affect_ros.images import ImageError

LOSSLESS = {'PNG': {}, 'WEBP': {'lossless': True}, 'BMP': {}, 'TIFF': {}}
FORMATS = {**LOSSLESS, 'JPEG': {'quality': 95}}
WITH_EXIF = ('JPEG', 'PNG', 'WEBP', 'TIFF')


def scene(height=24, width=32):
    """Return a BGR picture of smooth colours that no mirroring or turning leaves alike."""
    y, x = np.mgrid[:height, :width]
    planes = (4 * x + y, 255 - 3 * y, 40 + 5 * y + x)
    return np.stack([np.clip(plane, 0, 255) for plane in planes], -1).astype(np.uint8)


def picture(bgr=None):
    return Image.fromarray(np.ascontiguousarray((scene() if bgr is None else bgr)[..., ::-1]))


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **{**FORMATS[kind], **options})
    return stream.getvalue()


def by_pillow(data):
    """Return what Pillow alone makes of 8-bit files: the oracle for colours and orientation."""
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return np.asarray(upright.convert('RGB'))[..., ::-1]


def is_picture(pixels):
    return (
        pixels.dtype == np.uint8
        and pixels.ndim == 3
        and pixels.shape[2] == 3
        and pixels.flags.c_contiguous
    )


def refused(code, call, *arguments):
    with pytest.raises(ImageError) as caught:
        call(*arguments)
    assert caught.value.code == code
    return str(caught.value)


@pytest.mark.parametrize('kind', LOSSLESS)
def test_a_file_its_bytes_and_its_picture_are_the_same(kind, tmp_path):
    data = encoded(picture(), kind)
    path = tmp_path / f'scene.{kind.lower()}'
    path.write_bytes(data)
    for form in (path, str(path), data, bytearray(data), memoryview(data), Image.open(path)):
        pixels = images.load(form)
        assert is_picture(pixels)
        np.testing.assert_array_equal(pixels, scene())


@pytest.mark.parametrize(
    'options', [{}, {'progressive': True}, {'quality': 30}, {'subsampling': 0}, {'optimize': True}]
)
def test_jpeg_is_decoded_as_by_pillow(options):
    data = encoded(picture(), 'JPEG', **options)
    assert np.abs(images.load(data).astype(int) - by_pillow(data)).max() <= 1


@pytest.mark.parametrize('kind', WITH_EXIF)
@pytest.mark.parametrize('orientation', range(10))
def test_orientation_is_honoured(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(picture(), kind, exif=exif.tobytes())
    # Pillow before 10 turns a TIFF twice if asked to.
    expected = by_pillow(
        encoded(picture(), 'PNG' if kind == 'TIFF' else kind, exif=exif.tobytes())
    )
    asked, loaded = (Image.open(io.BytesIO(data)) for _ in range(2))
    assert asked.getexif()
    loaded.load()
    for form in (data, Image.open(io.BytesIO(data)), asked, loaded):
        pixels = images.load(form)
        assert is_picture(pixels)
        assert pixels.shape == expected.shape
        assert np.abs(pixels.astype(int) - expected).max() <= 1


def test_upright_means_what_exif_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the first row is the right-hand side
    pixels = images.load(encoded(picture(), 'PNG', exif=exif.tobytes()))
    np.testing.assert_array_equal(pixels[:, -1], scene()[0])


@pytest.mark.filterwarnings('ignore:Corrupt EXIF')
def test_exif_that_cannot_be_read_is_no_obstacle():
    data = encoded(picture(), 'PNG', exif=b'Exif\0\0MM\0\x2a\0\0\0\x08\xff\xff' + bytes(9))
    np.testing.assert_array_equal(images.load(data), scene())


@pytest.mark.parametrize('byteorder', '<>')
def test_sixteen_bit_grey_is_value_over_256(byteorder):
    values = (np.arange(24 * 32).reshape(24, 32) * 85).astype(byteorder + 'u2')
    mode = {'<': 'I;16', '>': 'I;16B'}[byteorder]
    grey = Image.frombytes(mode, (32, 24), values.tobytes())
    forms = [grey, encoded(grey, 'TIFF'), cv2.imencode('.png', values.astype('=u2'))[1].tobytes()]
    for form in forms:
        pixels = images.load(form)
        for channel in range(3):
            np.testing.assert_array_equal(pixels[..., channel], values // 256)


@pytest.mark.parametrize('channels', (3, 4))
def test_sixteen_bit_colour_png_is_value_over_256(channels):
    values = (np.arange(24 * 32 * channels).reshape(24, 32, channels) * 21).astype(np.uint16)
    pixels = images.load(cv2.imencode('.png', values)[1].tobytes())
    np.testing.assert_array_equal(pixels, values[..., :3] // 256)


@pytest.mark.parametrize(
    'mode', ('1', 'L', 'LA', 'La', 'P', 'PA', 'RGBA', 'RGBa', 'CMYK', 'YCbCr', 'HSV')
)
def test_every_mode_has_a_defined_result(mode):
    steps = {'La': ('LA', 'La'), 'RGBa': ('RGBA', 'RGBa'), 'PA': ('P', 'PA')}
    changed = picture()
    for step in steps.get(mode, (mode,)):
        changed = changed.convert(step)
    expected = np.asarray(
        changed.convert('RGBA' if mode in ('RGBa', 'PA') else changed.mode)
        .convert('LA' if mode == 'La' else 'RGB')
        .convert('RGB')
    )[..., ::-1]
    pixels = images.load(changed)
    assert is_picture(pixels)
    np.testing.assert_array_equal(pixels, expected)
    if mode in ('1', 'L', 'LA', 'La'):
        assert (pixels == pixels[..., :1]).all()


def test_alpha_is_dropped_and_the_colour_under_it_kept():
    transparent = picture()
    transparent.putalpha(0)
    np.testing.assert_array_equal(images.load(encoded(transparent, 'PNG')), scene())
    grey = Image.fromarray(scene()[..., 0])
    grey.putalpha(0)
    assert (images.load(encoded(grey, 'PNG')) == scene()[..., :1]).all()


def test_palette_with_transparency_keeps_its_colours_without_a_warning():
    palette = picture().quantize(16)
    data = encoded(palette, 'PNG', transparency=bytes(16))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        pixels = images.load(data)
    np.testing.assert_array_equal(pixels, np.asarray(palette.convert('RGB'))[..., ::-1])


def test_cmyk_jpeg():
    data = encoded(picture().convert('CMYK'), 'JPEG')
    np.testing.assert_array_equal(images.load(data), by_pillow(data))


@pytest.mark.parametrize('kind', ('PNG', 'WEBP', 'TIFF'))
def test_of_several_pictures_the_first_counts(kind):
    others = [picture(scene()[::-1]), picture(scene()[:, ::-1])]
    data = encoded(picture(), kind, save_all=True, append_images=others, duration=100)
    np.testing.assert_array_equal(images.load(data), scene())


@pytest.mark.parametrize('mode', ('I', 'F', 'LAB'))
def test_values_without_a_known_range_are_refused(mode):
    odd = Image.new(mode, (4, 4))
    for form in (odd, encoded(odd, 'TIFF')):
        assert f'mode {mode}' in refused(images.UNSUPPORTED_ENCODING, images.load, form)


def test_arrays():
    bgr = scene()
    assert images.load(bgr) is bgr
    np.testing.assert_array_equal(images.load(bgr[:, ::-1]), bgr[:, ::-1])
    np.testing.assert_array_equal(images.load(np.dstack([bgr, bgr[..., 0]])), bgr)
    for grey in (bgr[..., 0], bgr[..., :1]):
        pixels = images.load(grey)
        assert is_picture(pixels)
        assert (pixels == bgr[..., :1]).all()


@pytest.mark.parametrize(
    'array, code',
    [
        (np.zeros((4, 4, 3)), images.UNSUPPORTED_ENCODING),
        (np.zeros((4, 4), np.uint16), images.UNSUPPORTED_ENCODING),
        (np.zeros((3, 4, 4, 3), np.uint8), images.BAD_IMAGE),
        (np.zeros((4, 4, 2), np.uint8), images.BAD_IMAGE),
        (np.zeros(12, np.uint8), images.BAD_IMAGE),
        (np.zeros((0, 4, 3), np.uint8), images.BAD_IMAGE),
        (np.broadcast_to(np.uint8(0), (30_000, 30_000)), images.TOO_LARGE),
    ],
)
def test_other_arrays_are_refused(array, code):
    message = refused(code, images.load, array)
    assert str(array.shape) in message
    assert str(array.dtype) in message


def test_what_is_no_image_is_refused(tmp_path):
    text = tmp_path / 'notes.jpg'
    text.write_text('not a picture')
    assert 'notes.jpg' in refused(images.BAD_IMAGE, images.load, text)
    empty = tmp_path / 'empty.png'
    empty.touch()
    assert 'empty.png' in refused(images.BAD_IMAGE, images.load, empty)
    assert 'missing.png' in refused(images.NO_IMAGE, images.load, tmp_path / 'missing.png')
    assert str(tmp_path) in refused(images.NO_IMAGE, images.load, tmp_path)
    refused(images.NO_IMAGE, images.load, 'a\0b')
    assert 'None' in refused(images.NO_IMAGE, images.load, None)
    assert 'list' in refused(images.BAD_IMAGE, images.load, [[0]])
    refused(images.BAD_IMAGE, images.load, b'')


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / 'huge.bmp'
    with path.open('wb') as file:
        file.truncate(images.MAX_FILE_BYTES + 1)
    assert 'huge.bmp' in refused(images.TOO_LARGE, images.load, path)


def claim(kind, width, height):
    """Return a small file whose header claims another size."""
    data = bytearray(encoded(Image.new('RGB', (48, 40)), kind))
    if kind == 'TIFF':
        for tag, value in ((256, width), (257, height)):
            at = next(
                at
                for at in range(len(data))
                if data[at : at + 4] in (struct.pack('<HH', tag, 3), struct.pack('<HH', tag, 4))
            )
            data[at : at + 12] = struct.pack('<HHII', tag, 4, 1, value)
        return bytes(data)
    layout = {
        'PNG': (16, '>II', (width, height)),
        'BMP': (18, '<ii', (width, height)),
        'JPEG': (data.find(b'\xff\xc0') + 5, '>HH', (height, width)),
        'WEBP': (21, '<I', (width - 1 | (height - 1) << 14,)),
    }
    at, form, values = layout[kind]
    struct.pack_into(form, data, at, *values)
    if kind == 'PNG':
        struct.pack_into('>I', data, 29, zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize('kind', FORMATS)
@pytest.mark.parametrize('width, height', [(30_000, 30_000), (9_500, 9_500), (16_000, 4_001)])
def test_a_claim_of_too_many_pixels_is_refused_before_decoding(kind, width, height):
    if kind == 'WEBP':  # has 14 bits a side
        width, height = min(width, 16_383), min(height, 16_383)
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # Pillow's own limit must not show
        message = refused(images.TOO_LARGE, images.load, claim(kind, width, height))
    assert f'{width}x{height}' in message or str(width * height) in message
    assert f'{images.MAX_PIXELS:,}' in message


@pytest.mark.filterwarnings('ignore:.*:UserWarning')  # of cut TIFF directories, of end markers
@pytest.mark.parametrize('kind', FORMATS)
def test_a_cut_file_never_gives_half_a_picture(kind):
    noise = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
    data = encoded(picture(noise), kind)
    whole = images.decode(data)
    for length in range(len(data)):
        try:
            pixels = images.decode(data[:length])
        except ImageError as error:
            assert error.code == images.BAD_IMAGE
        else:
            assert kind != 'JPEG' or length >= len(data) - 2  # its end marker alone is missing
            np.testing.assert_array_equal(pixels, whole)


def test_a_cut_jpeg_with_a_thumbnail_is_refused():
    thumbnail = encoded(picture(), 'JPEG')  # has an end marker of its own
    data = encoded(picture(), 'JPEG', exif=Image.Exif().tobytes() + thumbnail)
    assert data.count(b'\xff\xd9') == 2
    images.decode(data)
    refused(images.BAD_IMAGE, images.decode, data[:-20])


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(FORMATS)),
    cut=st.floats(0, 1),
    junk=st.binary(max_size=16),
    changes=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=4
    ),
)
def test_damage_gives_a_picture_or_an_image_error(kind, cut, junk, changes):
    data = bytearray(encoded(picture(), kind))
    for place, value in changes:
        data[int(place * len(data))] = value
    decode_or_refuse(bytes(data[: int(cut * len(data)) + 1]) + junk)


@settings(deadline=None)
@given(
    st.binary(max_size=64),
    st.sampled_from(
        [
            b'',
            b'\xff\xd8\xff',
            b'\x89PNG\r\n\x1a\n',
            b'RIFF\x10\0\0\0WEBP',
            b'BM',
            b'II*\0',
            b'MM\0*',
            b'II+\0',
        ]
    ),
)
def test_any_bytes_give_a_picture_or_an_image_error(data, begin):
    decode_or_refuse(begin + data)


def decode_or_refuse(data):
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            assert is_picture(images.decode(data))
        except ImageError as error:
            assert error.code in (images.BAD_IMAGE, images.TOO_LARGE, images.UNSUPPORTED_ENCODING)


def test_the_error_survives_another_process():
    error = pickle.loads(pickle.dumps(ImageError(images.TOO_LARGE, 'scale it down')))
    assert isinstance(error, ValueError)
    assert (error.code, str(error)) == (images.TOO_LARGE, 'scale it down')


def test_importing_loads_neither_pillow_nor_opencv():
    code = 'import sys, face_affect_ros.images; sys.exit(bool({"PIL", "cv2"} & set(sys.modules)))'
    assert subprocess.run([sys.executable, '-c', code]).returncode == 0
