# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How good a file is on validation pictures, cut as at run time."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

import numpy as np

from face_affect_ros.engines.onnx import OnnxEngine

from .batches import Crops
from .data import PictureSet
from .recipe import Recipe

BATCH = 64


def figures(network: bytes, recipe: Recipe, pictures: PictureSet) -> dict[str, float]:
    """Return the measures of each exported head that the pictures have labels of, by name."""
    named: dict[str, float] = {}
    for head, scores in answers_of(network, recipe, pictures).items():
        if head in pictures.labels:
            named.update(MEASURES[head](scores, pictures.labels[head]))
    return {name: round(value, 4) for name, value in named.items()}


def answers_of(network: bytes, recipe: Recipe, pictures: PictureSet) -> dict[str, np.ndarray]:
    """Return the (N, K) probabilities of each exported head."""
    crops = Crops(pictures, recipe, varied=False)
    engine = OnnxEngine(network)
    found = [engine.run(np.stack([_as_run(crops[row]['image']) for row in rows]))
             for rows in np.array_split(np.arange(len(crops)), -(-len(crops) // BATCH))]
    return dict(zip(recipe.exported, map(np.concatenate, zip(*found))))


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
    shares = [np.mean([right[labels[:, index] == side, index].mean() for side in (0, 1)])
              for index in range(labels.shape[1])
              if all((labels[:, index] == side).any() for side in (0, 1))]
    balanced = {'attributes balanced': float(np.mean(shares))} if shares else {}
    return {'attributes accuracy': float(right[labels >= 0].mean()), **balanced}


MEASURES: Mapping[str, Callable[[np.ndarray, np.ndarray], dict[str, float]]] = {
    'emotion': _emotion, 'gender': _gender, 'age': _age, 'attributes': _attributes}
"""Measures of (N, K) probabilities against labels, by head."""
