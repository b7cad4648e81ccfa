# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Predictions of one model beside the truth of the same pictures."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np

from face_affect_ros.evaluation import metrics
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.pipeline import attribute_thresholds
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

LIKELY = 0.5
"""Probability above which an attribute is taken to be there, where nothing else is chosen."""


def class_labels() -> dict[str, tuple[str, ...]]:
    """Return the classes of the tasks of one label each."""
    return {task.name: task.labels for task in TASKS.values() if task.kind == MULTICLASS}


@dataclass(frozen=True)
class Judged:
    """Predictions of one model under one degradation, and the truth of the same N pictures.

    :param columns: of ``predictor.columns``, N rows each.
    :param truth: labels.
    :param others: columns of the data set, for subgroups.
    :param thresholds: (40,), or (N, 40), probabilities above which attributes are taken to be
        there.
    """

    columns: Mapping[str, Any]
    truth: Truth
    others: Mapping[str, Sequence[Any]]
    thresholds: np.ndarray

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.columns['row'])

    def take(self, rows: np.ndarray) -> Judged:
        """Return some rows (indices or a mask)."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        columns, others = (
            {name: _taken(values, rows) for name, values in each.items()}
            for each in (self.columns, self.others)
        )
        thresholds = self.thresholds[rows] if self.thresholds.ndim == 2 else self.thresholds
        return Judged(columns, self.truth.take(rows), others, thresholds)

    def with_thresholds(self, thresholds: np.ndarray) -> Judged:
        """Return the same with other thresholds of attributes."""
        return replace(self, thresholds=thresholds)

    @property
    def is_readable(self) -> np.ndarray:
        """(N,) bool: the picture could be decoded."""
        return np.array([error is None for error in self.columns['error']], bool)

    @property
    def found(self) -> np.ndarray:
        """(N,) bool: a face was found."""
        return self.columns['found']

    def answers(self, task: str) -> np.ndarray:
        """Return the (N,) class indices that were decided for, or ``metrics.NO_ANSWER``."""
        indices = {label: index for index, label in enumerate(class_labels()[task])}
        return np.array(
            [indices.get(label, metrics.NO_ANSWER) for label in self.columns[task]], int
        )

    def scores(self, task: str) -> np.ndarray:
        """Return the (N, K) probabilities; NaN where there are none."""
        return self.columns['attributes' if task == 'attributes' else f'{task}_scores']

    def attribute_answers(self) -> np.ndarray:
        """Return the (N, 40) bool answers; of faces that were not found all are no."""
        return self.scores('attributes') > self.thresholds

    def labelled(self, task: str) -> np.ndarray:
        """Return the (N,) mask of readable pictures with a label of a task."""
        return self.truth.is_given(task) & self.is_readable

    def tells(self, task: str) -> bool:
        """Return whether the model tells a task of any face."""
        told = self.columns[task] if TASKS[task].kind == YEARS else self.scores(task)[:, 0]
        return bool(np.isfinite(told).any())


def likely_thresholds() -> np.ndarray:
    """Return the (40,) thresholds of an attribute that is likelier there than not."""
    return np.full(len(ATTRIBUTES), LIKELY)


def thresholds_of(model: str, settings: ModelSettings) -> np.ndarray:
    """Return the (40,) thresholds that a model decides by."""
    if settings.attribute_decision != 'balanced':
        return likely_thresholds()
    chosen = attribute_thresholds(model, settings)
    return np.array([chosen.get(name, LIKELY) for name in ATTRIBUTES])


def _taken(values: Any, rows: np.ndarray) -> Any:
    if isinstance(values, np.ndarray):
        return values[rows]
    return [values[row] for row in rows]
