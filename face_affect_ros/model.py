# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A model: a detector, networks that describe its faces, and the decision on their labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np

from face_affect_ros import crops
from face_affect_ros import glibc_malloc
from face_affect_ros.decision import certainty
from face_affect_ros.decision import children
from face_affect_ros.decision import labels
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.given_boxes import align_boxes
from face_affect_ros.detection.given_boxes import as_boxes
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.faces import OWN_FIELDS
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face
from face_affect_ros.faces import Result
from face_affect_ros.images import ImageError
from face_affect_ros.images import ImageLike
from face_affect_ros.images import load
from face_affect_ros.images.loading import as_several
from face_affect_ros.networks import face_network
from face_affect_ros.networks.face_network import FacePredictor
from face_affect_ros.quoting import quoted
from face_affect_ros.renaming import former_argument
from face_affect_ros.renaming import former_property
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import trait_names

TOGETHER = 64
"""Faces that are cut out and described at a time; the context crops of a crowd fill the memory."""

Scores = Mapping[str, Mapping[str, np.ndarray]]
"""Probabilities by task (``tasks.TASKS``) and by the output of its network: (N, K), of N faces, or
(K,), of one. A task that did not run is missing."""


class Model:
    """A complete pipeline. Threads may share one; it holds no state between calls.

    :param name: ``"1"`` or ``"2"``.
    :param detector: finds faces: ``detect(image)`` and ``align(image, boxes)``.
    :param networks: networks by the task that they are for, in the order in which they run.
    :param gender: how those that speak of gender are combined.
    :param settings: thresholds of the decision.
    :param emotion_threshold: the model's own, where the settings have none.
    :param attribute_thresholds: chosen for each attribute, for the decision ``balanced``.
    :param loaders: load the network of each task that the model has one for
        (``apply_settings``).
    """

    def __init__(
        self,
        name: str,
        detector: Detector,
        networks: Mapping[str, FacePredictor],
        gender: GenderRules,
        settings: ModelSettings,
        emotion_threshold: float = 0.0,
        attribute_thresholds: Mapping[str, float] = MappingProxyType({}),
        loaders: Mapping[str, Callable[[], FacePredictor]] = MappingProxyType({}),
    ):
        """Put the model together; ``load_model`` does so by name."""
        self.name = name
        self.detector = detector
        self._networks = networks
        self._gender = gender
        self._emotion_threshold = emotion_threshold
        self._attribute_thresholds = attribute_thresholds
        self._loaders = loaders
        self._available = tuple(loaders) or tuple(networks)
        self.settings = settings  # read once a picture: another thread may replace them
        self.closed = False

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks, of ``tasks.TASKS``, whose networks run, in this order.

        Those that are on, and where gender has no network of its own those that speak of it.
        """
        networks = self._networks
        needed = self._gender.needed(self.settings.tasks, self._available)
        return tuple(task for task in networks if task in needed)

    def apply_settings(self, settings: ModelSettings) -> None:
        """Take settings into use from the next picture on; networks are loaded as they need.

        :raises WeightsError: a file is missing or altered; the settings stay as they were.
        """
        needed = self._gender.needed(settings.tasks, self._available)
        networks = {
            **self._networks,
            **{
                task: load()
                for task, load in self._loaders.items()
                if task in needed and task not in self._networks
            },
        }
        self._networks = {task: networks[task] for task in self._available if task in networks}
        self.settings = settings

    @property
    def reported_tasks(self) -> tuple[str, ...]:
        """What the model tells of a face, of ``tasks.TASKS``.

        Gender may come from networks for other tasks alone.
        """
        tasks = self.tasks
        return tuple(
            task
            for task in self.settings.tasks
            if task in tasks or (task == 'gender' and self._gender.tasks & {*tasks})
        )

    @property
    def runs(self) -> tuple[tuple[str, ...], ...]:
        """The tasks of ``tasks`` by what runs for them: those of one network stand together."""
        return face_network.runs(self._networks, self.tasks)

    parts = former_property('parts', 'tasks')
    tells = former_property('tells', 'reported_tasks')

    def detect(self, image: ImageLike) -> list[Face]:
        """Return the faces of a picture, largest first, without describing them.

        :param image: (H, W, 3) uint8 BGR or (H, W) array, PIL picture, path, open file or encoded
            bytes.
        :raises ImageError: the picture cannot be read.
        """
        if self.closed:
            raise ValueError('the model is closed')
        detections = self.detector.detect(load(image))
        return [face_at(detections, index) for index in range(len(detections))]

    def analyze(
        self, image: ImageLike, boxes: Sequence[Box] | Sequence[Face] | np.ndarray | None = None
    ) -> list[Face]:
        """Find and describe the faces of a picture.

        :param image: (H, W, 3) uint8 BGR or (H, W) array, PIL picture, path, open file or encoded
            bytes.
        :param boxes: faces to describe instead of detecting any: ``Box``es, what ``detect``
            returned, or an (N, 4) array of x, y, width, height in pixels; results come in their
            order.
        :raises ImageError: the picture cannot be read.
        :raises ValueError: ``boxes`` are no boxes.
        """
        frame = load(image)
        if self.closed:
            raise ValueError('the model is closed')
        settings = self.settings
        return [
            face
            for detections in self._groups(frame, boxes)
            for face in self.describe_detections(frame, detections, settings)
        ]

    def analyze_batch(
        self, images: Iterable[ImageLike], errors: str = 'return'
    ) -> list[list[Face] | ImageError]:
        """Find and describe the faces of several pictures, a list a picture.

        :param errors: what becomes of a picture that cannot be used: ``return`` puts its
            ``ImageError`` in the place of its list and goes on, ``raise`` raises it.
        :raises ImageError: a picture cannot be read, where errors are raised.
        :raises ValueError: ``images`` is one picture, or no iterable.
        """
        if errors not in ('return', 'raise'):
            raise ValueError(f'errors is {quoted(errors)}, must be return or raise')
        results: list[list[Face] | ImageError] = []
        for image in as_several(images):
            try:
                results.append(self.analyze(image))
            except ImageError as error:
                if errors == 'raise':
                    raise
                results.append(error)
        return results

    def _groups(self, frame: np.ndarray, boxes: Iterable[Any] | None) -> Iterator[Detections]:
        """Yield the faces of a picture, or given ones, so many as are described together."""
        if boxes is None:
            detections = self.detector.detect(frame)
            for start in range(0, len(detections), TOGETHER):
                yield detections.take(range(start, min(start + TOGETHER, len(detections))))
        else:
            xywh = as_boxes(boxes)
            for start in range(0, len(xywh), TOGETHER):
                yield self.align(frame, xywh[start : start + TOGETHER])

    def align(
        self, frame: np.ndarray, boxes: Sequence[Box] | Sequence[Face] | np.ndarray
    ) -> Detections:
        """Give landmarks to boxes from elsewhere, where a face can be seen in them.

        :param frame: (H, W, 3) uint8 BGR.
        :param boxes: as of ``analyze``.
        :raises ValueError: ``boxes`` are no boxes of finite place and positive size.
        """
        return align_boxes(self.detector, frame, boxes)

    def describe_detections(
        self, frame: np.ndarray, detections: Detections, settings: ModelSettings | None = None
    ) -> list[Face]:
        """Describe the faces that were found in a (H, W, 3) uint8 BGR frame, in their order."""
        return self.describe(context_crops(frame, detections), detections, settings)

    def describe(
        self,
        contexts: Sequence[crops.ContextCrop],
        detections: Detections,
        settings: ModelSettings | None = None,
    ) -> list[Face]:
        """Describe faces by everything that is on, all of them in one batch a network.

        :param contexts: the context crop of each face (``context_crops``).
        :param detections: the faces, in the same order.
        :param settings: thresholds; None: the model's.
        """
        if not len(detections):
            return []
        settings = settings or self.settings
        squares = face_squares(detections)
        scores = self.scores(contexts, squares)
        age = 0.0 if trait_names(scores) else None
        return [
            self.decide(detections, index, of_face(scores, index), age, settings)
            for index in range(len(detections))
        ]

    @former_argument('parts', 'tasks')
    def scores(
        self,
        contexts: Sequence[crops.ContextCrop],
        squares: Sequence[crops.FaceSquare],
        tasks: Iterable[str] | None = None,
    ) -> dict[str, Mapping[str, np.ndarray]]:
        """Return the raw scores of at least one face: the first step of ``describe``.

        :param contexts: the context crop of each face (``context_crops``).
        :param squares: the square of each face (``face_squares``).
        :param tasks: what to compute, of ``tasks``; None: all.
        """
        return face_network.run(
            self._networks, self.tasks if tasks is None else tasks, contexts, squares
        )

    def decide(
        self,
        detections: Detections,
        index: int,
        scores: Scores,
        trait_age: float | None = None,
        settings: ModelSettings | None = None,
        before: Mapping[str, str] = MappingProxyType({}),
    ) -> Face:
        """Return one face with its labels: the second step of ``describe``, without a network.

        :param index: of the face in the detections.
        :param scores: the face's own; they may be older, or combined of several pictures.
        :param trait_age: seconds since the oldest of its traits was computed; None: none was.
        :param settings: thresholds; None: the model's.
        :param before: labels that were told of the face in the frame before, by task; they stay
            while no other is ahead by a margin (``labels.decide``).
        """
        settings = settings or self.settings
        answers = {task: self._answer(task, scores) for task in self.reported_tasks}
        results = {
            task: None
            if values is None
            else labels.decide(
                TASKS[task], values, self._threshold(task, scores, settings), before.get(task, '')
            )
            for task, values in answers.items()
        }
        return face_at(
            detections,
            index,
            results,
            quality=certainty.of_face(answers),
            trait_age=trait_age,
            attribute_thresholds=self._told_from(settings),
        )

    def _told_from(self, settings: ModelSettings) -> Mapping[str, float] | None:
        """Return the probabilities from which attributes are told; None: where they are likely."""
        is_balanced = settings.attribute_decision == 'balanced'
        return (self._attribute_thresholds or None) if is_balanced else None

    def _answer(self, task: str, scores: Scores) -> np.ndarray | None:
        """Return the (K,) probabilities that a face's scores give to a task; None: none."""
        if task == 'gender':
            return self._gender.combined(scores)
        return scores[task][task] if task in scores else None

    def _threshold(self, task: str, scores: Scores, settings: ModelSettings) -> float:
        """Return a task's threshold: by the settings, the emotion's may be the model's own."""
        given = getattr(settings, f'{task}_threshold', 0.0)
        if task == 'gender' and children.is_child(scores):
            return max(given, settings.child_gender_threshold)
        return self._emotion_threshold if given < 0 else given

    def close(self):
        """Let go of the networks; the model cannot be used afterwards."""
        self.closed = True
        self._networks = {}
        self.detector = _NoDetector()  # type: ignore[assignment]
        glibc_malloc.give_back_freed()

    def __enter__(self) -> Model:
        """Enter a context that closes the model at its end."""
        return self

    def __exit__(self, *_exception):
        self.close()


class _NoDetector:
    """In the place of a closed model's detector."""

    def __getattr__(self, name: str) -> Any:
        raise ValueError('the model is closed')


def context_crops(frame: np.ndarray, detections: Detections) -> list[crops.ContextCrop]:
    """Cut the context crop of every face out of a (H, W, 3) uint8 BGR frame."""
    return [crops.cut_context(frame, box) for box in detections.boxes]


def face_squares(detections: Detections) -> list[crops.FaceSquare]:
    """Return the square of every face that networks look at."""
    spec = DETECTORS.get(detections.detector)
    factor = spec.box_factor if spec else crops.BOX_FACTOR
    return [
        crops.square_of_face(box, landmarks, factor)
        for box, landmarks in zip(detections.boxes, detections.landmarks)
    ]


def of_face(scores: Scores, index: int) -> dict[str, dict[str, np.ndarray]]:
    """Return the (K,) scores of one of N faces."""
    return {
        task: {name: values[index] for name, values in outputs.items()}
        for task, outputs in scores.items()
    }


def face_at(
    detections: Detections,
    index: int,
    results: Mapping[str, Result | None] = MappingProxyType({}),
    **more: Any,
) -> Face:
    """Build one face from its detection and what is told of it."""
    own: dict[str, Any] = {task: result for task, result in results.items() if task in OWN_FIELDS}
    points = tuple(map(tuple, detections.landmarks[index].tolist()))
    given = all(map(math.isfinite, chain.from_iterable(points)))
    return Face(
        box=Box(*detections.boxes[index].tolist()),
        confidence=float(detections.scores[index]),
        landmarks=points if given else (),
        track_id=int(detections.track_ids[index]),
        other_tasks={
            task: result
            for task, result in results.items()
            if task not in own and result is not None
        },
        **own,
        **more,
    )
