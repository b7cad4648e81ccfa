# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small files that take long or much to decode, made here."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def blank_png(width, height):
    """Return a PNG of some kilobytes with many pixels."""
    compressor = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b''.join(compressor.compress(row) for _ in range(height)) + compressor.flush()
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        _chunk(kind, content)
        for kind, content in ((b'IHDR', header), (b'IDAT', data), (b'IEND', b''))
    )


def _chunk(kind, content):
    return (
        struct.pack('>I', len(content))
        + kind
        + content
        + struct.pack('>I', zlib.crc32(kind + content))
    )


def many_scans(picture, scans):
    """Return a progressive JPEG of a BGR picture whose last scan comes again and again."""
    data = encoded(picture, 'JPEG', progressive=True, quality=50)
    last = data.rindex(b'\xff\xda')
    begin = last
    while (
        data.rfind(b'\xff\xc4', 0, begin) >= 0
        and b'\xff\xda' not in data[data.rfind(b'\xff\xc4', 0, begin) : begin]
    ):
        begin = data.rfind(b'\xff\xc4', 0, begin)
    return data[:begin] + data[begin:-2] * scans + data[-2:]


def encoded(picture, kind, **options):
    """Return a BGR picture as a file."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[..., ::-1])).save(stream, kind, **options)
    return stream.getvalue()
