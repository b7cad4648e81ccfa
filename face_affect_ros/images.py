# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user calls an image, as a C-contiguous (H, W, 3) uint8 array in BGR order.

:func:`load` takes arrays, PIL pictures, paths and encoded bytes; :func:`decode` is its part for
encoded bytes, quick enough for a compressed camera stream. The result is defined for every kind:

- the first frame of an animation or of a TIFF with pages, turned upright by its EXIF orientation;
- grey (1, 8 or 16 bits) repeated in the three channels; 16-bit samples are value / 256;
- alpha dropped, the colour under it kept, as for a camera's ``rgba8``;
- palette, CMYK and YCbCr as Pillow converts them to RGB.

Anything else, and anything damaged, cut short or too large, is an :class:`ImageError`. One thing
cannot be seen: a JPEG that lost bytes in its middle but kept its end decodes with false pixels.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import stat
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from typing import Final
from typing import Union

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

# Error codes, named as the constants of srv/ClassifyImage.
NO_IMAGE: Final = 'NO_IMAGE'
BAD_IMAGE: Final = 'BAD_IMAGE'
UNSUPPORTED_ENCODING: Final = 'UNSUPPORTED_ENCODING'
TOO_LARGE: Final = 'TOO_LARGE'

MAX_PIXELS = 64_000_000
"""Largest width x height that is decoded or converted; compared before memory is taken."""

MAX_FILE_BYTES = 8 * MAX_PIXELS
"""Largest file that is read: ``MAX_PIXELS`` of 16-bit RGBA without compression."""

FORMATS = 'JPEG, PNG, WebP, BMP or TIFF'

ImageLike = Union[np.ndarray, 'Image', str, 'os.PathLike[str]', bytes, bytearray, memoryview]
Buffer = Any  # bytes, bytearray, memoryview, array.array, ndarray; a name for it begins with 3.12

# Pillow's plug-in of each format, and how a file of it begins.
_SIGNATURES = {
    'Jpeg': rb'\xff\xd8\xff',
    'Png': rb'\x89PNG\r\n\x1a\n',
    'WebP': rb'(?s)RIFF....WEBP',
    'Bmp': rb'BM',
    'Tiff': rb'II\*\0|MM\0\*|II\+\0|MM\0\+',
}

_END_OF_JPEG = b'\xff\xd9'

_ORIENTATION_TAG = 0x0112

# EXIF orientation -> the picture upright.
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}

# Modes whose values have no known range or no conversion to RGB.
_MODES_WITHOUT_COLOUR = {'I': '32-bit integers', 'F': 'floating-point values', 'LAB': 'CIE Lab'}

# Modes that lose their transparency cleanly only over another mode.
_MODES_VIA = {'P': 'RGBA', 'PA': 'RGBA', 'RGBa': 'RGBA', 'La': 'LA'}

# Channels of an array -> OpenCV's conversion to BGR.
_CONVERSIONS = {1: 'COLOR_GRAY2BGR', 4: 'COLOR_BGRA2BGR'}


class ImageError(ValueError):
    """An image that cannot be used.

    ``code`` is one of ``NO_IMAGE``, ``BAD_IMAGE``, ``UNSUPPORTED_ENCODING`` and ``TOO_LARGE``, the
    names of the constants in srv/ClassifyImage; the message says what is wrong with which image
    and what to do about it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


def load(image: ImageLike) -> np.ndarray:
    """
    Return an image as a C-contiguous (H, W, 3) uint8 array in BGR order.

    :param image: an array of uint8, (H, W, 3) BGR, (H, W) or (H, W, 1) grey or (H, W, 4) BGRA; a
        PIL picture; the path of a JPEG, PNG, WebP, BMP or TIFF file; or such a file's bytes.
    :returns: pixels 0..255; the argument itself where it is already what is wanted.
    :raises ImageError: NO_IMAGE if the argument is None or the file cannot be read, BAD_IMAGE if
        it is empty, damaged, cut short or no image at all, UNSUPPORTED_ENCODING if its pixels have
        another type, TOO_LARGE beyond ``MAX_PIXELS``.
    """
    if isinstance(image, np.ndarray):
        return _from_array(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return decode(image)
    if isinstance(image, (str, os.PathLike)):
        return _from_file(Path(image))
    return _from_picture(image)


def decode(data: Buffer, name: str = 'encoded image') -> np.ndarray:
    """
    Decode the bytes of a JPEG, PNG, WebP, BMP or TIFF file, upright.

    :param data: the whole file in contiguous memory: bytes, memoryview, array.array, ...
    :param name: what error messages call it.
    :returns: C-contiguous (H, W, 3) uint8 array in BGR order.
    :raises ImageError: BAD_IMAGE if the data is empty, damaged, cut short or no image,
        UNSUPPORTED_ENCODING if its pixels are floating-point, 32-bit or Lab values, TOO_LARGE if
        its header claims more than ``MAX_PIXELS`` (found before anything is decoded).
    """
    with _refusing(name):
        picture = _open(memoryview(data).cast('B'), name)
        check_size(picture.width, picture.height, name)
        if picture.format == 'JPEG' and picture.mode in ('L', 'RGB'):
            return _upright(_decode_jpeg(picture), picture)
        return _upright(_pixels(picture, name), picture)


def check_size(width: int, height: int, name: str) -> None:
    """
    Refuse an image without pixels, or with more than ``MAX_PIXELS``.

    :raises ImageError: BAD_IMAGE or TOO_LARGE.
    """
    if width < 1 or height < 1:
        raise ImageError(
            BAD_IMAGE, f'{name} is empty ({width}x{height}): width and height must be at least 1')
    if width * height > MAX_PIXELS:
        raise ImageError(
            TOO_LARGE, f'{name} has {width}x{height} = {width * height:,} pixels, more than the '
            f'{MAX_PIXELS:,} that are accepted: scale it down')


def rgb_to_bgr(image: np.ndarray) -> np.ndarray:
    """Return a (H, W, 3) uint8 array with its first and third channel exchanged."""
    import cv2
    if image.size == 3:  # OpenCV 4.5.4 fails on a single pixel of three channels
        return image[..., ::-1]
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)


def _from_array(image: np.ndarray) -> np.ndarray:
    name = f'image array (shape {image.shape}, dtype {image.dtype})'
    if image.dtype != np.uint8:
        raise ImageError(
            UNSUPPORTED_ENCODING, f'{name} must have dtype uint8, 0 to 255: scale 16-bit values '
            'by 1/256 and values from 0 to 1 by 255, then use .astype(numpy.uint8)')
    channels = image[..., None] if image.ndim == 2 else image
    if channels.ndim != 3 or channels.shape[2] not in (1, 3, 4):
        raise ImageError(
            BAD_IMAGE, f'{name} must have shape (H, W, 3) in BGR order, (H, W) grey or '
            '(H, W, 4) BGRA')
    check_size(channels.shape[1], channels.shape[0], name)
    return _to_three_channels(np.ascontiguousarray(channels))


def _to_three_channels(image: np.ndarray) -> np.ndarray:
    if image.shape[2] == 3:
        return image
    import cv2
    return cv2.cvtColor(image, getattr(cv2, _CONVERSIONS[image.shape[2]]))


def _from_file(path: Path) -> np.ndarray:
    name = f'image file "{path}"'
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError('it is no regular file')
        data = path.read_bytes() if status.st_size <= MAX_FILE_BYTES else b''
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise ImageError(
            NO_IMAGE, f'{name} cannot be read ({reason}): give the path of a {FORMATS} file '
            'that you may read') from error
    if status.st_size > MAX_FILE_BYTES:
        raise ImageError(
            TOO_LARGE, f'{name} has {status.st_size:,} bytes, more than the {MAX_FILE_BYTES:,} '
            'that are accepted: scale it down')
    return decode(data, name)


def _from_picture(picture: Any) -> np.ndarray:
    from PIL.Image import Image
    if picture is None:
        raise ImageError(
            NO_IMAGE, 'image is None (cv2.imread returns None for a file that it cannot read): '
            'give an array, a PIL picture, a path or bytes')
    if not isinstance(picture, Image):
        raise ImageError(
            BAD_IMAGE, f'image is a {type(picture).__name__}: give a NumPy array, a PIL picture, '
            f'a path, or the bytes of a {FORMATS} file')
    name = f'PIL picture ({picture.width}x{picture.height}, mode {picture.mode})'
    with _refusing(name):
        check_size(picture.width, picture.height, name)
        return _upright(_pixels(picture, name), picture)


@contextlib.contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on bad data (their list has no end) into an ImageError."""
    try:
        yield
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(
            BAD_IMAGE, f'{name} cannot be decoded ({error}): it is damaged or cut short; save or '
            'send it again') from error


def _open(data: memoryview, name: str) -> Any:
    """Read the header by Pillow's plug-in: PIL.Image.open warns of sizes in its own way."""
    for plugin, signature in _SIGNATURES.items():
        if re.match(signature, data):
            return _header(plugin, data, name)
    begin = bytes(data[:8])
    raise ImageError(
        BAD_IMAGE, f'{name} is no image ({len(data)} bytes, beginning {begin!r}): give a {FORMATS}'
        ' file')


def _header(plugin: str, data: memoryview, name: str) -> Any:
    from PIL.Image import DecompressionBombError
    module = importlib.import_module(f'PIL.{plugin}ImagePlugin')
    try:
        return getattr(module, f'{plugin}ImageFile')(io.BytesIO(data))
    except DecompressionBombError as error:  # WebP's plug-in looks for itself
        raise ImageError(
            TOO_LARGE, f'{name} has more than the {MAX_PIXELS:,} pixels that are accepted '
            f'({error}): scale it down') from error


def _decode_jpeg(picture: Any) -> np.ndarray:
    """Decode with OpenCV: the same pixels as Pillow's, sooner, and without holding the GIL.

    OpenCV 4.5 and 4.6 paint the missing part of a cut picture grey: the end marker, which the
    data behind the header cannot hold by chance, says whether all of it is there.
    """
    import cv2
    data = picture.fp.getvalue()
    if data.find(_END_OF_JPEG, picture.fp.tell()) < 0:
        raise OSError(f'no end marker in its {len(data)} bytes')
    pixels = cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise OSError('not a JPEG variant that OpenCV can read')
    return pixels


def _pixels(picture: Any, name: str) -> np.ndarray:
    """Return any PIL picture as BGR, not yet upright."""
    import cv2
    picture.load()
    if picture.mode.startswith('I;16') or (picture.mode == 'I' and picture.format == 'PNG'):
        grey = (np.asarray(picture) >> 8).astype(np.uint8)
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    if picture.mode in _MODES_WITHOUT_COLOUR:
        raise ImageError(
            UNSUPPORTED_ENCODING, f'{name} holds {_MODES_WITHOUT_COLOUR[picture.mode]} (mode '
            f'{picture.mode}): save it with 8 or 16 bits a channel, in grey or RGB')
    if picture.mode in _MODES_VIA:
        picture = picture.convert(_MODES_VIA[picture.mode])
    return rgb_to_bgr(np.asarray(picture.convert('RGB')))


def _upright(pixels: np.ndarray, picture: Any) -> np.ndarray:
    turn = _UPRIGHT.get(_orientation(picture), lambda unturned: unturned)
    return np.ascontiguousarray(turn(pixels))


def _orientation(picture: Any) -> Any:
    """Return the EXIF orientation that is still to be honoured."""
    if picture.format == 'TIFF':
        return None  # Pillow has turned it on loading
    try:
        return picture.getexif().get(_ORIENTATION_TAG)
    except Exception:  # EXIF that cannot be parsed raises anything; the pixels are good
        return None
