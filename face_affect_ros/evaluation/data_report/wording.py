# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How figures are named and written for people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS


@dataclass(frozen=True)
class Metric:
    """How a metric is told.

    :param words: its name.
    :param unit: behind the number.
    :param factor: what the number is multiplied by.
    :param digits: behind the point.
    """

    words: str
    unit: str = '%'
    factor: float = 100.0
    digits: int = 1


METRICS: Mapping[str, Metric] = {
    'found': Metric('faces found'),
    'accuracy': Metric('accuracy'),
    'answered': Metric('answered'),
    'accuracy_answered': Metric('right of those answered'),
    'accuracy_best_label': Metric('accuracy of the likeliest label'),
    'balanced_accuracy': Metric('balanced accuracy'),
    'macro_precision': Metric('macro precision'),
    'macro_recall': Metric('macro recall'),
    'macro_f1': Metric("macro-F1 (mean of the classes' F1)"),
    'harmonic_f': Metric('F of macro precision and macro recall'),
    'expected_calibration_error': Metric('expected calibration error', '', 1, 3),
    'brier_score': Metric('Brier score', '', 1, 3),
    'roc_auc': Metric('area under the ROC curve (mean of the classes)', '', 1, 3),
    'mean_absolute_error': Metric('mean absolute error', 'years', 1, 2),
    'bias': Metric('bias', 'years', 1, 2),
    'exact_range': Metric('age range exact'),
    'one_off_range': Metric('age range at most one off'),
    'range_covered': Metric('pictures whose age lies in a range'),
}
"""Metrics in the order of tables."""

MAIN: Mapping[str, str] = {
    MULTICLASS: 'accuracy',
    YEARS: 'mean_absolute_error',
    MULTILABEL: 'balanced_accuracy',
}
"""The figure that stands for a task in subgroups and under degradations, by its kind."""


def task_words(task: str) -> str:
    """Return a task's heading."""
    return 'Finding faces' if task == 'detection' else f'{task[:1].upper()}{task[1:]}'


def main_metric(task: str) -> str:
    """Return the figure that stands for a task."""
    return MAIN[TASKS[task].kind]


def number(value: float, metric: Metric) -> str:
    """Return a number in its metric's unit, without the unit; ``-`` for NaN."""
    if not math.isfinite(value):
        return '-'
    return f'{value * metric.factor:.{metric.digits}f}'


def estimate(found: Estimate, metric: Metric) -> str:
    """Return a figure with its interval: ``66.3 (64.8 to 67.9)``."""
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return number(found.value, metric)
    low, high = number(found.low, metric), number(found.high, metric)
    return f'{number(found.value, metric)} ({low} to {high})'


def heading(metric: Metric) -> str:
    """Return a metric's name with its unit."""
    return f'{metric.words}, {metric.unit}' if metric.unit else metric.words


def model_words(name: str) -> str:
    """Return a model's name for headings."""
    return f'Model {name}' if name.isdigit() else name
