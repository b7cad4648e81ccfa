# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network that looks at crops of faces and tells one thing or several.

All that are trained here are of this kind, whatever their layers: they take uint8 crops as
``crops.py`` cuts them and give probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable
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


class TaskOutput:
    """One task's output of a network that tells several tasks of a model.

    :param network: gives (N, K) probabilities by output, for all of them at once.
    :param task: the name of its output.
    """

    def __init__(self, network: FacePredictor, task: str):
        """Keep the network."""
        self.network, self._task = network, task

    def scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        """Run the network for this task alone; see ``FacePredictor``."""
        return self.of(self.network.scores(contexts, squares))

    def of(self, outputs: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Return this task's scores of those that the network gave."""
        return {self._task: outputs[self._task]}


def runs(
    networks: Mapping[str, FacePredictor], tasks: Iterable[str]
) -> tuple[tuple[str, ...], ...]:
    """Return tasks by what runs for them: those of one network together, in their order."""
    together: dict[int, list[str]] = {}
    for task in tasks:
        together.setdefault(id(_source(networks[task])), []).append(task)
    return tuple(map(tuple, together.values()))


def run(
    networks: Mapping[str, FacePredictor],
    tasks: Iterable[str],
    contexts: Sequence[crops.ContextCrop],
    squares: Sequence[crops.FaceSquare],
) -> dict[str, Mapping[str, np.ndarray]]:
    """Return the scores of faces by task; a network that several tasks share runs once."""
    found: dict[str, Mapping[str, np.ndarray]] = {}
    for together in runs(networks, tasks):
        outputs = _source(networks[together[0]]).scores(contexts, squares)
        for task in together:
            network = networks[task]
            found[task] = network.of(outputs) if isinstance(network, TaskOutput) else outputs
    return found


def _source(network: FacePredictor) -> FacePredictor:
    return network.network if isinstance(network, TaskOutput) else network


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
