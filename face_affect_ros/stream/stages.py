# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The work of the stages ``detection`` and ``attributes``, for streams of any origin."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from face_affect_ros.decision import labels
from face_affect_ros.decision import quality
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.face_following import FaceFollower
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.model import Scores
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.model import of_face
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stage import LeftOut
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import advanced
from face_affect_ros.tasks import EMOTIONS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import trait_names
from face_affect_ros.tracking.emotion_turns import BUDGET_MS
from face_affect_ros.tracking.emotion_turns import EmotionTurns
from face_affect_ros.tracking.settings import EmotionSettings
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.settings import TraitSettings
from face_affect_ros.tracking.smoothing import EmotionSmoother
from face_affect_ros.tracking.smoothing import SmoothedEmotion
from face_affect_ros.tracking.stream_time import StreamTime
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.trait_scheduler import Answers
from face_affect_ros.tracking.trait_scheduler import Compute
from face_affect_ros.tracking.trait_scheduler import TraitScheduler

NEWEST_DETECTION = 0.1
"""Weight of the newest frame in what detection takes in the mean."""

OfTask = Mapping[str, np.ndarray]
"""A face's (K,) probabilities of one task by output."""


@dataclass(frozen=True)
class DetectSettings:
    """What may change while frames are worked on.

    :param search: how the detector searches.
    :param tracking: how often, and how long a missed face is waited for.
    """

    search: Any
    tracking: TrackingSettings


@dataclass(frozen=True)
class DescribeSettings:
    """What may change while faces are described.

    :param model: thresholds.
    :param traits: how often they are refreshed.
    :param emotions: how steady they are.
    """

    model: ModelSettings
    traits: TraitSettings
    emotions: EmotionSettings = field(default_factory=EmotionSettings)


def _log_jump(jump_s: float) -> None:
    logging.getLogger(__name__).warning(told_of_jump(jump_s))


class DetectionStage:
    """Frames to tracked faces with their context crops.

    Stamps that jump begin another stream: nobody is known any more.

    :param detector: finds the faces.
    :param tracker: tells who is who from frame to frame; None: nobody does.
    :param search_rate: searches of whole frames a second, Hz; 0: all (``FaceFollower``).
    :param on_jump: told by how many seconds the stamps jumped (``StreamTime``).
    :param long_search_ms: for how long a frame waits for its search; 0: until it ends
        (``FaceFollower``).
    """

    def __init__(
        self,
        detector: Detector,
        tracker: Tracker | None = None,
        search_rate: float = TrackingSettings.search_rate,
        on_jump: Callable[[float], object] = _log_jump,
        long_search_ms: float = 0.0,
    ) -> None:
        self.follower = FaceFollower(detector, search_rate, long_search_ms)
        self.tracker = tracker
        self.time = StreamTime()
        self._on_jump = on_jump
        self._settings: DetectSettings | None = None

    def change(self, settings: DetectSettings) -> None:
        """Take settings into use, all of them from the next frame on; from any thread."""
        self._settings = settings

    def clear(self) -> None:
        """Begin another stream, with any time and nobody known."""
        self.time.clear()
        self._forget_faces()

    def _forget_faces(self) -> None:
        self.follower.clear()
        if self.tracker is not None:
            self.tracker.clear()

    def __call__(self, frame: Frame) -> DetectedFaces:
        """Return the faces of a frame, largest first.

        :raises LeftOut: who is there is not known yet: the first search takes long.
        """
        begin = time.monotonic()
        self._apply(self._settings)
        now, jump_s = self.time.update(frame.stamp_ns, frame.timing.received_at)
        if jump_s is not None:
            self._forget_faces()
            self._on_jump(jump_s)
        detections = self.follower.find(frame.image, now)
        if not self.follower.has_searched:
            raise LeftOut
        if self.tracker is not None:
            detections = self.tracker.update(detections, now, frame.image)
        found = DetectedFaces(
            frame.header,
            frame.stamp_ns,
            frame.size,
            detections,
            tuple(context_crops(frame.image, detections)),
            frame.timing,
            frame.image,
        )
        return advanced(found, detection_ms=(time.monotonic() - begin) * 1e3)

    def _apply(self, settings: DetectSettings | None) -> None:
        if settings is None:
            return
        self.follower.detector.settings = settings.search
        self.follower.rate = settings.tracking.search_rate
        if self.tracker is not None:
            self.tracker.timeout = settings.tracking.track_timeout


class AttributesStage:
    """Faces with their context crops to faces with all that the model tells of them.

    The emotion is computed with every frame, as long as there is time for all (``EmotionTurns``),
    and smoothed over a track; traits are refreshed by need and combined over a track.

    :param model: describes the faces.
    :param traits: says when traits are computed; None: as by default.
    """

    def __init__(self, model: Model, traits: TraitScheduler | None = None) -> None:
        self.model = model
        self.traits = TraitScheduler(trait_names(model.tasks)) if traits is None else traits
        self._turns: dict[tuple[str, ...], EmotionTurns] = {}
        self.smoother = EmotionSmoother()
        self.time = StreamTime()
        self._usual_detection_ms = 0.0
        self._settings: DescribeSettings | None = None

    def change(self, settings: DescribeSettings) -> None:
        """Take settings into use, all of them from the next frame on; from any thread."""
        self._settings = settings

    def clear(self) -> None:
        """Begin another stream, with any time and no traits known."""
        self.time.clear()
        self._forget_faces()

    def _forget_faces(self) -> None:
        self.traits.clear()
        for turns in self._turns.values():
            turns.clear()
        self.smoother.clear()

    def __call__(self, found: DetectedFaces) -> DescribedFaces:
        """Return the same faces, described."""
        begin = time.monotonic()
        now, jump_s = self.time.update(found.stamp_ns, found.timing.received_at)
        if jump_s is not None:
            self._forget_faces()
        settings = self._apply(self._settings)
        faces = tuple(self._describe(found, now, settings)) if len(found.detections) else ()
        described = DescribedFaces(
            found.header,
            found.stamp_ns,
            found.size,
            self.model.name,
            faces,
            found.timing,
            found.image,
        )
        return advanced(described, attributes_ms=(time.monotonic() - begin) * 1e3)

    def _apply(self, settings: DescribeSettings | None) -> ModelSettings:
        """Take over what is for the traits; return the thresholds."""
        if settings is None:
            return self.model.settings
        self.traits.rate = settings.traits.trait_rate
        self.traits.budget_ms = settings.traits.trait_budget_ms
        self.smoother.half_life_s = settings.emotions.emotion_smoothing_s
        return settings.model

    def _take_tasks(self, runs: Sequence[tuple[str, ...]]) -> None:
        """Plan for the tasks that are on; what is known of others waits until they are again.

        Traits are refreshed by need, those excepted that the network of a task tells which comes
        with every frame: they come with it.

        :param runs: tasks, those of one network together.
        """
        self.traits.tasks = trait_names(chain.from_iterable(runs))
        self.traits.runs = [tasks for tasks in runs if tasks == trait_names(tasks)]
        self._turns = {
            tasks: self._turns.get(tasks) or EmotionTurns()
            for tasks in runs
            if tasks not in self.traits.runs
        }

    def _describe(self, found: DetectedFaces, now: float, settings: ModelSettings) -> list[Face]:
        model, detections, seen = self.model, found.detections, found.contexts
        self._take_tasks(model.runs)
        frames = face_squares(detections)
        qualities = quality.of_faces(seen, frames, detections)

        def compute(tasks: Sequence[str], rows: Sequence[int]) -> list[Answers]:
            scores = model.scores(
                [seen[row] for row in rows], [frames[row] for row in rows], tasks
            )
            return [of_face(scores, place) for place in range(len(rows))]

        ids = detections.track_ids.tolist()
        newest, given = self._take_turns(ids, compute)
        emotions = self.smoother.update(ids, [told.pop('emotion', {}) for told in newest], now)
        is_late = self._is_late(found.timing.detection_ms)
        known = self.traits.update(ids, qualities, now, compute, given, is_late)
        return [
            self._decide(
                detections,
                row,
                {**newest[row], **traits.scores},
                emotions[row],
                traits.age,
                settings,
            )
            for row, traits in enumerate(known)
        ]

    def _is_late(self, detection_ms: float) -> bool:
        """Return whether detection took longer than it does in the mean of frames."""
        newest = NEWEST_DETECTION if self._usual_detection_ms else 1.0
        self._usual_detection_ms += newest * (detection_ms - self._usual_detection_ms)
        return detection_ms > self._usual_detection_ms

    def _take_turns(
        self, ids: Sequence[int], compute: Compute
    ) -> tuple[list[dict[str, OfTask]], list[dict[str, OfTask]]]:
        """Run what comes with every frame, as far as there is time.

        :returns: of each face the newest answers to tasks that are no traits, and the traits that
            were computed with this frame.
        """
        newest: list[dict[str, OfTask]] = [{} for _ in ids]
        given: list[dict[str, OfTask]] = [{} for _ in ids]
        for tasks, turns in self._turns.items():
            known = turns.update(ids, self._emotion_budget_ms(), partial(compute, tasks))
            for row, answers in enumerate(known):
                for task, scores in answers.items():
                    if not TASKS[task].is_trait:
                        newest[row][task] = scores
                    elif row in turns.rows:
                        given[row][task] = scores
        return newest, given

    def _decide(
        self,
        detections: Detections,
        row: int,
        scores: Scores,
        emotion: SmoothedEmotion,
        trait_age: float | None,
        settings: ModelSettings,
    ) -> Face:
        """Return a face with its labels, and take note of its emotion for the next frame."""
        if emotion.scores:
            scores = {**scores, 'emotion': emotion.scores}
        before = {'emotion': emotion.before}
        face = self.model.decide(detections, row, scores, trait_age, settings, before)
        if face.emotion is None:
            return face
        self.smoother.tell(face.track_id, face.emotion.label)
        own = emotion.frame.get('emotion')
        return (
            face
            if own is None
            else replace(face, emotion_scores_frame=labels.by_name(EMOTIONS, own))
        )

    def _emotion_budget_ms(self) -> float:
        """Return what emotions may take; any time where results must not depend on it."""
        return BUDGET_MS if self.traits.rate and self.traits.budget_ms else 0.0


def told_of_jump(jump_s: float) -> str:
    """Return in words that stamps jumped by some seconds."""
    way = 'back' if jump_s < 0 else 'ahead'
    return (
        f'the stamps of the frames jumped {way} by {abs(jump_s):.1f} s: another stream '
        'begins, faces get new track ids'
    )
