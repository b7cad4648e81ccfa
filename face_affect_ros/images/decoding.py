# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The bytes of an image file, decoded or looked at."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any
from typing import NamedTuple

import numpy as np

from face_affect_ros.images import bit_depth
from face_affect_ros.images import formats
from face_affect_ros.images import gif
from face_affect_ros.images import isobmff
from face_affect_ros.images import jpeg
from face_affect_ros.images import pixels
from face_affect_ros.images import pnm
from face_affect_ros.images import tiff
from face_affect_ros.images.bounded_file import BoundedFile
from face_affect_ros.images.errors import BAD_IMAGE
from face_affect_ros.images.errors import TOO_LARGE
from face_affect_ros.images.errors import UNSUPPORTED_ENCODING
from face_affect_ros.images.errors import ImageError
from face_affect_ros.images.errors import ImageWarning
from face_affect_ros.images.errors import refusing
from face_affect_ros.images.formats import FORMATS
from face_affect_ros.images.formats import Format
from face_affect_ros.images.jpeg import Buffer
from face_affect_ros.images.sizes import MAX_PIXELS
from face_affect_ros.images.sizes import check_size

VIDEO = 'a video'

# How files begin that are often taken for pictures of the formats that are read.
_OTHERS = {
    'a JPEG XL picture': rb'\0\0\0\x0cJXL |\xff\x0a',
    VIDEO: (
        rb'(?s)....(?:ftyp|moov|mdat)|\x1a\x45\xdf\xa3|RIFF....AVI'
        rb'|OggS|\x00\x00\x01[\xb3\xba]|FLV\x01'
    ),
    'a PDF': rb'%PDF',
    'an SVG drawing': rb'(?s)\s*(?:<\?xml.{0,999})?<svg',
    'a web page': rb'(?is)\s*<!doctype|\s*<html',
    'a pointer of Git LFS': rb'version https://git-lfs',
    'base64 text': rb'/9j/|iVBORw0KGg|UklGR|R0lGOD|data:image',
}


def decode(
    data: Buffer,
    name: str = 'encoded image',
    warn: Callable[[Warning], Any] = warnings.warn,
    max_pixels: int = MAX_PIXELS,
    reduction: int = 1,
    depth: Callable[[np.ndarray], int] = bit_depth.of_picture,
) -> np.ndarray:
    """
    Decode the bytes of an image file (``formats.py``), upright.

    :param data: the whole file: bytes, memoryview, array.array, ...
    :param name: what error messages call it.
    :param warn: called with an ``ImageWarning`` where a JPEG lacks its end marker.
    :param max_pixels: largest width x height that is decoded.
    :param reduction: 1, 2, 4 or 8: colour and grey JPEGs are decoded with sides divided by it,
        rounded up.
    :param depth: returns the bits that 16-bit samples use; of a stream a ``StreamDepth``.
    :returns: C-contiguous (H, W, 3) uint8 array in BGR order.
    :raises ImageError: BAD_IMAGE if the data is empty, damaged, cut short or no image,
        UNSUPPORTED_ENCODING if it is of another format, or its pixels are floating-point, 32-bit
        or Lab values, TOO_LARGE if its header claims more than ``max_pixels``, or it is a JPEG of
        more than ``jpeg.MAX_SCANS`` (found before anything is decoded), or what is beside the
        pixels would take too long to read (``bounded_file.py``), or memory is short.
    """
    with refusing(name):
        picture = _open(_as_bytes(data), name)
        _checked_header(picture, name, max_pixels)
        if isinstance(picture, pnm.PnmPicture):
            return picture.to_bgr(depth)
        picture.fp.allow_pixels(picture.width * picture.height)
        if picture.format == 'JPEG':
            return pixels.upright(_from_jpeg(picture, name, warn, reduction), picture)
        return pixels.upright(pixels.of_picture(picture, name, depth), picture)


class Header(NamedTuple):
    """What the header of an encoded image says.

    :param format: name of one of ``formats.READ``, such as ``JPEG``.
    :param width: in pixels, not yet upright.
    :param height: in pixels, not yet upright.
    :param scans: passes over the picture; more than 1 in a progressive JPEG.
    :param whole: False for a JPEG without its end marker.
    """

    format: str
    width: int
    height: int
    scans: int = 1
    whole: bool = True


def read_header(data: Buffer, name: str = 'encoded image', max_pixels: int = MAX_PIXELS) -> Header:
    """
    Return what ``decode`` would decode, without doing so.

    :raises ImageError: as ``decode``, as far as the header tells.
    """
    with refusing(name):
        return _checked_header(_open(_as_bytes(data), name), name, max_pixels)


def _checked_header(picture: Any, name: str, max_pixels: int) -> Header:
    """Return the header of an opened picture; refuse what takes too much to decode."""
    check_size(picture.width, picture.height, name, max_pixels)
    if picture.format != 'JPEG':
        return Header(picture.format.replace('HEIF', 'HEIC'), picture.width, picture.height)
    scans, whole = jpeg.scans(picture.fp.getbuffer(), picture.fp.tell(), name)
    if scans > jpeg.MAX_SCANS:
        raise ImageError(
            TOO_LARGE,
            f'{name} has {scans} scans, more than the {jpeg.MAX_SCANS} that are '
            'accepted: save it as a baseline JPEG',
        )
    return Header('JPEG', picture.width, picture.height, scans, whole)


def _as_bytes(data: Buffer) -> memoryview:
    view = memoryview(data)
    return view.cast('B') if view.c_contiguous else memoryview(view.tobytes())


def _open(data: memoryview, name: str) -> Any:
    """Read the header by Pillow's plug-in: PIL.Image.open warns of sizes in its own way."""
    found = formats.of_bytes(data)
    if found is not None:
        return _header(found, data, name)
    begin, other = bytes(data[:8]), other_kind(data)
    if other:
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} is {other} ({len(data)} bytes, beginning {begin!r}): give a {FORMATS} file',
        )
    raise ImageError(
        BAD_IMAGE,
        f'{name} is no image ({len(data)} bytes, beginning {begin!r}): give a {FORMATS} file',
    )


def other_kind(data: Buffer) -> str:
    """Return what data are that are no picture of these formats, such as ``VIDEO``.

    :param data: a file's first bytes, at least 1,100 if there are so many.
    :returns: in words; empty where they are a picture, or nothing that is known.
    """
    if formats.of_bytes(data) is not None:
        return ''
    return next((other for other, sign in _OTHERS.items() if re.match(sign, data)), '')


def _header(kind: Format, data: memoryview, name: str) -> Any:
    from PIL.Image import DecompressionBombError

    if not formats.is_readable(kind):
        raise ImageError(
            UNSUPPORTED_ENCODING, f'{name} is {kind.name}, which is not read here: {kind.remedy}'
        )
    if kind.name == 'PNM':
        return pnm.PnmPicture(data, name)
    try:
        _check_before_opening(kind, data, name)
        return kind.open(BoundedFile(data, name))
    except SyntaxError as error:
        odd = tiff.odd_samples(bytes(data)) if kind.name == 'TIFF' else ''
        if not odd:
            raise
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} holds {odd}: save it with 8 or 16 unsigned bits a channel, in grey or RGB',
        ) from error
    except DecompressionBombError as error:  # WebP's plug-in looks for itself
        count = re.search(r'\d+', str(error))
        raise ImageError(
            TOO_LARGE,
            f'{name} has {count[0] if count else "more"} pixels, more than the '
            f'{MAX_PIXELS:,} that are accepted: scale it down',
        ) from error


def _check_before_opening(kind: Format, data: memoryview, name: str) -> None:
    """Refuse what would take much already to read the header."""
    if kind.name == 'TIFF':
        tiff.check_counts(data, name)
    if kind.name == 'GIF':
        check_size(*gif.size(BoundedFile(data, name)), name)
    if kind.name in ('AVIF', 'HEIC'):
        check_size(*isobmff.largest(data), name)


def _from_jpeg(
    picture: Any, name: str, warn: Callable[[Warning], Any], reduction: int
) -> np.ndarray:
    """Return a JPEG as BGR, not yet upright; one without its end marker if it is whole."""
    data = picture.fp.getvalue()
    if not jpeg.scans(data, picture.fp.tell(), name)[1]:
        data = jpeg.completed(data)
        picture = _open(memoryview(data), name)
        warn(
            ImageWarning(
                f'{name} has no end marker, though its picture is whole: what wrote it '
                'leaves out the last two bytes, ff d9'
            )
        )
    if picture.mode in ('L', 'RGB'):
        return _decode_jpeg(data, name, reduction)
    return pixels.of_picture(picture, name)


def _decode_jpeg(data: bytes, name: str, reduction: int) -> np.ndarray:
    """Decode with OpenCV: the same values as Pillow's, sooner, and without holding the GIL."""
    import cv2

    size = 'COLOR' if reduction == 1 else f'REDUCED_COLOR_{reduction}'
    decoded = cv2.imdecode(
        np.frombuffer(data, np.uint8),
        getattr(cv2, f'IMREAD_{size}') | cv2.IMREAD_IGNORE_ORIENTATION,
    )
    if decoded is None and not jpeg.is_usual(data):
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} is a lossless, hierarchical or arithmetic JPEG, which '
            'is not read: save it as a baseline or progressive one',
        )
    if decoded is None:
        raise OSError('OpenCV cannot read it')
    return decoded
