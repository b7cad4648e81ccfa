# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of each task, with their intervals.

A picture that does not decode has no part in any figure. A face that was not found, and a gender
or emotion that was left open, is a wrong answer in figures of answers; figures of probabilities,
ages and attributes are of the faces that were found.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

import numpy as np

from face_affect_ros.decision.certainty import CLOSE_YEARS
from face_affect_ros.evaluation import metrics
from face_affect_ros.evaluation.data.truth import own_tasks
from face_affect_ros.evaluation.intervals import SAMPLES
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.intervals import bootstrap
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import OWN_FIELDS
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

Weighted = Callable[[np.ndarray | None], dict[str, float]]
"""Figures of rows that count as often as weights say."""


def evaluated_tasks() -> list[str]:
    """Return the tasks that have figures: the four, and one's own (``truth.own_tasks``)."""
    return [*OWN_FIELDS, *(task.name for task in own_tasks())]


def figures(
    judged: Judged, samples: int = SAMPLES, by_class: bool = True
) -> dict[str, dict[str, Estimate]]:
    """Return the estimates of each task that is told and labelled, and of finding faces.

    :param samples: resamplings of the bootstrap; 0: no intervals.
    :param by_class: also of each class and attribute.
    """
    readable = judged.take(judged.is_readable)
    found = {'detection': _estimated(readable, _detection(readable), samples)}
    for task in evaluated_tasks():
        kind = TASKS[task].kind
        rows = judged.labelled(task)
        if rows.any() and judged.tells(task):
            part = judged.take(rows if kind == MULTICLASS else rows & judged.found)
            if len(part):
                found[task] = _estimated(part, BY_KIND[kind](task, part, by_class), samples)
    return found


def _estimated(judged: Judged, weighted: Weighted, samples: int) -> dict[str, Estimate]:
    """Return figures with intervals, resampled by person where that is known."""
    return bootstrap(weighted, len(judged), judged.truth.person, samples)


def _detection(judged: Judged) -> Weighted:
    found = judged.found.astype(float)
    return lambda weights: {'found': metrics.mean(found, weights)}


def _classes(task: str, judged: Judged, by_class: bool) -> Weighted:
    """Return the figures of a task that has classes."""
    labels, truth, answers = TASKS[task].labels, judged.truth.labels(task), judged.answers(task)
    told = judged.found & np.isfinite(judged.scores(task)).all(1)
    scores, truth_told = judged.scores(task)[told].astype(float), truth[told]
    best = np.full(len(truth), metrics.NO_ANSWER)
    best[told] = scores.argmax(1)
    ranks = [metrics.ranks(column) for column in scores.T]
    hits = scores.argmax(1) == truth_told
    sureness = metrics.ranks(scores.max(1))

    def weighted(weights: np.ndarray | None) -> dict[str, float]:
        matrix = metrics.confusion_matrix(truth, answers, len(labels), weights)
        inner = None if weights is None else weights[told]
        areas = [
            metrics.roc_auc_of_ranks(rank, truth_told == index, inner)
            for index, rank in enumerate(ranks)
        ]
        return {
            **metrics.of_confusion(matrix),
            **metrics.of_answered(matrix),
            'accuracy_best_label': metrics.mean((best == truth).astype(float), weights),
            'expected_calibration_error': metrics.expected_calibration_error(
                scores.max(1), hits, inner
            ),
            'brier_score': metrics.brier_score(scores, truth_told, inner),
            'roc_auc': _mean_of_known(np.array(areas)),
            'certainty_roc_auc': metrics.roc_auc_of_ranks(sureness, hits, inner),
            **(metrics.named_by_class(matrix, labels) if by_class else {}),
        }

    return weighted


def _years(task: str, judged: Judged, _by_class: bool) -> Weighted:
    years = judged.columns[task].astype(float)
    ranges = np.array([AGE_RANGES.index(label) for label in judged.columns[f'{task}_range']])
    truth, deviation = judged.truth.labels(task), judged.columns[f'{task}_deviation'].astype(float)
    errors, sureness = np.abs(years - truth), metrics.ranks(-deviation)
    return lambda weights: {
        **metrics.age(years, ranges, truth, weights),
        'within_deviation': metrics.mean((errors <= deviation).astype(float), weights),
        'certainty_roc_auc': metrics.roc_auc_of_ranks(sureness, errors <= CLOSE_YEARS, weights),
    }


def _attributes(_task: str, judged: Judged, by_class: bool) -> Weighted:
    """Return the means over the attributes of what is known of each."""
    truth, scores = judged.truth.attributes, judged.scores('attributes').astype(float)
    answers = judged.attribute_answers()
    areas_of, errors_of = _areas(scores, truth), _calibration_errors(scores, truth)

    def weighted(weights: np.ndarray | None) -> dict[str, float]:
        row = np.ones(len(truth)) if weights is None else weights
        rates = metrics.yes_no_rates(answers, truth, weights)
        areas = areas_of(row)
        means = {name: _mean_of_known(values) for name, values in rates.items()}
        return {
            'accuracy': means['accuracy'],
            'balanced_accuracy': means['balanced_accuracy'],
            'macro_f1': means['f1'],
            'roc_auc': _mean_of_known(areas),
            'expected_calibration_error': _mean_of_known(errors_of(row)),
            **(_by_attribute(rates, areas) if by_class else {}),
        }

    return weighted


def _areas(scores: np.ndarray, truth: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives the (K,) ``metrics.roc_auc`` of K labels at once, for weights of rows."""
    count, columns = truth.shape
    places = np.stack([metrics.ranks(column) for column in scores.T], 1)
    places = (places + count * np.arange(columns)).ravel()

    def areas(row: np.ndarray) -> np.ndarray:
        positive, negative = (
            np.bincount(places, (row[:, None] * (truth == side)).ravel(), count * columns).reshape(
                columns, count
            )
            for side in (1, 0)
        )
        below = np.cumsum(negative, 1) - negative
        pairs = positive.sum(1) * negative.sum(1)
        with np.errstate(invalid='ignore', divide='ignore'):
            return (positive * (below + negative / 2)).sum(1) / np.where(pairs > 0, pairs, np.nan)

    return areas


def _calibration_errors(
    scores: np.ndarray, truth: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what gives the (K,) ``metrics.expected_calibration_error`` of K yes-or-no labels."""
    columns, bins = truth.shape[1], metrics.BINS
    sure = np.maximum(scores, 1 - scores)
    gap = sure - ((scores > 0.5) == (truth == 1))
    places = np.clip((sure * bins).astype(int), 0, bins - 1) + bins * np.arange(columns)
    known = truth >= 0

    def errors(row: np.ndarray) -> np.ndarray:
        gaps = np.bincount(
            places.ravel(), (row[:, None] * known * gap).ravel(), columns * bins
        ).reshape(columns, bins)
        total = row @ known
        with np.errstate(invalid='ignore', divide='ignore'):
            return np.abs(gaps).sum(1) / np.where(total > 0, total, np.nan)

    return errors


def _by_attribute(rates: Mapping[str, np.ndarray], areas: np.ndarray) -> dict[str, float]:
    """Return accuracy, balanced accuracy and area of each attribute, as ``accuracy_Smiling``."""
    wanted = {name: rates[name] for name in ('accuracy', 'balanced_accuracy', 'f1')}
    return {
        f'{name}_{attribute}': float(values[index])
        for name, values in {**wanted, 'roc_auc': areas}.items()
        for index, attribute in enumerate(ATTRIBUTES)
    }


def _mean_of_known(values: np.ndarray) -> float:
    """Return the mean of what is not NaN; NaN of nothing."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float('nan')


BY_KIND: Mapping[str, Callable[[str, Judged, bool], Weighted]] = {
    MULTICLASS: _classes,
    YEARS: _years,
    MULTILABEL: _attributes,
}
"""What makes the figures of a task, by its kind."""
