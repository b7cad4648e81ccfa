# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Verification: all pairs of pictures, and the shares that are accepted rightly and wrongly.

As ISO/IEC 19795-1 defines them: a pair of one person is genuine, of two an impostor pair; a pair
is accepted where its distance is at most the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from face_affect_ros.identity.verification import distances

STEPS = 2000
"""Thresholds at which the equal error rate and the best accuracy are looked for."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of pictures, the nearest first.

    :param distances: (P,) float32, ascending.
    :param first: (P,) number of the person of one picture, from 0.
    :param second: (P,) of the other.
    :param weights: (P,) float64, how often each counts; None: once.
    """

    distances: np.ndarray
    first: np.ndarray
    second: np.ndarray
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.distances)

    @cached_property
    def same(self) -> np.ndarray:
        """(P,) bool: of one person."""
        return self.first == self.second

    @cached_property
    def genuine(self) -> Curve:
        """The pairs of one person."""
        return self._curve(self.same)

    @cached_property
    def impostor(self) -> Curve:
        """The pairs of two people."""
        return self._curve(~self.same)

    def take(self, mask: np.ndarray) -> Pairs:
        """Return the pairs of a (P,) mask."""
        weights = None if self.weights is None else self.weights[mask]
        return Pairs(self.distances[mask], self.first[mask], self.second[mask], weights)

    def drawn(self, people: np.ndarray) -> Pairs:
        """Return the pairs where each person was drawn so often, (people,) float64.

        Pairs of one person count as often as that person, pairs of two as the product.
        """
        weights = people[self.first] * np.where(self.same, 1.0, people[self.second])
        return Pairs(self.distances, self.first, self.second, weights)

    def _curve(self, mask: np.ndarray) -> Curve:
        weights = np.ones(int(mask.sum())) if self.weights is None else self.weights[mask]
        return Curve.of(self.distances[mask], weights)


@dataclass(frozen=True)
class Curve:
    """Which share of some pairs lies within a distance.

    :param distances: (P,), ascending.
    :param shares: (P,) of the pairs at most so far, the last one 1.
    """

    distances: np.ndarray
    shares: np.ndarray

    @classmethod
    def of(cls, distances: np.ndarray, weights: np.ndarray) -> Curve:
        """Add up the weights of ascending distances; those of weight 0 are left out."""
        counted = weights > 0
        sums = np.cumsum(weights[counted])
        return cls(distances[counted], sums / sums[-1] if len(sums) else sums)

    def within(self, threshold: np.ndarray | float) -> np.ndarray:
        """Return the share within thresholds of any shape; NaN where there are no pairs."""
        if not len(self.shares):
            return np.full(np.shape(threshold), np.nan)
        place = np.searchsorted(self.distances, threshold, 'right')
        return np.concatenate([[0.0], self.shares])[place]

    def distance_at(self, share: float) -> float:
        """Return the largest distance within which at most this share lies, just below the next.

        NaN where there are no pairs.
        """
        if not len(self.shares):
            return float('nan')
        place = int(np.searchsorted(self.shares, share, 'right'))
        return float(np.nextafter(self.distances[min(place, len(self.shares) - 1)], 0))


def all_pairs(points: np.ndarray, people: np.ndarray) -> Pairs:
    """Return every pair of pictures once.

    :param points: (N, D), compared by their Euclidean distance.
    :param people: (N,) whom each shows.
    """
    numbers = np.unique(people, return_inverse=True)[1]
    first, second = np.triu_indices(len(points), 1)
    found = distances(points, points)[first, second].astype(np.float32)
    order = np.argsort(found, kind='stable')
    return Pairs(found[order], numbers[first][order], numbers[second][order])


def true_accepts(pairs: Pairs, false_accepts: float) -> float:
    """Return the share of genuine pairs accepted where this share of impostors is."""
    return float(pairs.genuine.within(pairs.impostor.distance_at(false_accepts)))


def equal_error_rate(pairs: Pairs) -> float:
    """Return the error rate where as many genuine pairs are rejected as impostors accepted.

    NaN where there are not both.
    """
    if not (len(pairs.genuine.shares) and len(pairs.impostor.shares)):
        return float('nan')
    thresholds = _thresholds(pairs)
    rejected = 1 - pairs.genuine.within(thresholds)
    accepted = pairs.impostor.within(thresholds)
    place = int(np.argmin(np.abs(rejected - accepted)))
    return float((rejected[place] + accepted[place]) / 2)


def balanced_accuracy(pairs: Pairs, threshold: float) -> float:
    """Return the mean of the shares of genuine pairs accepted and of impostors rejected."""
    return float((pairs.genuine.within(threshold) + 1 - pairs.impostor.within(threshold)) / 2)


def best_threshold(pairs: Pairs) -> float:
    """Return the distance of the best balanced accuracy."""
    thresholds = _thresholds(pairs)
    right = pairs.genuine.within(thresholds) - pairs.impostor.within(thresholds)
    return float(thresholds[int(np.argmax(right))])


def _thresholds(pairs: Pairs) -> np.ndarray:
    return np.linspace(pairs.distances.min(), pairs.distances.max(), STEPS)
