# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small files that would cost seconds and gigabytes are refused by their headers, or given up."""

import os
import signal
import subprocess
import threading
import time

import numpy as np
import pytest
from hostile import MANY_PARTS
from hostile import blank_png
from hostile import encoded
from hostile import many_parts
from hostile import many_scans
from PIL.PngImagePlugin import PngInfo

from face_affect_ros import images
from face_affect_ros import interruption
from face_affect_ros.images import ImageError
from face_affect_ros.images import jpeg
from face_affect_ros.images.decoding_process import DecodingProcess

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture
def process():
    """Return a decoding process."""
    made = DecodingProcess()
    yield made
    made.close()


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'BMP', 'TIFF'])
def test_the_largest_picture_is_a_matter_of_the_caller(kind):
    data = encoded(PICTURE, kind)
    assert images.decode(data, max_pixels=48 * 64).shape == (48, 64, 3)
    with pytest.raises(ImageError, match='raise max_pixels') as caught:
        images.decode(data, max_pixels=48 * 64 - 1)
    assert caught.value.code == images.TOO_LARGE


def test_scans_are_counted_and_limited():
    assert images.read_header(encoded(PICTURE, 'JPEG')).scans == 1
    assert images.read_header(encoded(PICTURE, 'JPEG', progressive=True)).scans == 10
    assert images.decode(many_scans(PICTURE, jpeg.MAX_SCANS - 9)).shape == PICTURE.shape
    with pytest.raises(ImageError, match='scans') as caught:
        images.decode(many_scans(PICTURE, 500))
    assert caught.value.code == images.TOO_LARGE


def test_a_jpeg_inside_another_counts_for_itself():
    thumbnail = encoded(PICTURE, 'JPEG', progressive=True)
    data = encoded(PICTURE, 'JPEG')
    segment = b'\xff\xe2' + (len(thumbnail) + 2).to_bytes(2, 'big') + thumbnail
    header = images.read_header(data[:2] + segment + data[2:] + many_scans(PICTURE, 100))
    assert (header.scans, header.whole) == (1, True)


@pytest.mark.parametrize('kind', MANY_PARTS)
def test_files_of_too_many_parts_are_refused(kind):
    with pytest.raises(ImageError, match='too many segments, chunks or fields') as caught:
        images.decode(many_parts(PICTURE, kind))
    assert caught.value.code == images.TOO_LARGE


def test_files_of_many_parts_are_taken():
    texts = PngInfo()
    for number in range(500):
        texts.add_text(f'key {number}', 'value')
    rows = np.tile(PICTURE[:, :1], (100, 1, 1))
    for picture, kind, options in (
        (PICTURE, 'PNG', {'pnginfo': texts}),
        (PICTURE, 'JPEG', {'icc_profile': bytes(10_000_000)}),
        (rows, 'TIFF', {'tiffinfo': {278: 1}}),  # a strip a row
    ):
        data = encoded(picture, kind, **options)
        assert images.decode(data).shape == picture.shape


def test_reading_stops_where_nobody_waits():
    data = many_parts(PICTURE, 'chunks')
    with pytest.raises(interruption.Interrupted), interruption.interruptible(lambda: True):
        images.decode(data)


@pytest.mark.parametrize('reduction', [1, 2, 4, 8])
@pytest.mark.parametrize('mode', ['RGB', 'L'])
def test_a_jpeg_is_decoded_in_reduced_size(reduction, mode):
    smooth = np.tile(np.arange(0, 250, 2, np.uint8)[None, :, None], (75, 1, 3))
    whole = images.decode(encoded(smooth, 'JPEG', quality=95))
    reduced = images.decode(encoded(smooth, 'JPEG', quality=95), reduction=reduction)
    assert reduced.shape == (-(-75 // reduction), -(-125 // reduction), 3)
    assert abs(reduced.mean() - whole.mean()) < 4


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'BMP', 'TIFF'])
def test_a_process_decodes_as_this_one(process, kind):
    data = encoded(PICTURE, kind)
    for _ in range(2):
        np.testing.assert_array_equal(
            process.decode(data, 'it', images.MAX_PIXELS, 1), images.decode(data)
        )


def test_a_process_refuses_as_this_one(process):
    for data in (b'', b'nothing', encoded(PICTURE, 'PNG')[:500], encoded(PICTURE, 'JPEG')[:-200]):
        with pytest.raises(ImageError) as there:
            process.decode(data, 'it', images.MAX_PIXELS, 1)
        with pytest.raises(ImageError) as here:
            images.decode(data, 'it')
        assert (there.value.code, str(there.value)) == (here.value.code, str(here.value))


def test_decoding_is_given_up_at_once(process):
    """64 megapixels take longer; whoever comes next finds a new process."""
    data = blank_png(8000, 8000)
    begin = time.monotonic()
    with (
        pytest.raises(interruption.Interrupted),
        interruption.interruptible(lambda: time.monotonic() > begin + 0.5),
    ):
        process.decode(data, 'it', images.MAX_PIXELS, 1)
    assert time.monotonic() - begin < 1.5
    assert process.decode(encoded(PICTURE, 'PNG'), 'it', images.MAX_PIXELS, 1).shape == (48, 64, 3)


def test_decoding_that_ends_its_process_is_named(process):
    """As by the system's killer where memory is short."""

    def kill():
        while not workers():
            time.sleep(0.01)
        time.sleep(0.3)
        os.kill(workers()[0], signal.SIGKILL)

    data = blank_png(8000, 8000)
    threading.Thread(target=kill, daemon=True).start()
    with pytest.raises(ImageError, match='memory') as caught:
        process.decode(data, 'it', images.MAX_PIXELS, 1)
    assert caught.value.code == images.TOO_LARGE


def workers():
    """Return the ids of this process's decoding processes."""
    found = subprocess.run(
        ['pgrep', '-P', str(os.getpid()), '-f', 'decoding_worker'],
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    return list(map(int, found.split()))


def test_the_process_ends_when_it_is_not_needed(process):
    process.decode(encoded(PICTURE, 'PNG'), 'it', images.MAX_PIXELS, 1)
    first = workers()
    time.sleep(4)
    np.testing.assert_array_equal(
        process.decode(encoded(PICTURE, 'PNG'), 'it', images.MAX_PIXELS, 1), PICTURE
    )
    assert workers() != first
