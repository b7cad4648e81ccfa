# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What models tell of labelled pictures, as columns: one row a picture, model and degradation."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from face_affect_ros import images
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.truth import own_tasks
from face_affect_ros.evaluation.degradations import Degradation
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.model import context_crops
from face_affect_ros.pipeline import load_model
from face_affect_ros.pipeline import settings_of
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import YEARS

MIN_OVERLAP = 0.3
"""Least intersection over union with a labelled box of a face that is taken for it; detectors draw
their boxes differently."""

COLUMNS: Mapping[str, str] = {
    'row': 'int64',
    'model': 'string',
    'condition': 'string',
    'error': 'string',
    'faces': 'int32',
    'found': 'bool',
    'confidence': 'float32',
    'quality': 'float32',
    'box': 'float32[4]',
    'emotion': 'string',
    'emotion_scores': f'float32[{len(EMOTIONS)}]',
    'gender': 'string',
    'gender_scores': f'float32[{len(GENDERS)}]',
    'age': 'float32',
    'age_deviation': 'float32',
    'age_range': 'string',
    'attributes': f'float32[{len(ATTRIBUTES)}]',
}
"""Columns of predictions with their types; what a model does not tell is NaN, text null."""

Row = dict[str, Any]

ModelLoader = Callable[[str, ModelSettings], Model]
"""Loads a model by its name."""


def columns() -> dict[str, str]:
    """Return ``COLUMNS`` with those of tasks of one's own: ``NAME``, ``NAME_scores`` or years."""
    own: dict[str, str] = {}
    for task in own_tasks():
        if task.kind == YEARS:
            own |= {task.name: 'float32', f'{task.name}_deviation': 'float32'}
            own[f'{task.name}_range'] = 'string'
        else:
            own |= {task.name: 'string', f'{task.name}_scores': f'float32[{task.columns}]'}
    return {**COLUMNS, **own}


@dataclass(frozen=True)
class PredictionJob:
    """How pictures are looked at.

    :param models: names of the models.
    :param settings: of all of them.
    :param is_crops: each picture is one cut face: its frame, times ``box_factor``, is the box.
        Otherwise faces are searched for; of several the labelled box's is taken, else the largest.
    :param box_factor: sides of the box in sides of the picture.
    :param landmarks: whether landmarks are looked for in the box, as at run time; else it is cut
        as it is.
    :param degradations: what is done to the pictures, each by itself.
    """

    models: tuple[str, ...] = ('1',)
    settings: ModelSettings = field(default_factory=ModelSettings)
    is_crops: bool = False
    box_factor: float = 1.0
    landmarks: bool = True
    degradations: tuple[Degradation, ...] = (Degradation(),)


class Predictor:
    """Looks at the pictures of a data set; a context that closes its models.

    :param job: how.
    :param data: the pictures.
    :param boxes: (N, 4) labelled boxes of all of its rows, NaN where there is none.
    :param load: loads each model by its name.
    """

    def __init__(
        self,
        job: PredictionJob,
        data: DataSet,
        boxes: np.ndarray,
        load: ModelLoader = load_model,
    ):
        """Load the models."""
        self._job, self._data, self._boxes = job, data, boxes
        cv2.setNumThreads(job.settings.threads)
        self._models = [load(name, _settings(name, job.settings)) for name in job.models]

    def __enter__(self) -> Predictor:
        """Enter a context that closes the models at its end."""
        return self

    def __exit__(self, *_exception):
        """Close the models."""
        for model in self._models:
            model.close()

    def rows(self, row: int) -> list[Row]:
        """Return what all models tell of a picture, under all degradations."""
        try:
            picture = read_picture(self._data.read(row))
        except (OSError, images.ImageError) as error:
            return [self._failed(row, model, str(error)) for model in self._each()]
        found = []
        for degradation in self._job.degradations:
            spoilt = degradation.apply(picture, row)
            found += [self._told(row, spoilt, model, degradation.name) for model in self._models]
        return found

    def _each(self) -> Iterable[tuple[str, str]]:
        for degradation in self._job.degradations:
            for model in self._models:
                yield model.name, degradation.name

    def _failed(self, row: int, which: tuple[str, str], error: str) -> Row:
        return {'row': row, 'model': which[0], 'condition': which[1], 'error': error, 'faces': 0}

    def _told(self, row: int, picture: np.ndarray, model: Model, condition: str) -> Row:
        detections, faces = self._look(model, picture, self._boxes[row])
        told: Row = {'row': row, 'model': model.name, 'condition': condition, 'faces': faces}
        if len(detections):
            (face,) = model.describe(context_crops(picture, detections), detections)
            told |= columns_of(face)
        return told

    def _look(
        self, model: Model, picture: np.ndarray, labelled: np.ndarray
    ) -> tuple[Detections, int]:
        """Return the one face to describe, or none, and how many there are."""
        if not self._job.is_crops:
            found = model.detector.detect(picture)
            return found.take(chosen(found.boxes, labelled)), len(found)
        height, width = picture.shape[:2]
        box = Box(*labelled) if np.isfinite(labelled).all() else Box(0, 0, width, height)
        xywh = np.array([list(box.scaled(self._job.box_factor))], np.float32)
        if self._job.landmarks:
            return model.align(picture, xywh), 1
        return Detections(xywh, [1.0], np.full((1, 5, 2), np.nan)), 1  # type: ignore[arg-type]


def _settings(model: str, settings: ModelSettings) -> ModelSettings:
    """Return what a model is loaded with; one that the catalogue does not have as they are."""
    try:
        return settings_of(model, settings)
    except UnknownNameError:
        return settings


def read_picture(source: bytes | Path) -> np.ndarray:
    """Return a picture as (H, W, 3) uint8 BGR.

    :raises ImageError: it cannot be decoded.
    """
    return images.load(source)


def chosen(boxes: np.ndarray, labelled: np.ndarray) -> list[int]:
    """Return the index of the face that a picture is about, or nothing.

    :param boxes: (N, 4) x, y, width, height, the largest first.
    :param labelled: (4,), NaN: none; then it is the largest face.
    """
    if not len(boxes):
        return []
    if not np.isfinite(labelled).all():
        return [0]
    overlaps = overlap(boxes, labelled)
    best = int(overlaps.argmax())
    return [best] if overlaps[best] >= MIN_OVERLAP else []


def overlap(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Return the (N,) intersections over union of (N, 4) boxes with one."""
    low = np.maximum(boxes[:, :2], box[:2])
    high = np.minimum(boxes[:, :2] + boxes[:, 2:], box[:2] + box[2:])
    shared = np.clip(high - low, 0, None).prod(1)
    return shared / (boxes[:, 2:].prod(1) + np.prod(box[2:]) - shared)


def columns_of(face: Face) -> Row:
    """Return what is told of a face, by column; what is not told is left out."""
    told: Row = {
        'found': True,
        'confidence': face.confidence,
        'quality': face.quality,
        'box': list(face.box),
    }
    if face.emotion:
        told |= {'emotion': face.emotion.label, 'emotion_scores': _values(face.emotion.scores)}
    if face.gender:
        told |= {'gender': face.gender.label, 'gender_scores': _values(face.gender.scores)}
    if face.age:
        told |= _age_columns('age', face.age)
    if face.attributes:
        told['attributes'] = _values(face.attributes)
    for task in own_tasks():
        found = face.result(task.name)
        if isinstance(found, Age):
            told |= _age_columns(task.name, found)
        elif isinstance(found, Distribution):
            told |= {task.name: found.label, f'{task.name}_scores': _values(found.scores)}
    return told


def _age_columns(name: str, found: Age) -> Row:
    return {
        name: found.years,
        f'{name}_deviation': found.deviation,
        f'{name}_range': found.range,
    }


def as_columns(rows: Sequence[Row]) -> dict[str, Any]:
    """Return rows as arrays and lists by the names of ``columns``."""
    return {name: _column(rows, name, kind) for name, kind in columns().items()}


def _column(rows: Sequence[Row], name: str, kind: str) -> Any:
    if kind == 'string':
        return [row.get(name) for row in rows]
    kind, _, width = kind.partition('[')
    missing: Any = np.nan if kind == 'float32' else 0
    if not width:
        return np.array([missing if row.get(name) is None else row[name] for row in rows], kind)
    empty = [missing] * int(width[:-1])
    return np.array([row.get(name) or empty for row in rows], kind).reshape(-1, len(empty))


def _values(scores: Mapping[str, float]) -> list[float]:
    return list(scores.values())
