# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Weights as they are read: whole, finite, of the expected shape, or refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class ConversionError(ValueError):
    """A network's file is damaged or holds what cannot be converted; the text names it."""


def expect(array: np.ndarray | None, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return an array as float32, C-contiguous; leading axes of one entry may be more or fewer.

    :param array: as it was read; None if it was not there.
    :param shape: what the graph says.
    :param name: of the array, for people.
    :raises ConversionError: it is missing, of another shape, or has entries that are not finite.
    """
    import numpy as np

    if array is None:
        raise ConversionError(f'array {name} is missing; expected shape {shape}')
    if _trimmed(array.shape) != _trimmed(shape):
        raise ConversionError(f'array {name} has shape {array.shape}, expected {shape}')
    if not np.isfinite(array).all():
        raise ConversionError(f'array {name} has entries that are not finite')
    return np.ascontiguousarray(array.reshape(shape), dtype=np.float32)


def _trimmed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without its leading ones."""
    first = next((place for place, length in enumerate(shape) if length != 1), len(shape))
    return tuple(shape[first:])
