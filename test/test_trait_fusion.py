# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several answers about one face become one, and a better one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.tasks import TASKS
from face_affect_ros.tracking.trait_fusion import LASTING_S
from face_affect_ros.tracking.trait_fusion import Fusion

LENGTHS = {'gender': 2, 'age': 101, 'attributes': len(ATTRIBUTES)}


def fused(output, answers, qualities=None, step=1.0):
    """Return the combination of answers that come every ``step`` seconds."""
    fusion = Fusion(output)
    for number, answer in enumerate(answers):
        fusion.add(answer, 1.0 if qualities is None else qualities[number], number * step)
    return fusion.result()


def blurred_ages(random, count, true_age, spread):
    """Return bell curves over the ages whose centres scatter around the truth."""
    centers = true_age + random.normal(0, spread, count)
    curves = np.exp(-0.5 * ((np.arange(101) - centers[:, None]) / 9) ** 2)
    return curves / curves.sum(axis=1, keepdims=True)


@pytest.mark.parametrize('output', LENGTHS)
def test_one_answer_is_the_answer(output):
    """As it was given."""
    answer = np.random.default_rng(0).dirichlet(np.full(LENGTHS[output], 0.8))
    assert fused(output, [answer]) == pytest.approx(answer, abs=1e-4)


@pytest.mark.parametrize('output', LENGTHS)
def test_the_same_answer_again_changes_nothing(output):
    """However often it comes."""
    answer = np.random.default_rng(1).dirichlet(np.full(LENGTHS[output], 0.8))
    assert fused(output, [answer] * 9) == pytest.approx(answer, abs=1e-4)


def test_ages_get_better_the_longer_a_face_is_in_view():
    """The mean error over many tracks falls with every doubling of the answers."""
    random = np.random.default_rng(2)
    errors = {count: [] for count in (1, 2, 4, 8, 16)}
    for _ in range(200):
        true_age = random.uniform(15, 75)
        answers = blurred_ages(random, 16, true_age, 8)
        for count in errors:
            shares = fused('age', answers[:count])
            errors[count].append(abs(shares @ np.arange(101) - true_age))
    means = [np.mean(found) for found in errors.values()]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.45 * means[0]


def test_gender_gets_better_the_longer_a_face_is_in_view():
    """From three of four right to nearly all."""
    random = np.random.default_rng(3)
    logits = random.normal(1.0, 1.5, (300, 16))
    answers = np.stack([1 / (1 + np.exp(logits)), 1 / (1 + np.exp(-logits))], axis=2)
    right = [
        np.mean([fused('gender', track[:count])[1] > 0.5 for track in answers])
        for count in (1, 4, 16)
    ]
    assert right == sorted(right)
    assert right[0] < 0.8 < 0.95 < right[-1]


def test_good_pictures_count_more():
    """Weighted by quality the error is smaller than with all alike."""
    random = np.random.default_rng(4)
    weighted, alike = [], []
    for _ in range(200):
        true_age = random.uniform(15, 75)
        qualities = random.uniform(0.05, 1, 12)
        answers = np.concatenate(
            [blurred_ages(random, 1, true_age, 4 / quality) for quality in qualities]
        )
        weighted.append(abs(fused('age', answers, qualities) @ np.arange(101) - true_age))
        alike.append(abs(fused('age', answers) @ np.arange(101) - true_age))
    assert np.mean(weighted) < 0.75 * np.mean(alike)


def test_sure_answers_count_more():
    """One that is certain outweighs two that hesitate."""
    unsure, sure = np.array([0.55, 0.45]), np.array([0.02, 0.98])
    assert fused('gender', [unsure, unsure, sure])[1] > 0.9


def test_another_person_is_noticed_after_a_while():
    """A track that went over to somebody else, or glasses put on."""
    man, woman = np.array([0.05, 0.95]), np.array([0.95, 0.05])
    answers = [man] * 20 + [woman] * round(2 * LASTING_S)
    assert fused('gender', answers[:21])[1] > 0.5
    assert fused('gender', answers)[1] < 0.3


def test_what_comes_and_goes_is_not_remembered():
    """A smile is that of the moment, a beard stays."""
    before, now = np.full(len(ATTRIBUTES), 0.9), np.full(len(ATTRIBUTES), 0.2)
    found = dict(zip(ATTRIBUTES, fused('attributes', [before] * 10 + [now])))
    for name, probability in found.items():
        assert (probability < 0.3) == (name in TASKS['attributes'].passing)


@pytest.mark.parametrize('output', LENGTHS)
@given(data=st.data())
def test_any_answers(output, data):
    """Also those that are certain, of no quality, or all at one time."""
    count = data.draw(st.integers(1, 6))
    answers = data.draw(
        arrays.arrays(np.float32, (count, LENGTHS[output]), elements=st.floats(0, 1, width=32))
    )
    if output != 'attributes':
        answers[:, 0] += answers.sum(axis=1) == 0
        answers /= answers.sum(axis=1, keepdims=True)
    qualities = data.draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))
    found = fused(output, answers, qualities, data.draw(st.sampled_from([0.0, 0.03, 1e5])))
    assert ((found >= 0) & (found <= 1)).all()
    assert output == 'attributes' or found.sum() == pytest.approx(1)
    assert (found >= answers.min(axis=0) * 0.9 - 2e-3).all() or output != 'attributes'
