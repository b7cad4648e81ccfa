# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes' stages driven frame by frame: every frame, in order, whatever the machine's speed.

The stages are those of the nodes (``stream/stages.py``) without their mailboxes. Ids count from 1.
Nothing that the nodes let the machine's speed decide is left to it: every search is waited for,
and traits have no budget of computing time
(``trait_budget_ms`` 0): they are refreshed ``trait_rate`` times a second, and each face's emotion
is computed in every frame. So the same frames give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from face_affect_ros.model import Model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DescribeSettings
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.stages import DetectSettings
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.tracking.settings import EmotionSettings
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.settings import TraitSettings
from face_affect_ros.tracking.tracker import Tracker


@dataclass(frozen=True)
class ReplaySettings:
    """How recorded frames are worked on.

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


class ReplayStages:
    """Detection and attributes of one model for one stream.

    :param model: the loaded model.
    :param settings: thresholds and rates.
    :param on_jump: told by how many seconds the stamps jumped, where another stream begins.
    """

    def __init__(
        self,
        model: Model,
        settings: ReplaySettings,
        on_jump: Callable[[float], object] = lambda _: None,
    ) -> None:
        """Begin without a face."""
        self._detection = DetectionStage(
            model.detector,
            Tracker(settings.tracking.track_timeout, deterministic=True),
            on_jump=on_jump,
        )
        self._detection.change(
            DetectSettings(settings.model.search(model.detector.name), settings.tracking)
        )
        self._attributes = AttributesStage(model)
        self._attributes.change(
            DescribeSettings(settings.model, settings.traits, settings.emotions)
        )

    def detect(self, frame: Frame) -> DetectedFaces:
        """Return the faces of the next frame."""
        return self._detection(frame)

    def describe(self, found: DetectedFaces) -> DescribedFaces:
        """Return the same faces, described."""
        return self._attributes(found)
