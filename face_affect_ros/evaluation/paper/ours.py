# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The paper's tables of our own models, made of predictions that were evaluated before."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.evaluation import metrics
from face_affect_ros.evaluation.data_report import wording
from face_affect_ros.evaluation.degradations import CLEAN
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.intervals import bootstrap
from face_affect_ros.evaluation.paper.published import SIX_EMOTIONS
from face_affect_ros.evaluation.paper.sections import NAMES
from face_affect_ros.evaluation.paper.sections import matrix_table
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.quoting import quoted

FILE = 'predictions.parquet'

TASKS: Mapping[str, tuple[str, ...]] = {'emotion': SIX_EMOTIONS, 'gender': GENDERS}
"""Classes of the paper's tables."""

Figures = dict[str, dict[str, dict[str, Estimate]]]


class PredictionsError(Exception):
    """A folder has no predictions that such tables can be made of; the text says why."""


def our_tables(folders: Sequence[Path]) -> tuple[Figures, list[Section]]:
    """Return figures and sections of all models and tasks in folders of evaluations.

    :raises PredictionsError: a folder has no predictions, or none of a task.
    """
    figures: Figures = {}
    sections = []
    for folder in folders:
        columns = _read(folder)
        told = [task for task in TASKS if f'truth_{task}' in columns]
        if not told:
            raise PredictionsError(
                f'{quoted(folder)} has no labels of {" or ".join(TASKS)}: evaluate pictures that '
                'have some'
            )
        for model in dict.fromkeys(columns['model']):
            for task in told:
                found, section = _table(folder, task, model, columns)
                figures.setdefault(f'ours {model}', {})[task] = found
                sections.append(section)
    return figures, sections


def _read(folder: Path) -> dict[str, list[Any]]:
    """Return the predictions on pictures as they are."""
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(folder / FILE)
    except (OSError, pyarrow.ArrowException) as error:
        raise PredictionsError(
            f'{quoted(folder)} has no {FILE}: make it with face-affect evaluate data PATH --to DIR'
        ) from error
    columns = table.to_pydict()
    kept = [
        row
        for row, (condition, error) in enumerate(zip(columns['condition'], columns['error']))
        if condition == CLEAN and error is None
    ]
    return {name: [values[row] for row in kept] for name, values in columns.items()}


def _table(
    folder: Path, task: str, model: str, columns: Mapping[str, list[Any]]
) -> tuple[dict[str, Estimate], Section]:
    labels = TASKS[task]
    rows = [
        row
        for row, (name, true) in enumerate(zip(columns['model'], columns[f'truth_{task}']))
        if name == model and true in labels
    ]
    truth = np.array([labels.index(columns[f'truth_{task}'][row]) for row in rows])
    answers = np.array(
        [_answer(task, columns[task][row], columns[f'{task}_scores'][row]) for row in rows]
    )
    matrix = metrics.confusion_matrix(truth, answers, len(labels))

    def weighted(weights: np.ndarray | None) -> dict[str, float]:
        counts = metrics.confusion_matrix(truth, answers, len(labels), weights)
        return {name: metrics.of_confusion(counts)[name] for name in NAMES}

    found = bootstrap(weighted, len(rows))
    percent = wording.METRICS['accuracy']
    averages = [[NAMES[name], wording.estimate(each, percent)] for name, each in found.items()]
    unanswered = int(matrix[:, -1].sum())
    text = [f'{len(rows)} pictures of {folder.name}; {unanswered} without an answer.']
    if task == 'emotion':
        text.append(
            'Disgust, which the paper has not, is left out: of the truth, and as an answer, for '
            'which the likeliest of the six is taken.'
        )
    return found, Section(
        f'Ours, {wording.model_words(model)}, {task}',
        text,
        [
            matrix_table('counts (percentage of the column)', matrix, labels),
            Table('averages, % (95 % intervals)', ['', 'ours'], averages),
        ],
    )


def _answer(task: str, label: str | None, scores: Sequence[float]) -> int:
    """Return the class that was decided for, ``metrics.NO_ANSWER`` where none was."""
    labels = TASKS[task]
    if label in labels:
        return labels.index(label)
    if task == 'emotion' and label is not None:
        return int(np.argmax([scores[EMOTIONS.index(emotion)] for emotion in labels]))
    return metrics.NO_ANSWER
