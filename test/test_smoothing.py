# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Emotions of a track are steady, and follow a true change within half a second."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.decision import labels
from face_affect_ros.tasks import EMOTIONS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tracking.smoothing import EmotionSmoother

FRAME_S = 1 / 30
HAPPY, SAD, NEUTRAL = (EMOTIONS.index(name) for name in ('happy', 'sad', 'neutral'))


def sure_of(emotion, probability):
    """Return (7,) float32 scores: one emotion's, the others alike."""
    scores = np.full(len(EMOTIONS), (1 - probability) / (len(EMOTIONS) - 1), np.float32)
    scores[emotion] = probability
    return scores


def told(answers, half_life_s=0.3, threshold=0.0, frame_s=FRAME_S):
    """Return the labels that are told of one face, a frame each."""
    smoother, names = EmotionSmoother(half_life_s), []
    for number, scores in enumerate(answers):
        (emotion,) = smoother.update([1], [{'emotion': scores}], number * frame_s)
        decided = labels.decide(
            TASKS['emotion'], emotion.scores['emotion'], threshold, emotion.before
        )
        smoother.tell(1, decided.label)
        names.append(decided.label)
    return names


def test_a_short_change_is_not_told():
    """Three frames of another emotion, as networks have them every second."""
    answers = [sure_of(HAPPY, 0.6)] * 30 + [sure_of(SAD, 0.6)] * 3 + [sure_of(HAPPY, 0.6)] * 30
    assert set(told(answers)) == {'happy'}
    assert set(told(answers, half_life_s=0)) == {'happy', 'sad'}


@pytest.mark.parametrize('frame_s', [1 / 30, 1 / 10, 1 / 5], ids='{:.2f} s'.format)
@pytest.mark.parametrize('before, after', [(0.99, 0.99), (0.9, 0.7), (0.6, 0.7)])
def test_a_true_change_is_told_within_half_a_second(before, after, frame_s):
    """Whatever the rate of the camera is."""
    count = round(2 / frame_s)
    names = told([sure_of(HAPPY, before)] * count + [sure_of(SAD, after)] * count, 0.3, 0, frame_s)
    assert names[count - 1] == 'happy'
    assert names[count + int(0.5 / frame_s)] == 'sad'


def test_answers_that_tremble_about_a_draw_keep_the_label():
    """Neither of two is ahead by a margin."""
    answers = [
        0.5 * (sure_of(HAPPY, 0.9) + sure_of(SAD, 0.9)) + 0.03 * sign * (np.arange(7) - 3) / 3
        for sign in [1, -1] * 60
    ]
    names = told(answers)
    assert len(set(names)) == 1


def test_a_threshold_has_a_margin_too():
    """A face that says hardly enough does not flicker between its label and neutral."""
    answers = [sure_of(HAPPY, 0.45 + 0.02 * sign) for sign in [1, -1] * 60]
    assert set(told(answers, threshold=0.45)) == {'happy'}
    assert told([sure_of(HAPPY, 0.9)] * 30 + [sure_of(HAPPY, 0.2)] * 60, threshold=0.4)[-1] == (
        'neutral'
    )


@given(st.lists(st.floats(0.2, 1.0), min_size=1, max_size=20), st.floats(0, 2))
def test_scores_stay_probabilities(probabilities, half_life_s):
    smoother = EmotionSmoother(half_life_s)
    for number, probability in enumerate(probabilities):
        scores = {'emotion': sure_of(number % 7, probability)}
        (emotion,) = smoother.update([7], [scores], number * FRAME_S)
        assert emotion.scores['emotion'].sum() == pytest.approx(1, abs=1e-5)
        assert (emotion.scores['emotion'] >= 0).all()
        np.testing.assert_array_equal(emotion.frame['emotion'], scores['emotion'])


def test_the_same_answer_stays_what_it_is():
    """Smoothing does not make a sure answer less sure."""
    smoother = EmotionSmoother(0.3)
    for number in range(30):
        (emotion,) = smoother.update([1], [{'emotion': sure_of(SAD, 0.97)}], number * FRAME_S)
    np.testing.assert_allclose(emotion.scores['emotion'], sure_of(SAD, 0.97), atol=1e-6)


def test_a_new_track_starts_with_its_own_frame():
    smoother = EmotionSmoother(0.3)
    smoother.update([1], [{'emotion': sure_of(SAD, 0.9)}], 0.0)
    both = smoother.update([1, 2], [{'emotion': sure_of(HAPPY, 0.9)}] * 2, FRAME_S)
    assert both[0].scores['emotion'].argmax() == SAD
    assert both[1].scores['emotion'].argmax() == HAPPY


def test_an_answer_given_again_counts_once():
    """Where a frame has no time for everybody, the answer before stands in; it is no new one."""
    smoother, answer = EmotionSmoother(0.3), {'emotion': sure_of(HAPPY, 0.9)}
    smoother.update([1], [{'emotion': sure_of(SAD, 0.9)}], 0.0)
    (first,) = smoother.update([1], [answer], 0.1)
    (again,) = smoother.update([1], [answer], 0.2)
    np.testing.assert_array_equal(first.scores['emotion'], again.scores['emotion'])
    assert first.frame and not again.frame


def test_faces_without_a_track_or_an_answer_are_left_alone():
    smoother = EmotionSmoother(0.3)
    for _ in range(2):
        answers = [{'emotion': sure_of(HAPPY, 0.9)}, {}]
        untracked, unknown = smoother.update([0, 5], answers, 0.0)
        assert untracked.scores is answers[0] and not untracked.before
        assert not unknown.scores
