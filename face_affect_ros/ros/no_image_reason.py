# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why a subscription to a camera gets nothing, as far as the graph tells, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from collections.abc import Iterable
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSCompatibility
from rclpy.qos import QoSDurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import qos_check_compatible

from face_affect_ros.ros import qos
from face_affect_ros.ros.camera_finder import Candidate
from face_affect_ros.ros.image_topics import KINDS
from face_affect_ros.ros.image_topics import kind_of
from face_affect_ros.ros.image_topics import listed
from face_affect_ros.ros.image_topics import published
from face_affect_ros.ros.image_topics import shortened


def reason(node: Node, topic: str, kind: str, asked: QoSProfile) -> str:
    """Return what is known of why nothing comes, and what to do.

    :param topic: full name of what is subscribed to.
    :param kind: ``raw`` or ``compressed``.
    :param asked: QoS of the subscription.
    """
    publishers = node.get_publishers_info_by_topic(topic)
    fitting = [each for each in publishers if kind_of(each.topic_type) == kind]
    if fitting:
        return _of_publishers(fitting, asked)
    if publishers:
        return _of_type(node, publishers[0].topic_type)
    return _of_name(node, topic, kind)


def of_no_camera(node: Node, there: Collection[Candidate]) -> str:
    """Return why no camera was found, and what to do.

    :param there: the topics of pictures that there are; none is of a colour camera.
    """
    if there:
        return (
            'no topic is a colour camera by its name '
            f'({listed(each.topic for each in there)}): set image_topic'
        )
    return (
        'no topic of pictures has a publisher: is the camera running, on '
        f'ROS_DOMAIN_ID {node.context.get_domain_id()}?'
    )


def _of_publishers(publishers: list[Any], asked: QoSProfile) -> str:
    """Return why publishers of the right type are not heard."""
    for each in publishers:
        compatible, why = qos_check_compatible(each.qos_profile, asked)
        if compatible == QoSCompatibility.ERROR:
            return (
                f'the QoS of its publisher {qos.names_of([each])[0]} does not fit '
                f'({why.strip(" ;")}): set image_reliability to auto'
            )
    if asked.durability == QoSDurabilityPolicy.VOLATILE and all(
        each.qos_profile.durability == QoSDurabilityPolicy.TRANSIENT_LOCAL for each in publishers
    ):
        return (
            'its publisher keeps a picture for late subscribers (transient local), which '
            'comes by reliable transmission only: set image_reliability to auto'
        )
    names = listed(qos.names_of(publishers))
    return (
        f'its publisher ({names}) fits, but nothing arrived: is the camera on '
        '(ros2 topic hz)? Large pictures may be lost: see docs/transport.md'
    )


def _of_type(node: Node, type_name: str) -> str:
    """Return what to do about a topic that carries something else."""
    kind = kind_of(type_name)
    if kind:
        return f'it carries {type_name}: set image_transport to {kind}'
    return (
        f'it carries {type_name}, no picture that is read here; topics of pictures: '
        f'{listed(published(node)) or "none"}'
    )


def _of_name(node: Node, topic: str, kind: str) -> str:
    """Return what to do about a topic that nobody publishes."""
    there = published(node)
    if not there:
        return (
            'it has no publisher, and no topic of pictures has one: is the camera running, on '
            f'ROS_DOMAIN_ID {node.context.get_domain_id()}?'
        )
    image = _bare(topic)
    other = image if kind == 'compressed' else image + KINDS['compressed'].suffix
    if there.get(other, kind) != kind:
        return (
            f'it has no publisher, but {shortened(other)} has: set image_transport to '
            f'{there[other]}'
        )
    same = _same_but_for_spelling(image, there)
    if same:
        return (
            f'it has no publisher; did you mean {shortened(same)} (image_transport '
            f'{there[same]})?{_of_namespace(node, image, same)}'
        )
    alike = sorted(there, key=lambda each: -difflib.SequenceMatcher(a=each, b=image).ratio())
    return (
        f'it has no publisher; topics of pictures that have one: {listed(alike)}; set '
        'image_topic to the one you mean'
    )


def _bare(topic: str) -> str:
    """Return a topic without the suffix of compressed pictures."""
    suffix = KINDS['compressed'].suffix
    return topic[: -len(suffix)] if topic.endswith(suffix) else topic


def _same_but_for_spelling(topic: str, there: Iterable[str]) -> str:
    """Return a topic that differs in its case or its namespaces alone, if there is one."""
    name = topic.lower()
    bare = {each: _bare(each).lower() for each in there}
    found = [each for each, other in bare.items() if name.endswith(other) or other.endswith(name)]
    return max(found, key=lambda each: len(bare[each]), default='')


def _of_namespace(node: Node, topic: str, same: str) -> str:
    """Return what a name without a slash means, where that is the difference."""
    namespace = node.get_namespace().rstrip('/')
    if topic.lower() == f'{namespace}{_bare(same)}'.lower():
        return f' A name without / at its beginning stands for one in {shortened(namespace)}'
    return ''
