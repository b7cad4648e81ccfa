# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The original networks as describers: preprocessing and labels are data of the catalogue.

mini-XCEPTION (Arriaga, Valdenegro-Toro, Ploeger 2017), the lightened MOON (tornadomeet/mxnet-face)
and Levi and Hassner's AgeNet and GenderNet (2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros import crops
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.networks.face_network import FacePredictor
from face_affect_ros.originals.catalogue import Original
from face_affect_ros.registry.catalogue import CropSpec
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.tasks import AGE_BINS
from face_affect_ros.tasks import AGE_RANGES
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS


class OriginalNetwork:
    """One original network that describes faces.

    :param engine: runs it.
    :param entry: how it is fed and what its output says.
    :raises WeightsError: its labels are not those of its task.
    """

    def __init__(self, engine: Engine, entry: Original):
        """Keep the network; find out in which order its labels come."""
        self._engine, self._entry = engine, entry
        self._order = _order(entry)
        self._crop = _crop(entry)

    def scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        """Return the (N, K) float32 probabilities of N faces by task, run as one batch.

        Columns are in the project's order; a distribution over age ranges is spread evenly over
        the years of each, (N, 101).
        """
        faces = np.stack(
            [crops.cut(context, square, self._crop) for context, square in zip(contexts, squares)]
        )
        found = self._engine.run(self._entry.input.batch(faces))[0]
        values = found.reshape(len(faces), -1)[:, self._order].astype(np.float32)
        return {self._entry.task: _as_probabilities(values, self._entry)}


class OriginalNetworks:
    """Several original networks that describe faces together.

    :param networks: each ``scores(contexts, squares)``, no two of them of one task.
    """

    def __init__(self, networks: Sequence[FacePredictor]):
        self._networks = tuple(networks)

    def scores(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> Mapping[str, np.ndarray]:
        """Return the (N, K) float32 probabilities of N faces by task."""
        return {
            task: values
            for network in self._networks
            for task, values in network.scores(contexts, squares).items()
        }


def _order(entry: Original) -> list[int]:
    """Return the columns of a network's output in the order of the project's labels."""
    expected = TASKS[entry.task].labels if entry.task in TASKS else ()
    if sorted(entry.labels) != sorted(expected):
        wrong = sorted({*entry.labels} ^ {*expected})
        what = f', not both have {", ".join(wrong)}' if wrong else ''
        raise WeightsError(
            f'original network {entry.name}: the catalogue names {len(entry.labels)} labels, '
            f'{entry.task} has {len(expected)}{what}'
        )
    return [entry.labels.index(label) for label in expected]


def _crop(entry: Original) -> CropSpec:
    """Return what the network wants to see."""
    if entry.crop is None:
        raise WeightsError(f'original network {entry.name} has no crop: it describes no faces')
    return entry.crop


def _as_probabilities(values: np.ndarray, entry: Original) -> np.ndarray:
    """Return (N, K) probabilities of (N, K) outputs.

    Trained by squared error on -1 for no and +1 for yes, an output z is the expected label, and
    (1 + z) / 2 the probability of yes.
    """
    if entry.signed:
        return np.clip((1 + values) / 2, 0, 1)
    return _by_year(values) if TASKS[entry.task].kind == YEARS else values


def _by_year(ranges: np.ndarray) -> np.ndarray:
    """Return (N, 101) probabilities of ages 0..100 from (N, 8) of age ranges."""
    return ranges @ _YEARS


def _years() -> np.ndarray:
    """Return the (8, 101) share of each year in each range."""
    shares = np.zeros((len(AGE_RANGES), AGE_BINS), np.float32)
    for row, label in zip(shares, AGE_RANGES):
        first, last = map(int, label.split('-'))
        row[first : last + 1] = 1 / (last + 1 - first)
    return shares


_YEARS = _years()
