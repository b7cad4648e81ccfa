# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How good a file is on validation pictures, cut as at run time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros.engines.onnx import OnnxEngine

from ..data.batches import Crops
from ..data.sets import PictureSet
from ..recipe import Recipe

BATCH = 64

Run = Callable[[np.ndarray], Sequence[np.ndarray]]
"""A network: crops to probabilities of the exported heads."""


def figures(network: bytes, recipe: Recipe, pictures: PictureSet) -> dict[str, float]:
    """Return the measures of each exported head that the pictures have labels of, by name."""
    return figures_of(answers_of(OnnxEngine(network).run, recipe, pictures), pictures)


def figures_of(answers: Mapping[str, np.ndarray], pictures: PictureSet) -> dict[str, float]:
    """Return the measures of (N, K) probabilities by head, of heads that the pictures have."""
    named: dict[str, float] = {}
    for head, scores in answers.items():
        if head in pictures.labels:
            named.update(MEASURES[head](scores, pictures.labels[head]))
        if head == 'emotion' and 'ambiguous' in pictures.labels:
            clear = ~pictures.labels['ambiguous']
            named['emotion unambiguous'] = _share_right(
                scores[clear], pictures.labels['emotion'][clear]
            )
    return {name: round(value, 4) for name, value in named.items()}


def answers_of(run: Run, recipe: Recipe, pictures: PictureSet) -> dict[str, np.ndarray]:
    """Return the (N, K) probabilities of each exported head.

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


def _emotion(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {'emotion accuracy': _share_right(scores, labels)}


def _gender(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    return {'gender accuracy': _share_right(scores, labels)}


def _share_right(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of labelled pictures whose best class is right."""
    known = labels >= 0
    return float((scores.argmax(1) == labels)[known].mean())


def _age(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the mean absolute error."""
    error = np.abs(scores @ np.arange(scores.shape[1]) - labels)
    return {'age error years': float(error[np.isfinite(labels)].mean())}


def _attributes(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the accuracy over all labels, and the mean over attributes with both sides."""
    right = (scores > 0.5) == (labels > 0)
    shares = [
        np.mean([right[labels[:, index] == side, index].mean() for side in (0, 1)])
        for index in range(labels.shape[1])
        if all((labels[:, index] == side).any() for side in (0, 1))
    ]
    balanced = {'attributes balanced': float(np.mean(shares))} if shares else {}
    return {'attributes accuracy': float(right[labels >= 0].mean()), **balanced}


MEASURES: Mapping[str, Callable[[np.ndarray, np.ndarray], dict[str, float]]] = {
    'emotion': _emotion,
    'gender': _gender,
    'age': _age,
    'attributes': _attributes,
}
"""Measures of (N, K) probabilities against labels, by head."""
