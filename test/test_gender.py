# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One gender from several networks."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.faces import ATTRIBUTES

PARTS = ('gender', 'age', 'attributes')
EQUAL = [
    dict.fromkeys(tasks, 1 / len(tasks))
    for count in (1, 2, 3)
    for tasks in itertools.combinations(PARTS, count)
]


def scores(**male):
    """Return a face's scores in which tasks say how likely it is male."""
    attributes = np.full(len(ATTRIBUTES), 0.3)
    attributes[ATTRIBUTES.index('Male')] = male.get('attributes', 0)
    of_all = {
        'gender': {'gender': np.array([1 - male.get('gender', 0), male.get('gender', 0)])},
        'age': {
            'age': np.full(101, 1 / 101),
            'gender': np.array([1 - male.get('age', 0), male.get('age', 0)]),
        },
        'attributes': {'attributes': attributes},
    }
    return {task: of_all[task] for task in male}


@pytest.mark.parametrize('task', PARTS)
@pytest.mark.parametrize('male', [0.001, 0.3, 0.5, 0.999])
def test_one_alone_is_taken_at_its_word(task, male):
    """With a weight of 1."""
    assert GenderRules(EQUAL).combined(scores(**{task: male})) == pytest.approx([1 - male, male])


def test_nobody_has_spoken():
    """Is not "undecided"."""
    assert GenderRules(EQUAL).combined({}) is None
    assert GenderRules(EQUAL).combined({'emotion': {'emotion': np.full(7, 1 / 7)}}) is None


def test_weights_are_those_of_who_has_spoken():
    """Logits are weighted and summed."""
    rules = GenderRules([{'gender': 1}, {'age': 2}, {'gender': 0.25, 'age': 1.5}])
    logit = lambda p: math.log(p / (1 - p))  # noqa: E731
    for male, expected in (
        ({'age': 0.7}, 2 * logit(0.7)),
        ({'gender': 0.2, 'age': 0.7}, 0.25 * logit(0.2) + 1.5 * logit(0.7)),
    ):
        female, found = rules.combined(scores(**male))
        assert logit(found) == pytest.approx(expected)
        assert female + found == pytest.approx(1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_any_scores_give_a_distribution(one, two, three):
    """Also 0 and 1; and with equal weights the answer lies between the networks' own."""
    told = (one, two, three)
    female, male = GenderRules(EQUAL).combined(scores(**dict(zip(PARTS, told))))
    assert female + male == pytest.approx(1)
    assert min(told) - 1e-5 <= male <= max(told) + 1e-5


@pytest.mark.parametrize(
    ('rules', 'text'),
    [
        (EQUAL[:-1], 'no rule for age . attributes . gender'),
        (EQUAL[1:], 'no rule for gender'),
        ([*EQUAL, {'gender': 0.9}], 'two rules'),
    ],
)
def test_rules_that_leave_a_set_open_are_refused(rules, text):
    """Before a face comes for which there is none."""
    with pytest.raises(ValueError, match=text):
        GenderRules(rules)
