# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Occlusion maps: how far a probability falls where a part of the face is hidden.

Zeiler and Fergus 2014, section 2.2: a square of the crop's mean slides over what the network
sees. They need the network's answers alone, of whatever engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

import cv2
import numpy as np

from face_affect_ros.engines.protocol import Engine
from face_affect_ros.evaluation.explanation import Decision

PATCH = 0.2
"""Side of what hides, in sides of the crop."""

STEPS = 12
"""Places of it along a side."""

BATCH = 24
"""Crops in one run of a network."""


class Occlusion:
    """Hides each place of a crop in turn; the measure is the fall of the probability, or years.

    :param engine: runs the network.
    """

    def __init__(self, engine: Engine, _data: bytes = b''):
        """Keep the network."""
        self._engine = engine

    def influences(self, crop: np.ndarray, decisions: Sequence[Decision]) -> list[np.ndarray]:
        """Return the (S, S) float32 falls of each decision's value."""
        whole = self._engine.run(crop[None])
        hidden = [
            np.concatenate(outputs)
            for outputs in zip(*(self._engine.run(batch) for batch in _batches(crop)))
        ]
        return [
            _enlarged(
                (whole[each.output] @ each.weights - hidden[each.output] @ each.weights)
                .reshape(STEPS, STEPS)
                .astype(np.float32),
                len(crop),
            )
            for each in decisions
        ]


def _batches(crop: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the crop with each of its places hidden, row by row."""
    size = len(crop)
    half = max(1, round(PATCH * size / 2))
    centers = np.linspace(0, size - 1, STEPS).round().astype(int)
    mean = crop.mean((0, 1)).round().astype(np.uint8)
    made = []
    for y in centers:
        for x in centers:
            covered = crop.copy()
            covered[max(0, y - half) : y + half, max(0, x - half) : x + half] = mean
            made.append(covered)
    for start in range(0, len(made), BATCH):
        yield np.stack(made[start : start + BATCH])


def _enlarged(values: np.ndarray, size: int) -> np.ndarray:
    """Return a value a pixel of the crop."""
    centers = np.linspace(0, size - 1, STEPS)
    places = np.interp(np.arange(size), centers, np.arange(STEPS)).astype(np.float32)
    across, down = np.meshgrid(places, places)
    return cv2.remap(values, across, down, cv2.INTER_LINEAR)
