# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stream's items as this package's messages, whichever library has the messages' classes.

What was not computed is NaN, 255 or empty.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import numpy as np

from face_affect_ros.faces import Age
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

NAMES = (
    'Duration',
    'FaceAttributes',
    'FaceAttributesArray',
    'FaceDetection',
    'FaceDetectionArray',
    'Point32',
    'Processing',
    'Time',
)
"""The classes that a builder needs."""


class MessageBuilder:
    """Makes messages of items.

    :param types: the classes by ``NAMES``; each is called with its fields by keyword and has the
        constants of its message.
    :param floats: makes the value of a field ``float32[]`` of numbers.
    :param empty_image: makes an empty ``sensor_msgs/Image``.
    """

    def __init__(
        self,
        types: Mapping[str, Any],
        floats: Callable[[list[float]], Any],
        empty_image: Callable[[], Any],
    ) -> None:
        self._types = types
        self._floats = floats
        self._empty_image = empty_image
        self._fields: Mapping[str, Callable[[Task, Any], dict[str, Any]]] = {
            MULTICLASS: self._label,
            MULTILABEL: self._labels,
            YEARS: self._age,
        }

    def detected(self, found: DetectedFaces) -> Any:
        """Return the faces of a frame as a ``FaceDetectionArray`` without crops."""
        return self._types['FaceDetectionArray'](
            header=found.header,
            image_width=found.size[0],
            image_height=found.size[1],
            detector=found.detections.detector,
            faces=[self._detection(found.detections, row) for row in range(len(found.detections))],
            processing=self.processing(found.timing),
        )

    def described(self, described: DescribedFaces) -> Any:
        """Return the described faces of a frame as a ``FaceAttributesArray``."""
        return self._types['FaceAttributesArray'](
            header=described.header,
            image_width=described.size[0],
            image_height=described.size[1],
            model=described.model,
            faces=[self.face(face) for face in described.faces],
            processing=self.processing(described.timing),
        )

    def face(self, face: Face) -> Any:
        """Return one described face as a ``FaceAttributes``."""
        box = face.box
        results: dict[str, Any] = {}
        for name, task in TASKS.items():
            if task.message_field:
                results.update(self._fields[task.kind](task, face.result(name)))
        return self._types['FaceAttributes'](
            track_id=face.track_id,
            x=box.x,
            y=box.y,
            width=box.width,
            height=box.height,
            confidence=face.confidence,
            landmarks=[self._point(x, y) for x, y in face.landmarks],
            **results,
            emotion_scores_frame=self._scores(TASKS['emotion'], face.emotion_scores_frame),
            trait_age=self._duration(face.trait_age),
            quality=_number(face.quality),
        )

    def processing(self, timing: FrameTiming) -> Any:
        """Return a frame's way as a ``Processing`` that is published now."""
        counts = timing.counts
        return self._types['Processing'](
            received=self._types['Time'](
                sec=timing.received_ns // 10**9, nanosec=timing.received_ns % 10**9
            ),
            detection_ms=timing.detection_ms,
            attributes_ms=timing.attributes_ms,
            latency_ms=(time.monotonic() - timing.received_at) * 1e3
            if timing.received_ns
            else math.nan,
            stream=timing.stream,
            frames_received=counts.received,
            frames_processed=counts.processed,
            frames_dropped=counts.dropped,
        )

    def _detection(self, detections: Detections, row: int) -> Any:
        x, y, width, height = (float(value) for value in detections.boxes[row])
        landmarks = detections.landmarks[row]
        given = bool(np.isfinite(landmarks).all())
        return self._types['FaceDetection'](
            track_id=int(detections.track_ids[row]),
            x=x,
            y=y,
            width=width,
            height=height,
            confidence=float(detections.scores[row]),
            landmarks=[self._point(float(x), float(y)) for x, y in landmarks] if given else [],
            crop=self._empty_image(),
            crop_x=0.0,
            crop_y=0.0,
            crop_scale=0.0,
        )

    def _point(self, x: float, y: float) -> Any:
        return self._types['Point32'](x=x, y=y, z=0.0)

    def _constant(self, task: Task, name: str) -> int:
        return getattr(self._types['FaceAttributes'], f'{task.message_field}_{name}'.upper())

    def _label(self, task: Task, decided: Distribution | None) -> dict[str, Any]:
        """Return the constant of a label, its confidence and all scores."""
        label = 'NOT_GIVEN' if decided is None else decided.label
        if decided is not None and label not in task.labels:
            label = 'UNDECIDED'
        field = task.message_field
        return {
            field: self._constant(task, label),
            f'{field}_confidence': math.nan if decided is None else decided.confidence,
            **self._labels(task, None if decided is None else decided.scores),
        }

    def _labels(self, task: Task, scores: Mapping[str, float] | None) -> dict[str, Any]:
        """Return the field of all scores."""
        return {f'{task.message_field}_scores': self._scores(task, scores)}

    def _scores(self, task: Task, scores: Mapping[str, float] | None) -> Any:
        """Return scores in the order of the labels; none where they are not given."""
        return self._floats([] if scores is None else [scores[label] for label in task.labels])

    def _age(self, task: Task, age: Age | None) -> dict[str, Any]:
        """Return the years, their deviation, the place of the likeliest range and all scores."""
        field = task.message_field
        return {
            field: _number(None if age is None else age.years),
            f'{field}_deviation': _number(None if age is None else age.deviation),
            f'{field}_range': self._constant(task, 'range_not_given')
            if age is None
            else task.labels.index(age.range),
            **self._labels(task, None if age is None else age.scores),
        }

    def _duration(self, seconds: float | None) -> Any:
        """Return a length of time; None is never: negative."""
        nanoseconds = -(10**9) if seconds is None else round(seconds * 1e9)
        whole, rest = divmod(nanoseconds, 10**9)
        return self._types['Duration'](sec=whole, nanosec=rest)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
