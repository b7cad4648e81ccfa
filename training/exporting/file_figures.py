# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How good a file is on validation pictures, cut as at run time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.evaluation import metrics
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import YEARS

from ..data.batches import Crops
from ..data.sets import PictureSet
from ..recipe import Recipe
from ..tasks import LEARNED

BATCH = 64

Run = Callable[[np.ndarray], Sequence[np.ndarray]]
"""A network: crops to probabilities of the exported tasks."""


def figures(network: bytes, recipe: Recipe, pictures: PictureSet) -> dict[str, float]:
    """Return the figures of each exported task that the pictures have labels of, by name."""
    return figures_of(answers_of(OnnxEngine(network).run, recipe, pictures), pictures)


def figures_of(answers: Mapping[str, np.ndarray], pictures: PictureSet) -> dict[str, float]:
    """Return the figures of (N, K) probabilities by task, of tasks that the pictures have."""
    named: dict[str, float] = {}
    for task, scores in answers.items():
        if task in pictures.labels:
            found = KINDS[LEARNED[task].kind](scores, pictures.labels[task])
            named.update({f'{task} {name}': value for name, value in found.items()})
        if task == 'emotion' and 'ambiguous' in pictures.labels:
            clear = ~pictures.labels['ambiguous']
            found = _multiclass(scores[clear], pictures.labels['emotion'][clear])
            named['emotion unambiguous'] = found['accuracy']
    return {name: round(value, 4) for name, value in named.items()}


def answers_of(run: Run, recipe: Recipe, pictures: PictureSet) -> dict[str, np.ndarray]:
    """Return the (N, K) probabilities of each exported task.

    :param run: the network.
    """
    found = [
        run(crops_of(pictures.take(rows), recipe))
        for rows in np.array_split(np.arange(len(pictures)), -(-len(pictures) // BATCH))
    ]
    return dict(zip(recipe.exported, map(np.concatenate, zip(*found))))


def crops_of(pictures: PictureSet, recipe: Recipe) -> np.ndarray:
    """Return the (N, S, S) or (N, S, S, 3) uint8 crops of all pictures, as files take them."""
    crops = Crops(pictures, recipe, varied=False)
    return np.stack([_as_run(crops[row]['image']) for row in range(len(crops))])


def _as_run(crop: np.ndarray) -> np.ndarray:
    """Return a (C, S, S) crop as files take it: (S, S) or (S, S, 3)."""
    return crop[0] if len(crop) == 1 else crop.transpose(1, 2, 0)


def _multiclass(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the share of labelled pictures whose best class is right."""
    known = labels >= 0
    return {'accuracy': metrics.mean((scores.argmax(1) == labels)[known].astype(float))}


def _years(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the mean absolute error of the expected age."""
    error = np.abs(scores @ np.arange(scores.shape[1]) - labels)
    return {'error years': metrics.mean(error[np.isfinite(labels)])}


def _multilabel(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the accuracy over all labels, and the mean over labels that occur both ways."""
    rates = metrics.yes_no_rates(scores > 0.5, labels)
    right = (scores > 0.5) == (labels > 0)
    found = {'accuracy': metrics.mean(right[labels >= 0].astype(float))}
    balanced = rates['balanced_accuracy'][np.isfinite(rates['balanced_accuracy'])]
    return {**found, **({'balanced': float(balanced.mean())} if len(balanced) else {})}


KINDS: Mapping[str, Callable[[np.ndarray, np.ndarray], dict[str, float]]] = {
    MULTICLASS: _multiclass,
    YEARS: _years,
    MULTILABEL: _multilabel,
}
"""Figures of (N, K) probabilities against labels, by the kind of the task."""
