# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What networks learn: the package's tasks, and the raters' votes beside the emotion."""

from __future__ import annotations

import numpy as np

from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

VOTES = 'votes'
"""A kind: classes whose labels are numbers of votes."""

FERPLUS = (
    'neutral',
    'happiness',
    'surprise',
    'sadness',
    'anger',
    'disgust',
    'fear',
    'contempt',
    'unknown',
    'no face',
)
"""What the raters of FER+ voted for."""

LEARNED = {**TASKS, 'votes': Task('votes', "raters' votes", FERPLUS, VOTES, is_trait=False)}
"""Tasks by name; each loss, metric and calibration is found by the kind."""


def missing_labels(task: Task, count: int) -> np.ndarray:
    """Return the labels of pictures that have none: -1, or NaN where labels are float32."""
    if task.kind == YEARS:
        return np.full(count, np.nan, np.float32)
    if task.kind == VOTES:
        return np.full((count, task.columns), np.nan, np.float32)
    shape = (count, task.columns) if task.kind == MULTILABEL else (count,)
    return np.full(shape, -1, np.int64)
