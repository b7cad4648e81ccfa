# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node ``attributes``: describes the faces that ``detection`` found, and answers requests.

Threading: callbacks (here those of the links) only store and wake; the stage's one worker thread
describes, publishes and draws. The service has threads of its own (service.py).
Transitions, watch timer and parameters share the default callback group.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from face_affect_ros import drawing
from face_affect_ros import pipeline
from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.parameter import given
from face_affect_ros.quoting import quoted
from face_affect_ros.ros import hri
from face_affect_ros.ros import messages
from face_affect_ros.ros import privacy
from face_affect_ros.ros.annotated_topics import AnnotatedTopics
from face_affect_ros.ros.diagnostics import Report
from face_affect_ros.ros.diagnostics import engine_values
from face_affect_ros.ros.diagnostics import values_of
from face_affect_ros.ros.links import Source
from face_affect_ros.ros.links import TopicSource
from face_affect_ros.ros.network_node import NetworkNode
from face_affect_ros.ros.pause import EnableService
from face_affect_ros.ros.service import ClassifyService
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.health import of_stage
from face_affect_ros.stream.recent import RecentFrames
from face_affect_ros.stream.recent_values import RecentValues
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DescribeSettings
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.tracking.settings import EmotionSettings
from face_affect_ros.tracking.settings import TraitSettings

Viewer = Callable[[np.ndarray, Sequence[Face], int], None]
"""Shows a frame with its faces and its stamp in nanoseconds, beside the topics."""


class AttributesNode(NetworkNode[AttributesStage]):
    """Faces to described faces, on the topic ``attributes`` and as answers of ``classify_image``.

    The picture with the faces drawn in (``annotated``) is made here, from the frame that came with
    the faces; in a process of its own the node takes ``frames`` for it, only while it is watched.

    :param faces: where faces come from; None: the topic ``face_crops``.
    :param cli_args: ROS arguments of this node alone.
    :param engines: loads networks.
    """

    def __init__(
        self,
        faces: Source[DetectedFaces] | None = None,
        cli_args: list[str] | None = None,
        engines: pipeline.EngineLoader = pipeline.load_engine,
    ) -> None:
        """Create the node, unconfigured; the service is there at once."""
        super().__init__('attributes', cli_args)
        self._engines = engines
        self._link: Source[DetectedFaces] = faces or TopicSource(
            self, 'face_crops', FaceDetectionArray, messages.detected_from_message
        )
        self._source: Source[Any] = self._link
        self._hri: hri.Faces = hri.NoFaces()
        self._frames: Source[Frame] | None = (
            None
            if faces
            else TopicSource(self, 'frames', CameraFrame, messages.frame_from_message)
        )
        self.service = ClassifyService(
            self,
            self._active_model,
            self.refresh_inputs,
            lambda: self._source.last_received_at(),
            lambda: self._fault() if self._frames else '',
            lambda: self.parameters['max_pixels'],
            lambda described: privacy.redacted(described, self.parameters),
        )
        self.stage: Stage[DetectedFaces, DescribedFaces] = Stage(
            'attributes',
            self._describe,
            (self.service.put, self._publish, self._publish_humans, self._publish_annotated),
            self.failures.add,
        )
        self._mismatch = ''
        self._publisher: Any = None
        self._annotated = AnnotatedTopics(self)
        self.viewer: Viewer | None = None
        self._recent = RecentFrames()
        self._faces_described = RecentValues()
        self._enable = EnableService(self, self.set_enabled)
        self._disclosure = privacy.Disclosure(self)

    def load(self, model: str, settings: ModelSettings) -> AttributesStage:
        """Load the networks."""
        loaded = pipeline.load_model(model, settings, self._engines)
        self.get_logger().info(pipeline.summary_of_networks(model, settings))
        return AttributesStage(loaded)

    def configure(self) -> None:
        """Load the networks and create the topics."""
        privacy.check_in_one_process(self.parameters, self._frames is not None)
        super().configure()
        self._hri = hri.create(self, self.log, self.failures, self.parameters)
        takes_others = self.parameters['faces_from'] == 'hri'
        self._disclosure.tell(self.parameters['disclosure'])
        self._source = self._hri if takes_others else self._link  # type: ignore[assignment]
        self._publisher = self.create_output(FaceAttributesArray, 'attributes')
        if self.parameters['annotate'] and not privacy.is_strict(self.parameters):
            self._annotated.advertise()

    def activate(self) -> None:
        """Start with no result and no track."""
        self._mismatch = ''
        self.service.start()
        super().activate()
        self.stage.start()
        self._hri.start()

    def parameters_changed(self, names: set[str]) -> None:
        """Take new values into use, from the next picture on."""
        super().parameters_changed(names)
        if 'disclosure' in names and self.configured:
            self._disclosure.tell(self.parameters['disclosure'])

    def deactivate(self) -> None:
        """Let go of the inputs, stop, and answer who waits."""
        self._source.close(self.stage.put)
        self._take_frames(False)
        self.service.stop()
        self.stage.stop()
        self._hri.stop()

    def clean_up(self) -> None:
        """Let go of the networks and remove the topics."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self.destroy_publisher(publisher)
        self._annotated.unadvertise()
        super().clean_up()

    def update_inputs(self) -> None:
        """Take faces only while somebody wants them described."""
        self._hri.watch(self.refresh_inputs)
        watched = self.enabled and self._is_watched()
        subscribed = watched or self._publisher.get_subscription_count() > 0 or self._hri.wanted()
        if self.enabled and (subscribed or self.service.wants_stream()):
            self._source.open(self.stage.put)
        else:
            self._source.close(self.stage.put)
        self._take_frames(watched and self._source is self._link)

    def forget_newest(self) -> None:
        """Drop the faces that wait, and what the service would answer with."""
        super().forget_newest()
        self.service.forget()
        self._hri.clear()

    def set_enabled(self, enabled: bool) -> None:
        """Go on, or rest and tell who waits for an answer."""
        super().set_enabled(enabled)
        if not enabled:
            self.service.stop()

    def report(self) -> Report:
        """Return figures of the stage."""
        stats = self.stage.counters.stats()
        health = of_stage(stats)
        return Report(
            self.failures.recent() or self._mismatch or self._hri.warning() or health.warning,
            {
                **values_of(stats),
                'faces per second': f'{self._faces_described.sum_rate():.1f}',
                'model': self.parameters['model'],
                **engine_values(model_settings(self.parameters)),
                'failures': self.failures.count,
            },
            self.stage.fault() or (self.active and self._fault()) or health.error,
        )

    def destroy_node(self) -> None:
        """End the service's threads and destroy the node."""
        self.service.close()
        super().destroy_node()

    def _fault(self) -> str:
        """Return what is wrong with the nodes that this one hears, or an empty text."""
        return self._source.fault() or (self._frames.fault() if self._frames else '')

    def _describe(self, found: DetectedFaces) -> DescribedFaces:
        """Describe the faces; the stage's work."""
        work = self.loaded()
        found = self._hri.detected(found, work.model)
        self._mismatch = self._mismatch_of(work.model, found.detections.detector)
        described = replace(work(found), contexts=found.contexts)
        described = privacy.redacted(described, self.parameters)
        self._faces_described.add(len(described.faces))
        return described

    def _mismatch_of(self, model: Model, detector: str) -> str:
        """Return a warning where ``detection`` uses another detector than this node's model."""
        if detector in ('', model.detector.name):  # faces of others have none
            return ''
        text = (
            f'faces are found by {quoted(detector)}, but model {model.name} of '
            f'{self.get_fully_qualified_name()} expects {model.detector.name!r}: give '
            'detection and attributes the same model and detector'
        )
        self.log.warning('mismatch', text)
        return text

    def tune(self, work: AttributesStage, settings: ModelSettings) -> None:
        """Give thresholds, the detector of sent pictures and the traits their parameters.

        What messages cannot carry is refused, also while running.
        """
        work.model.apply_settings(settings)
        messages.check_fields(work.model.reported_tasks)
        work.model.detector.settings = settings.search(work.model.detector.name)
        work.change(
            DescribeSettings(
                settings,
                TraitSettings(**given(TraitSettings, self.parameters)),
                EmotionSettings(**given(EmotionSettings, self.parameters)),
            )
        )

    def _active_model(self) -> Model | None:
        """Return the model while the node is active and enabled."""
        work = self.work
        return work.model if work is not None and self.active and self.enabled else None

    def _publish(self, described: DescribedFaces) -> None:
        publisher = self._publisher
        if publisher is not None and publisher.get_subscription_count() > 0:
            publisher.publish(messages.described_to_message(described))

    def _publish_humans(self, described: DescribedFaces) -> None:
        self._hri.publish(described)

    def _publish_annotated(self, described: DescribedFaces) -> None:
        """Draw and publish, from the frame of the same reception, while somebody watches."""
        if not self._is_watched():
            return
        image = described.image
        if image is None:
            image = self._recent.take(described.timing.received_ns)
        if image is None:
            return
        self._annotated.publish(lambda: drawing.annotate(image, described.faces), described.header)
        if self.viewer is not None:
            self.viewer(image, described.faces, described.stamp_ns)

    def _is_watched(self) -> bool:
        """Return whether somebody looks at the pictures."""
        return self._annotated.watched() or self.viewer is not None

    def _take_frames(self, wanted: bool) -> None:
        """Take the frames themselves where they do not come with the faces."""
        if self._frames is None:
            return
        if wanted:
            self._frames.open(self._recent.put)
        else:
            self._frames.close(self._recent.put)
            self._recent.clear()
