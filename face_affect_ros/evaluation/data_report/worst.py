# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The worst errors with their pictures, which a report shows only where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data_report import wording
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.predictor import read_picture
from face_affect_ros.evaluation.report.content import Picture
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.task_figures import evaluated_tasks
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

MOST = 12
"""Errors shown of each task and model."""

SIDE = 160
"""Longer side of a shown picture, in pixels."""


def worst_section(judged: Mapping[str, Judged], data: DataSet) -> Section:
    """Return the answers that were surest and wrong, and the ages farthest off."""
    return Section(
        'Worst errors',
        ['The surest wrong answers, and the ages that are farthest off.'],
        pictures=[
            picture
            for model, each in judged.items()
            for task in evaluated_tasks()
            if TASKS[task].kind != MULTILABEL
            for picture in _of_task(task, model, each, data)
        ],
    )


def _of_task(task: str, model: str, judged: Judged, data: DataSet) -> list[Picture]:
    part = judged.take(judged.labelled(task) & judged.found)
    if not len(part) or not part.tells(task):
        return []
    truth = part.truth.labels(task)
    if TASKS[task].kind == YEARS:
        badness = np.abs(part.columns[task] - truth)
        words = [f'{age:.0f} for {true:.0f} years' for age, true in zip(part.columns[task], truth)]
    else:
        labels = TASKS[task].labels
        scores = part.scores(task)
        badness = np.where(part.answers(task) == truth, -1, scores.max(1))
        words = [
            f'{answer} ({score:.0%}) for {labels[true]}'
            for answer, score, true in zip(part.columns[task], scores.max(1), truth)
        ]
    order = np.argsort(-badness, kind='stable')[:MOST]
    return [
        Picture(
            f'{wording.model_words(model)}: {words[index]}',
            _thumbnail(data, int(part.columns['row'][index])),
        )
        for index in order
        if badness[index] > 0
    ]


def _thumbnail(data: DataSet, row: int) -> bytes:
    picture = read_picture(data.read(row))
    scale = SIDE / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode('.jpg', picture)[1].tobytes()
