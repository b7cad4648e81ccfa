# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From scores to labels."""

from __future__ import annotations

import numpy as np
import pytest

from face_affect_ros import decision
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import UNKNOWN


@pytest.mark.parametrize('winner', range(len(EMOTIONS)))
def test_the_best_label_wins(winner):
    """It comes with its probability and with everybody else's."""
    scores = np.full(len(EMOTIONS), 0.1, np.float32)
    scores[winner] = 0.4
    decided = decision.best(EMOTIONS, scores)
    assert decided.label == EMOTIONS[winner]
    assert decided.confidence == pytest.approx(0.4)
    assert list(decided.scores) == list(EMOTIONS)
    assert list(decided.scores.values()) == pytest.approx(scores.tolist())


@pytest.mark.parametrize(('scores', 'label'), [
    ((1 / 7,) * 7, 'angry'), ((0, 0, 0, 0.5, 0, 0, 0.5), 'happy'),
    ((0, 0, 0, 0, 0.5, 0.5, 0), 'sad')])
def test_of_equal_scores_the_first_label_wins(scores, label):
    """The order of the label list is the order of precedence."""
    assert decision.best(EMOTIONS, np.array(scores)).label == label


@pytest.mark.parametrize(('female', 'threshold', 'label'), [
    (0.5, 0.0, 'female'), (0.5, 0.5, 'female'), (0.5, 0.51, UNKNOWN), (0.25, 0.75, 'male'),
    (0.25, 0.76, UNKNOWN), (1.0, 1.0, 'female'), (0.99, 1.0, UNKNOWN)])
def test_unknown_below_a_threshold(female, threshold, label):
    """A score at the threshold is enough; an unknown keeps the best score and all others."""
    decided = decision.unknown_below(GENDERS, np.array([female, 1 - female]), threshold)
    assert decided.label == label
    assert decided.confidence == max(female, 1 - female)
    assert decided.scores == {'female': female, 'male': 1 - female}


def test_plain_numbers():
    """What comes out can go into JSON."""
    decided = decision.best(GENDERS, np.array([0.25, 0.75], np.float32))
    assert type(decided.confidence) is float
    assert {type(value) for value in decided.scores.values()} == {float}
