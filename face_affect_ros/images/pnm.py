# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""PBM, PGM and PPM files (netpbm), plain or binary, of 1 to 16 bits a sample.

Pillow reads most of them sample by sample in Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from face_affect_ros.images import bit_depth
from face_affect_ros.images.errors import BAD_IMAGE
from face_affect_ros.images.errors import ImageError

_GAP = rb'(?:\s|#[^\r\n]*[\r\n])'
_BITMAP = re.compile(rb'P[14]%s+(\d{1,9})%s+(\d{1,9})\s' % (_GAP, _GAP))
_SAMPLES = re.compile(rb'P[2356]%s+(\d{1,9})%s+(\d{1,9})%s+(\d{1,5})\s' % (_GAP, _GAP, _GAP))
_COMMENT = re.compile(rb'#[^\r\n]*')

_MOST_HEADER = 1 << 16
"""Bytes of a header with its comments."""

_PLAIN = b'123'
_COLOUR = b'36'

FULL = 65535
"""Largest sample of a file that does not tell how many of its 16 bits are used."""


class PnmPicture:
    """A picture of which only the header is read; like a PIL picture as far as it is used here.

    :param data: the whole file.
    :param name: what error messages call it.
    :raises ImageError: BAD_IMAGE, where the header is none.
    """

    format = 'PNM'

    def __init__(self, data: memoryview, name: str) -> None:
        self._data, self._name = data, name
        self._kind = data[1]
        is_bitmap = self._kind in b'14'
        header = (_BITMAP if is_bitmap else _SAMPLES).match(data[:_MOST_HEADER])
        self._largest = 1 if is_bitmap or header is None else int(header[3])
        if header is None or not 0 < self._largest <= FULL:
            raise ImageError(BAD_IMAGE, f'{name} has no header of a PBM, PGM or PPM file')
        self.width, self.height = int(header[1]), int(header[2])
        self._begin = header.end()

    def to_bgr(self, depth: Callable[[np.ndarray], int]) -> np.ndarray:
        """Return the (H, W, 3) uint8 pixels.

        Samples are parts of the largest that the header names; where that is 65535, of as many
        bits as are used (``bit_depth``).

        :param depth: returns the bits that 16-bit samples use.
        :raises ImageError: BAD_IMAGE, where samples are missing.
        """
        import cv2

        samples = self._samples()
        if self._kind in b'14':
            pixels = (255 * (1 - samples)).astype(np.uint8)
        elif self._largest == FULL:
            pixels = bit_depth.to_eight_bits(samples, depth(samples))
        else:
            pixels = _scaled(samples, self._largest)
        is_colour = pixels.ndim == 3
        return cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR if is_colour else cv2.COLOR_GRAY2BGR)

    def _samples(self) -> np.ndarray:
        """Return (H, W) samples, of colour (H, W, 3) in RGB order."""
        shape = (self.height, self.width, 3)[: 3 if self._kind in _COLOUR else 2]
        read = self._plain if self._kind in _PLAIN else self._binary
        samples = read(int(np.prod(shape)))
        if samples is None:
            raise ImageError(
                BAD_IMAGE,
                f'{self._name} is cut short or damaged: it has not as many samples as its header '
                'says; save or send it again',
            )
        return samples.reshape(shape)

    def _binary(self, count: int) -> np.ndarray | None:
        if self._kind in b'4':
            return self._bits()
        kind = np.dtype(np.uint8 if self._largest < 256 else '>u2')
        if len(self._data) - self._begin < count * kind.itemsize:
            return None
        return np.frombuffer(self._data, kind, count, self._begin).astype(kind.newbyteorder('='))

    def _bits(self) -> np.ndarray | None:
        """Return the samples of rows that begin with a byte each."""
        row = -(-self.width // 8)
        if len(self._data) - self._begin < row * self.height:
            return None
        data = np.frombuffer(self._data, np.uint8, row * self.height, self._begin)
        return np.unpackbits(data.reshape(self.height, row), axis=1)[:, : self.width]

    def _plain(self, count: int) -> np.ndarray | None:
        text = _COMMENT.sub(b' ', self._data[self._begin :])
        if self._kind in b'1':  # may stand without space between them
            digits = np.frombuffer(b''.join(text.split()), np.uint8)[:count] - ord('0')
            return digits if len(digits) == count and (digits <= 1).all() else None
        try:
            samples = np.fromstring(text.decode('ascii'), np.int32, sep=' ')[:count]
        except ValueError:
            return None
        is_whole = len(samples) == count and _is_within(samples, self._largest)
        return samples.astype(np.uint16) if is_whole else None


def _is_within(samples: np.ndarray, largest: int) -> bool:
    return samples.size == 0 or (samples.min() >= 0 and samples.max() <= largest)


def _scaled(samples: np.ndarray, largest: int) -> np.ndarray:
    """Return samples as uint8, the largest as 255; larger ones are as large."""
    if largest == 255:
        return samples.astype(np.uint8)
    values = np.arange(largest + 1)
    table = ((values * 255 + largest // 2) // largest).astype(np.uint8)
    return table[np.minimum(samples, largest)]
