# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From scores to labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.decision import labels
from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import NEUTRAL
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.tasks import AGE_BINS
from face_affect_ros.tasks import TASKS


@pytest.mark.parametrize('winner', range(len(EMOTIONS)))
def test_the_best_label_wins(winner):
    """It comes with its probability and with everybody else's."""
    scores = np.full(len(EMOTIONS), 0.1, np.float32)
    scores[winner] = 0.4
    decided = labels.best(EMOTIONS, scores)
    assert decided.label == EMOTIONS[winner]
    assert decided.confidence == pytest.approx(0.4)
    assert list(decided.scores) == list(EMOTIONS)
    assert list(decided.scores.values()) == pytest.approx(scores.tolist())


@pytest.mark.parametrize(
    ('scores', 'label'),
    [
        ((1 / 7,) * 7, 'angry'),
        ((0, 0, 0, 0.5, 0, 0, 0.5), 'happy'),
        ((0, 0, 0, 0, 0.5, 0.5, 0), 'sad'),
    ],
)
def test_of_equal_scores_the_first_label_wins(scores, label):
    """The order of the label list is the order of precedence."""
    assert labels.best(EMOTIONS, np.array(scores)).label == label


@pytest.mark.parametrize(
    ('female', 'threshold', 'label'),
    [
        (0.5, 0.0, 'female'),
        (0.5, 0.5, 'female'),
        (0.5, 0.51, UNKNOWN),
        (0.25, 0.75, 'male'),
        (0.25, 0.76, UNKNOWN),
        (1.0, 1.0, 'female'),
        (0.99, 1.0, UNKNOWN),
    ],
)
def test_unknown_below_a_threshold(female, threshold, label):
    """A score at the threshold is enough; an unknown keeps the best score and all others."""
    decided = labels.decide(TASKS['gender'], np.array([female, 1 - female]), threshold)
    assert decided.label == label
    assert decided.confidence == max(female, 1 - female)
    assert decided.scores == {'female': female, 'male': 1 - female}


@pytest.mark.parametrize(
    ('happy', 'threshold', 'label'),
    [
        (0.5, 0.0, 'happy'),
        (0.5, 0.5, 'happy'),
        (0.5, 0.51, NEUTRAL),
        (1.0, 1.0, 'happy'),
        (0.99, 1.0, NEUTRAL),
        (0.0, 0.0, 'angry'),
        (0.0, 1.0, NEUTRAL),
    ],
)
def test_neutral_below_a_threshold(happy, threshold, label):
    """A score at the threshold is enough; a neutral keeps the best score and all others."""
    scores = np.full(len(EMOTIONS), (1 - happy) / (len(EMOTIONS) - 1))
    scores[EMOTIONS.index('happy')] = happy
    decided = labels.decide(TASKS['emotion'], scores, threshold)
    assert decided.label == label
    assert decided.confidence == scores.max()
    assert list(decided.scores.values()) == scores.tolist()


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7), st.floats(0, 1))
def test_neutral_tells_by_its_confidence_why(scores, threshold):
    """The label is the best one's, or neutral and the confidence below the threshold."""
    decided = labels.decide(TASKS['emotion'], np.array(scores), threshold)
    expected = labels.best(EMOTIONS, np.array(scores))
    changed = expected.confidence < threshold
    assert decided.label == (NEUTRAL if changed else expected.label)
    assert (decided.confidence, decided.scores) == (expected.confidence, expected.scores)


@pytest.mark.parametrize(
    ('year', 'label'),
    [
        (0, '0-2'),
        (2, '0-2'),
        (3, '4-6'),
        (6, '4-6'),
        (7, '8-12'),
        (13, '8-12'),
        (14, '15-20'),
        (22, '15-20'),
        (23, '25-32'),
        (34, '25-32'),
        (35, '38-43'),
        (45, '38-43'),
        (46, '48-53'),
        (56, '48-53'),
        (57, '60-100'),
        (100, '60-100'),
    ],
)
def test_an_age_that_is_certain(year, label):
    """It is what the bin says, without deviation, in the range that the cuts make."""
    age = labels.age(np.eye(AGE_BINS, dtype=np.float32)[year])
    assert (age.years, age.deviation, age.range) == (year, 0, label)
    assert age.scores[label] == 1 and sum(age.scores.values()) == 1
    assert tuple(age.scores) == AGE_RANGES


@given(st.lists(st.floats(0, 1, width=32), min_size=AGE_BINS, max_size=AGE_BINS).filter(sum))
def test_ages_of_any_distribution(weights):
    """Expected value, deviation and ranges are those of the distribution."""
    shares = np.array(weights, np.float32) / np.sum(weights, dtype=np.float32)
    age = labels.age(shares)
    draws = np.average(np.arange(AGE_BINS), weights=shares.astype(float))
    assert age.years == pytest.approx(draws, abs=1e-3)
    variance = np.average((np.arange(AGE_BINS) - draws) ** 2, weights=shares.astype(float))
    assert age.deviation == pytest.approx(variance**0.5, abs=1e-2)
    bounds = [0, *AGE_CUTS, AGE_BINS]
    for label, low, high in zip(AGE_RANGES, bounds, bounds[1:]):
        expected = sum(share for year, share in enumerate(shares) if low <= year < high)
        assert age.scores[label] == pytest.approx(expected, abs=1e-4)
    assert age.scores[age.range] == max(age.scores.values())


def test_of_ranges_that_are_equally_likely_the_younger_wins():
    """As everywhere, the first of the list."""
    scores = np.zeros(AGE_BINS)
    scores[[5, 50]] = 0.5
    assert labels.age(scores).range == '4-6'


def test_attributes_by_name():
    """In CelebA's order, each by itself."""
    found = labels.decide(
        TASKS['attributes'], np.linspace(0, 1, len(ATTRIBUTES), dtype=np.float32)
    )
    assert tuple(found) == ATTRIBUTES
    assert (found['5_o_Clock_Shadow'], found['Young']) == (0, 1)
    assert {type(value) for value in found.values()} == {float}


def test_plain_numbers():
    """What comes out can go into JSON."""
    decided = labels.best(GENDERS, np.array([0.25, 0.75], np.float32))
    assert type(decided.confidence) is float
    assert {type(value) for value in decided.scores.values()} == {float}
