# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Intervals hold the truth as often as they promise, and people are drawn whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation import intervals


def mean_of(values, groups=None, samples=400):
    """Return the estimate of a mean."""
    return intervals.bootstrap(
        lambda weights: {'mean': float(np.average(values, weights=weights))},
        len(values),
        groups,
        samples,
    )['mean']


def test_an_interval_is_two_standard_errors():
    """Of a share of 0.8 of a thousand rows: 0.8 +- 0.025."""
    found = mean_of((np.arange(1000) % 5 < 4).astype(float))
    assert found.value == 0.8 and found.n == 1000
    assert found.low == pytest.approx(0.775, abs=0.005)
    assert found.high == pytest.approx(0.825, abs=0.005)


def test_pictures_of_one_person_count_as_one():
    """Ten copies of each of a hundred rows tell no more than the hundred."""
    base = (np.arange(100) % 5 < 4).astype(float)
    copies = np.repeat(base, 10)
    alone, blind = mean_of(base), mean_of(copies)
    grouped = mean_of(copies, np.repeat(np.arange(100), 10))
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.1)
    assert blind.high - blind.low < 0.5 * (alone.high - alone.low)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_whole_groups_are_drawn(groups):
    """All rows of a group have one weight, and as many groups are drawn as there are."""
    groups = np.array(groups)
    for weights in intervals.resampled_weights(len(groups), groups, 5):
        by_group = [set(weights[groups == group]) for group in np.unique(groups)]
        assert all(len(found) == 1 for found in by_group)
        assert sum(found.pop() for found in by_group) == len(by_group)


def test_the_same_every_time():
    """The resampling is seeded."""
    values = np.random.default_rng(0).random(50)
    assert mean_of(values) == mean_of(values)


def test_the_bootstrap_knows_a_difference_from_chance():
    """Ten points more on a thousand pictures are certain, half a point is not."""
    random = np.random.default_rng(0)
    base = random.random(1000) < 0.8
    better, same = base.copy(), base.copy()
    better[np.flatnonzero(~base)[:100]] = True
    same[np.flatnonzero(~base)[:10]] = True
    same[np.flatnonzero(base)[:8]] = False
    found = intervals.paired_difference(better, base)
    assert 0.08 < found.low < 0.1 < found.high < 0.12
    found = intervals.paired_difference(same, base)
    assert found.low < 0 < found.high


def test_mcnemar():
    """By hand: 1 against 9 of ten that differ, 2 (1 + 10) / 1024."""
    first = np.array([True] * 20 + [True] + [False] * 9)
    second = np.array([True] * 20 + [False] + [True] * 9)
    assert intervals.mcnemar(first, second) == pytest.approx(22 / 1024)
    assert intervals.mcnemar(first, first) == 1


def test_share_interval():
    """The exact interval of 84 of 96, and nothing of none."""
    found = intervals.share_interval(84, 96)
    assert (found.value, found.n) == (0.875, 96)
    assert found.low == pytest.approx(0.7918, abs=1e-3)
    assert found.high == pytest.approx(0.9337, abs=1e-3)
    assert np.isnan(intervals.share_interval(0, 0).value)


def test_what_cannot_be_computed_has_no_interval():
    """NaN, not 0."""
    found = intervals.bootstrap(lambda _weights: {'none': float('nan')}, 5)['none']
    assert np.isnan([found.value, found.low, found.high]).all()
