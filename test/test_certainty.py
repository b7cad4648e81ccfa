# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How likely answers are right, by their own probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.decision import certainty
from face_affect_ros.faces import ATTRIBUTES

YEARS = np.arange(101)


def age_about(years: float, deviation: float) -> np.ndarray:
    """Return probabilities of ages, normally distributed."""
    shares = np.exp(-((YEARS - years) ** 2) / (2 * deviation**2))
    return shares / shares.sum()


def test_of_several_labels_it_is_that_of_the_best():
    assert certainty.of_answer('gender', np.array([0.2, 0.8])) == pytest.approx(0.8)
    assert certainty.of_answer('emotion', np.full(7, 1 / 7)) == pytest.approx(1 / 7)


def test_an_age_that_is_spread_is_less_certain():
    """By about the share of a normal one within seven years."""
    values = [certainty.of_answer('age', age_about(50, spread)) for spread in (2, 7.5, 15)]
    assert values[0] > 0.99 and values == sorted(values, reverse=True)
    assert values[1] == pytest.approx(0.65, abs=0.05)


def test_attributes_count_by_their_better_sides():
    scores = np.full(len(ATTRIBUTES), 0.5)
    assert certainty.of_answer('attributes', scores) == pytest.approx(0.5)
    scores[:20] = 0.1
    assert certainty.of_answer('attributes', scores) == pytest.approx(0.7)


@given(st.lists(st.floats(1e-3, 1), min_size=7, max_size=7), st.floats(0, 100), st.floats(0.5, 40))
def test_a_face_has_the_mean_of_what_is_told(emotion, years, deviation):
    """Within 0..1; what is not told does not count, and nothing told is no certainty."""
    answers = {'emotion': np.array(emotion), 'age': age_about(years, deviation)}
    each = [certainty.of_answer(task, scores) for task, scores in answers.items()]
    assert all(0 < value <= 1 + 1e-9 for value in each)
    assert certainty.of_face({**answers, 'gender': None}) == pytest.approx(sum(each) / 2)
    assert certainty.of_face({'gender': None}) is None
