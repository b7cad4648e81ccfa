# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Answers as columns: one row a face and frame, the same for the same answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.evaluation.bags.offline import Answer
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Face

Columns = Mapping[str, Sequence[Any] | np.ndarray]

INTEGERS = {'frame': np.int64, 'stamp_ns': np.int64, 'recorded_ns': np.int64, 'track': np.uint32}
LABELS = ('emotion', 'gender', 'age_range')
NUMBERS = (
    'x',
    'y',
    'width',
    'height',
    'confidence',
    'quality',
    'emotion_confidence',
    'gender_confidence',
    'age',
    'age_deviation',
    'trait_age_s',
)
SCORES = {
    'emotion_scores': EMOTIONS,
    'emotion_scores_frame': EMOTIONS,
    'gender_scores': GENDERS,
    'age_scores': AGE_RANGES,
    'attribute_scores': ATTRIBUTES,
}
"""Columns of probabilities with what each place stands for; NaN where not given."""

_SAME_NAME = tuple(name for name in NUMBERS if name != 'trait_age_s')
"""Columns that messages call the same."""


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """Return a row a face, largest face first; what is not given is None or NaN."""
    frame = answer.frame
    place = {
        'frame': frame.number,
        'stamp_ns': frame.stamp_ns,
        'recorded_ns': frame.recorded_ns,
        'model': answer.described.model,
    }
    return [{**place, **_of_face(face)} for face in answer.described.faces]


def rows_of_message(message: Any, number: int) -> list[dict[str, Any]]:
    """Return the same of a ``FaceAttributesArray`` of rosbags.

    :param number: of the frame.
    """
    stamp = message.header.stamp
    place = {
        'frame': number,
        'stamp_ns': stamp.sec * 10**9 + stamp.nanosec,
        'recorded_ns': 0,
        'model': message.model,
    }
    return [{**place, **_of_message(face)} for face in message.faces]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return rows as columns for ``predictions.parquet``: (N,) and (N, K) arrays and lists."""
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in rows], kind) for name, kind in INTEGERS.items()
    }
    columns['model'] = [row['model'] for row in rows]
    for name in LABELS:
        columns[name] = [row[name] for row in rows]
    for name in NUMBERS:
        columns[name] = np.array([row[name] for row in rows], np.float32)
    for name, labels in SCORES.items():
        columns[name] = np.array([row[name] for row in rows], np.float32).reshape(
            len(rows), len(labels)
        )
    return columns


def _of_face(face: Face) -> dict[str, Any]:
    emotion, gender, age = face.emotion, face.gender, face.age
    return {
        'track': face.track_id,
        'x': face.box.x,
        'y': face.box.y,
        'width': face.box.width,
        'height': face.box.height,
        'confidence': face.confidence,
        'quality': math.nan if face.quality is None else face.quality,
        'emotion': None if emotion is None else emotion.label,
        'emotion_confidence': math.nan if emotion is None else emotion.confidence,
        'emotion_scores': _scores(emotion.scores if emotion else None, EMOTIONS),
        'emotion_scores_frame': _scores(face.emotion_scores_frame, EMOTIONS),
        'gender': None if gender is None else gender.label,
        'gender_confidence': math.nan if gender is None else gender.confidence,
        'gender_scores': _scores(gender.scores if gender else None, GENDERS),
        'age': math.nan if age is None else age.years,
        'age_deviation': math.nan if age is None else age.deviation,
        'age_range': None if age is None else age.range,
        'age_scores': _scores(age.scores if age else None, AGE_RANGES),
        'attribute_scores': _scores(face.attributes, ATTRIBUTES),
        'trait_age_s': math.nan if face.trait_age is None else face.trait_age,
    }


def _of_message(face: Any) -> dict[str, Any]:
    seconds = face.trait_age.sec + face.trait_age.nanosec * 1e-9
    return {
        'track': face.track_id,
        **{name: getattr(face, name) for name in _SAME_NAME},
        'emotion': {**dict(enumerate(EMOTIONS)), face.EMOTION_UNDECIDED: UNKNOWN}.get(
            face.emotion
        ),
        'gender': {**dict(enumerate(GENDERS, 1)), face.GENDER_UNDECIDED: UNKNOWN}.get(face.gender),
        'age_range': dict(enumerate(AGE_RANGES)).get(face.age_range),
        'trait_age_s': seconds if seconds >= 0 else math.nan,
        **{
            name: getattr(face, name) if len(getattr(face, name)) else _scores(None, labels)
            for name, labels in SCORES.items()
        },
    }


def _scores(scores: Mapping[str, float] | None, labels: Sequence[str]) -> np.ndarray:
    if scores is None:
        return np.full(len(labels), math.nan, np.float32)
    return np.array([scores[label] for label in labels], np.float32)
