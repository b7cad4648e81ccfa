# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What people give in place of an image: taken where it can be, else told in a short line."""

import array
import base64
import io
import os
import socket
import struct
import threading
import warnings

import numpy as np
import pytest
from PIL import Image
from samples import astronaut

from face_affect_ros import images
from face_affect_ros.images import ImageError
from face_affect_ros.images import files
from face_affect_ros.images import loading

LIMIT = 300


def encoded(kind='PNG', **options):
    """Return the astronaut as the bytes of a file."""
    stream = io.BytesIO()
    Image.fromarray(astronaut()[..., ::-1]).save(stream, kind, **options)
    return stream.getvalue()


PNG = encoded()


def refused(code, image):
    """Return the message of an image that is refused: one line that is not too long."""
    with pytest.raises(ImageError) as caught:
        images.load(image)
    message = str(caught.value)
    assert caught.value.code == code
    assert len(message) <= LIMIT and message.isprintable()
    return message


@pytest.mark.parametrize(
    'wrap',
    [
        io.BytesIO,
        lambda data: io.BufferedReader(io.BytesIO(data)),
        bytearray,
        lambda data: array.array('B', data),
        lambda data: memoryview(bytearray(data)),
        lambda data: memoryview(np.repeat(np.frombuffer(data, np.uint8), 2))[::2],
    ],
    ids=['BytesIO', 'BufferedReader', 'bytearray', 'array', 'memoryview', 'with gaps'],
)
def test_open_files_and_any_memory(wrap):
    """Whatever holds the bytes of a file, wherever it holds them."""
    np.testing.assert_array_equal(images.load(wrap(PNG)), astronaut())


def test_an_open_file_is_read_from_where_it_is(tmp_path):
    """As all readers do; what is left of one at its end is nothing."""
    (tmp_path / 'a.png').write_bytes(b'before' + PNG)
    with open(tmp_path / 'a.png', 'rb') as file:
        file.seek(6)
        np.testing.assert_array_equal(images.load(file), astronaut())
        assert 'seek(0)' in refused(images.BAD_IMAGE, file) and not file.closed
    assert 'a.png' in refused(images.NO_IMAGE, file)
    with open(tmp_path / 'a.png', encoding='latin-1') as text:
        assert "'rb'" in refused(images.BAD_IMAGE, text)


def test_an_open_file_is_not_read_without_end(monkeypatch):
    """There are devices and connections that never end."""
    monkeypatch.setattr(loading, 'MAX_FILE_BYTES', 1000)
    with open('/dev/zero', 'rb') as file:
        refused(images.TOO_LARGE, file)
    refused(images.TOO_LARGE, io.BytesIO(PNG))


def test_an_open_file_is_not_asked_for_all_at_once():
    """Python's own files take room for as many bytes as they are asked for, small as they are."""

    class Asked(io.BytesIO):
        most = 0

        def read(self, size=-1):
            self.most = max(self.most, size if size >= 0 else 1 << 62)
            return super().read(size)

    file = Asked(PNG)
    np.testing.assert_array_equal(images.load(file), astronaut())
    assert file.most < 1 << 24


@pytest.mark.parametrize('name', ('pipe', 'fifo'))
def test_a_pipe_is_read(name, tmp_path):
    """As bash makes one of <(curl ...), and as mkfifo does, however slowly it is written."""
    path = tmp_path / 'fifo'
    os.mkfifo(path)
    reading, writing = os.pipe()

    def write():
        with open(path if name == 'fifo' else writing, 'wb', buffering=0) as file:
            for start in range(0, len(PNG), 50_000):
                file.write(PNG[start : start + 50_000])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        pixels = images.load(path if name == 'fifo' else f'/dev/fd/{reading}')
    finally:
        os.close(reading)
        thread.join()
    np.testing.assert_array_equal(pixels, astronaut())


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path, monkeypatch):
    """Nor one whose writer says nothing."""
    os.mkfifo(tmp_path / 'fifo')
    monkeypatch.setattr(files, 'WRITER_S', 0.05)
    assert 'nobody writes' in refused(images.NO_IMAGE, tmp_path / 'fifo')
    monkeypatch.setattr(files, 'SILENCE_S', 0.05)
    reading, writing = os.pipe()
    try:
        assert 'nothing was written' in refused(images.NO_IMAGE, f'/dev/fd/{reading}')
    finally:
        os.close(reading)
        os.close(writing)


def test_what_is_no_file(tmp_path, monkeypatch):
    """Folders, devices, sockets and loops are told as such; nothing waits for them."""
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind('socket.jpg')
        assert 'socket' in refused(images.NO_IMAGE, 'socket.jpg')
    os.symlink('loop.jpg', 'loop.jpg')
    assert 'symbolic links' in refused(images.NO_IMAGE, 'loop.jpg')
    assert 'device' in refused(images.NO_IMAGE, '/dev/null')
    assert 'folder' in refused(images.NO_IMAGE, tmp_path)
    assert 'too long' in refused(images.NO_IMAGE, 'x' * 256)
    refused(images.NO_IMAGE, '')
    refused(images.NO_IMAGE, b'\xff.png'.decode(errors='surrogateescape'))
    refused(images.NO_IMAGE, 'two\nlines\x1b[31m.png')


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('https://example.org/a.jpg', ('https://example.org/a.jpg', 'URL', 'download')),
        ('rtsp://user@camera:554/1', ('rtsp://user@camera', 'URL')),
        ('http:/example.org/a.jpg', ('URL',)),
        ('file:///tmp/a.jpg', ('without file://',)),
        ('data:image/png;base64,' + base64.b64encode(PNG).decode(), ('data URI', 'b64decode')),
        (base64.b64encode(PNG).decode(), ('base64', 'b64decode')),
        (base64.b64encode(encoded('JPEG')).decode(), ('base64', 'b64decode')),
        (str(PNG[:90]), ("'rb'",)),
        (PNG.decode('latin-1'), ("'rb'",)),
    ],
    ids=['https', 'rtsp', 'one slash', 'file', 'data', 'png', 'jpeg', 'repr', 'latin-1'],
)
def test_a_text_that_is_no_path(text, words):
    """It is told what it is and what to do with it, and is not repeated."""
    message = refused(images.BAD_IMAGE, text)
    for word in words:
        assert word in message


def test_a_file_that_looks_like_a_url_is_read(tmp_path, monkeypatch):
    """What is there is a path, whatever it looks like."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'http:').mkdir()
    (tmp_path / 'http:/a.png').write_bytes(PNG)
    assert images.load('http://a.png').shape == astronaut().shape


class Tensor:
    """What frameworks call a picture: it can become an array, and has a long text."""

    def __array__(self, dtype=None, copy=None):
        return np.zeros((3, 4, 4), np.float32)

    def __repr__(self):
        return 'tensor(' + '0.0,\n' * 10_000 + ')'


@pytest.mark.parametrize(
    ('given', 'word'),
    [
        ([astronaut(), astronaut()], 'analyze_batch'),
        ([[0] * 900] * 900, 'numpy.uint8'),
        ((1, 2), 'analyze_batch'),
        (7, 'int'),
        (1.5, 'float'),
        (True, 'bool'),
        ({'a': 1}, 'dict'),
        (Tensor(), 'numpy.asarray'),
        (object(), 'NumPy array'),
        (Image, 'NumPy array'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_things(given, word):
    """The type is named, and what to give in its place."""
    assert word in refused(images.BAD_IMAGE, given)


def test_arrays_of_other_kinds():
    """Their shape and type are told, however long these are."""
    many = np.zeros(3, [(f'field_{number}', np.uint8) for number in range(99)])
    refused(images.UNSUPPORTED_ENCODING, many)
    refused(images.BAD_IMAGE, np.zeros((1,) * 32, np.uint8))
    assert 'object' in refused(images.UNSUPPORTED_ENCODING, np.array([None, {}], object))


@pytest.mark.parametrize(
    ('begin', 'kind'),
    [
        (b'%PDF-1.7', 'PDF'),
        (b'\xff\x0a', 'JPEG XL'),
        (b'<?xml version="1.0"?>\n<svg>', 'SVG'),
        (b'\n<!DOCTYPE html>', 'web page'),
        (b'version https://git-lfs.github.com/spec/v1\n', 'Git LFS'),
        (b'\0\0\0\x18ftypmp42', 'video'),
        (base64.b64encode(PNG), 'base64'),
    ],
)
def test_files_of_other_formats_are_named(begin, kind):
    """A web page that says "not found", a video, what phones write."""
    assert kind in refused(images.UNSUPPORTED_ENCODING, begin)


def tiff(values):
    """Return an uncompressed TIFF of (H, W, 3) values, with tags that say what they are."""
    height, width, channels = values.shape
    kind = {'u': 1, 'i': 2, 'f': 3}[values.dtype.kind]
    place = 8 + 2 + 12 * 10 + 4
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, place),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, place + 12),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, values.nbytes),
        (339, 3, 3, place + 6),
    ]
    lists = struct.pack('<6H', *[values.dtype.itemsize * 8] * 3, *[kind] * 3)
    return b''.join(
        [
            b'II*\0\x08\0\0\0',
            struct.pack('<H', len(entries)),
            *(struct.pack('<HHII', *entry) for entry in entries),
            bytes(4),
            lists,
            values.tobytes(),
        ]
    )


@pytest.mark.parametrize(
    ('kind', 'words'),
    [
        ('f4', 'floating-point values of 32 bits'),
        ('f8', 'floating-point values of 64 bits'),
        ('i2', 'signed integers of 16 bits'),
        ('i1', 'signed integers of 8 bits'),
        ('u4', 'samples of 32 bits'),
    ],
)
def test_a_colour_tiff_of_other_samples_is_unsupported(kind, words):
    """It is whole: nobody need send it again."""
    assert words in refused(images.UNSUPPORTED_ENCODING, tiff(np.ones((4, 5, 3), kind)))


def test_a_colour_tiff_of_unsigned_samples_is_read():
    """With eight bits and with sixteen, in the same container."""
    values = 4 * np.arange(60).reshape(4, 5, 3)
    for kind, factor in (('u1', 1), ('u2', 256)):
        pixels = images.load(tiff((values * factor).astype(kind)))
        np.testing.assert_array_equal(pixels, values[..., ::-1])


VARIANTS = [
    {},
    {'progressive': True},
    {'subsampling': 0},
    {'quality': 30},
    {'restart_marker_rows': 1},
    {'restart_marker_blocks': 7},
]


@pytest.mark.parametrize('options', VARIANTS, ids=str)
@pytest.mark.parametrize('mode', ('RGB', 'L', 'CMYK'))
def test_a_jpeg_without_its_end_marker_is_read(mode, options, capfd):
    """Where only that is missing, also by half: the same pixels, and a warning.

    libjpeg writes nothing to standard error: a camera may send thirty of these a second.
    """
    stream = io.BytesIO()
    Image.fromarray(astronaut()[..., ::-1]).convert(mode).save(stream, 'JPEG', **options)
    data = stream.getvalue()
    whole = images.load(data)
    for cut in (data[:-2], data[:-1], data[:-2] + bytes(512)):
        with pytest.warns(images.ImageWarning, match='end marker'):
            np.testing.assert_array_equal(images.load(cut), whole)
    for missing in (20, 2000, len(data) // 2):
        refused(images.BAD_IMAGE, data[:-missing])
    assert capfd.readouterr().err == ''


def test_no_part_of_a_jpeg_may_be_missing():
    """Wherever it is cut, restart intervals and scans included, it is whole or refused."""
    small = Image.fromarray(np.ascontiguousarray(astronaut()[90:138, 200:264, ::-1]))
    for options in VARIANTS:
        stream = io.BytesIO()
        small.save(stream, 'JPEG', **options)
        data = stream.getvalue()
        whole = images.load(data)
        for length in range(len(data) // 4, len(data) - 1):
            told = []
            try:
                pixels = images.load(data[:length], told.append)
            except ImageError as error:
                assert error.code == images.BAD_IMAGE
            else:
                np.testing.assert_array_equal(pixels, whole)
                assert len(told) == 1


def test_a_whole_jpeg_gives_no_warning():
    """Nor does anything else that is read."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        images.load(encoded('JPEG'))
        images.load(PNG)
