# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes' stages driven frame by frame: every frame, in order, whatever the machine's speed.

The stages are those of the nodes (``stream/stages.py``) without their mailboxes. Times are those
of the frames, with the time of the recording for that of their reception; ids count from 1.
Nothing that the nodes let the machine's speed decide is left to it: every search is waited for
(``FaceFollower.long_search_ms`` 0), and traits have no budget of computing time
(``trait_budget_ms`` 0): they are refreshed ``trait_rate`` times a second, and each face's emotion
is computed in every frame. So the same bag gives the same answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from face_affect_ros import pipeline
from face_affect_ros.evaluation.bags.frames import BagFrame
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DescribeSettings
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.stages import DetectSettings
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.stream.types import advanced
from face_affect_ros.tracking.settings import EmotionSettings
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.settings import TraitSettings
from face_affect_ros.tracking.tracker import Tracker

STREAM = 1
"""What messages name as the stream that their counts belong to."""


@dataclass(frozen=True)
class ReplaySettings:
    """How frames are evaluated.

    :param model: of the model.
    :param tracking: of detection.
    :param emotions: of the attributes.
    :param traits: of the attributes; with a budget of computing time answers depend on the
        machine's speed.
    """

    model: ModelSettings = field(default_factory=ModelSettings)
    tracking: TrackingSettings = field(default_factory=TrackingSettings)
    emotions: EmotionSettings = field(default_factory=EmotionSettings)
    traits: TraitSettings = field(default_factory=lambda: TraitSettings(trait_budget_ms=0.0))


@dataclass(frozen=True)
class Answer:
    """What was found in one frame.

    :param found: the faces; its timing has the milliseconds of detection.
    :param described: the same faces, described.
    """

    frame: BagFrame
    found: DetectedFaces
    described: DescribedFaces


class OfflineStages:
    """Detection and attributes of one model for one stream.

    :param model: its name.
    :param settings: thresholds and rates.
    :param on_jump: told by how many seconds the stamps jumped, where another stream begins.
    """

    def __init__(
        self,
        model: str,
        settings: ReplaySettings,
        on_jump: Callable[[float], object] = lambda _: None,
    ) -> None:
        """Load the networks."""
        loaded = pipeline.load_model(model, pipeline.settings_of(model, settings.model))
        self.model = loaded.name
        self._detection = DetectionStage(
            loaded.detector,
            Tracker(settings.tracking.track_timeout, deterministic=True),
            on_jump=on_jump,
        )
        self._detection.follower.long_search_ms = 0.0
        self._detection.change(
            DetectSettings(settings.model.search(loaded.detector.name), settings.tracking)
        )
        self._attributes = AttributesStage(loaded)
        self._attributes.change(
            DescribeSettings(settings.model, settings.traits, settings.emotions)
        )
        self._processed = 0

    def __call__(self, frame: BagFrame, describe: bool = True) -> Answer:
        """Return what is found in the next frame, which must have a picture.

        :param describe: False: only the faces are looked for, as where the second stage dropped
            the frame.
        """
        assert frame.image is not None
        begin = time.monotonic() - frame.decode_ms * 1e-3
        self._processed += 1
        counts = Counts(frame.number + 1, self._processed, frame.number + 1 - self._processed)
        timing = FrameTiming(
            frame.recorded_ns, frame.recorded_ns * 1e-9, counts=counts, stream=STREAM
        )
        found = self._detection(Frame(frame.header, frame.stamp_ns, frame.image, timing))
        described = self._attributes(found) if describe else _undescribed(found, self.model)
        return Answer(
            frame, advanced(found, received_at=begin), advanced(described, received_at=begin)
        )


def _undescribed(found: DetectedFaces, model: str) -> DescribedFaces:
    return DescribedFaces(found.header, found.stamp_ns, found.size, model, (), found.timing)
