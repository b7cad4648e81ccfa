# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The faces of another detector of REP-155: its ``cropped`` pictures in, what is told of them out.

Threading: callbacks only store pictures and wake; the worker thread of the stage ``attributes``
unpacks them and publishes. A lock holds the faces together.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image

from face_affect_ros.faces import Detections
from face_affect_ros.image_messages import convert
from face_affect_ros.images import ImageError
from face_affect_ros.model import Model
from face_affect_ros.model import context_crops
from face_affect_ros.quoting import quoted
from face_affect_ros.ros import messages
from face_affect_ros.ros import qos
from face_affect_ros.ros.diagnostics import Failures
from face_affect_ros.ros.executor import FeedingGroup
from face_affect_ros.ros.hri.messages import FaceTopics
from face_affect_ros.ros.hri.messages import HriMessages
from face_affect_ros.ros.parameters import MAX_FACES
from face_affect_ros.ros.throttled_log import ThrottledLog
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import FrameTiming

START_S = 5.0
"""Seconds that the detector may take until it is there."""

IDENTIFIER = re.compile('[A-Za-z_][A-Za-z0-9_]{0,99}')
"""What a face may be called, so that it can be part of a topic's name."""


@dataclass(frozen=True)
class CroppedFaces:
    """Pictures of faces that were not described yet.

    :param pictures: the newest message of each face, by the face's number.
    """

    pictures: dict[int, Any]
    timing: FrameTiming


class _Reader:
    """A subscription that asks for reliability until a publisher does not offer it.

    :param take: called with each message.
    """

    def __init__(
        self, node: Node, kind: type, topic: str, take: Callable[[Any], None], group: Any
    ) -> None:
        self._node = node
        self._asked = kind, topic, take, group
        self._fits = True
        self._subscription = self._subscribe('reliable')

    def watch(self) -> None:
        """Ask for less where that did not fit."""
        if not self._fits:
            self._fits = True
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._subscribe('best_effort')

    def close(self) -> None:
        """Unsubscribe."""
        self._node.destroy_subscription(self._subscription)

    def _subscribe(self, reliability: str) -> Any:
        kind, topic, take, group = self._asked
        return self._node.create_subscription(
            kind,
            topic,
            take,
            qos.newest(reliability),
            callback_group=group,
            **qos.on_incompatible(self._note_misfit),
        )

    def _note_misfit(self, policy: str) -> None:
        self._fits = False


class _OtherFace:
    """One face: its number in the stream, its topics, and its pictures while they are wanted."""

    def __init__(self, number: int, topics: FaceTopics) -> None:
        self.number = number
        self.topics = topics
        self.reader: _Reader | None = None

    def stop_reading(self) -> None:
        """Take no more pictures."""
        reader, self.reader = self.reader, None
        if reader is not None:
            reader.close()

    def close(self) -> None:
        """Remove the topics too."""
        self.stop_reading()
        self.topics.close()


class OtherFaces:
    """Another detector's faces: a ``Source`` of their pictures, and what is told of them.

    Only ``softbiometrics`` and ``expression`` are published, never the list of tracked faces.

    :param node: subscribes and publishes.
    :param log: of the node.
    :param failures: of the node.
    :param namespace: ``/humans``, or another where two robots share a domain.
    """

    def __init__(self, node: Node, log: ThrottledLog, failures: Failures, namespace: str) -> None:
        self._node = node
        self._log = log
        self._failures = failures
        self._prefix = f'{namespace}/faces'
        self._make = HriMessages()
        self._lock = threading.RLock()
        self._group = FeedingGroup()
        self._tracked: _Reader | None = None
        self._faces: dict[str, _OtherFace] = {}
        self._numbered = 0
        self._consumer: Callable[[CroppedFaces], Any] | None = None
        self._waiting: dict[int, Any] = {}
        self._headers: dict[int, Any] = {}
        self._received = 0
        self._received_at: float | None = None
        self._began_at = time.monotonic()

    def start(self) -> None:
        """Listen to which faces are tracked."""
        self._began_at = time.monotonic()
        self._received, self._received_at = 0, None
        self._tracked = _Reader(
            self._node,
            self._make.types.IdsList,
            f'{self._prefix}/tracked',
            self._take_ids,
            self._group,
        )

    def stop(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._consumer = None
            for face in self._faces.values():
                face.close()
            self._faces, self._waiting, self._headers = {}, {}, {}
            tracked, self._tracked = self._tracked, None
        if tracked is not None:
            tracked.close()

    def clear(self) -> None:
        """Drop the pictures that wait."""
        with self._lock:
            self._waiting = {}

    def watch(self, on_match: Callable[[], None]) -> None:
        """Adapt to what publishers offer."""
        with self._lock:
            readers = [self._tracked, *(face.reader for face in self._faces.values())]
        for reader in readers:
            if reader is not None:
                reader.watch()

    def warning(self) -> str:
        """Return that no detector is there, or an empty text."""
        topic = f'{self._prefix}/tracked'
        if time.monotonic() - self._began_at < START_S or self._node.count_publishers(topic):
            return ''
        return (
            f'faces_from is hri, but no node publishes {topic}: start a face detector such as '
            'hri_face_detect, or set faces_from to own'
        )

    def fault(self) -> str:
        """Return what is wrong with the detector, or an empty text."""
        return self.warning()

    def last_received_at(self) -> float | None:
        """Return when the newest picture of a face came, steady clock, seconds."""
        return self._received_at

    def wanted(self) -> bool:
        """Return whether somebody subscribes to what is told of a face."""
        with self._lock:
            return any(face.topics.is_wanted() for face in self._faces.values())

    def open(self, consumer: Callable[[CroppedFaces], Any]) -> None:
        """Take the pictures of all tracked faces."""
        with self._lock:
            self._consumer = consumer
            for name, face in self._faces.items():
                self._read(name, face)

    def close(self, consumer: Callable[[CroppedFaces], Any]) -> None:
        """Take no more."""
        with self._lock:
            self._consumer = None
            self._waiting = {}
            for face in self._faces.values():
                face.stop_reading()

    def detected(self, cropped: CroppedFaces, model: Model) -> DetectedFaces:
        """Return the faces of pictures, a box around what is not black at the border of each."""
        with self._lock:
            for number, message in cropped.pictures.items():
                if self._waiting.get(number) is message:
                    del self._waiting[number]
        found = []
        for number, message in cropped.pictures.items():
            try:
                image = convert.to_bgr(message)
            except ImageError as error:
                self._failures.add('cropped face', error, 'it is left out')
                continue
            box = np.array([content_box(image)], np.float32)
            detections = model.align(image, box)
            found.append((number, message.header, image, detections))
        self._headers.update({number: header for number, header, *_ in found})
        newest = max(cropped.pictures.values(), key=lambda each: messages.stamp_ns_of(each.header))
        return DetectedFaces(
            newest.header,
            messages.stamp_ns_of(newest.header),
            (newest.width, newest.height),
            _together([number for number, *_ in found], [each for *_, each in found]),
            tuple(view for *_, image, each in found for view in context_crops(image, each)),
            cropped.timing,
        )

    def publish(self, described: DescribedFaces) -> None:
        """Publish what is told of faces, each with the header of its own picture."""
        with self._lock:
            topics = {face.number: face.topics for face in self._faces.values()}
            for face in described.faces:
                header = self._headers.get(face.track_id)
                if header is not None and face.track_id in topics:
                    self._make.publish_told(topics[face.track_id], header, face)

    def _take_ids(self, message: Any) -> None:
        """Follow the list of tracked faces."""
        named = [name for name in message.ids if IDENTIFIER.fullmatch(name)]
        odd = [name for name in message.ids if not IDENTIFIER.fullmatch(name)]
        if odd:
            self._log.warning(
                'face ids',
                f'a face is called {quoted(odd[0])} in {self._prefix}/tracked, which cannot be '
                'part of a topic: it is left out',
            )
        with self._lock:
            if self._tracked is None:
                return
            for name in [name for name in self._faces if name not in named]:
                face = self._faces.pop(name)
                self._waiting.pop(face.number, None)
                self._headers.pop(face.number, None)
                face.close()
            for name in dict.fromkeys(named):
                if name not in self._faces and len(self._faces) < MAX_FACES:
                    self._add(name)

    def _add(self, name: str) -> None:
        self._numbered += 1
        topics = FaceTopics(self._node, f'{self._prefix}/{name}', self._make.told())
        self._faces[name] = face = _OtherFace(self._numbered, topics)
        if self._consumer is not None:
            self._read(name, face)

    def _read(self, name: str, face: _OtherFace) -> None:
        if face.reader is None:
            face.reader = _Reader(
                self._node,
                Image,
                f'{self._prefix}/{name}/cropped',
                lambda message: self._take_picture(face.number, message),
                self._group,
            )

    def _take_picture(self, number: int, message: Any) -> None:
        """Store a picture and wake the stage, with all others that wait."""
        with self._lock:
            consumer = self._consumer
            if consumer is None:
                return
            self._received += 1
            timing = FrameTiming.begin(self._received)
            self._received_at = timing.received_at
            self._waiting[number] = message
            consumer(CroppedFaces(dict(self._waiting), timing))


def content_box(image: np.ndarray) -> tuple[int, int, int, int]:
    """Return x, y, width, height of what is not black at a picture's borders; all where it is.

    :param image: (H, W, 3) uint8 BGR.
    """
    lit = np.asarray(image.any(axis=2))
    columns, rows = np.flatnonzero(lit.any(axis=0)), np.flatnonzero(lit.any(axis=1))
    if not len(columns):
        return 0, 0, image.shape[1], image.shape[0]
    left, top = int(columns[0]), int(rows[0])
    return left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top


def _together(numbers: list[int], each: list[Detections]) -> Detections:
    """Return the faces of several pictures, each in the pixels of its own."""
    if not each:
        return Detections.empty()
    return Detections(
        np.concatenate([one.boxes for one in each]),
        np.concatenate([one.scores for one in each]),
        np.concatenate([one.landmarks for one in each]),
        numbers,  # type: ignore[arg-type]
    )
