# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results as JSON: one object a picture, ``null`` for what is not given, never NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from face_affect_ros.faces import Age
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

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
