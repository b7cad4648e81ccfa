# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether two embeddings are of one person: the distance, what it means, and the decision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Verification:
    """Whether two faces are of one person.

    :param distance: Euclidean distance of the embeddings, 0 (the same) to 2.
    :param probability: that it is one person, 0..1, where one and two people are equally likely
        before the pictures are seen. Who compares a face with many must expect fewer matches.
    :param same: whether the distance is at most the threshold.
    """

    distance: float
    probability: float
    same: bool


@dataclass(frozen=True)
class VerificationRule:
    """What distances of a network's embeddings mean.

    The probability is 1 / (1 + exp(slope * (distance - even))), fitted to pairs of people who were
    in no training (Platt 1999), one person and two weighing the same.

    :param threshold: largest distance of one person.
    :param slope: of the logistic curve, above 0.
    :param even: distance at which one person and two are equally likely.
    """

    threshold: float
    slope: float
    even: float

    def probability(self, distance: np.ndarray | float) -> np.ndarray:
        """Return the probability of one person at distances of any shape."""
        return 1 / (1 + np.exp(self.slope * (np.asarray(distance, np.float64) - self.even)))

    def judge(self, first: np.ndarray, second: np.ndarray) -> Verification:
        """Compare two (128,) embeddings."""
        distance = float(distances(first[None], second[None])[0, 0])
        return Verification(
            distance, float(self.probability(distance)), bool(distance <= self.threshold)
        )


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the (N, M) float64 Euclidean distances of (N, D) and (M, D) embeddings."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.sqrt(np.maximum(squared, 0))
