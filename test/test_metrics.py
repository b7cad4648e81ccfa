# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The metrics of evaluations are scikit-learn's, weighted and with answers that are missing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation import metrics
from face_affect_ros.faces import AGE_RANGES

reference = pytest.importorskip('sklearn.metrics')


def answers_of(seed: int, count: int = 200, classes: int = 5):
    """Return truth, answers of which some are missing, and weights of which some are 0."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count)
    answers = np.where(random.random(count) < 0.6, truth, random.integers(-1, classes, count))
    return truth, answers, random.integers(0, 4, count).astype(float)


@given(st.integers(0, 10_000), st.booleans())
def test_classification(seed, weighted):
    """Accuracy, macro precision, recall and F1, balanced accuracy."""
    truth, answers, weights = answers_of(seed)
    weights = weights if weighted else None
    found = metrics.of_confusion(metrics.confusion_matrix(truth, answers, 5, weights))
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        truth, answers, labels=range(5), average='macro', zero_division=0, sample_weight=weights
    )
    assert found['accuracy'] == pytest.approx(
        reference.accuracy_score(truth, answers, sample_weight=weights)
    )
    assert found['macro_precision'] == pytest.approx(precision)
    assert found['macro_recall'] == found['balanced_accuracy'] == pytest.approx(recall)
    assert found['macro_f1'] == pytest.approx(f1)
    assert found['harmonic_f'] == pytest.approx(2 * precision * recall / (precision + recall))


def test_classes():
    """Precision, recall and F1 of each class, and the matrix itself."""
    truth, answers, weights = answers_of(3)
    matrix = metrics.confusion_matrix(truth, answers, 5, weights)
    np.testing.assert_allclose(
        matrix[:, :5],
        reference.confusion_matrix(truth, answers, labels=range(5), sample_weight=weights),
    )
    np.testing.assert_allclose(matrix[:, 5].sum(), weights[answers == -1].sum())
    expected = reference.precision_recall_fscore_support(
        truth, answers, labels=range(5), zero_division=0, sample_weight=weights
    )[:3]
    np.testing.assert_allclose(metrics.by_class(matrix), expected)
    named = metrics.named_by_class(matrix, 'abcde')
    assert named['recall_c'] == pytest.approx(expected[1][2])


def test_a_class_that_does_not_occur_has_no_part_in_the_means():
    """As scikit-learn does where it takes the classes from the truth."""
    matrix = metrics.confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 4)
    assert metrics.of_confusion(matrix)['macro_recall'] == 0.75
    assert set(metrics.named_by_class(matrix, 'abcd')) == {
        f'{name}_{label}' for name in ('precision', 'recall', 'f1') for label in 'ab'
    }


@given(st.integers(0, 10_000))
def test_roc_auc(seed):
    """Also of equal scores, and weighted."""
    random = np.random.default_rng(seed)
    positive = np.r_[True, False, random.random(98) < 0.3]
    score = random.integers(0, 8, 100) / 8
    weights = np.r_[1.0, 1.0, random.integers(0, 3, 98)]
    for given_weights in (None, weights):
        assert metrics.roc_auc(score, positive, given_weights) == pytest.approx(
            reference.roc_auc_score(positive, score, sample_weight=given_weights)
        )


def test_brier_score():
    """Of two classes it is twice scikit-learn's, which looks at one of them."""
    random = np.random.default_rng(0)
    scores, truth = random.dirichlet([1, 1], 300), random.integers(0, 2, 300)
    weights = random.random(300)
    assert metrics.brier_score(scores, truth, weights) == pytest.approx(
        2 * reference.brier_score_loss(truth, scores[:, 1], sample_weight=weights)
    )


def test_calibration_error():
    """None where probabilities say what happens, their distance where they do not."""
    hits = np.arange(1000) % 10 < 7
    error = metrics.expected_calibration_error
    assert error(np.full(1000, 0.7), hits) == pytest.approx(0, abs=1e-9)
    assert error(np.full(1000, 0.95), hits) == pytest.approx(0.25)
    assert error(np.full(1000, 1.0), hits, hits.astype(float)) == pytest.approx(0, abs=1e-9)


def test_calibration_error_by_hand():
    """Two bins: 2 of 4 rows at 0.55 are right, 1 of 1 at 0.95."""
    confidence, hits = np.array([0.55] * 4 + [0.95]), np.array([1, 1, 0, 0, 1])
    found = metrics.expected_calibration_error(confidence, hits)
    assert found == pytest.approx(0.8 * 0.05 + 0.2 * 0.05)


def test_answered():
    """A higher threshold answers less; nothing answered has no accuracy."""
    confidences, hits = np.array([0.5, 0.7, 0.9, 0.99]), np.array([0, 1, 1, 1])
    first, second, last = metrics.answered(confidences, hits, (0.5, 0.6, 1.0))
    assert (first, second) == ((0.5, 1.0, 0.75), (0.6, 0.75, 1.0))
    assert last[:2] == (1.0, 0.0) and np.isnan(last[2])


def test_of_answered():
    """An answer that was left open is none; of none answered nothing is known."""
    matrix = np.array([[6, 1, 3], [2, 8, 0]])
    assert metrics.of_answered(matrix) == {'answered': 17 / 20, 'accuracy_answered': 14 / 17}
    nobody = metrics.of_answered(np.array([[0, 0, 3], [0, 0, 1]]))
    assert nobody['answered'] == 0 and np.isnan(nobody['accuracy_answered'])


def test_yes_no_rates():
    """Of every column what scikit-learn says of it, unknown labels left out."""
    random = np.random.default_rng(1)
    truth, answers = random.integers(-1, 2, (400, 3)), random.random((400, 3)) < 0.4
    weights = random.integers(0, 3, 400).astype(float)
    found = metrics.yes_no_rates(answers, truth, weights)
    for column in range(3):
        known = truth[:, column] >= 0
        given_ = (truth[known, column], answers[known, column])
        some = weights[known]
        for name, function in {
            'accuracy': reference.accuracy_score,
            'balanced_accuracy': reference.balanced_accuracy_score,
            'precision': reference.precision_score,
            'recall': reference.recall_score,
            'f1': reference.f1_score,
        }.items():
            assert found[name][column] == pytest.approx(function(*given_, sample_weight=some)), (
                name
            )


def test_yes_no_rates_of_a_label_that_never_occurs():
    """Accuracy alone is known; the rest is NaN, not 0."""
    found = metrics.yes_no_rates(np.zeros((4, 1), bool), np.zeros((4, 1), int))
    assert found['accuracy'][0] == 1
    assert np.isnan(found['balanced_accuracy'][0]) and np.isnan(found['recall'][0])


@given(st.floats(0, 116))
def test_every_age_has_a_range(years):
    """An age inside the words of a range is counted there."""
    index = int(metrics.range_of(np.array([years]))[0])
    low, high = map(int, AGE_RANGES[index].split('-'))
    if metrics.covered(np.array([years]))[0]:
        assert low <= years <= high


def test_ages_between_the_ranges_are_not_covered():
    """3, 7, 13 and so on belong to none of them."""
    inside = [0, 2, 4, 15, 50, 60]
    outside = [3, 7, 13, 24, 36, 59, 101]
    assert metrics.covered(np.array(inside)).all()
    assert not metrics.covered(np.array(outside)).any()


def test_age():
    """Errors in years of all rows; ranges of those that have one."""
    found = metrics.age(
        np.array([1.0, 30, 46, 10]), np.array([0, 4, 6, 2]), np.array([2.0, 26, 40, 7])
    )
    assert found['mean_absolute_error'] == pytest.approx((1 + 4 + 6 + 3) / 4)
    assert found['bias'] == pytest.approx((-1 + 4 + 6 + 3) / 4)
    assert found['range_covered'] == 0.75  # 7 years are in none
    assert found['exact_range'] == pytest.approx(2 / 3)
    assert found['one_off_range'] == 1


def test_age_by_scikit_learn():
    """The mean absolute error is its."""
    random = np.random.default_rng(2)
    truth, years, weights = random.uniform(0, 100, (3, 50))
    found = metrics.age(years, metrics.range_of(years), truth, weights)
    assert found['mean_absolute_error'] == pytest.approx(
        reference.mean_absolute_error(truth, years, sample_weight=weights)
    )
