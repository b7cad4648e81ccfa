# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stored messages published as they are, of any type that is installed."""

from __future__ import annotations

import importlib
from typing import Any

from builtin_interfaces.msg import Time
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy
from rosgraph_msgs.msg import Clock

DEPTH = 10
"""Messages that a publisher keeps for a slow subscriber."""


DRAIN_S = 2.0


class UnknownTypeError(Exception):
    """A type whose Python package is not installed; the text names it."""


class StoredPublishers:
    """A publisher a topic, which takes serialised messages.

    :param node: publishes.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publishers: dict[str, Any] = {}
        self._clock: Any = None

    def add(self, topic: str, kind: str, is_reliable: bool, is_latched: bool) -> None:
        """Offer a topic.

        :param kind: its type, as ``sensor_msgs/msg/Image``.
        :param is_reliable: whether it is sent reliably, else by best effort.
        :param is_latched: whether messages are kept for who subscribes later.
        :raises UnknownTypeError: the type is not installed.
        """
        profile = QoSProfile(
            depth=DEPTH,
            reliability=QoSReliabilityPolicy.RELIABLE
            if is_reliable
            else QoSReliabilityPolicy.BEST_EFFORT,
            durability=QoSDurabilityPolicy.TRANSIENT_LOCAL
            if is_latched
            else QoSDurabilityPolicy.VOLATILE,
        )
        self._publishers[topic] = self._node.create_publisher(message_class(kind), topic, profile)

    def publish(self, topic: str, data: bytes) -> None:
        """Publish a serialised message."""
        self._publishers[topic].publish(data)

    def tick(self, time_ns: int) -> None:
        """Publish a time on ``/clock``."""
        if self._clock is None:
            self._clock = self._node.create_publisher(Clock, '/clock', DEPTH)
        self._clock.publish(Clock(clock=Time(sec=time_ns // 10**9, nanosec=time_ns % 10**9)))

    def drain(self) -> None:
        """Wait until reliable subscribers have what was sent, ``DRAIN_S`` a topic at most."""
        for publisher in self._publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=DRAIN_S))

    def subscribers(self, topic: str) -> int:
        """Return how many subscriptions a topic has."""
        return self._publishers[topic].get_subscription_count()


def message_class(kind: str) -> type:
    """Return the class of a message type.

    :raises UnknownTypeError: its package is not installed, or has no such message.
    """
    package, _, name = kind.partition('/msg/')
    try:
        return getattr(importlib.import_module(f'{package}.msg'), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownTypeError(f'type {kind} is not installed') from error
