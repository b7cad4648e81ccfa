# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From scores to labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Distribution


def best(labels: Sequence[str], scores: np.ndarray) -> Distribution:
    """Decide for the label with the highest score; of equal ones the first in the list.

    :param scores: (K,) probabilities.
    """
    winner = int(np.argmax(scores))
    return Distribution(labels[winner], float(scores[winner]), _by_label(labels, scores))


def unknown_below(labels: Sequence[str], scores: np.ndarray, threshold: float) -> Distribution:
    """Decide for the best label, or for ``UNKNOWN`` where its score is below the threshold."""
    decided = best(labels, scores)
    if decided.confidence >= threshold:
        return decided
    return Distribution(UNKNOWN, decided.confidence, decided.scores)


def _by_label(labels: Sequence[str], scores: np.ndarray) -> dict[str, float]:
    """Return scores by label."""
    return {label: float(score) for label, score in zip(labels, scores)}
