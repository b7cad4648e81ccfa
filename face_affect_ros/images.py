# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user calls an image, as a C-contiguous (H, W, 3) uint8 array in BGR order.

:func:`load` takes arrays, PIL pictures, paths, pipes, open files and encoded bytes;
:func:`decode` is its part for encoded bytes, quick enough for a compressed camera stream. The
result is defined for every kind:

- the first frame of an animation or of a TIFF with pages, turned upright by its EXIF orientation;
- grey (1, 8 or 16 bits) repeated in the three channels;
- 16-bit samples are value / 256, or where the largest tell that only 8, 10, 12 or 14 bits are
  used, the upper 8 of these (``bit_depth.py``);
- alpha dropped, the colour under it kept, as for a camera's ``rgba8``;
- palette, CMYK and YCbCr as Pillow converts them to RGB.

Anything else, and anything damaged, cut short or too large, is an :class:`ImageError`; a JPEG that
lacks nothing but its end marker is an :class:`ImageWarning`. One thing cannot be seen: a JPEG that
lost bytes in its middle but kept its end decodes with false pixels.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import io
import os
import re
import warnings
from collections.abc import Callable
from collections.abc import Iterator
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from typing import Union

import numpy as np

from face_affect_ros import bit_depth
from face_affect_ros import image_files
from face_affect_ros import jpeg
from face_affect_ros import tiff
from face_affect_ros.image_errors import BAD_IMAGE as BAD_IMAGE
from face_affect_ros.image_errors import NO_IMAGE as NO_IMAGE
from face_affect_ros.image_errors import TOO_LARGE as TOO_LARGE
from face_affect_ros.image_errors import UNSUPPORTED_ENCODING as UNSUPPORTED_ENCODING
from face_affect_ros.image_errors import ImageError as ImageError
from face_affect_ros.image_errors import ImageWarning as ImageWarning
from face_affect_ros.image_files import FORMATS as FORMATS
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 64_000_000
"""Largest width x height that is decoded or converted; compared before memory is taken."""

MAX_FILE_BYTES = 8 * MAX_PIXELS
"""Largest file that is read: ``MAX_PIXELS`` of 16-bit RGBA without compression."""

ImageLike = Union[
    np.ndarray,
    'Image',
    str,
    'os.PathLike[str]',
    bytes,
    bytearray,
    memoryview,
    'array.array[int]',
    IO[bytes],
]
Buffer = Any  # bytes, bytearray, memoryview, array.array, ndarray; a name for it begins with 3.12

# Pillow's plug-in of each format, and how a file of it begins.
_SIGNATURES = {
    'Jpeg': rb'\xff\xd8\xff',
    'Png': rb'\x89PNG\r\n\x1a\n',
    'WebP': rb'(?s)RIFF....WEBP',
    'Bmp': rb'BM',
    'Tiff': rb'II\*\0|MM\0\*|II\+\0|MM\0\+',
}

# How files begin that are often taken for pictures of these formats.
_OTHERS = {
    'a GIF': rb'GIF8',
    'a HEIF or AVIF picture': rb'(?s)....ftyp(?:hei|hev|mif|msf|avi)',
    'a JPEG 2000 picture': rb'\0\0\0\x0cjP  |\xff\x4f\xff\x51',
    'a JPEG XL picture': rb'\0\0\0\x0cJXL |\xff\x0a',
    'a video': rb'(?s)....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI',
    'a PDF': rb'%PDF',
    'an SVG drawing': rb'(?s)\s*(?:<\?xml.{0,999})?<svg',
    'a web page': rb'(?is)\s*<!doctype|\s*<html',
    'a pointer of Git LFS': rb'version https://git-lfs',
    'base64 text': rb'/9j/|iVBORw0KGg|UklGR|data:image',
}

# What Pillow says of files that are whole but of a kind that it does not read.
_UNSUPPORTED = re.compile('cannot handle .*(?:bit|layer)|not available|Unsupported BMP')

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

_OPENCV_NO_MEMORY = -4  # of its error codes

# Channels of an array -> OpenCV's conversion to BGR.
_CONVERSIONS = {1: 'COLOR_GRAY2BGR', 4: 'COLOR_BGRA2BGR'}


def load(image: ImageLike, warn: Callable[[Warning], Any] = warnings.warn) -> np.ndarray:
    """
    Return an image as a C-contiguous (H, W, 3) uint8 array in BGR order.

    :param image: an array of uint8, (H, W, 3) BGR, (H, W) or (H, W, 1) grey or (H, W, 4) BGRA; a
        PIL picture; the path of a JPEG, PNG, WebP, BMP or TIFF file, or of a pipe through which
        one comes; such a file opened as binary (``io.BytesIO`` too), or its bytes.
    :param warn: called with an ``ImageWarning`` where something is wrong that is no obstacle.
    :returns: pixels 0..255; the argument itself where it is already what is wanted.
    :raises ImageError: NO_IMAGE if the argument is None or the file cannot be read, BAD_IMAGE if
        it is empty, damaged, cut short or no image at all, UNSUPPORTED_ENCODING if its pixels have
        another type or its format is another, TOO_LARGE beyond ``MAX_PIXELS``.
    """
    if isinstance(image, np.ndarray):
        return _from_array(image)
    if isinstance(image, (bytes, bytearray, memoryview, array.array)):
        return decode(image, warn=warn)
    if isinstance(image, (str, os.PathLike)):
        path = os.fsdecode(image)
        data = image_files.read_path(path, MAX_FILE_BYTES)
        return decode(data, f'image file {quoted(path)}', warn)
    if callable(getattr(image, 'read', None)):
        data = image_files.read_object(image, MAX_FILE_BYTES)
        name = f'file object {quoted(getattr(image, "name", image))}'
        if not data:
            raise ImageError(
                BAD_IMAGE, f'{name} has nothing left to read: go to its beginning with seek(0)'
            )
        return decode(data, name, warn)
    return _from_picture(image)


def decode(
    data: Buffer,
    name: str = 'encoded image',
    warn: Callable[[Warning], Any] = warnings.warn,
    max_pixels: int = MAX_PIXELS,
    reduction: int = 1,
    depth: Callable[[np.ndarray], int] = bit_depth.of_picture,
) -> np.ndarray:
    """
    Decode the bytes of a JPEG, PNG, WebP, BMP or TIFF file, upright.

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
        more than ``jpeg.MAX_SCANS`` (found before anything is decoded), or memory is short.
    """
    with _refusing(name):
        picture = _open(_as_bytes(data), name)
        _checked_header(picture, name, max_pixels)
        if picture.format == 'JPEG':
            return _upright(_from_jpeg(picture, name, warn, reduction), picture)
        return _upright(_pixels(picture, name, depth), picture)


class Header(NamedTuple):
    """What the header of an encoded image says.

    :param format: ``JPEG``, ``PNG``, ``WEBP``, ``BMP`` or ``TIFF``.
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
    with _refusing(name):
        return _checked_header(_open(_as_bytes(data), name), name, max_pixels)


def _checked_header(picture: Any, name: str, max_pixels: int) -> Header:
    """Return the header of an opened picture; refuse what takes too much to decode."""
    check_size(picture.width, picture.height, name, max_pixels)
    if picture.format != 'JPEG':
        return Header(picture.format, picture.width, picture.height)
    scans, whole = jpeg.scans(picture.fp.getbuffer(), picture.fp.tell())
    if scans > jpeg.MAX_SCANS:
        raise ImageError(
            TOO_LARGE,
            f'{name} has {scans} scans, more than the {jpeg.MAX_SCANS} that are '
            'accepted: save it as a baseline JPEG',
        )
    return Header('JPEG', picture.width, picture.height, scans, whole)


def check_size(width: int, height: int, name: str, max_pixels: int = MAX_PIXELS) -> None:
    """
    Refuse an image without pixels, or with more than ``max_pixels``.

    :raises ImageError: BAD_IMAGE or TOO_LARGE.
    """
    if width < 1 or height < 1:
        raise ImageError(
            BAD_IMAGE, f'{name} is empty ({width}x{height}): width and height must be at least 1'
        )
    if width * height > max_pixels:
        remedy = 'scale it down' + (' or raise max_pixels' if max_pixels < MAX_PIXELS else '')
        raise ImageError(
            TOO_LARGE,
            f'{name} has {width}x{height} = {width * height:,} pixels, more than the '
            f'{max_pixels:,} that are accepted: {remedy}',
        )


def rgb_to_bgr(image: np.ndarray) -> np.ndarray:
    """Return a (H, W, 3) uint8 array with its first and third channel exchanged."""
    import cv2

    if image.size == 3:  # OpenCV 4.5.4 fails on a single pixel of three channels
        return image[..., ::-1]
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)


def _from_array(image: np.ndarray) -> np.ndarray:
    name = f'image array (shape {quoted(image.shape)}, dtype {shortened(str(image.dtype))})'
    if image.dtype != np.uint8:
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} must have dtype uint8, 0 to 255: scale 16-bit values '
            'by 1/256 and values from 0 to 1 by 255, then use .astype(numpy.uint8)',
        )
    channels = image[..., None] if image.ndim == 2 else image
    if channels.ndim != 3 or channels.shape[2] not in (1, 3, 4):
        raise ImageError(
            BAD_IMAGE,
            f'{name} must have shape (H, W, 3) in BGR order, (H, W) grey or (H, W, 4) BGRA',
        )
    check_size(channels.shape[1], channels.shape[0], name)
    return _to_three_channels(np.ascontiguousarray(channels))


def _to_three_channels(image: np.ndarray) -> np.ndarray:
    if image.shape[2] == 3:
        return image
    import cv2

    return cv2.cvtColor(image, getattr(cv2, _CONVERSIONS[image.shape[2]]))


def _from_picture(picture: Any) -> np.ndarray:
    from PIL.Image import Image

    if picture is None:
        raise ImageError(
            NO_IMAGE,
            'image is None (cv2.imread returns None for a file that it cannot read): '
            'give an array, a PIL picture, a path or bytes',
        )
    if not isinstance(picture, Image):
        raise ImageError(
            BAD_IMAGE,
            f'image is {quoted(picture)} of type {type(picture).__name__}: {_remedy(picture)}',
        )
    name = f'PIL picture ({picture.width}x{picture.height}, mode {picture.mode})'
    with _refusing(name):
        check_size(picture.width, picture.height, name)
        return _upright(_pixels(picture, name), picture)


def _remedy(image: Any) -> str:
    """Return what to give in place of something that is no image."""
    if isinstance(image, (list, tuple)):
        return (
            'give one picture at a time (analyze_batch takes several), pixels as '
            'numpy.array(pixels, numpy.uint8)'
        )
    if hasattr(image, '__array__'):
        return (
            'give a NumPy array of uint8, (H, W, 3) in BGR order: numpy.asarray(image), its '
            'channels last'
        )
    return (
        'give a NumPy array, a PIL picture, a path, an open file, or the bytes of a '
        f'{FORMATS} file'
    )


@contextlib.contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on bad data (their list has no end) into an ImageError."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise _out_of_memory(name) from error
    except Exception as error:
        if getattr(error, 'code', None) == _OPENCV_NO_MEMORY:
            raise _out_of_memory(name) from error
        reason = shortened(str(error))
        if _UNSUPPORTED.search(str(error)):
            raise ImageError(
                UNSUPPORTED_ENCODING,
                f'{name} is of a kind that is not read ({reason}): save it '
                'with 8 bits a channel, in grey or RGB',
            ) from error
        raise ImageError(
            BAD_IMAGE,
            f'{name} cannot be decoded ({reason}): it is damaged or cut short; save or '
            'send it again',
        ) from error


def _out_of_memory(name: str) -> ImageError:
    return ImageError(
        TOO_LARGE, f'{name} takes more memory than there is: scale it down, or free some'
    )


def _as_bytes(data: Buffer) -> memoryview:
    view = memoryview(data)
    return view.cast('B') if view.c_contiguous else memoryview(view.tobytes())


def _open(data: memoryview, name: str) -> Any:
    """Read the header by Pillow's plug-in: PIL.Image.open warns of sizes in its own way."""
    for plugin, signature in _SIGNATURES.items():
        if re.match(signature, data):
            return _header(plugin, data, name)
    begin = bytes(data[:8])
    for other, signature in _OTHERS.items():
        if re.match(signature, data):
            raise ImageError(
                UNSUPPORTED_ENCODING,
                f'{name} is {other} ({len(data)} bytes, beginning '
                f'{begin!r}): give a {FORMATS} file',
            )
    raise ImageError(
        BAD_IMAGE,
        f'{name} is no image ({len(data)} bytes, beginning {begin!r}): give a {FORMATS} file',
    )


def _header(plugin: str, data: memoryview, name: str) -> Any:
    from PIL.Image import DecompressionBombError

    module = importlib.import_module(f'PIL.{plugin}ImagePlugin')
    try:
        return getattr(module, f'{plugin}ImageFile')(io.BytesIO(data))
    except SyntaxError as error:
        odd = tiff.odd_samples(bytes(data)) if plugin == 'Tiff' else ''
        if not odd:
            raise
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} holds {odd}: save it with 8 or 16 unsigned bits a channel, in grey or RGB',
        ) from error
    except DecompressionBombError as error:  # WebP's plug-in looks for itself
        raise ImageError(
            TOO_LARGE,
            f'{name} has more than the {MAX_PIXELS:,} pixels that are accepted '
            f'({error}): scale it down',
        ) from error


def _from_jpeg(
    picture: Any, name: str, warn: Callable[[Warning], Any], reduction: int
) -> np.ndarray:
    """Return a JPEG as BGR, not yet upright; one without its end marker if it is whole."""
    data = picture.fp.getvalue()
    if not jpeg.scans(data, picture.fp.tell())[1]:
        data = jpeg.completed(data)
        picture = _header('Jpeg', memoryview(data), name)
        warn(
            ImageWarning(
                f'{name} has no end marker, though its picture is whole: what wrote it '
                'leaves out the last two bytes, ff d9'
            )
        )
    if picture.mode in ('L', 'RGB'):
        return _decode_jpeg(data, name, reduction)
    return _pixels(picture, name)


def _decode_jpeg(data: bytes, name: str, reduction: int) -> np.ndarray:
    """Decode with OpenCV: the same pixels as Pillow's, sooner, and without holding the GIL."""
    import cv2

    size = 'COLOR' if reduction == 1 else f'REDUCED_COLOR_{reduction}'
    pixels = cv2.imdecode(
        np.frombuffer(data, np.uint8),
        getattr(cv2, f'IMREAD_{size}') | cv2.IMREAD_IGNORE_ORIENTATION,
    )
    if pixels is None and not jpeg.is_usual(data):
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} is a lossless, hierarchical or arithmetic JPEG, which '
            'is not read: save it as a baseline or progressive one',
        )
    if pixels is None:
        raise OSError('OpenCV cannot read it')
    return pixels


def _pixels(
    picture: Any, name: str, depth: Callable[[np.ndarray], int] = bit_depth.of_picture
) -> np.ndarray:
    """Return any PIL picture as BGR, not yet upright."""
    import cv2

    is_deep, file = ';16' in str(getattr(picture, 'tile', '')), getattr(picture, 'fp', None)
    picture.load()
    if picture.mode.startswith('I;16') or (picture.mode == 'I' and picture.format == 'PNG'):
        values = np.asarray(picture)
        grey = bit_depth.to_eight_bits(values, depth(values))
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    if is_deep and picture.mode in ('RGB', 'RGBA', 'LA') and isinstance(file, io.BytesIO):
        values = _deep_colours(picture, file)
        return bit_depth.to_eight_bits(values, depth(values))
    if picture.mode in _MODES_WITHOUT_COLOUR:
        raise ImageError(
            UNSUPPORTED_ENCODING,
            f'{name} holds {_MODES_WITHOUT_COLOUR[picture.mode]} (mode '
            f'{picture.mode}): save it with 8 or 16 bits a channel, in grey or RGB',
        )
    if picture.mode in _MODES_VIA:
        picture = picture.convert(_MODES_VIA[picture.mode])
    return rgb_to_bgr(np.asarray(picture.convert('RGB')))


def _deep_colours(picture: Any, file: io.BytesIO) -> np.ndarray:
    """Return (H, W, 3) uint16 BGR of a picture with 16 bits a channel, not yet upright.

    Pillow gives the upper eight bits; where these are dark, OpenCV gives the others too.
    """
    import cv2

    upper = rgb_to_bgr(np.asarray(picture.convert('RGB')))
    full = upper.astype(np.uint16) << 8
    if bit_depth.of_picture(full) < bit_depth.FULL:
        values = cv2.imdecode(
            np.frombuffer(file.getvalue(), np.uint8),
            cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION,
        )
        if values is not None and np.array_equal(np.right_shift(values, 8), upper):
            return np.asarray(values, np.uint16)
    return full


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
