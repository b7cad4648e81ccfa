# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of verification with their intervals, of all pairs and of groups of people."""

from __future__ import annotations

import numpy as np

from face_affect_ros.evaluation.identity import calibration
from face_affect_ros.evaluation.identity.pairs import Pairs
from face_affect_ros.evaluation.identity.pairs import all_pairs
from face_affect_ros.evaluation.identity.pairs import balanced_accuracy
from face_affect_ros.evaluation.identity.pairs import best_threshold
from face_affect_ros.evaluation.identity.pairs import equal_error_rate
from face_affect_ros.evaluation.identity.pairs import true_accepts
from face_affect_ros.evaluation.intervals import PERCENTILES
from face_affect_ros.evaluation.intervals import Estimate

FALSE_ACCEPTS = {'true_accepts_at_1_in_100': 0.01, 'true_accepts_at_1_in_1000': 0.001}


def of_pairs(pairs: Pairs, other: Pairs | None = None) -> dict[str, float]:
    """Return the figures of some pairs.

    :param other: pairs of another set, on which the threshold and the probabilities are chosen.
    """
    found = {name: true_accepts(pairs, share) for name, share in FALSE_ACCEPTS.items()}
    found['equal_error_rate'] = equal_error_rate(pairs)
    if other is not None:
        found['accuracy_at_other_threshold'] = balanced_accuracy(pairs, best_threshold(other))
    return found


def with_intervals(
    pairs: Pairs, samples: int, other: Pairs | None = None, seed: int = 0
) -> dict[str, Estimate]:
    """Return the figures with 95 % intervals: people are drawn anew, with all their pictures."""
    found = of_pairs(pairs, other)
    random, people = (
        np.random.default_rng(seed),
        int(max(pairs.first.max(), pairs.second.max())) + 1,
    )
    drawn: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(samples):
        weights = np.bincount(random.integers(0, people, people), minlength=people).astype(float)
        for name, value in of_pairs(pairs.drawn(weights), other).items():
            drawn[name].append(value)
    ends = {
        name: np.nanpercentile(values, PERCENTILES) if samples else np.full(2, np.nan)
        for name, values in drawn.items()
    }
    return {
        name: Estimate(value, float(ends[name][0]), float(ends[name][1]), len(pairs))
        for name, value in found.items()
    }


def of_groups(
    points: np.ndarray, people: np.ndarray, groups: np.ndarray, threshold: float
) -> dict[str, dict[str, float]]:
    """Return, by group, what one threshold for all accepts among the pictures of that group.

    :param groups: (N,) names; empty: in no group.
    """
    found = {}
    for group in sorted({*groups} - {''}):
        chosen = groups == group
        pairs = all_pairs(points[chosen], people[chosen])
        found[group] = {
            'pictures': float(chosen.sum()),
            'true_accepts': float(pairs.genuine.within(threshold)),
            'false_accepts': float(pairs.impostor.within(threshold)),
            'equal_error_rate': equal_error_rate(pairs),
        }
    return found


def calibration_on_other(pairs: Pairs, other: Pairs) -> dict[str, float]:
    """Return how far probabilities and threshold that were fitted to the other set hold here."""
    rule = calibration.fit_rule(other)
    return {
        'threshold': rule.threshold,
        'slope': rule.slope,
        'even': rule.even,
        'calibration_error': calibration.calibration_error(pairs, rule),
        'true_accepts': float(pairs.genuine.within(rule.threshold)),
        'false_accepts': float(pairs.impostor.within(rule.threshold)),
    }
