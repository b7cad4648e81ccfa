# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network that looks at crops of faces and tells one thing or several.

All that are trained here are of this kind, whatever their layers: they take uint8 crops as
``crops.py`` cuts them and give probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from face_affect_ros import crops
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.registry.catalogue import CropSpec

BATCH = 8
"""Faces in one run of a network, which bounds its memory; more are no faster."""


class FacePredictor(Protocol):
    """What describes faces, be it one network or several."""

    def scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        """Return (N, K) float32 probabilities of N faces by what they are of."""


class FaceNetwork:
    """A network that takes uint8 crops and gives probabilities.

    :param engine: ``run(batch) -> outputs``.
    :param crop: the crop that it was trained on.
    :param outputs: names of its outputs, in its order.
    :param tta: crops whose probabilities, each with its mirror image's, are averaged instead
        (test-time augmentation; Simonyan and Zisserman 2014, section 3.2).
    """

    def __init__(
        self, engine: Engine, crop: CropSpec, outputs: Sequence[str], tta: Sequence[CropSpec] = ()
    ):
        """Keep the network, its crops and its outputs' names."""
        self._engine, self._crop, self._outputs = engine, crop, tuple(outputs)
        self._tta = tuple(tta)

    def scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        """Return (N, K) float32 probabilities of N faces by output, run in batches a crop.

        :raises ValueError: the network has not the outputs that the registry names.
        """
        some = [
            self._scores(contexts[begin : begin + BATCH], squares[begin : begin + BATCH])
            for begin in range(0, len(contexts), BATCH)
        ]
        if len(some) == 1:
            return some[0]
        return {
            name: np.concatenate([outputs[name] for outputs in some]) for name in self._outputs
        }

    def _scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        if not self._tta:
            return self._of_batch(_batch(contexts, squares, self._crop))
        found = [self._of_batch(crop) for crop in self._augmented(contexts, squares)]
        return {
            name: np.mean([outputs[name] for outputs in found], axis=0) for name in self._outputs
        }

    def _augmented(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Iterator[np.ndarray]:
        """Yield the batch of each crop for test time and that of its mirror images."""
        for crop in self._tta:
            batch = _batch(contexts, squares, crop)
            yield batch
            yield np.ascontiguousarray(batch[:, :, ::-1])

    def _of_batch(self, batch: np.ndarray) -> Mapping[str, np.ndarray]:
        """Return what the network says of a batch of crops."""
        found = self._engine.run(batch)
        if len(found) != len(self._outputs):
            raise ValueError(
                f'a network gives {len(found)} outputs where the registry names '
                f'{", ".join(self._outputs)}'
            )
        return dict(zip(self._outputs, found))


def _batch(
    contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare], crop: CropSpec
) -> np.ndarray:
    """Return the (N, S, S) or (N, S, S, 3) uint8 crops of N faces."""
    return np.stack(
        [crops.cut(context, square, crop) for context, square in zip(contexts, squares)]
    )
