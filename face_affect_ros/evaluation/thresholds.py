# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Thresholds of attributes, picked on pictures rather than assumed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import likely_thresholds
from face_affect_ros.evaluation.task_figures import figures

LEAST, MOST = 0.01, 0.99
"""Bounds of a threshold: beyond them a few pictures decide."""


def choose(scores: np.ndarray, truth: np.ndarray, criterion: str) -> np.ndarray:
    """Return the (K,) thresholds that are best for a criterion, of K yes-or-no labels.

    A threshold lies half way between two neighbouring scores; of equally good ones it is the one
    nearest to 0.5. Where a label does not occur both ways it is 0.5.

    :param scores: (N, K) probabilities.
    :param truth: (N, K), 1 yes, 0 no, -1 not known.
    :param criterion: of ``evaluation.THRESHOLD_CRITERIA``.
    """
    return np.array(
        [
            _best(column[known >= 0].astype(float), known[known >= 0] == 1, criterion)
            for column, known in zip(scores.T, truth.T)
        ]
    )


def _best(score: np.ndarray, yes: np.ndarray, criterion: str) -> float:
    if yes.all() or not yes.any():
        return 0.5
    order = np.argsort(-score, kind='stable')
    score, yes = score[order], yes[order]
    # After the first n, in falling order, everything below says no.
    hits, alarms = np.cumsum(yes), np.cumsum(~yes)
    between = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
    below = np.append(score[1:], 0.0)
    threshold = (score[between] + below[between]) / 2
    hits, alarms = hits[between], alarms[between]
    positives, negatives = yes.sum(), (~yes).sum()
    worth = {
        'balanced': hits / positives - alarms / negatives,
        'f1': 2 * hits / (hits + alarms + positives),
        'accuracy': hits - alarms,
    }[criterion]
    best = np.flatnonzero(np.isclose(worth, worth.max(), rtol=0, atol=1e-12))
    nearest = best[np.abs(threshold[best] - 0.5).argmin()]
    return float(np.clip(threshold[nearest], LEAST, MOST))


def chosen_figures(
    judged: Judged, criterion: str, samples: int
) -> tuple[np.ndarray, Mapping[str, Estimate]]:
    """Return the thresholds that all pictures give, and what thresholds so picked are worth.

    For the figures the people (the pictures, where nobody says of whom they are) are parted in
    two halves: each half is judged by thresholds that were picked on the other.
    """
    part = judged.take(judged.labelled('attributes') & judged.found)
    first = _half(part)
    rows = np.empty((len(part), len(likely_thresholds())))
    for half in (first, ~first):
        other = part.take(~half)
        rows[half] = choose(other.scores('attributes'), other.truth.attributes, criterion)
    found = figures(part.with_thresholds(rows), samples, by_class=False)['attributes']
    return choose(part.scores('attributes'), part.truth.attributes, criterion), found


def _half(judged: Judged) -> np.ndarray:
    """Return the (N,) mask of half of the people, the same at every call."""
    person = judged.truth.person
    units = judged.columns['row'] if person is None else person
    return np.array([zlib.crc32(str(int(unit)).encode()) % 2 == 0 for unit in units], bool)
