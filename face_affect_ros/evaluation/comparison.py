# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two models on the same pictures: the difference of a figure, and whether it is chance."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from face_affect_ros.evaluation.intervals import mcnemar
from face_affect_ros.evaluation.intervals import paired_difference
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.task_figures import evaluated_tasks
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

MEASURES = {MULTICLASS: 'accuracy', YEARS: 'mean_absolute_error', MULTILABEL: 'accuracy'}
"""What is compared, by the kind of the task."""


def compare(judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """Return the differences of every two models, of each task that both tell.

    Each is the first's figure minus the second's, by a paired bootstrap (by person where that is
    known); of answers that are right or wrong also the p-value of McNemar's exact test.
    """
    return [
        found
        for first, second in combinations(judged, 2)
        for task in evaluated_tasks()
        if (found := _compared(task, first, second, judged)) is not None
    ]


def _compared(
    task: str, first: str, second: str, judged: Mapping[str, Judged]
) -> dict[str, Any] | None:
    one, other = judged[first], judged[second]
    kind = TASKS[task].kind
    rows = one.labelled(task) & other.labelled(task)
    if kind != MULTICLASS:
        rows = rows & one.found & other.found
    if not (rows.any() and one.tells(task) and other.tells(task)):
        return None
    ours, theirs = (_values(task, each.take(rows)) for each in (one, other))
    person = None if one.truth.person is None else one.truth.person[rows]
    return {
        'first': first,
        'second': second,
        'task': task,
        'metric': MEASURES[kind],
        'difference': paired_difference(ours, theirs, person),
        'mcnemar_p': mcnemar(ours > 0, theirs > 0) if kind == MULTICLASS else None,
    }


def _values(task: str, judged: Judged) -> np.ndarray:
    """Return a value a row whose mean is the figure."""
    if TASKS[task].kind == MULTICLASS:
        return (judged.answers(task) == judged.truth.labels(task)).astype(float)
    if TASKS[task].kind == YEARS:
        return np.abs(judged.columns[task] - judged.truth.labels(task))
    known = judged.truth.attributes >= 0
    right = judged.attribute_answers() == (judged.truth.attributes == 1)
    return (right & known).sum(1) / known.sum(1)
