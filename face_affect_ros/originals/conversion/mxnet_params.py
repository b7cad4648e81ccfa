# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MXNet's .params files: a list of named arrays, as MXNet 0.x and 1.x write it.

Source: https://github.com/apache/mxnet (v1.9.1), src/ndarray/ndarray.cc, NDArray::Save, Load,
LegacyLoad. Numbers are little-endian.
"""

from __future__ import annotations

import struct
from math import prod
from typing import TYPE_CHECKING

from face_affect_ros.originals.conversion.arrays import ConversionError

if TYPE_CHECKING:
    import numpy as np

LIST = 0x112
"""Magic number of the whole file."""

V1, V2, V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
"""Magic numbers of an array: since 0.9 (long lengths), 1.0 (storage types), 1.5 (NumPy shapes)."""

TYPES = ('<f4', '<f8', '<f2', 'u1', '<i4', 'i1', '<i8')
"""NumPy types in the order of MXNet's type flags."""

MAX_AXES = 32


def read(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays by their names without ``arg:`` and ``aux:``.

    :raises ConversionError: the file is none, or ends too early.
    """
    reader = _Reader(data)
    if reader.take('Q') != LIST:
        raise ConversionError(f'no MXNet .params file: it does not start with {LIST:#x}')
    reader.take('Q')
    arrays = [reader.array() for _ in range(reader.count())]
    names = [reader.text() for _ in range(reader.count())]
    if len(names) != len(arrays):
        raise ConversionError(f'{len(arrays)} arrays, but {len(names)} names')
    return {name.partition(':')[2] or name: array for name, array in zip(names, arrays)}


class _Reader:
    """Where the reading is in a file."""

    def __init__(self, data: bytes):
        self.data, self.place = memoryview(data), 0

    def take(self, form: str) -> int:
        """Return one number of a ``struct`` format."""
        (number,) = struct.unpack(f'<{form}', self.bytes(struct.calcsize(f'<{form}')))
        return number

    def bytes(self, count: int) -> memoryview:
        """Return the next bytes."""
        left = len(self.data) - self.place
        if count > left:
            raise ConversionError(
                f'cut short: {count} bytes wanted at byte {self.place}, {left} are left'
            )
        self.place += count
        return self.data[self.place - count : self.place]

    def count(self) -> int:
        """Return how many entries follow; each has at least four bytes."""
        number = self.take('Q')
        if number * 4 > len(self.data) - self.place:
            raise ConversionError(f'cut short: {number} entries announced')
        return number

    def text(self) -> str:
        """Return a text."""
        try:
            return bytes(self.bytes(self.take('Q'))).decode()
        except UnicodeDecodeError as error:
            raise ConversionError(f'a name is no text: {error}') from error

    def array(self) -> np.ndarray:
        """Return an array."""
        import numpy as np

        shape = self.shape(self.take('I'))
        if not shape:
            return np.zeros(0, np.float32)
        self.take('i')  # where it lay: device
        self.take('i')  # and its number
        flag = self.take('i')
        if not 0 <= flag < len(TYPES):
            raise ConversionError(f'an array has the unknown type {flag}')
        kind = np.dtype(TYPES[flag])
        return np.frombuffer(self.bytes(prod(shape) * kind.itemsize), kind).reshape(shape)

    def shape(self, magic: int) -> tuple[int, ...]:
        """Return an array's shape; before V1 the magic number is the number of axes."""
        if magic in (V2, V3) and self.take('i') != 0:
            raise ConversionError('a sparse array, which is not read')
        modern = magic in (V1, V2, V3)
        axes = self.take('i') if modern else magic
        if not 0 <= axes <= MAX_AXES:
            raise ConversionError(f'an array with {axes} axes: no MXNet .params file')
        shape = tuple(self.take('q' if modern else 'I') for _ in range(axes))
        if any(length < 0 for length in shape):
            raise ConversionError(f'an array has the impossible shape {shape}')
        return shape
