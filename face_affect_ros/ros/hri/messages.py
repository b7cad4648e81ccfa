# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces as messages of ``hri_msgs`` (2.0 to 2.3), and the topics of one face."""

from __future__ import annotations

import importlib
import math
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import Image

from face_affect_ros import crops
from face_affect_ros.faces import Age
from face_affect_ros.faces import Face
from face_affect_ros.image_messages import convert
from face_affect_ros.ros import qos

CROP_SIZE = 128
"""Sides of ``cropped`` and ``aligned`` in pixels: the default of REP-155."""

EXPRESSIONS = {'disgust': 'disgusted', 'fear': 'scared', 'surprise': 'surprised'}
"""Emotions that ``hri_msgs/Expression`` has another word for."""

LANDMARKS = ('RIGHT_PUPIL', 'LEFT_PUPIL', 'NOSE', 'MOUTH_OUTER_RIGHT', 'MOUTH_OUTER_LEFT')
"""Constants of ``hri_msgs/FacialLandmarks`` in the order of ``faces.LANDMARKS``."""

ALL_LANDMARKS = 70

PIXELS = ('cropped', 'aligned')
"""Topics with pictures of a face."""


class FaceTopics:
    """The topics of one face, each reliable and with the last message alone.

    :param topics: message types by the last part of the topic.
    """

    def __init__(self, node: Node, prefix: str, topics: Mapping[str, type]) -> None:
        self.seen_at = time.monotonic()
        self._node = node
        self._publishers = {
            name: node.create_publisher(
                kind, f'{prefix}/{name}', qos.newest('reliable'), **qos.without_events()
            )
            for name, kind in topics.items()
        }

    def is_wanted(self, name: str | None = None) -> bool:
        """Return whether somebody subscribes to a topic, or to any."""
        publishers = self._publishers
        if name is not None:
            return name in publishers and publishers[name].get_subscription_count() > 0
        return any(publisher.get_subscription_count() > 0 for publisher in publishers.values())

    def publish(self, name: str, make: Callable[[], Any]) -> None:
        """Publish a message where somebody subscribes; None: there is nothing to say."""
        if self.is_wanted(name):
            message = make()
            if message is not None:
                self._publishers[name].publish(message)

    def close(self) -> None:
        """Remove the topics."""
        for publisher in self._publishers.values():
            self._node.destroy_publisher(publisher)


class HriMessages:
    """Makes the messages of ``hri_msgs``; what is not given is NaN or empty, never a guess."""

    def __init__(self) -> None:
        self.types = importlib.import_module('hri_msgs.msg')

    def ids(self, header: Any, ids: Iterable[str]) -> Any:
        """Return the list of tracked faces."""
        return self.types.IdsList(header=header, ids=list(ids))

    def roi(self, header: Any, face: Face, size: tuple[int, int]) -> Any:
        """Return a face's box, cut off at the borders of the picture."""
        box, (width, height) = face.box, size
        return self.types.NormalizedRegionOfInterest2D(
            header=header,
            xmin=_within(box.x / width),
            ymin=_within(box.y / height),
            xmax=_within(box.right / width),
            ymax=_within(box.bottom / height),
            c=face.confidence,
        )

    def landmarks(self, header: Any, face: Face, size: tuple[int, int]) -> Any:
        """Return the five landmarks that are known; None: none is.

        Places that are not known, or beyond the picture, have 0 for x, y and confidence.
        """
        if not face.landmarks:
            return None
        kind, point = self.types.FacialLandmarks, self.types.NormalizedPointOfInterest2D
        points = [point() for _ in range(ALL_LANDMARKS)]
        for name, (x, y) in zip(LANDMARKS, face.landmarks):
            if 0 <= x <= size[0] and 0 <= y <= size[1]:
                points[getattr(kind, name)] = point(
                    x=x / size[0], y=y / size[1], c=face.confidence
                )
        return kind(header=header, landmarks=points, width=size[0], height=size[1])

    def soft_biometrics(self, header: Any, face: Face) -> Any:
        """Return age and gender; None: neither is given. One that is not has confidence 0."""
        if face.age is None and face.gender is None:
            return None
        message = self.types.SoftBiometrics(header=header)
        if face.age is not None:
            message.age = round(_years(face.age))
            message.age_confidence = face.age.scores[face.age.range]
        genders = {'female': message.FEMALE, 'male': message.MALE}
        if face.gender is not None and face.gender.label in genders:
            message.gender = genders[face.gender.label]
            message.gender_confidence = face.gender.confidence
        return message

    def expression(self, header: Any, face: Face) -> Any:
        """Return the emotion; None: not given, or left open. Valence and arousal are NaN."""
        emotion = face.emotion
        if emotion is None or emotion.label not in emotion.scores:
            return None
        return self.types.Expression(
            header=header,
            expression=EXPRESSIONS.get(emotion.label, emotion.label),
            confidence=emotion.confidence,
            valence=math.nan,
            arousal=math.nan,
        )

    def told(self) -> dict[str, type]:
        """Return the topics of what is told of a face."""
        return {
            'softbiometrics': self.types.SoftBiometrics,
            'expression': self.types.Expression,
        }

    def seen(self) -> dict[str, type]:
        """Return the topics of where a face is."""
        return {
            'roi': self.types.NormalizedRegionOfInterest2D,
            'landmarks': self.types.FacialLandmarks,
            **{name: Image for name in PIXELS},
        }

    def publish_told(self, topics: FaceTopics, header: Any, face: Face) -> None:
        """Publish what is told of a face."""
        topics.publish('softbiometrics', lambda: self.soft_biometrics(header, face))
        topics.publish('expression', lambda: self.expression(header, face))

    def cropped(
        self, header: Any, face: Face, context: crops.ContextCrop, size: tuple[int, int]
    ) -> Image:
        """Return the picture of a face, scaled to fit and centred on black."""
        pixels = crops.cut_padded(context, np.array([*face.box]), size, CROP_SIZE)
        return convert.to_image_message(pixels, header)

    def aligned(self, header: Any, face: Face, context: crops.ContextCrop) -> Image | None:
        """Return the picture of a face turned upright; None: it has no landmarks."""
        if not face.landmarks:
            return None
        square = crops.square_of_landmarks(np.array(face.landmarks))
        return convert.to_image_message(crops.cut_face(context, square, CROP_SIZE), header)


def _years(age: Age) -> float:
    """Return an age in years; of one that is known as a range alone, the middle of that."""
    if math.isfinite(age.years):
        return age.years
    first, last = map(int, age.range.split('-'))
    return (first + last) / 2


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)
