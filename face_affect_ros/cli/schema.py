# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results as JSON, one object a picture, and the same as rows of a table, one a face.

What is not given is ``null`` or an empty cell, never NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from face_affect_ros.faces import LANDMARKS
from face_affect_ros.faces import Age
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

VERSION = 1
"""Goes up when a reader of older output would no longer understand a newer one."""

_DIGITS = 6


def picture(
    path: str,
    model: str,
    size: tuple[int, int] | None = None,
    faces: Sequence[Face] = (),
    error: str | None = None,
) -> dict[str, Any]:
    """Return the object of one picture.

    :param path: as given on the command line; ``-`` for stdin.
    :param size: width and height in pixels; ``None`` where the picture could not be read.
    :param error: why there is no result.
    """
    width, height = size or (None, None)
    return {
        'schema': VERSION,
        'path': path,
        'width': width,
        'height': height,
        'model': model,
        'error': error,
        'faces': [face_object(face) for face in faces],
    }


def video_frame(
    path: str,
    model: str,
    size: tuple[int, int],
    faces: Sequence[Face],
    number: int,
    time_s: float,
) -> dict[str, Any]:
    """Return the object of one frame of a video: that of a picture, and which frame it is.

    :param number: of the frame in the file, from 0.
    :param time_s: of the frame, seconds from the file's beginning.
    """
    found = picture(path, model, size)
    found['frame'], found['time_s'] = number, _number(time_s)
    found['faces'] = [{'track_id': face.track_id, **face_object(face)} for face in faces]
    return found


def face_object(face: Face) -> dict[str, Any]:
    """Return the object of one face; coordinates in pixels, probabilities in 0..1."""
    return {
        'box': _numbers(face.box),
        'confidence': _number(face.confidence),
        'landmarks': [_numbers(point) for point in face.landmarks],
        'quality': _number(face.quality),
        **{name: _RESULTS[task.kind](face.result(name)) for name, task in TASKS.items()},
    }


@dataclass(frozen=True)
class Column:
    """A column of the table.

    :param name: its heading.
    :param keys: the way to its value, in the object of a face if ``of_face``, else in that of a
        picture or frame.
    """

    name: str
    keys: tuple[str | int, ...]
    of_face: bool = True


_OF_PICTURES = ('path', 'frame', 'time_s', 'width', 'height', 'model', 'error', 'face_count')
_OF_FACES = ('face', 'track_id')
_BOX = ('box_x', 'box_y', 'box_width', 'box_height')


def columns() -> tuple[Column, ...]:
    """Return the columns of the table, in their order.

    What a picture has stands in each of its rows. ``face`` counts the faces of a picture or frame
    from 1; ``frame``, ``time_s`` and ``track_id`` are of videos.
    """
    return (
        *(Column(name, (name,), of_face=False) for name in _OF_PICTURES),
        *(Column(name, (name,)) for name in _OF_FACES),
        *(Column(name, ('box', place)) for place, name in enumerate(_BOX)),
        Column('confidence', ('confidence',)),
        Column('quality', ('quality',)),
        *(
            Column(f'{name}_{axis}', ('landmarks', number, place))
            for number, name in enumerate(LANDMARKS)
            for place, axis in enumerate('xy')
        ),
        *(column for task in TASKS.values() for column in _columns_of(task)),
    )


def _columns_of(task: Task) -> Iterator[Column]:
    """Yield the columns of a task: what is decided, then the probability of each label."""
    if task.kind == MULTICLASS:
        yield Column(task.name, (task.name, 'label'))
        yield Column(f'{task.name}_confidence', (task.name, 'confidence'))
    elif task.kind == YEARS:
        yield Column(task.name, (task.name, 'years'))
        yield Column(f'{task.name}_deviation', (task.name, 'deviation'))
        yield Column(f'{task.name}_range', (task.name, 'range'))
    scores = () if task.kind == MULTILABEL else ('scores',)
    for label in task.labels:
        yield Column(f'{task.name}_{label}', (task.name, *scores, label))


def rows(found: Mapping[str, Any], columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Yield the rows of the object of a picture or frame: one a face, or one that has none.

    :returns: values in the order of the columns; None: not given.
    """
    faces = found['faces']
    of_picture = {**found, 'face_count': None if found['error'] else len(faces)}
    for number, face in enumerate(faces or [None], 1):
        of_face = {} if face is None else {'face': number, **face}
        yield [
            _value(of_face if column.of_face else of_picture, column.keys) for column in columns
        ]


def _value(found: Any, keys: Sequence[str | int]) -> Any:
    """Return what is at the end of a way, None where the way ends before."""
    for key in keys:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def line(value: Any) -> str:
    """Return a value as one line of JSON; a NaN that slipped through is a ``ValueError``."""
    return json.dumps(value, allow_nan=False)


def _distribution(found: Distribution | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        'label': found.label,
        'confidence': _number(found.confidence),
        'scores': _scores(found.scores),
    }


def _age(age: Age | None) -> dict[str, Any] | None:
    if age is None:
        return None
    return {
        'years': _number(age.years),
        'deviation': _number(age.deviation),
        'range': age.range,
        'scores': _scores(age.scores),
    }


def _scores(scores: Mapping[str, float] | None) -> dict[str, float | None] | None:
    if scores is None:
        return None
    return {name: _number(score) for name, score in scores.items()}


_RESULTS: Mapping[str, Callable[[Any], Any]] = {
    MULTICLASS: _distribution,
    MULTILABEL: _scores,
    YEARS: _age,
}
"""The object of a result, by the kind of the task."""


def _numbers(values) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float | None) -> float | None:
    """Return a number that JSON has, else ``None``."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), _DIGITS)
