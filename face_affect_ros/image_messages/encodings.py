# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one table of image encodings: how each lies in memory, and how it becomes BGR.

- 16-bit samples become value / 256 where all bits are used, in both byte orders. Where the largest
  values tell that 8, 10, 12 or 14 are (``bit_depth.py``), or the encoding does (``mono12``), the
  upper 8 of these count. Alpha is dropped.
- YUV is BT.601 in video range (16 to 235), as cameras send it.
- nv12, nv21, nv24: ``height`` is the picture's, as ROS has it, and the rows of chroma follow those
  of the picture. A driver that counts the rows of chroma in ``height`` sends too little data for
  the height that it claims and is refused, with a message that says so, rather than shown with
  false colours.
- 16UC1 and 32FC1 are depth and refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from face_affect_ros import images
from face_affect_ros.images import bit_depth

Depth = Callable[[np.ndarray], int]
Decoder = Callable[[np.ndarray, int, int], np.ndarray]


@dataclass(frozen=True)
class Encoding:
    """
    How an encoding lies in memory, and the function that makes it BGR.

    ``decode`` takes 8-bit samples (rows, step), the height and the width. A row has
    ``group_bytes`` for each ``group`` of pixels begun; two rows of picture take ``rows_for_two``
    rows of data. Samples of two bytes have ``depth`` bits, None: the encoding does not say.
    """

    decode: Decoder
    group_bytes: int
    group: int = 1
    rows_for_two: int = 2
    sample_bytes: int = 1
    depth: int | None = None

    def row_bytes(self, width: int) -> int:
        """Return the smallest step that a picture of this width can have."""
        return -(-width // self.group) * self.group_bytes

    def rows(self, height: int) -> int:
        """Return how many rows of data a picture of this height has."""
        return -(-height * self.rows_for_two // 2)

    def to_bgr(
        self,
        rows: np.ndarray,
        height: int,
        width: int,
        bigendian: bool = False,
        depth: Depth = bit_depth.of_picture,
    ) -> np.ndarray:
        """
        Convert.

        :param rows: uint8 (``rows(height)``, step), step at least ``row_bytes(width)``.
        :param depth: returns the bits of 16-bit samples, where the encoding does not say.
        :returns: (height, width, 3) uint8 in BGR order, perhaps a view of ``rows``.
        """
        if self.sample_bytes == 2:
            rows = self._in_eight_bits(rows[:, : self.row_bytes(width)], width, bigendian, depth)
        return self.decode(rows, height, width)

    def _in_eight_bits(
        self, rows: np.ndarray, width: int, bigendian: bool, depth: Depth
    ) -> np.ndarray:
        """Return uint8 samples of 16-bit ones."""
        words = np.ascontiguousarray(rows).view('>u2' if bigendian else '<u2').astype(np.uint16)
        bits = self.depth or depth(words.reshape(len(rows), width, -1)[..., :3])
        return bit_depth.to_eight_bits(words, bits)


def _decode_packed(
    rows: np.ndarray, height: int, width: int, channels: int, code: int
) -> np.ndarray:
    return cv2.cvtColor(rows[:, : width * channels].reshape(height, width, channels), code)


def _decode_bgr(rows: np.ndarray, height: int, width: int) -> np.ndarray:
    return rows[:, : width * 3].reshape(height, width, 3)


def _decode_rgb(rows: np.ndarray, height: int, width: int) -> np.ndarray:
    return images.rgb_to_bgr(_decode_bgr(rows, height, width))


def _decode_bayer(rows: np.ndarray, height: int, width: int, code: int) -> np.ndarray:
    """Interpolate over a mirrored border of two, which keeps the pattern; OpenCV has no edges."""
    mosaic = cv2.copyMakeBorder(rows[:, :width], 2, 2, 2, 2, cv2.BORDER_REFLECT_101)
    return cv2.cvtColor(mosaic, code)[2:-2, 2:-2]


def _decode_yuv422(rows: np.ndarray, height: int, width: int, code: int) -> np.ndarray:
    even = width + width % 2
    return _decode_packed(rows, height, even, 2, code)[:, :width]


def _decode_yuv420(rows: np.ndarray, height: int, width: int, code: int) -> np.ndarray:
    """Convert as many rows and columns as chroma covers: one more than an odd picture has."""
    even_height, even_width = height + height % 2, width + width % 2
    luma = rows[:even_height, :even_width]
    chroma = rows[height:, :even_width].reshape(even_height // 2, even_width // 2, 2)
    return cv2.cvtColorTwoPlane(luma, chroma, code)[:height, :width]


def _decode_nv24(rows: np.ndarray, height: int, width: int) -> np.ndarray:
    """Convert as nv12 of double size, each pixel four times; a row of chroma takes two of data."""
    chroma = rows[height:].reshape(height, -1)[:, : 2 * width].reshape(height, width, 2)
    luma = _nearest(rows[:height, :width], 2 * height, 2 * width)
    return _nearest(cv2.cvtColorTwoPlane(luma, chroma, cv2.COLOR_YUV2BGR_NV12), height, width)


def _nearest(image: np.ndarray, height: int, width: int) -> np.ndarray:
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_NEAREST)


def _packed(channels: int, code: int) -> Encoding:
    return Encoding(partial(_decode_packed, channels=channels, code=code), channels)


def _bayer(code: int) -> Encoding:
    return Encoding(partial(_decode_bayer, code=code), 1)


def _yuv422(code: int) -> Encoding:
    return Encoding(partial(_decode_yuv422, code=code), 4, group=2)


def _yuv420(code: int) -> Encoding:
    return Encoding(partial(_decode_yuv420, code=code), 2, group=2, rows_for_two=3)


def _sixteen_bits(encodings: dict[str, Encoding]) -> dict[str, Encoding]:
    return {
        name[:-1] + '16': replace(encoding, group_bytes=2 * encoding.group_bytes, sample_bytes=2)
        for name, encoding in encodings.items()
    }


_EIGHT_BITS = {
    'bgr8': Encoding(_decode_bgr, 3),
    'rgb8': Encoding(_decode_rgb, 3),
    'bgra8': _packed(4, cv2.COLOR_BGRA2BGR),
    'rgba8': _packed(4, cv2.COLOR_RGBA2BGR),
    'mono8': _packed(1, cv2.COLOR_GRAY2BGR),
    # OpenCV names a pattern by the second row's second and third pixel, ROS by the first two rows.
    'bayer_rggb8': _bayer(cv2.COLOR_BayerBG2BGR),
    'bayer_bggr8': _bayer(cv2.COLOR_BayerRG2BGR),
    'bayer_gbrg8': _bayer(cv2.COLOR_BayerGR2BGR),
    'bayer_grbg8': _bayer(cv2.COLOR_BayerGB2BGR),
}

_NARROW = {
    f'{name[:-1]}{bits}': replace(
        encoding, group_bytes=2 * encoding.group_bytes, sample_bytes=2, depth=bits
    )
    for name, encoding in _EIGHT_BITS.items()
    if name.startswith(('mono', 'bayer_'))
    for bits in (10, 12, 14)
}
"""Names that some drivers give to samples of fewer bits in words of 16; ROS has none."""


def encoding_of(name: str) -> Encoding | None:
    """Return how an encoding lies in memory, None where it is not understood."""
    return ENCODINGS.get(name) or _NARROW.get(name)


ENCODINGS: dict[str, Encoding] = {
    **_EIGHT_BITS,
    **_sixteen_bits(_EIGHT_BITS),
    '8UC1': _EIGHT_BITS['mono8'],
    '8UC3': _EIGHT_BITS['bgr8'],
    '8UC4': _EIGHT_BITS['bgra8'],
    'yuv422': _yuv422(cv2.COLOR_YUV2BGR_UYVY),
    'uyvy': _yuv422(cv2.COLOR_YUV2BGR_UYVY),
    'yuv422_yuy2': _yuv422(cv2.COLOR_YUV2BGR_YUY2),
    'yuyv': _yuv422(cv2.COLOR_YUV2BGR_YUY2),
    'nv12': _yuv420(cv2.COLOR_YUV2BGR_NV12),
    'nv21': _yuv420(cv2.COLOR_YUV2BGR_NV21),
    'nv24': Encoding(_decode_nv24, 1, rows_for_two=6),
}
"""Encodings of sensor_msgs/Image that are understood; ``encoding_of`` knows a few more."""

DEPTH_ENCODINGS = frozenset({'16UC1', '32FC1'})
"""Encodings of depth images: refused, with advice of their own."""
