# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The formats of image files that are read, an entry each: how they begin, what decodes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

FORMATS = 'JPEG, PNG, WebP, BMP, TIFF, GIF, PGM, JPEG 2000 or AVIF'
"""For errors: what to give in place of something else."""


@dataclass(frozen=True)
class Format:
    """A format of image files.

    :param name: as ``Header.format`` tells it.
    :param signature: regular expression for a file's first bytes.
    :param endings: of file names, in lower case.
    :param reader: ``module:class`` of Pillow's plug-in or of one for it, called with a file;
        empty: ``pnm.py``.
    :param is_there: returns whether the reader can be used here, once its module is imported.
    :param remedy: what to do where it cannot.
    """

    name: str
    signature: bytes
    endings: tuple[str, ...]
    reader: str
    is_there: Callable[[], bool] = lambda: True
    remedy: str = ''

    def open(self, file: Any) -> Any:
        """Return a PIL picture of which only the header is read.

        :param file: at its beginning.
        """
        module, _, name = self.reader.partition(':')
        return getattr(import_module(module), name)(file)


def _has_jpeg_2000() -> bool:
    from PIL import features

    return bool(features.check('jpg_2000'))


def _has_avif() -> bool:
    from PIL import AvifImagePlugin

    return bool(AvifImagePlugin.SUPPORTED)


_BRAND = rb'(?s).{4}ftyp(?:%s|m(?:if|sf)1.{4}(?:.{4}){0,15}?%s)'
"""Of a file of boxes (ISO 14496-12): the brand, or one that says no more than that it is a
picture, and the brand among the compatible ones."""

READ = (
    Format(
        'JPEG', rb'\xff\xd8\xff', ('.jpg', '.jpeg', '.jfif'), 'PIL.JpegImagePlugin:JpegImageFile'
    ),
    Format('PNG', rb'\x89PNG\r\n\x1a\n', ('.png',), 'PIL.PngImagePlugin:PngImageFile'),
    Format('WEBP', rb'(?s)RIFF....WEBP', ('.webp',), 'PIL.WebPImagePlugin:WebPImageFile'),
    Format('BMP', rb'BM', ('.bmp',), 'PIL.BmpImagePlugin:BmpImageFile'),
    Format(
        'TIFF',
        rb'II\*\0|MM\0\*|II\+\0|MM\0\+',
        ('.tif', '.tiff'),
        'PIL.TiffImagePlugin:TiffImageFile',
    ),
    Format('GIF', rb'GIF8[79]a', ('.gif',), 'PIL.GifImagePlugin:GifImageFile'),
    Format('PNM', rb'P[1-6][\s#]', ('.pgm', '.ppm', '.pbm', '.pnm'), ''),
    Format(
        'JPEG2000',
        rb'\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51',
        ('.jp2', '.j2k', '.jpf', '.jpx', '.j2c'),
        'PIL.Jpeg2KImagePlugin:Jpeg2KImageFile',
        _has_jpeg_2000,
        'install a Pillow built with OpenJPEG (pip install pillow)',
    ),
    Format(
        'AVIF',
        _BRAND % (rb'avi[fs]', rb'avi[fs]'),
        ('.avif',),
        'PIL.AvifImagePlugin:AvifImageFile',
        _has_avif,
        "install Pillow 11.3 or newer (pip install 'pillow>=11.3')",
    ),
    Format(
        'HEIC',
        _BRAND % (rb'he(?:i[cxms]|v[cxms])', rb'he(?:i[cxms]|v[cxms])'),
        ('.heic', '.heif', '.hif'),
        'pillow_heif.as_plugin:HeifImageFile',
        remedy="install pillow-heif (pip install 'face_affect_ros[heic]')",
    ),
)
"""All formats, in the order in which a file is compared with them."""


def of_bytes(data: Any) -> Format | None:
    """Return the format of a file by its first bytes, None: none that is read."""
    return next((entry for entry in READ if re.match(entry.signature, data)), None)


@cache
def is_readable(entry: Format) -> bool:
    """Return whether a format's reader is installed."""
    if not entry.reader:
        return True
    try:
        import_module(entry.reader.partition(':')[0])
        return entry.is_there()
    except ImportError:
        return False


def endings() -> tuple[str, ...]:
    """Return the endings of names, in lower case, of picture files that are read here."""
    return tuple(ending for entry in READ if is_readable(entry) for ending in entry.endings)


def remedies() -> dict[str, str]:
    """Return what to install to read further formats, by the endings of their files."""
    return {
        ending: entry.remedy
        for entry in READ
        if not is_readable(entry)
        for ending in entry.endings
    }
