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
        chunk(kind, content)
        for kind, content in ((b'IHDR', header), (b'IDAT', data), (b'IEND', b''))
    )


def chunk(kind, content):
    """Return a chunk of a PNG."""
    return struct.pack('>I', len(content)) + kind + content + checksum(kind + content)


def checksum(data):
    """Return the checksum that ends a chunk of a PNG."""
    return struct.pack('>I', zlib.crc32(data))


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


def many_parts(picture, kind):
    """Return a small file of a BGR picture that has more parts than anybody needs.

    :param kind: one of ``MANY_PARTS``.
    """
    return MANY_PARTS[kind](picture)


def _jpeg_with(parts, place=2):
    def make(picture):
        data = encoded(picture, 'JPEG')
        return data[:place] + parts + data[place:]

    return make


def _png_with(added, count, behind=b'IHDR'):
    def make(picture):
        data = encoded(picture, 'PNG')
        place = data.rindex(behind) - 4
        end = place + 12 + int.from_bytes(data[place : place + 4], 'big')
        return data[:end] + added * count + data[end:]

    return make


def tiff(fields, data=b''):
    """Return a TIFF with one directory of fields (tag, type, count, value)."""
    return (
        struct.pack('<2sHIH', b'II', 42, 8, len(fields))
        + b''.join(struct.pack('<HHII', *field) for field in fields)
        + bytes(4)
        + data
    )


def _tiff_of_strips(_):
    strips = [(273, 4, 2_000_000, 300), (279, 4, 2_000_000, 300)]
    sizes = [(256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 8), (262, 3, 1, 1)]
    return tiff(sorted([*sizes, *strips]), bytes(8_000_200))


MANY_PARTS = {
    'segments': _jpeg_with(b'\xff\xe5\0\2' * 60_000),
    'filling bytes': _jpeg_with(b'\xff' * 100_000),
    'segments behind the scan': _jpeg_with(b'\xff\xe5\0\2' * 60_000, -2),
    'tables': _jpeg_with((b'\xff\xdb\0\x43\0' + bytes(64)) * 20_000),
    'chunks': _png_with(chunk(b'abCd', b''), 30_000),
    'profiles': _png_with(chunk(b'iCCP', b'a\0\0' + zlib.compress(bytes(1_000_000), 9)), 400),
    'texts behind the pixels': _png_with(chunk(b'tEXt', b'a\0b'), 30_000, b'IDAT'),
    'empty chunks of pixels': _png_with(chunk(b'IDAT', b''), 60_000),
    'strips': _tiff_of_strips,
}
"""Files with millions of parts took Pillow up to a minute for ten megabytes."""


def encoded(picture, kind, **options):
    """Return a BGR picture as a file."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[..., ::-1])).save(stream, kind, **options)
    return stream.getvalue()
