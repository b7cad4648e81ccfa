# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From scores to labels. Of equal scores the first label of the list wins, everywhere."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import Age
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Result
from face_affect_ros.tasks import AGE_BINS
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

MARGIN = 0.15
"""By how much another label is ahead before it takes the place of the one before in a stream."""

_YEARS = np.arange(AGE_BINS)
_RANGES = np.searchsorted(AGE_CUTS, _YEARS, side='right')


def decide(task: Task, scores: np.ndarray, threshold: float = 0.0, before: str = '') -> Result:
    """Return what a face's probabilities say.

    :param scores: (K,) probabilities, ``task.columns`` of them.
    :param threshold: the probability below which ``task.below_threshold`` is decided for.
    :param before: what was decided of the face in the frame before, of one label: it stays while
        no other, and no threshold, is ahead by ``MARGIN``. Empty: nothing was.
    """
    return DECISIONS[task.kind](task, scores, threshold, before)


def best(labels: Sequence[str], scores: np.ndarray) -> Distribution:
    """Decide for the label with the highest score; of equal ones the first in the list.

    :param scores: (K,) probabilities.
    """
    winner = int(np.argmax(scores))
    return Distribution(labels[winner], float(scores[winner]), by_name(labels, scores))


def label(task: Task, scores: np.ndarray, threshold: float, before: str = '') -> Distribution:
    """Decide for the best label, or for ``task.below_threshold`` where it is below the threshold.

    The confidence stays that of the best label: it is below the threshold, which tells a face that
    looks neutral from one that does not say enough.
    """
    if before:
        return _kept_or_other(task, scores, threshold, before)
    decided = best(task.labels, scores)
    if decided.confidence >= threshold or not task.below_threshold:
        return decided
    return replace(decided, label=task.below_threshold)


def age(scores: np.ndarray) -> Age:
    """Decide for the expected age and for the likeliest range, the younger one of equals.

    The bins are whole years of age, so the expected value is that of the labels: sum of k p(k).

    :param scores: (101,) probabilities of the ages 0..100.
    """
    shares = scores / scores.sum(dtype=np.float64)
    years = float(shares @ _YEARS)
    deviation = float(np.sqrt(shares @ (_YEARS - years) ** 2))
    ranges = best(AGE_RANGES, np.bincount(_RANGES, shares, len(AGE_RANGES)))
    return Age(years, deviation, ranges.label, ranges.scores)


def _kept_or_other(task: Task, scores: np.ndarray, threshold: float, before: str) -> Distribution:
    """Decide for the label of before, or for one that is ahead of it by a margin."""
    favoured = scores + MARGIN * np.array([name == before for name in task.labels])
    margin = MARGIN * (1 - threshold) if threshold > 0 else 0.0
    limit = threshold + (margin if before == task.below_threshold else -margin)
    decided = best(task.labels, scores)
    if decided.confidence < limit and task.below_threshold:
        return replace(decided, label=task.below_threshold)
    return replace(decided, label=task.labels[int(np.argmax(favoured))])


def by_name(labels: Sequence[str], scores: np.ndarray) -> dict[str, float]:
    """Return (K,) scores by the names of their labels."""
    return {label: float(score) for label, score in zip(labels, scores)}


DECISIONS: Mapping[str, Callable[[Task, np.ndarray, float, str], Result]] = {
    MULTICLASS: label,
    MULTILABEL: lambda task, scores, *_: by_name(task.labels, scores),
    YEARS: lambda task, scores, *_: age(scores),
}
"""What becomes of a face's (K,) probabilities, by the kind of the task."""
