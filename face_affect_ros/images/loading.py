# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user calls an image, as BGR: arrays, PIL pictures, paths, files and bytes."""

from __future__ import annotations

import array
import os
import warnings
from collections.abc import Callable
from collections.abc import Iterable
from typing import IO
from typing import TYPE_CHECKING
from typing import Any
from typing import Union

import numpy as np

from face_affect_ros.images import files
from face_affect_ros.images import pixels
from face_affect_ros.images.decoding import decode
from face_affect_ros.images.errors import BAD_IMAGE
from face_affect_ros.images.errors import NO_IMAGE
from face_affect_ros.images.errors import UNSUPPORTED_ENCODING
from face_affect_ros.images.errors import ImageError
from face_affect_ros.images.errors import refusing
from face_affect_ros.images.formats import FORMATS
from face_affect_ros.images.sizes import MAX_FILE_BYTES
from face_affect_ros.images.sizes import check_size
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    from PIL.Image import Image

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

# Channels of an array -> OpenCV's conversion to BGR.
_CONVERSIONS = {1: 'COLOR_GRAY2BGR', 4: 'COLOR_BGRA2BGR'}


def load(image: ImageLike, warn: Callable[[Warning], Any] = warnings.warn) -> np.ndarray:
    """
    Return an image as a C-contiguous (H, W, 3) uint8 array in BGR order.

    :param image: an array of uint8, (H, W, 3) BGR, (H, W) or (H, W, 1) grey or (H, W, 4) BGRA; a
        PIL picture; the path of an image file (``formats.py``), or of a pipe through which
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
        data = files.read_path(path, MAX_FILE_BYTES)
        return decode(data, f'image file {quoted(path)}', warn)
    if callable(getattr(image, 'read', None)):
        data = files.read_object(image, MAX_FILE_BYTES)
        name = f'file object {quoted(getattr(image, "name", image))}'
        if not data:
            raise ImageError(
                BAD_IMAGE, f'{name} has nothing left to read: go to its beginning with seek(0)'
            )
        return decode(data, name, warn)
    return _from_picture(image)


def as_several(images: Iterable[ImageLike]) -> Iterable[ImageLike]:
    """Return an iterable of pictures; raise ``ValueError`` for one picture in place of several."""
    is_one = (
        isinstance(images, (str, bytes, bytearray, memoryview, os.PathLike))
        or hasattr(images, 'read')
        or getattr(images, 'ndim', 4) < 4
    )
    if is_one or not isinstance(images, Iterable):
        raise ValueError(
            f'images is {quoted(images)}: give several pictures, as in a list, or one to analyze'
        )
    return images


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
    with refusing(name):
        check_size(picture.width, picture.height, name)
        return pixels.upright(pixels.of_picture(picture, name), picture)


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
