# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PIL pictures as BGR arrays: of every mode, 8 or 16 bits, upright."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np

from face_affect_ros.images import bit_depth
from face_affect_ros.images.errors import UNSUPPORTED_ENCODING
from face_affect_ros.images.errors import ImageError

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


def rgb_to_bgr(image: np.ndarray) -> np.ndarray:
    """Return a (H, W, 3) uint8 array with its first and third channel exchanged."""
    import cv2

    if image.size == 3:  # OpenCV 4.5.4 fails on a single pixel of three channels
        return image[..., ::-1]
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)


def of_picture(
    picture: Any, name: str, depth: Callable[[np.ndarray], int] = bit_depth.of_picture
) -> np.ndarray:
    """Return any PIL picture as BGR, not yet upright."""
    import cv2

    is_deep, file = ';16' in str(getattr(picture, 'tile', '')), getattr(picture, 'fp', None)
    picture.load()
    if picture.mode.startswith('I;16') or (
        picture.mode == 'I' and picture.format in ('PNG', 'PPM')
    ):
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


def upright(pixels: np.ndarray, picture: Any) -> np.ndarray:
    """Return the (H, W, 3) pixels of a PIL picture turned by its EXIF orientation."""
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
