# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How good a network is while it learns: one metric for each kind of task."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

import torch

from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import YEARS

from ..recipe import Recipe


def accuracy(answers: torch.Tensor, labels: torch.Tensor, balanced: bool) -> torch.Tensor:
    """Return the accuracy over attributes, (N, K) answers on labels 1, 0 and -1 (unknown).

    :param balanced: the mean of the accuracies with and without each attribute.
    """
    if not balanced:
        return (answers == (labels > 0))[labels >= 0].float().mean()
    sides = [(answers == side) & (labels == side) for side in (0, 1)]
    shares = [hits.sum(0) / (labels == side).sum(0) for side, hits in enumerate(sides)]
    return torch.stack(shares).nanmean()


def hits(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return 1 for each picture whose best class is its label, else 0; of labelled ones."""
    return (scores.argmax(1) == labels)[labels >= 0].float()


def errors_in_years(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return how far each expected age is from its label; of labelled pictures."""
    years = scores.softmax(1) @ torch.arange(float(scores.shape[1]), device=scores.device)
    error = (years - labels).abs()
    return error[torch.isfinite(error)]


def scores_with_labels(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return (N, K, 2) scores and labels of the pictures that have any."""
    known = (labels >= 0).any(1)
    return torch.stack([scores, labels.to(scores.dtype)], 2)[known]


COLLECTED: Mapping[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    MULTICLASS: hits,
    YEARS: errors_in_years,
    MULTILABEL: scores_with_labels,
}
"""What is kept of a batch's (N, K) scores and its labels, by the kind of the task; of other kinds
nothing."""


def measured(kind: str, collected: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return the accuracy, or the mean error in years, of all that was collected."""
    if kind != MULTILABEL:
        return collected.mean()
    scores, labels = collected.unbind(2)
    return accuracy(scores > 0, labels, recipe.attribute_target == 'balanced')
