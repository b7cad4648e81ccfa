# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How sure a figure is: bootstrap intervals, and tests of one model against another."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SAMPLES = 1000
"""Resamplings of a bootstrap."""

PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval.

    :param value: NaN where it cannot be computed.
    :param low: lower end; NaN: no interval.
    :param high: upper end.
    :param n: rows that it is of.
    """

    value: float
    low: float
    high: float
    n: int


def resampled_weights(
    count: int, groups: np.ndarray | None = None, samples: int = SAMPLES, seed: int = 0
) -> Iterator[np.ndarray]:
    """Yield (count,) weights: how often each row is drawn in one resampling.

    :param groups: (count,) to whom each row belongs: whole groups are drawn, as the pictures of
        one person are no independent samples. None: rows are.
    """
    random = np.random.default_rng(seed)
    members = None if groups is None else np.unique(groups, return_inverse=True)[1]
    units = count if members is None else int(members.max(initial=-1)) + 1
    for _ in range(samples if units else 0):
        drawn = np.bincount(random.integers(0, units, units), minlength=units).astype(float)
        yield drawn if members is None else drawn[members]


def bootstrap(
    metrics: Callable[[np.ndarray | None], Mapping[str, float]],
    count: int,
    groups: np.ndarray | None = None,
    samples: int = SAMPLES,
) -> dict[str, Estimate]:
    """Return metrics with 95 % percentile intervals (Efron 1979).

    :param metrics: returns figures by name for (count,) weights, None: each row once.
    :param groups: see ``resampled_weights``.
    """
    found = metrics(None)
    drawn: dict[str, list[float]] = {name: [] for name in found}
    for weights in resampled_weights(count, groups, samples):
        again = metrics(weights)
        for name, values in drawn.items():
            values.append(again.get(name, float('nan')))
    return {name: _estimate(value, drawn[name], count) for name, value in found.items()}


def _estimate(value: float, drawn: list[float], count: int) -> Estimate:
    finite = np.array(drawn)[np.isfinite(drawn)] if drawn else np.array([])
    if not len(finite) or not np.isfinite(value):
        return Estimate(float(value), float('nan'), float('nan'), count)
    low, high = np.percentile(finite, PERCENTILES)
    return Estimate(float(value), float(low), float(high), count)


def paired_difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray | None = None, samples: int = SAMPLES
) -> Estimate:
    """Return mean(first) - mean(second) on the same rows, with its interval.

    :param first: (N,) values of one model, a row each: hits or errors.
    :param second: (N,) values of the other.
    """
    difference = np.asarray(first, float) - np.asarray(second, float)
    return bootstrap(
        lambda weights: {'difference': float(np.average(difference, weights=weights))},
        len(difference),
        groups,
        samples,
    )['difference']


def mcnemar(first: np.ndarray, second: np.ndarray) -> float:
    """Return the p-value of McNemar's exact test that two models are right equally often.

    :param first: (N,) bool, where one model is right.
    :param second: (N,) bool, the other on the same rows.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def share_interval(hits: int, count: int) -> Estimate:
    """Return a share with its exact 95 % interval (Clopper and Pearson 1934)."""
    from scipy.stats import binomtest

    if not count:
        return Estimate(float('nan'), float('nan'), float('nan'), 0)
    interval = binomtest(hits, count).proportion_ci()
    return Estimate(hits / count, float(interval.low), float(interval.high), count)
