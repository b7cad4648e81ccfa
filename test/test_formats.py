# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""GIF, JPEG 2000, AVIF and HEIC: the same pictures, limits and errors as of the other formats."""

import io
import json
import struct
import sys
import warnings

import numpy as np
import pytest
from PIL import Image

from face_affect_ros import cli
from face_affect_ros import images
from face_affect_ros.evaluation.data.folders import open_folder
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.images import ImageError
from face_affect_ros.images import formats

ORIENTATION = 0x0112
HEIGHT, WIDTH = 64, 128
"""What HEVC codes without a frame around it."""

KINDS = {
    'GIF': {},
    'JPEG2000': {},
    'AVIF': {'quality': 95, 'speed': 10},
    'HEIF': {'quality': 95},
    'PPM': {},
}


def scene(height=HEIGHT, width=WIDTH):
    """Return a BGR picture of smooth colours that no mirroring or turning leaves alike."""
    y, x = np.mgrid[:height, :width]
    planes = (x + y, 255 - 3 * y, 40 + x + 2 * y)
    return np.stack([np.clip(plane, 0, 255) for plane in planes], -1).astype(np.uint8)


def encoded(bgr, kind, orientation=1, **options):
    """Return a picture as a file; skip where Pillow does not write its kind."""
    if kind == 'HEIF':
        pytest.importorskip('pillow_heif').register_heif_opener()
    picture = Image.fromarray(np.ascontiguousarray(bgr[..., ::-1]))
    exif = picture.getexif()  # where pillow-heif looks for it
    exif[ORIENTATION] = orientation
    if kind == 'AVIF':
        options['exif'] = exif
    stream = io.BytesIO()
    try:
        picture.save(stream, kind, **{**KINDS[kind], **options})
    except (KeyError, OSError) as error:
        pytest.skip(f'no {kind}: {error}')
    return stream.getvalue()


def refused(code, data, **options):
    with pytest.raises(ImageError) as caught:
        images.decode(data, **options)
    assert caught.value.code == code and len(str(caught.value)) <= 300
    return str(caught.value)


def is_like(pixels, bgr):
    """Whether pixels are those of a picture, as well as its format keeps them."""
    return pixels.shape == bgr.shape and np.abs(pixels.astype(int) - bgr).mean() < 8


@pytest.mark.parametrize('kind', KINDS)
def test_the_picture_comes_back(kind):
    data = encoded(scene(), kind)
    pixels = images.decode(data)
    assert pixels.dtype == np.uint8 and pixels.flags.c_contiguous and is_like(pixels, scene())
    header = images.read_header(data)
    assert (header.width, header.height) == (WIDTH, HEIGHT)
    assert header.format in {entry.name for entry in formats.READ}


@pytest.mark.parametrize('kind', ['GIF', 'AVIF', 'HEIF'])
def test_of_several_pictures_the_first_counts(kind):
    others = [Image.fromarray(scene()[::-1, ::-1]) for _ in range(2)]
    data = encoded(scene(), kind, save_all=True, append_images=others)
    assert is_like(images.decode(data), scene())


@pytest.mark.parametrize('kind', ['AVIF', 'HEIF'])
@pytest.mark.parametrize('orientation', range(1, 9))
def test_turned_upright_by_exif(kind, orientation):
    """As a JPEG with the same pixels and the same orientation."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(scene()[..., ::-1])).save(
        stream, 'JPEG', exif=exif, quality=95
    )
    expected = images.decode(stream.getvalue())
    assert is_like(images.decode(encoded(scene(), kind, orientation)), expected)


@pytest.mark.parametrize('kind', KINDS)
def test_a_cut_file_never_gives_half_a_picture(kind):
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    data = encoded(noise, kind)
    whole = images.decode(data)
    for end in range(8, len(data), max(1, len(data) // 60)):
        try:
            pixels = images.decode(data[:end])
        except ImageError as error:
            assert error.code in (images.BAD_IMAGE, images.UNSUPPORTED_ENCODING, images.TOO_LARGE)
        else:
            assert np.array_equal(pixels, whole)


def replaced(data, old, new):
    assert old in data
    return data.replace(old, new)


def claim(kind, width, height):
    """Return a small file whose header claims another size."""
    data = encoded(scene(), kind)
    if kind == 'GIF':
        data = replaced(
            data,
            struct.pack('<HHHH', 0, 0, WIDTH, HEIGHT),
            struct.pack('<HHHH', 0, 0, width, height),
        )
        return data[:6] + struct.pack('<HH', width, height) + data[10:]
    if kind == 'PPM':
        return replaced(data, b'%d %d' % (WIDTH, HEIGHT), b'%d %d' % (width, height))
    if kind == 'JPEG2000':
        data = replaced(data, struct.pack('>II', HEIGHT, WIDTH), struct.pack('>II', height, width))
        return replaced(data, struct.pack('>II', WIDTH, HEIGHT), struct.pack('>II', width, height))
    return replaced(data, struct.pack('>II', WIDTH, HEIGHT), struct.pack('>II', width, height))


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize(('width', 'height'), [(30_000, 30_000), (9_500, 9_500), (16_000, 4_001)])
def test_a_claim_of_too_many_pixels_is_refused_before_decoding(kind, width, height):
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # Pillow's own limit must not show
        message = refused(images.TOO_LARGE, claim(kind, width, height))
    assert f'{width}x{height}' in message or f'{width * height}' in message


@pytest.mark.parametrize('kind', KINDS)
def test_the_largest_picture_is_a_matter_of_the_caller(kind):
    data = encoded(scene(), kind)
    assert images.decode(data, max_pixels=HEIGHT * WIDTH).shape == (HEIGHT, WIDTH, 3)
    assert 'raise max_pixels' in refused(images.TOO_LARGE, data, max_pixels=HEIGHT * WIDTH - 1)


def test_a_gif_whose_frame_is_larger_than_its_screen():
    """The first frame counts, and its size is looked at before it has memory."""
    data = encoded(scene(), 'GIF')
    small = data[:6] + struct.pack('<HH', 8, 8) + data[10:]
    assert images.decode(small).shape == (HEIGHT, WIDTH, 3)
    large = replaced(
        small,
        struct.pack('<HHHH', 0, 0, WIDTH, HEIGHT),
        struct.pack('<HHHH', 40_000, 40_000, WIDTH, HEIGHT),
    )
    assert '40128x40064' in refused(images.TOO_LARGE, large)


def test_a_jpeg_2000_whose_parts_differ_in_size():
    """What the outer header claims is no way around the limit."""
    data = encoded(scene(), 'JPEG2000')
    inner = replaced(data, struct.pack('>II', WIDTH, HEIGHT), struct.pack('>II', 30_000, 30_000))
    assert images.read_header(inner).width == WIDTH
    refused(images.BAD_IMAGE, inner)


def test_a_reader_that_is_missing_is_named(monkeypatch):
    """With its package."""
    data = encoded(scene(), 'HEIF')
    monkeypatch.setitem(sys.modules, 'pillow_heif.as_plugin', None)
    formats.is_readable.cache_clear()
    try:
        assert 'face_affect_ros[heic]' in refused(images.UNSUPPORTED_ENCODING, data)
        assert '.heic' not in images.endings() and '.avif' in images.endings()
        assert 'pillow-heif' in formats.remedies()['.heic']
    finally:
        formats.is_readable.cache_clear()


def test_a_missing_reader_is_told_where_a_folder_has_its_pictures(tmp_path, monkeypatch, capsys):
    """They are counted with what to do, not named one by one."""
    (tmp_path / 'a.png').write_bytes(encoded_png())
    for name in ('b.heic', 'c.HEIC', 'd.mov'):
        (tmp_path / name).write_bytes(b'x')
    monkeypatch.setitem(sys.modules, 'pillow_heif.as_plugin', None)
    formats.is_readable.cache_clear()
    try:
        assert cli.main(['classify', str(tmp_path)]) == 0
    finally:
        formats.is_readable.cache_clear()
    (line,) = capsys.readouterr().err.splitlines()
    assert '2 .heic, 1 .mov' in line and 'face_affect_ros[heic]' in line and len(line) <= 300


def encoded_png():
    stream = io.BytesIO()
    Image.fromarray(scene()).save(stream, 'PNG')
    return stream.getvalue()


def test_folders_and_commands_read_them_all(tmp_path, astronaut, capsys):
    """``classify`` and data sets by the same endings; the face is found in each."""
    folder = tmp_path / 'in' / 'happy'
    folder.mkdir(parents=True)
    names = {
        'a.gif': 'GIF',
        'b.jp2': 'JPEG2000',
        'c.avif': 'AVIF',
        'd.HEIC': 'HEIF',
        'e.ppm': 'PPM',
    }
    for name, kind in names.items():
        (folder / name).write_bytes(encoded(astronaut[:256, 96:352], kind))
    arguments = ['--json', '--annotate', str(tmp_path / 'out'), str(tmp_path / 'in')]
    assert cli.main(['classify', *arguments]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(each['faces']) for each in found] == [1] * 5
    assert sorted(path.name for path in (tmp_path / 'out/happy').iterdir()) == [
        'a.png',
        'b.jpg',
        'c.jpg',
        'd.jpg',
        'e.png',
    ]
    assert len(open_folder(tmp_path / 'in', ColumnMapping())) == 5


@pytest.mark.parametrize(
    ('begin', 'name'),
    [
        (b'GIF89a', 'GIF'),
        (b'P5 4 4 255\n', 'PNM'),
        (b'P1#comment\n', 'PNM'),
        (b'\xff\x4f\xff\x51', 'JPEG2000'),
        (b'\0\0\0\x1cftypavif\0\0\0\0', 'AVIF'),
        (b'\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', 'AVIF'),
        (b'\0\0\0\x1cftypmif1\0\0\0\0mif1heic', 'HEIC'),
        (b'\0\0\0\x1cftypheix\0\0\0\0', 'HEIC'),
        (b'\0\0\0\x18ftypmp42\0\0\0\0mp42isom', None),
        (b'Page 1', None),
        (b'P7\nWIDTH 4', None),
    ],
)
def test_formats_are_known_by_how_files_begin(begin, name):
    found = formats.of_bytes(begin)
    assert (found.name if found else None) == name
