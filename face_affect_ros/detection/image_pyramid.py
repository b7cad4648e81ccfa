# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An image pyramid of exact area averages at a fraction of their usual cost.

Faces near a detector's threshold come and go with tenths of a grey level, so every level must be
averaged from the picture itself, unrounded, and not from the level before. Averages over areas
are averages down the columns and then along the rows. Either is the product of a sparse matrix,
the same for all pictures of a size, and the rows of an array, which runs at the speed of memory;
between the two the array is transposed.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Iterable
from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

from face_affect_ros import glibc_malloc

CENTER = np.float32(127.5)
"""Grey level that the networks see as 0, within a picture and beyond it."""

HALVE_BELOW = 0.25
"""A level at most this part as wide is averaged from the picture halved, until it is more."""

EXACT_ABOVE = 0.31
"""A pyramid whose largest level is a larger part of the picture has no level from halves: there
one face in two hundred would come or go."""

PLANES = 3

KEPT_BYTES = 4 << 20
"""Bytes of the largest buffer that is kept: the planes of a picture of 640x480 take less."""


class BufferPool:
    """Float copies of pictures in buffers that each thread keeps from picture to picture.

    Buffers of more than ``KEPT_BYTES`` are not kept: the allocator has them.

    SciPy's products and the networks' outputs are new arrays: freed ones are used again for them.
    """

    def __init__(self):
        """Start without buffers."""
        self._own = threading.local()
        glibc_malloc.keep_freed()

    def planar(self, image: np.ndarray) -> np.ndarray:
        """Return an (H, W, 3) uint8 picture centred, x - 127.5, as (1, 3, H, W) float32.

        It is good until this thread asks for another.
        """
        shape = (PLANES, *image.shape[:2])
        pixels = self._buffer('planar', shape)
        channels = self._buffer('channels', shape, np.uint8)
        cv2.split(image, list(channels))
        for channel, plane in zip(channels, pixels):
            np.copyto(plane, channel)  # NumPy converts faster than it subtracts and converts
            np.subtract(plane, CENTER, out=plane)
        return pixels[None]

    def levels(
        self, picture: np.ndarray, sizes: Iterable[tuple[int, int]]
    ) -> Iterator[np.ndarray]:
        """Yield a picture shrunk to each of the sizes and transposed.

        :param picture: (1, 3, H, W) float32.
        :param sizes: (width, height) each, in pixels, falling, at most the picture's.
        :returns: (1, 3, width, height) float32, the mean of the area that each pixel covers.
        """
        planes, done = picture[0], 0
        for halvings, some in _by_halvings(list(sizes), picture.shape[3]):
            for number in range(done, halvings):
                planes = self._halved(planes, number)
            done = halvings
            yield from self._averaged(planes, some)

    def _averaged(
        self, planes: np.ndarray, sizes: Iterable[tuple[int, int]]
    ) -> Iterator[np.ndarray]:
        """Yield (3, H, W) planes averaged to each of the sizes and transposed."""
        sizes, (_, rows, columns) = list(sizes), planes.shape
        heights = tuple(height for _, height in sizes)
        low = _averaging(rows, heights) @ planes.reshape(-1, columns)
        begin = 0
        for width, height in sizes:
            part = low[begin : begin + PLANES * height]
            begin += PLANES * height
            turned = self._transposed(part.reshape(PLANES, height, columns))
            level = _averaging(columns, (width,)) @ turned.reshape(-1, height)
            yield level.reshape(1, PLANES, width, height)

    def _transposed(self, planes: np.ndarray) -> np.ndarray:
        """Return (3, H, W) planes as (3, W, H)."""
        turned = self._buffer('turned', (PLANES, planes.shape[2], planes.shape[1]))
        for plane, target in zip(planes, turned):
            cv2.transpose(plane, target)
        return turned

    def _halved(self, planes: np.ndarray, number: int) -> np.ndarray:
        """Return (3, H, W) planes halved, sides rounded up; ``number``: of halvings before."""
        rows, columns = (planes.shape[1] + 1) // 2, (planes.shape[2] + 1) // 2
        half = self._buffer(f'half {number}', (PLANES, rows, columns))
        for plane, target in zip(planes, half):
            cv2.resize(plane, (columns, rows), target, interpolation=cv2.INTER_AREA)
        return half

    def _buffer(self, name: str, shape: tuple[int, ...], dtype=np.float32) -> np.ndarray:
        """Return an array in this thread's buffer of that name, which grows with demand."""
        size = math.prod(shape)
        buffer = getattr(self._own, name, None)
        if buffer is None or buffer.size < size:
            buffer = np.empty(size, dtype)
            if buffer.nbytes <= KEPT_BYTES:
                setattr(self._own, name, buffer)
        return buffer[:size].reshape(shape)


def _by_halvings(
    sizes: list[tuple[int, int]], width: int
) -> Iterable[tuple[int, Iterable[tuple[int, int]]]]:
    """Return levels by how often the picture is halved for them.

    :param sizes: (width, height) of each level, falling.
    :param width: of the picture.
    """
    if not sizes or sizes[0][0] > EXACT_ABOVE * width:
        return [(0, sizes)]
    return itertools.groupby(
        sizes, lambda size: max(0, math.floor(math.log2(HALVE_BELOW * width / size[0])) + 1)
    )


@lru_cache(maxsize=64)
def _averaging(length: int, counts: tuple[int, ...]):
    """Return the sparse matrix that averages ``length`` rows of each plane to each of the counts.

    What it gives is one count after the other, for each all planes.
    """
    from scipy import sparse

    parts = [sparse.block_diag([_averages(length, count)] * PLANES) for count in counts]
    return sparse.vstack(parts, 'csr', np.float32)


def _averages(length: int, count: int):
    """Return the sparse matrix that averages ``length`` rows to ``count``.

    The edges of both cut the whole into segments; each lies in one row of either kind.
    """
    from scipy import sparse

    cuts = np.union1d(np.arange(length + 1), np.arange(count + 1) * length / count)
    middle = (cuts[1:] + cuts[:-1]) / 2
    share = np.diff(cuts) * count / length
    target = np.minimum(middle * count / length, count - 1).astype(int)
    return sparse.csr_matrix((share, (target, middle.astype(int))), (count, length), np.float32)
