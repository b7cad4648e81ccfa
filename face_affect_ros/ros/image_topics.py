# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Topics of pictures: which one to subscribe to, and how they are named to users."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.ros import qos
from face_affect_ros.ros.topic_names import OURS

MOST_NAMED = 2
"""Topics named at most."""

LONGEST_NAME = 50
"""Characters of a name, at most."""


@dataclass(frozen=True)
class ImageKind:
    """A kind of picture on the wire.

    :param message_type: of the topic.
    :param suffix: what the topic's name usually has behind the image's.
    """

    message_type: type
    suffix: str

    @property
    def type_name(self) -> str:
        """The type as the graph names it."""
        return f'sensor_msgs/msg/{self.message_type.__name__}'


KINDS = {
    'raw': ImageKind(Image, ''),
    'compressed': ImageKind(CompressedImage, '/compressed'),
}
"""Kinds by the value of ``image_transport``."""


@dataclass(frozen=True)
class Choice:
    """What to ask for.

    :param topic: full name.
    :param kind: ``raw`` or ``compressed``.
    """

    topic: str
    kind: str
    reliability: str
    durability: str

    @property
    def qos(self) -> str:
        """The QoS in words."""
        return f'{self.reliability}, {self.durability}'.replace('_', ' ')


def choose(
    node: Node, parameters: Mapping[str, Any], in_use: str = ''
) -> tuple[Choice, list[str]]:
    """Return what to subscribe to as the graph is now, and the nodes that publish it.

    :param parameters: ``image_topic``, ``image_topic_alternative``, ``image_transport`` and
        ``image_reliability``.
    :param in_use: the topic that is subscribed to, which goes before others.
    """
    kind = parameters['image_transport']
    names = (parameters['image_topic'] or 'image', parameters['image_topic_alternative'])
    topics = [_full_name(node, name, kind) for name in names if name]
    ordered = sorted(topics, key=lambda topic: topic != in_use)
    topic = next((each for each in ordered if _publishers(node, each, kind)), topics[0])
    return fitting(node, topic, kind, parameters['image_reliability'])


def fitting(node: Node, topic: str, kind: str, reliability: str) -> tuple[Choice, list[str]]:
    """Return what to ask of a topic's publishers, and their nodes.

    :param topic: full name.
    :param reliability: ``auto``, ``reliable`` or ``best_effort``.
    """
    publishers = _publishers(node, topic, kind)
    asked = qos.fitting([each.qos_profile for each in publishers], reliability)
    return Choice(topic, kind, *asked), qos.names_of(publishers)


def kind_of(type_name: str) -> str:
    """Return the kind of a type, or an empty text."""
    return next((name for name, kind in KINDS.items() if kind.type_name == type_name), '')


def published(node: Node) -> dict[str, str]:
    """Return the topics of pictures that have a publisher, with their kind.

    The nodes' own pictures, with the faces drawn in, are left out.
    """
    own = {node.resolve_topic_name(name) for name in OURS}
    return {
        topic: kind_of(name)
        for topic, names in node.get_topic_names_and_types()
        for name in names
        if kind_of(name) and topic not in own and node.count_publishers(topic)
    }


def listed(names: Iterable[str]) -> str:
    """Return the first few names, long ones cut, and how many there are besides."""
    names = list(names)
    text = ', '.join(shortened(name) for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f'{text} and {more} more' if more > 0 else text


def shortened(name: str) -> str:
    """Return a name, its beginning cut off where it is long."""
    return name if len(name) <= LONGEST_NAME else f'...{name[3 - LONGEST_NAME :]}'


def _full_name(node: Node, name: str, kind: str) -> str:
    """Return a name as ROS resolves it, with its kind's suffix unless it is such a topic."""
    topic = node.resolve_topic_name(name)
    suffix = KINDS[kind].suffix
    if topic.endswith(suffix) or _publishers(node, topic, kind):
        return topic
    return topic + suffix


def _publishers(node: Node, topic: str, kind: str) -> list[Any]:
    """Return who publishes pictures of a kind."""
    return [
        info
        for info in node.get_publishers_info_by_topic(topic)
        if kind_of(info.topic_type) == kind
    ]
