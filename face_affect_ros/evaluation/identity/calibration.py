# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What distances mean: a probability fitted to pairs, a threshold, and how far both hold."""

from __future__ import annotations

import numpy as np

from face_affect_ros.evaluation.identity.pairs import Pairs
from face_affect_ros.identity.verification import VerificationRule

FALSE_ACCEPTS = 0.001
"""Share of false accepts at which the documented threshold lies."""

BINS = 15


def fit_rule(pairs: Pairs, false_accepts: float = FALSE_ACCEPTS) -> VerificationRule:
    """Return the rule of some pairs, one person and two weighing the same."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, class_weight='balanced', max_iter=1000)
    fitted.fit(pairs.distances[:, None].astype(float), pairs.same)
    slope = -float(fitted.coef_[0, 0])
    return VerificationRule(
        pairs.impostor.distance_at(false_accepts), slope, float(fitted.intercept_[0]) / slope
    )


def calibration_error(pairs: Pairs, rule: VerificationRule) -> float:
    """Return the expected calibration error of a rule's probabilities on other pairs.

    In bins of equal width; one person and two weigh the same.
    """
    weights = np.where(pairs.same, 0.5 / pairs.same.sum(), 0.5 / (~pairs.same).sum())
    said = rule.probability(pairs.distances)
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    total = [np.bincount(bins, weights * part, BINS) for part in (said, pairs.same)]
    return float(np.abs(total[0] - total[1]).sum())
