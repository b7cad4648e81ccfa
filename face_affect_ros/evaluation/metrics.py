# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics of answers against the truth: arrays in, numbers out.

Classes are indices into a label list. An answer of ``NO_ANSWER`` (a face that was not found, a
label that was left open) is wrong and belongs to no class. Every function takes ``weights``,
(N,) non-negative numbers, how often each row counts: ``intervals.py`` resamples by them.
scikit-learn's functions are the reference of all of them (``test/test_metrics.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.faces import AGE_RANGES

NO_ANSWER = -1
"""The answer of a row that has none."""

BINS = 10
"""Equal bins of probability, by which calibration is measured."""

Weights = np.ndarray | None


def confusion_matrix(
    truth: np.ndarray, answers: np.ndarray, classes: int, weights: Weights = None
) -> np.ndarray:
    """Return the (K, K + 1) counts: rows are the truth, columns the answers, the last one none.

    :param truth: (N,) class indices.
    :param answers: (N,) class indices or ``NO_ANSWER``.
    """
    columns = np.where(answers == NO_ANSWER, classes, answers)
    flat = np.bincount(truth * (classes + 1) + columns, weights, classes * (classes + 1))
    return flat.reshape(classes, classes + 1)


def of_confusion(matrix: np.ndarray) -> dict[str, float]:
    """Return the metrics of a classification that its confusion matrix determines.

    Macro means are over the classes that occur in the truth; the precision of a class that is
    never the answer is 0, as scikit-learn's with ``zero_division=0``.
    ``harmonic_f`` is the harmonic mean of macro precision and macro recall, which some papers call
    F; ``macro_f1`` is the mean of the classes' F1.

    :param matrix: (K, K) or (K, K + 1) counts (``confusion_matrix``).
    """
    occurs = matrix.sum(1) > 0
    precision, recall, f1 = (values[occurs] for values in by_class(matrix))
    if not occurs.any():
        return {}
    macro_precision, macro_recall = float(precision.mean()), float(recall.mean())
    return {
        'accuracy': float(np.trace(matrix[:, : len(matrix)]) / matrix.sum()),
        'balanced_accuracy': macro_recall,
        'macro_precision': macro_precision,
        'macro_recall': macro_recall,
        'macro_f1': float(f1.mean()),
        'harmonic_f': float(
            _divided(2 * macro_precision * macro_recall, macro_precision + macro_recall)
        ),
    }


def of_answered(matrix: np.ndarray) -> dict[str, float]:
    """Return the share of rows that have an answer, and the share of these whose answer is right.

    :param matrix: (K, K) or (K, K + 1) counts (``confusion_matrix``).
    """
    answered = matrix[:, : len(matrix)]
    return {
        'answered': float(_divided(answered.sum(), matrix.sum())),
        'accuracy_answered': float(np.trace(answered) / answered.sum())
        if answered.sum()
        else float('nan'),
    }


def by_class(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the (K,) precision, recall and F1 of each class; 0 where nothing is divided by 0.

    :param matrix: (K, K) or (K, K + 1) counts, rows the truth.
    """
    classes = len(matrix)
    hits = np.diagonal(matrix)[:classes].astype(float)
    answered, occurring = matrix[:, :classes].sum(0), matrix.sum(1)
    return (
        _divided(hits, answered),
        _divided(hits, occurring),
        _divided(2 * hits, answered + occurring),
    )


def named_by_class(matrix: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    """Return precision, recall and F1 of each class that occurs, as ``precision_happy``."""
    return {
        f'{name}_{label}': float(values[index])
        for name, values in zip(('precision', 'recall', 'f1'), by_class(matrix))
        for index, label in enumerate(labels)
        if matrix[index].sum() > 0
    }


def mean(values: np.ndarray, weights: Weights = None) -> float:
    """Return a mean over rows, NaN where no row counts."""
    if weights is None:
        return float(values.mean()) if len(values) else float('nan')
    total = weights.sum()
    return float(values @ weights / total) if total > 0 else float('nan')


def brier_score(scores: np.ndarray, truth: np.ndarray, weights: Weights = None) -> float:
    """Return the mean squared distance of probabilities from the truth, 0 to 2.

    :param scores: (N, K) probabilities.
    :param truth: (N,) class indices.
    """
    distance = scores.astype(float).copy()
    distance[np.arange(len(truth)), truth] -= 1
    return mean(np.square(distance).sum(1), weights)


def expected_calibration_error(
    confidence: np.ndarray, hits: np.ndarray, weights: Weights = None, bins: int = BINS
) -> float:
    """Return the expected calibration error (Naeini, Cooper, Hauskrecht 2015), 0..1.

    :param confidence: (N,) probability of each answer.
    :param hits: (N,) whether it was right.
    """
    told, right, share = reliability(confidence, hits, weights, bins)
    counted = share > 0
    return float((np.abs(told - right)[counted] * share[counted]).sum())


def reliability(
    confidence: np.ndarray, hits: np.ndarray, weights: Weights = None, bins: int = BINS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean confidence, share right and share of rows of each bin, (bins,) each.

    The first two are NaN in an empty bin.
    """
    weights = np.ones(len(hits)) if weights is None else weights
    places = np.clip((confidence * bins).astype(int), 0, bins - 1)
    count = np.bincount(places, weights, bins)
    told = np.bincount(places, weights * confidence, bins)
    right = np.bincount(places, weights * hits, bins)
    with np.errstate(invalid='ignore', divide='ignore'):
        return told / count, right / count, count / count.sum()


def roc_auc(score: np.ndarray, is_positive: np.ndarray, weights: Weights = None) -> float:
    """Return the area under the ROC curve of one class against the rest; NaN without both.

    :param score: (N,), higher for the class.
    :param is_positive: (N,) bool.
    """
    return roc_auc_of_ranks(ranks(score), is_positive, weights)


def ranks(score: np.ndarray) -> np.ndarray:
    """Return the (N,) ranks of scores, equal ones of equal scores: computed once, used often."""
    return np.unique(score, return_inverse=True)[1]


def roc_auc_of_ranks(rank: np.ndarray, is_positive: np.ndarray, weights: Weights = None) -> float:
    """Return ``roc_auc`` of scores whose ``ranks`` are known."""
    weights = np.ones(len(rank)) if weights is None else weights
    positive = np.bincount(rank, weights * is_positive)
    negative = np.bincount(rank, weights * ~is_positive, len(positive))
    pairs = positive.sum() * negative.sum()
    if pairs <= 0:
        return float('nan')
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def roc_points(score: np.ndarray, is_positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the false and true positive rates of an ROC curve."""
    from sklearn.metrics import roc_curve

    false, true, _ = roc_curve(is_positive, score)
    return false, true


def answered(
    confidence: np.ndarray, hits: np.ndarray, thresholds: Sequence[float]
) -> list[tuple[float, float, float]]:
    """Return (threshold, share answered, accuracy of the answers) for confidence thresholds.

    The accuracy is NaN where nothing is answered.
    """
    return [
        (threshold, float((confidence >= threshold).mean()), mean(hits[confidence >= threshold]))
        for threshold in thresholds
    ]


def range_of(years: np.ndarray) -> np.ndarray:
    """Return the index of the age range (``AGE_CUTS``) of ages in years."""
    return np.searchsorted(AGE_CUTS, years, side='right')


def covered(years: np.ndarray) -> np.ndarray:
    """Return whether an age lies in one of Levi and Hassner's ranges as their words have them."""
    ends = [tuple(map(int, words.split('-'))) for words in AGE_RANGES]
    return np.any([(years >= low) & (years <= high) for low, high in ends], axis=0)


def age(
    years: np.ndarray, ranges: np.ndarray, truth: np.ndarray, weights: Weights = None
) -> dict[str, float]:
    """Return errors in years and, where the truth is ``covered``, shares of ranges that are right.

    :param years: (N,) answers.
    :param ranges: (N,) answered range indices.
    :param truth: (N,) years.
    """
    error = years - truth
    inside = covered(truth)
    off = np.abs(ranges - range_of(truth))[inside]
    inner = None if weights is None else weights[inside]
    return {
        'mean_absolute_error': mean(np.abs(error), weights),
        'bias': mean(error, weights),
        'exact_range': mean((off == 0).astype(float), inner),
        'one_off_range': mean((off <= 1).astype(float), inner),
        'range_covered': mean(inside.astype(float), weights),
    }


def yes_no_rates(
    answers: np.ndarray, truth: np.ndarray, weights: Weights = None
) -> Mapping[str, np.ndarray]:
    """Return (K,) accuracy, balanced accuracy, precision, recall and F1 of K yes-or-no labels.

    Labels that are not known (-1) do not count; what cannot be computed is NaN.

    :param answers: (N, K) bool.
    :param truth: (N, K), 1 yes, 0 no, -1 not known.
    """
    row = np.ones(len(truth)) if weights is None else weights
    yes, no = truth == 1, truth == 0
    hits, refused = row @ (answers & yes), row @ (~answers & no)
    positives, negatives = row @ yes, row @ no
    claimed = row @ (answers & (yes | no))
    with np.errstate(invalid='ignore', divide='ignore'):
        recall = hits / positives
        return {
            'accuracy': (hits + refused) / (positives + negatives),
            'balanced_accuracy': (recall + refused / negatives) / 2,
            'precision': hits / claimed,
            'recall': recall,
            'f1': 2 * hits / (claimed + positives),
        }


def _divided(upper, lower):
    """Return a quotient, 0 where the divisor is."""
    lower = np.asarray(lower, float)
    return np.divide(upper, lower, out=np.zeros_like(lower), where=lower > 0)
