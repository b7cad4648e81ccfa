# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""JPEG files: of which kind they are, and whether one without its end marker lacks anything else.

Some cameras leave the marker out. What decoders make of such a file does not tell: they paint a
missing part grey.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from face_affect_ros.images.bounded_file import too_many_parts

END = b'\xff\xd9'

Buffer = Any  # bytes, memoryview; a name for it begins with 3.12

MAX_SCANS = 40
"""Scans of a JPEG that are decoded; encoders write up to some ten. Each is a pass over the whole
picture, which may take as little as its header."""

MAX_SEGMENTS = 20_000
"""Segments of a JPEG that are looked at; it takes a microsecond each."""

MAX_COMPONENTS = 4
"""Colours of a JPEG that decoders take."""

_MARKER = re.compile(rb'\xff([\x02-\xcf\xd9-\xfe])', re.DOTALL)
"""What is no stuffed or filling byte, restart or start of a file."""

_RESTART = re.compile(rb'\xff[\xd0-\xd7]')

_START_OF_SCAN, _END_OF_FILE = 0xDA, 0xD9
_USUAL = {0xC0, 0xC1, 0xC2}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

_PADDING = bytes((181 + 67 * place + 29 * place * place) % 255 for place in range(64))
"""Begins with another bit than the zeros that decoders take for what is missing."""


def scans(data: Buffer, begin: int, name: str) -> tuple[int, bool]:
    """Return how many scans a JPEG has, counted up to one too many, and whether it has an end.

    :param data: the whole file.
    :param begin: behind the header of its first scan.
    :param name: what error messages call it.
    :raises ImageError: TOO_LARGE beyond ``MAX_SEGMENTS``.
    """
    count = 1
    for number, (marker, _) in enumerate(_segments(data, begin)):
        if marker == _END_OF_FILE:
            return count, True
        if number > MAX_SEGMENTS:
            raise too_many_parts(name)
        count += marker == _START_OF_SCAN
        if count > MAX_SCANS:
            break
    return count, False


def is_usual(data: bytes) -> bool:
    """Return whether a JPEG is of a kind that every decoder reads: baseline or progressive."""
    return any(marker in _USUAL for marker, _ in _segments(data))


def completed(data: bytes) -> bytes:
    """Return a JPEG with the end marker that it lacks.

    :param data: without an end marker behind its first scan.
    :raises ValueError: more is missing.
    """
    if not _has_all_scans(data):
        raise ValueError('the end is missing: not all scans are there')
    # Some cameras fill up with zeros, of which libjpeg would complain on standard error.
    for candidate in dict.fromkeys((data.rstrip(b'\0'), data)):
        if _has_all_rows(candidate):
            return candidate + END
    raise ValueError('the end is missing: not all rows are there')


def _has_all_rows(data: bytes) -> bool:
    """Return whether nothing behind the data changes the picture: decoders stop at its end."""
    stuffed = data + (b'\0' if data.endswith(b'\xff') else b'')
    restart = b'\xff%c' % (0xD0 + sum(1 for _ in _RESTART.finditer(data)) % 8)
    pixels = _decoded(data + END)
    return all(_decoded(other + _PADDING + END) == pixels for other in (stuffed, data + restart))


def _decoded(data: bytes) -> bytes:
    """Return the pixels by Pillow, whose libjpeg keeps silent about what follows the picture."""
    from PIL.JpegImagePlugin import JpegImageFile

    with JpegImageFile(io.BytesIO(data)) as picture:
        return picture.tobytes()


def _has_all_scans(data: bytes) -> bool:
    """Return whether scans tell every coefficient of every component to its last bit."""
    wanted: set[tuple[int, int]] = set()
    for marker, content in _segments(data):
        if marker in _FRAMES:
            last = 63 if marker in _PROGRESSIVE else 0
            wanted = {
                (component, place)
                for component in content[6 : 6 + 3 * MAX_COMPONENTS : 3]
                for place in range(last + 1)
            }
        elif marker == _START_OF_SCAN:
            components = content[1 : 1 + 2 * content[0] : 2]
            first, last, bits = content[-3:]
            if bits & 15 == 0:
                wanted -= {
                    (component, place)
                    for component in components
                    for place in range(first, last + 1)
                }
    return not wanted


def _segments(data: Buffer, place: int = 2) -> Iterator[tuple[int, Buffer]]:
    """Yield marker and content of each segment, at last the end marker where there is one.

    :param place: where to begin, between two segments or in a scan.
    """
    while found := _MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        if marker == _END_OF_FILE:
            yield marker, b''
            return
        length = int.from_bytes(data[place : place + 2], 'big')
        yield marker, data[place + 2 : place + length]
        place += length
