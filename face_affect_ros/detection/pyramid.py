# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An image pyramid of exact area averages at a fraction of their usual cost.

Faces near a detector's threshold come and go with tenths of a grey level, so every level must be
averaged from the picture itself, unrounded, and not from the level before. What a level costs is
then reading the whole picture. Sums down the columns, taken once, spare that: a level's rows are
differences of two of these sums, and only as many rows as the level has are read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from collections.abc import Iterator

import cv2
import numpy as np

CENTER = np.float32(127.5)
"""Grey level that the networks see as 0, within a picture and beyond it."""

HALVE_BELOW = 0.31
"""A picture is halved first while its largest level is at most this part of its width."""


class Workspace:
    """Float copies of pictures in buffers that each thread keeps from picture to picture.

    The system hands out fresh memory a page at a time, which for megabytes a frame takes longer
    than the arithmetic on it.
    """

    def __init__(self):
        """Start without buffers."""
        self._own = threading.local()

    def interleaved(self, image: np.ndarray) -> np.ndarray:
        """Return an (H, W, 3) uint8 picture centred, x - 127.5, in float32.

        Like ``planar``'s, the result is good until this thread asks for another.
        """
        return np.subtract(image, CENTER, out=self._buffer('interleaved', image.shape))

    def planar(self, image: np.ndarray) -> np.ndarray:
        """Return an (H, W, 3) uint8 picture centred, as (1, 3, H, W) float32."""
        pixels = self._buffer('planar', (1, 3, *image.shape[:2]))
        for plane, channel in zip(pixels[0], cv2.split(image)):
            np.subtract(channel, CENTER, out=plane)
        return pixels

    def levels(self, pixels: np.ndarray, sizes: Iterable[tuple[int, int]]) -> Iterator[np.ndarray]:
        """Yield a picture shrunk to each of the sizes.

        :param pixels: (H, W, 3) float32.
        :param sizes: (width, height) each, in pixels, falling, at most the picture's.
        :returns: (height, width, 3) float32, the mean of the area that each pixel covers; good
            until this thread asks for another level of that size.
        """
        sizes = list(sizes)
        while sizes and sizes[0][0] <= HALVE_BELOW * pixels.shape[1]:
            pixels = self._halved(pixels)
        rows, columns = pixels.shape[:2]
        flat = pixels.reshape(rows, columns * 3)
        sums = _sums_above(flat, self._buffer('sums', (rows + 1, columns * 3)))
        upto = self._buffer('upto', (rows + 1, columns * 3))
        bands = self._buffer('bands', (rows + 1, columns * 3))
        for width, height in sizes:
            summed = _row_bands(flat, sums, upto[:height + 1], bands[:height + 1])
            level = self._buffer(f'level {height}', (height, width, 3))
            cv2.resize(summed.reshape(height, columns, 3), (width, height), level,
                       interpolation=cv2.INTER_AREA)
            level *= height / rows
            yield level

    def _halved(self, pixels: np.ndarray) -> np.ndarray:
        """Return a picture of half the sides, rounded up."""
        rows, columns = (pixels.shape[0] + 1) // 2, (pixels.shape[1] + 1) // 2
        half = self._buffer(f'half {rows}', (rows, columns, 3))
        return cv2.resize(pixels, (columns, rows), half, interpolation=cv2.INTER_AREA)

    def _buffer(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """Return this thread's float32 buffer of that name and shape."""
        buffer = getattr(self._own, name, None)
        if buffer is None or buffer.shape != shape:
            buffer = np.empty(shape, np.float32)
            setattr(self._own, name, buffer)
        return buffer


def _sums_above(flat: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Fill ``sums`` (H + 1, W) with the sums of all rows above; numpy's cumsum is slow here."""
    sums[0] = 0
    for above, row, upto in zip(sums, flat, sums[1:]):
        np.add(above, row, out=upto)
    return sums


def _row_bands(flat, sums, upto: np.ndarray, bands: np.ndarray) -> np.ndarray:
    """Return the sums of even bands of rows; rows at their edges count by their share.

    :param upto: (bands + 1, W) buffer for the sums down to each band's edge.
    :param bands: (bands + 1, W) buffer whose first rows are returned.
    """
    rows, count = len(flat), len(upto) - 1
    edges = np.arange(count + 1) * (rows / count)
    whole = np.minimum(edges.astype(np.intp), rows - 1)
    np.take(flat, whole, axis=0, out=bands, mode='clip')
    np.take(sums, whole, axis=0, out=upto, mode='clip')
    bands *= (edges - whole).astype(np.float32)[:, None]
    upto += bands
    return np.subtract(upto[1:], upto[:-1], out=bands[:-1])
