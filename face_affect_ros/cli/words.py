# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces as people read them: a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.quoting import printable
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

if TYPE_CHECKING:
    from face_affect_ros.faces import Face


def describe(path: str, faces: Sequence[Face], time: str = '') -> list[str]:
    """Return what people read about a picture: one line a face, or one that says there is none.

    :param time: of a video's frame, put behind the path.
    """
    name = printable(path) + time
    if not faces:
        return [f'{name}: no face']
    places = [
        f'{name}: face {number} of {len(faces)}'
        + (f', track {face.track_id}' if face.track_id else '')
        for number, face in enumerate(faces, 1)
    ]
    longest = max(map(len, places))
    return [f'{place:<{longest}}  {_words(face)}' for place, face in zip(places, faces)]


def _words(face: Face) -> str:
    """Return one face in words; what was not computed is left out."""
    x, y, width, height = (round(value) for value in face.box)
    told = [_words_of(task, face.result(name), face) for name, task in TASKS.items()]
    return '   '.join([*filter(None, told), f'at {x},{y} size {width}x{height}'])


def _words_of(task: Task, result: Any, face: Face) -> str:
    """Return what is told for a task in words, of one width for all labels."""
    from face_affect_ros.drawing import highlights

    if result is None:
        return ''
    if task.kind == MULTICLASS:
        room = max(len(task.shown(label)) for label in (*task.labels, task.below_threshold))
        return f'{task.shown(result.label):<{room}} {result.confidence:4.0%}'
    if task.kind == YEARS:
        return f'{result.years:3.0f} +-{result.deviation:2.0f} years'
    return ', '.join(highlights.of(result, face.attribute_thresholds))
