# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs with the largest sum, as SciPy finds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import linear_sum_assignment

from face_affect_ros.tracking.assignment import best_pairs

SHAPES = st.tuples(st.integers(0, 8), st.integers(0, 8))
SCORES = SHAPES.flatmap(
    lambda shape: arrays.arrays(
        float, shape, elements=st.one_of(st.just(0.0), st.floats(0.01, 1.0))
    )
)


@given(SCORES)
def test_the_sum_is_the_largest(scores):
    pairs = best_pairs(scores)
    expected = scores[linear_sum_assignment(scores, maximize=True)].sum()
    assert sum(scores[pair] for pair in pairs) == pytest.approx(expected)


@given(SCORES)
def test_each_is_paired_once_and_only_where_it_can_be(scores):
    pairs = best_pairs(scores)
    for side in (0, 1):
        numbers = [pair[side] for pair in pairs]
        assert len(set(numbers)) == len(numbers)
    assert all(scores[pair] > 0 for pair in pairs)
    assert pairs == sorted(pairs)


def test_the_largest_score_gives_way_to_the_larger_sum():
    assert best_pairs(np.array([[0.9, 0.8], [0.8, 0.0]])) == [(0, 1), (1, 0)]


def test_a_crowd():
    scores = np.random.default_rng(1).random((40, 60))
    pairs = best_pairs(scores)
    expected = scores[linear_sum_assignment(scores, maximize=True)].sum()
    assert sum(scores[pair] for pair in pairs) == pytest.approx(expected)
