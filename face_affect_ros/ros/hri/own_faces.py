# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The faces that ``detection`` found, as REP-155 wants them.

Threading: frames come on the worker thread of the stage ``attributes``, where topics of new faces
are made; the graph is looked at on another thread. A lock holds the faces together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from std_msgs.msg import Header

from face_affect_ros import crops
from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.ros import qos
from face_affect_ros.ros.hri.face_frames import FaceFrames
from face_affect_ros.ros.hri.messages import PIXELS
from face_affect_ros.ros.hri.messages import FaceTopics
from face_affect_ros.ros.hri.messages import HriMessages
from face_affect_ros.ros.throttled_log import ThrottledLog
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces

LOST_S = 0.5
"""Seconds for which a face that frames do not show stays in the list of tracked faces."""

SILENCE_S = 2.0
"""Seconds without a frame after which no face counts as tracked."""


class OwnFaces:
    """Publishes the faces of ``detection``.

    It keeps out of the way of another detector: as long as somebody else publishes the list of
    tracked faces, it does not begin.

    :param node: publishes.
    :param log: of the node.
    :param namespace: ``/humans``, or another where two robots share a domain.
    :param frames: broadcasts where heads are.
    :param pixels: whether pictures of faces may be published.
    """

    def __init__(
        self,
        node: Node,
        log: ThrottledLog,
        namespace: str,
        frames: FaceFrames,
        pixels: bool = True,
    ) -> None:
        self._node = node
        self._log = log
        self._prefix = f'{namespace}/faces'
        self._frames = frames
        self._make = HriMessages()
        without = () if pixels else PIXELS
        topics = {**self._make.seen(), **self._make.told()}
        self._topics = {name: kind for name, kind in topics.items() if name not in without}
        self._lock = threading.RLock()
        self._tracked: Any = None
        self._faces: dict[int, FaceTopics] = {}
        self._frame_at = 0.0
        self._others: list[str] = []

    def start(self) -> None:
        """Look for the camera's calibration; the list of faces begins with the first look."""
        self._frames.start()

    def detected(self, item: DetectedFaces, model: Model) -> DetectedFaces:
        """Return the faces as ``detection`` found them."""
        return item

    def wanted(self) -> bool:
        """Return whether somebody subscribes to any of the topics."""
        with self._lock:
            return (
                self._tracked is not None and self._tracked.get_subscription_count() > 0
            ) or any(topics.is_wanted() for topics in self._faces.values())

    def watch(self, on_match: Callable[[], None]) -> None:
        """Begin where nobody else publishes tracked faces; end them where no frame comes."""
        topic = f'{self._prefix}/tracked'
        with self._lock:
            own = 0 if self._tracked is None else 1
            there = self._node.get_publishers_info_by_topic(topic)
            self._others = qos.names_of(there)[:3] if len(there) > own else []
            if self._tracked is None and not there:
                self._tracked = self._node.create_publisher(
                    self._make.types.IdsList,
                    topic,
                    qos.newest('reliable'),
                    **qos.on_match(on_match),
                )
            if self._faces and time.monotonic() - self._frame_at > SILENCE_S:
                self.clear()
        self._frames.watch()
        if self.warning():
            self._log.warning('REP-155', self.warning())

    def warning(self) -> str:
        """Return that another node tracks faces too, or an empty text."""
        if not self._others:
            return ''
        mixed = 'two lists mix' if self._tracked is not None else 'ours are not published there'
        return (
            f'{", ".join(self._others)} publishes {self._prefix}/tracked ({mixed}): set '
            'faces_from to hri to describe its faces, or humans_namespace to another name'
        )

    def publish(self, described: DescribedFaces) -> None:
        """Publish the faces of a frame."""
        with self._lock:
            if self._tracked is None:
                return
            header, now = described.header, time.monotonic()
            self._frame_at = now
            faces = [face for face in described.faces if face.track_id]
            for face in faces:
                self._of(face.track_id).seen_at = now
            for number in [*self._faces]:
                if now - self._faces[number].seen_at > LOST_S:
                    self._faces.pop(number).close()
            self._tracked.publish(self._make.ids(header, map(identifier, self._faces)))
            contexts = described.contexts or (None,) * len(described.faces)
            for face, context in zip(described.faces, contexts):
                if face.track_id:
                    self._publish_face(described, face, context)
        for face in faces:
            self._frames.publish(header, identifier(face.track_id), face, described.size)

    def clear(self) -> None:
        """End all faces, and say so."""
        with self._lock:
            for topics in self._faces.values():
                topics.close()
            if self._faces and self._tracked is not None:
                header = Header(stamp=self._node.get_clock().now().to_msg())
                self._tracked.publish(self._make.ids(header, ()))
            self._faces = {}

    def stop(self) -> None:
        """End all faces and remove the topics."""
        with self._lock:
            self.clear()
            publisher, self._tracked = self._tracked, None
            if publisher is not None:
                self._node.destroy_publisher(publisher)
        self._frames.stop()

    def _of(self, number: int) -> FaceTopics:
        """Return the topics of a face, made where it is new."""
        if number not in self._faces:
            prefix = f'{self._prefix}/{identifier(number)}'
            self._faces[number] = FaceTopics(self._node, prefix, self._topics)
        return self._faces[number]

    def _publish_face(
        self, described: DescribedFaces, face: Face, context: crops.ContextCrop | None
    ) -> None:
        make, header, size = self._make, described.header, described.size
        topics = self._faces[face.track_id]
        topics.publish('roi', lambda: make.roi(header, face, size))
        topics.publish('landmarks', lambda: make.landmarks(header, face, size))
        make.publish_told(topics, header, face)
        if context is not None:
            topics.publish('cropped', lambda: make.cropped(header, face, context, size))
            topics.publish('aligned', lambda: make.aligned(header, face, context))


def identifier(number: int) -> str:
    """Return what a face with a track id is called under ``/humans/faces``."""
    return f'f{number}'
