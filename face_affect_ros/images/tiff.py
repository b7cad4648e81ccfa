# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""TIFF files: what their samples are where they are not read, and how long their lists."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from face_affect_ros.images.bounded_file import too_many_parts

_BITS_PER_SAMPLE, _SAMPLES_PER_PIXEL, _SAMPLE_FORMAT = 258, 277, 339

_FORMATS = {
    2: 'signed integers',
    3: 'floating-point values',
    5: 'complex integers',
    6: 'complex values',
}

MAX_COUNT = 1_000_000
"""Numbers in one field, such as the places of strips; Python takes some 80 bytes for each."""

_BYTES, _ASCII, _UNDEFINED = 1, 2, 7
"""Types of fields that stay bytes, or become one text."""


def check_counts(data: memoryview, name: str) -> None:
    """
    Refuse a TIFF whose first directory has longer lists of numbers than ``MAX_COUNT``.

    :raises ImageError: TOO_LARGE.
    """
    for kind, count in _fields(data):
        if count > MAX_COUNT and kind not in (_BYTES, _ASCII, _UNDEFINED):
            raise too_many_parts(name)


def _fields(data: memoryview) -> Iterator[tuple[int, int]]:
    """Yield type and count of the fields of the first directory, as far as it is there."""
    order = '<' if data[:1] == b'I' else '>'
    is_big = b'+' in bytes(data[2:4])
    place_at, place, number, field = (8, 'Q', 'Q', 'HHQ8x') if is_big else (4, 'I', 'H', 'HHI4x')
    try:
        (begin,) = struct.unpack_from(order + place, data, place_at)
        (length,) = struct.unpack_from(order + number, data, begin)
    except (struct.error, OverflowError):
        return
    begin += struct.calcsize(order + number)
    size = struct.calcsize(order + field)
    end = min(begin + length * size, len(data) - len(data[begin:]) % size)
    for _, kind, count in struct.iter_unpack(order + field, data[begin:end]):
        yield kind, count


def odd_samples(data: bytes) -> str:
    """Return what a TIFF holds in place of 1 to 4 channels of 1 to 16 unsigned bits.

    Empty where it holds just these, or is damaged.
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    begin = data[: 16 if data[2:3] == b'+' or data[3:4] == b'+' else 8]
    try:
        tags = ImageFileDirectory_v2(begin)
        file = io.BytesIO(data)
        file.seek(tags.next)
        tags.load(file)
        bits = tags.get(_BITS_PER_SAMPLE, (1,))
        formats = tags.get(_SAMPLE_FORMAT, (1,))
        channels = int(tags.get(_SAMPLES_PER_PIXEL, 1))
    except Exception:  # of a damaged directory anything is raised
        return ''
    for number in formats:
        if number in _FORMATS:
            return f'{_FORMATS[number]} of {bits[0]} bits'
    if channels > 4:
        return f'{channels} channels'
    return '' if set(bits) <= {1, 2, 4, 8, 16} else f'samples of {max(bits)} bits'
