# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The measures of the model cards."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.decision.labels import neutral_below
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import EMOTIONS

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
measures = import_module('training.judging.measures')
judge_neutral = import_module('training.judging.judge_neutral')


def test_the_bootstrap_knows_a_difference_from_chance():
    """Ten points more on a thousand pictures are certain, half a point is not."""
    random = np.random.default_rng(0)
    base = random.random(1000) < 0.8
    better, same = base.copy(), base.copy()
    better[np.flatnonzero(~base)[:100]] = True
    same[np.flatnonzero(~base)[:10]] = True
    same[np.flatnonzero(base)[:8]] = False
    low, high = measures.interval_of_difference(better, base)
    assert 0.08 < low < 0.1 < high < 0.12
    low, high = measures.interval_of_difference(same, base)
    assert low < 0 < high


@given(st.floats(0, 116))
def test_every_age_has_a_range(years):
    """An age inside the words of a range is counted there."""
    index = int(measures.range_of(np.array([years]))[0])
    low, high = map(int, AGE_RANGES[index].split('-'))
    if measures.covered(np.array([years]))[0]:
        assert low <= years <= high


def test_ages_between_the_ranges_are_not_covered():
    """3, 7, 13 and so on belong to none of them."""
    ages = np.array([0, 2, 3, 4, 7, 13, 15, 24, 36, 50, 59, 60, 101])
    assert measures.covered(ages).tolist() == [
        True,
        True,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        True,
        False,
    ]


def test_attribute_accuracies():
    """Balanced: the mean of the accuracies with and without it."""
    labels = np.array([[1], [0], [0], [0]], bool)
    plain, balanced = measures.attribute_accuracies(np.zeros((4, 1), bool), labels)
    assert (plain[0], balanced[0]) == (0.75, 0.5)


def test_calibration_error():
    """None where probabilities say what happens, their distance where they do not."""
    hits = np.arange(1000) % 10 < 7
    assert measures.calibration_error(np.full(1000, 0.7), hits) == pytest.approx(0, abs=1e-9)
    assert measures.calibration_error(np.full(1000, 0.95), hits) == pytest.approx(0.25)


def test_answered():
    """A higher threshold answers less."""
    confidences, hits = np.array([0.5, 0.7, 0.9, 0.99]), np.array([0, 1, 1, 1])
    assert measures.answered(confidences, hits, (0.5, 0.6)) == [(0.5, 1.0, 0.75), (0.6, 0.75, 1.0)]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_kappa_is_at_most_one_and_the_same_both_ways(pairs):
    """One where they agree and both answers occur, 0 where only one answer occurs."""
    first, second = np.array(pairs).T
    found = measures.cohens_kappa(first, second)
    assert found == pytest.approx(measures.cohens_kappa(second, first))
    assert -1 - 1e-9 <= found <= 1
    assert measures.cohens_kappa(first, first) == pytest.approx(float(first.any() != first.all()))


def test_kappa_of_a_known_table():
    """Of fifty proposals two readers accept 20 and reject 15 together: 0.4."""
    first = np.repeat([True, True, False, False], [20, 5, 10, 15])
    second = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert measures.cohens_kappa(first, second) == pytest.approx(0.4)


def test_neutral_unless_likely_enough():
    """The best class where it reaches the threshold; F1 is scikit-learn's."""
    random = np.random.default_rng(0)
    scores = random.dirichlet(np.ones(7), 400)
    labels = random.integers(0, 7, 400)
    for threshold in (0.0, 0.4, 1.0):
        answers = judge_neutral.decided(scores, threshold)
        decided = [neutral_below(EMOTIONS, row, threshold).label for row in scores]
        assert [EMOTIONS[index] for index in answers] == decided
    metrics = pytest.importorskip('sklearn.metrics', reason='scikit-learn is the reference')
    answers = judge_neutral.decided(scores, 0.3)
    assert judge_neutral.macro_f1(answers, labels) == pytest.approx(
        metrics.f1_score(labels, answers, average='macro')
    )
    assert judge_neutral.table(scores, labels).count('\n') == 1 + len(judge_neutral.THRESHOLDS)
