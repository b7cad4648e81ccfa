# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera's topic: transport, reliability, and an explanation where nothing comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.ros import qos
from face_affect_ros.ros.executor import FeedingGroup

SILENCE_S = 5.0
"""Seconds without a frame after which the silence is explained."""

REPEAT_S = 30.0
"""Seconds after which it is explained again."""


@dataclass(frozen=True)
class Transport:
    """A kind of picture on the wire.

    :param message_type: of the topic.
    :param suffix: what the topic's name has behind the image's.
    """

    message_type: type
    suffix: str


TRANSPORTS = {
    'raw': Transport(Image, ''),
    'compressed': Transport(CompressedImage, '/compressed'),
}


class ImageInput:
    """A subscription to a camera that exists only while it is open.

    Messages are handed on serialised: one that a newer replaces is never unpacked.

    :param node: subscribes and logs.
    :param parameters: ``image_topic``, ``image_transport`` and ``image_reliability``.
    :param take: called with each serialised message; stores it and returns.
    """

    def __init__(self, node: Node, parameters: Mapping[str, Any],
                 take: Callable[[bytes], None]) -> None:
        """Begin closed."""
        self._node = node
        self._parameters = parameters
        self._hand_on = take
        self._group = FeedingGroup()
        self._subscription: Any = None
        self._wanted: tuple[str, str, str] | None = None
        self._heard_at = 0.0
        self._explained_at = 0.0

    @property
    def transport(self) -> Transport:
        """The kind of picture that is asked for."""
        return TRANSPORTS[self._parameters['image_transport']]

    @property
    def topic(self) -> str:
        """The topic's full name: ``image_topic`` if set, else ``image`` as remapped."""
        name = self._parameters['image_topic'] or 'image'
        return self._node.resolve_topic_name(name) + self.transport.suffix

    @property
    def is_open(self) -> bool:
        """Whether the subscription exists."""
        return self._subscription is not None

    @property
    def reliability(self) -> str:
        """What the subscription asks for, or an empty text where there is none."""
        return self._wanted[2] if self._wanted else ''

    @property
    def silent_s(self) -> float:
        """Seconds since a frame came or the subscription began; 0 where there is none."""
        return time.monotonic() - self._heard_at if self.is_open else 0.0

    def open(self) -> None:
        """Subscribe; where that is done already, see whether publishers ask for another QoS."""
        wanted = (self.topic, self._parameters['image_transport'], self._reliability())
        if wanted == self._wanted:
            return
        self.close()
        self._wanted = wanted
        self._heard_at = time.monotonic()
        self._explained_at = 0.0
        self._subscription = self._node.create_subscription(
            self.transport.message_type, wanted[0], self._take, qos.newest(wanted[2]),
            raw=True, callback_group=self._group, **qos.on_incompatible(self._warn_incompatible))

    def close(self) -> None:
        """Unsubscribe."""
        self._wanted = None
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._node.destroy_subscription(subscription)

    def explain_silence(self) -> None:
        """Warn where no frame came for a while: name the topics that there are instead."""
        now = time.monotonic()
        if self.silent_s < SILENCE_S or now - self._explained_at < REPEAT_S:
            return
        self._explained_at = now
        self._node.get_logger().warning(
            f'no image on {self.topic} for {self.silent_s:.0f} s: {self._reason()}')

    def _reason(self) -> str:
        """Return what is known of why nothing comes, and what to do."""
        count = self._node.count_publishers(self.topic)
        if count:
            return (f'it has {count} publisher{"s" if count > 1 else ""} that sent nothing that '
                    'arrived; is the camera on, does its QoS fit (ros2 topic info --verbose)?')
        topics = [topic for topic in self._image_topics() if topic != self.topic]
        kind = self.transport.message_type.__name__
        if not topics:
            return (f'it has no publisher, and no topic of type sensor_msgs/msg/{kind} has one; '
                    'is the camera running, on this ROS_DOMAIN_ID?')
        return (f'it has no publisher; topics of type sensor_msgs/msg/{kind} that have one: '
                f'{", ".join(topics)}; set image_topic to the one you mean')

    def _image_topics(self) -> list[str]:
        name = f'sensor_msgs/msg/{self.transport.message_type.__name__}'
        own = self._node.resolve_topic_name('annotated')
        return [topic for topic, types in self._node.get_topic_names_and_types()
                if name in types and topic != own and self._node.count_publishers(topic)]

    def _reliability(self) -> str:
        asked = self._parameters['image_reliability']
        return qos.offered_reliability(self._node, self.topic) if asked == 'auto' else asked

    def _take(self, message: bytes) -> None:
        self._heard_at = time.monotonic()
        self._hand_on(message)

    def _warn_incompatible(self, policy: str) -> None:
        self._node.get_logger().warning(
            f'a publisher of {self.topic} offers a {policy} that does not fit what is asked for '
            f'({self.reliability}): nothing comes from it; set image_reliability to best_effort')
