# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measures that several judges share."""

from __future__ import annotations

import numpy as np

from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.faces import AGE_RANGES


def interval_of_difference(
    first: np.ndarray, second: np.ndarray, samples: int = 4000
) -> tuple[float, float]:
    """Return the 95 % interval of mean(first) - mean(second) by a paired bootstrap.

    :param first: (N,) values of one method, a picture each: hits or errors.
    :param second: (N,) values of the other on the same pictures.
    """
    difference = np.asarray(first, float) - np.asarray(second, float)
    random = np.random.default_rng(0)
    rows = random.integers(0, len(difference), (samples, len(difference)))
    low, high = np.percentile(difference[rows].mean(1), (2.5, 97.5))
    return float(low), float(high)


def range_of(years: np.ndarray) -> np.ndarray:
    """Return the index of the age range (``AGE_CUTS``) of ages in years."""
    return np.searchsorted(AGE_CUTS, years, side='right')


def covered(years: np.ndarray) -> np.ndarray:
    """Return whether an age lies in one of Levi and Hassner's ranges as their words have them."""
    ends = [tuple(map(int, words.split('-'))) for words in AGE_RANGES]
    return np.any([(years >= low) & (years <= high) for low, high in ends], axis=0)


def attribute_accuracies(answers: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (K,) accuracies and balanced accuracies of (N, K) bool answers and labels."""
    right = answers == labels
    sides = [np.nanmean(np.where(labels == side, right, np.nan), axis=0) for side in (0, 1)]
    return right.mean(0), np.mean(sides, axis=0)


def cohens_kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's kappa of two (N,) bool labellings; 0 where neither varies."""
    agreed = (first == second).mean()
    by_chance = first.mean() * second.mean() + (1 - first.mean()) * (1 - second.mean())
    return float((agreed - by_chance) / (1 - by_chance)) if by_chance < 1 else 0.0


def calibration_error(probabilities: np.ndarray, hits: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error (Naeini, Cooper, Hauskrecht 2015), 0..1.

    :param probabilities: (N,) that the answer is right.
    :param hits: (N,) whether it was.
    """
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(probabilities[places == place].mean() - hits[places == place].mean())
        * (places == place).mean()
        for place in np.unique(places)
    ]
    return float(sum(gaps))


def answered(
    confidences: np.ndarray, hits: np.ndarray, thresholds: tuple[float, ...]
) -> list[tuple[float, float, float]]:
    """Return (threshold, share answered, accuracy of the answers) for confidence thresholds."""
    return [
        (
            threshold,
            float((confidences >= threshold).mean()),
            float(hits[confidences >= threshold].mean()),
        )
        for threshold in thresholds
    ]
