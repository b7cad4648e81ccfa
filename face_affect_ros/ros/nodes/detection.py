# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node ``detection``: finds and tracks the faces of the newest frame.

Threading: callbacks (here those of the link from ``camera``) only store and wake; the stage's one
worker thread detects, tracks, cuts the context crops, publishes and hands on. Transitions, watch
timer and parameters share the default callback group.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from face_affect_ros import pipeline
from face_affect_ros.detection.face_following import LONG_SEARCH_MS
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.parameter import given
from face_affect_ros.ros import messages
from face_affect_ros.ros import pause
from face_affect_ros.ros import privacy
from face_affect_ros.ros.diagnostics import Report
from face_affect_ros.ros.diagnostics import engine_values
from face_affect_ros.ros.diagnostics import values_of
from face_affect_ros.ros.links import LinkPublisher
from face_affect_ros.ros.links import Source
from face_affect_ros.ros.links import TopicSource
from face_affect_ros.ros.network_node import NetworkNode
from face_affect_ros.ros.vision_detections import VisionDetections
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.health import of_stage
from face_affect_ros.stream.recent_values import RecentValues
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.stages import DetectSettings
from face_affect_ros.stream.stages import told_of_jump
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.tracking.settings import TrackingSettings
from face_affect_ros.tracking.tracker import Tracker

USUAL_FRAME = np.zeros((480, 640, 3), np.uint8)
"""Searched once when the detector is loaded: a process's first search takes several times as long
as the next ones, for which the first frame would have to wait."""


class DetectionNode(NetworkNode[DetectionStage]):
    """Frames to faces: on the topic ``faces``, and with crops for the next stage.

    :param frames: where frames come from; None: the topic ``frames``.
    :param cli_args: ROS arguments of this node alone.
    :param engines: loads networks.
    """

    def __init__(
        self,
        frames: Source[Frame] | None = None,
        cli_args: list[str] | None = None,
        engines: pipeline.EngineLoader = pipeline.load_engine,
    ) -> None:
        super().__init__('detection', cli_args)
        self._engines = engines
        self._is_apart = frames is None
        self._source: Source[Frame] = frames or TopicSource(
            self, 'frames', CameraFrame, messages.frame_from_message
        )
        self.faces: LinkPublisher[DetectedFaces] = LinkPublisher(
            'face_crops',
            FaceDetectionArray,
            lambda found: messages.detected_to_message(found, with_crops=True),
            self._source.last_received_at,
            lambda: self.stage.fault(),
        )
        self.faces.on_demand = self.refresh_inputs
        self.stage: Stage[Frame, DetectedFaces] = Stage(
            'detection',
            self._detect,
            (self._publish, self._publish_detections, self.faces.send),
            self.failures.add,
        )
        self._detections = VisionDetections(self)
        self._left_out = 0
        self._publisher: Any = None
        self._faces_found = RecentValues()
        pause.follow(self, self.set_enabled)

    def load(self, model: str, settings: ModelSettings) -> DetectionStage:
        """Load the detector."""
        detector = pipeline.load_detector(model, settings, self._engines)
        detector.detect(USUAL_FRAME)
        work = DetectionStage(
            detector,
            on_jump=self._warn_of_jump,
            long_search_ms=0.0 if self.parameters['deterministic_ids'] else LONG_SEARCH_MS,
        )
        self.get_logger().info(pipeline.summary_of_detector(model, settings))
        return work

    def configure(self) -> None:
        """Load the detector and create the topics."""
        privacy.check_in_one_process(self.parameters, self._is_apart)
        super().configure()
        self._publisher = self.create_output(FaceDetectionArray, 'faces')
        self._detections.advertise()
        if not privacy.is_strict(self.parameters):
            self.faces.advertise(self)

    def activate(self) -> None:
        """Start with no face known and ids of their own."""
        super().activate()
        self.loaded().tracker = Tracker(
            self.parameters['track_timeout'],
            self.parameters['deterministic_ids'],
            privacy.id_lifetime_s(self.parameters),
        )
        self.stage.start()

    def deactivate(self) -> None:
        """Let go of the frames and stop."""
        self._source.close(self.stage.put)
        self.stage.stop()

    def clean_up(self) -> None:
        """Let go of the networks and remove the topics."""
        self.faces.unadvertise(self)
        self._detections.unadvertise()
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self.destroy_publisher(publisher)
        super().clean_up()

    def update_inputs(self) -> None:
        """Take frames only while somebody wants faces."""
        self.faces.assert_alive()
        wanted = (
            self.faces.wanted()
            or self._publisher.get_subscription_count() > 0
            or self._detections.wanted()
        )
        if self.enabled and wanted:
            self._source.open(self.stage.put)
        else:
            self._source.close(self.stage.put)

    def report(self) -> Report:
        """Return figures of the stage."""
        stats = self.stage.counters.stats()
        health = of_stage(stats)
        return Report(
            self.failures.recent() or health.warning,
            {
                **values_of(stats),
                'faces per second': f'{self._faces_found.sum_rate():.1f}',
                'model': self.parameters['model'],
                **engine_values(model_settings(self.parameters)),
                'faces left out': self._left_out,
                'failures': self.failures.count,
            },
            self.stage.fault() or (self.active and self._source.fault()) or health.error,
        )

    def tune(self, work: DetectionStage, settings: ModelSettings) -> None:
        """Give search and tracking their parameters."""
        work.change(
            DetectSettings(
                settings.search(work.follower.detector.name),
                TrackingSettings(**given(TrackingSettings, self.parameters)),
            )
        )

    def _detect(self, frame: Frame) -> DetectedFaces:
        found = self.loaded()(frame)
        self._left_out = found.detections.left_out
        self._faces_found.add(len(found.contexts))
        return found

    def _warn_of_jump(self, jump_s: float) -> None:
        self.log.warning('stamps', told_of_jump(jump_s))

    def _publish(self, found: DetectedFaces) -> None:
        publisher = self._publisher
        if publisher is not None and publisher.get_subscription_count() > 0:
            publisher.publish(messages.detected_to_message(found))

    def _publish_detections(self, found: DetectedFaces) -> None:
        self._detections.publish(found)
