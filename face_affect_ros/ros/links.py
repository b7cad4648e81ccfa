# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Links between stages: by reference in one process, by a private topic between processes.

A producer has a ``LinkPublisher``. Consumers in the same process open it directly; it publishes
its topic only while somebody subscribes. A consumer in another process opens a ``TopicSource``
instead, which subscribes only while it is open. Both are a ``Source``, so that a node does not
know where its input comes from, and being wanted travels upstream: an opened source wakes its
producer.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any
from typing import Generic
from typing import Protocol
from typing import TypeVar

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from std_msgs.msg import UInt32

from face_affect_ros.ros import cdr_image
from face_affect_ros.ros import qos
from face_affect_ros.ros.executor import FeedingGroup
from face_affect_ros.stream.types import StreamItem

START_S = 5.0
"""Seconds that whoever publishes a link may take until it is there and active."""

LEASE_S = 3.0
"""Seconds without a sign of life after which a node is taken for dead. The liveliness of DDS does
not serve: Fast DDS does not notice every loss of it."""

PULSE = '_alive'
"""What the topic of the signs of life has behind the link's name: two to four a second, also while
nobody wants the items themselves, so that there is no waiting for a node that was killed."""

T = TypeVar('T', bound=StreamItem)
Given = TypeVar('Given', bound=StreamItem, covariant=True)


class Source(Protocol[Given]):
    """Where a stage's input comes from."""

    def open(self, consumer: Callable[[Given], Any]) -> None:
        """Begin to hand each item to a consumer, which stores it and returns."""

    def close(self, consumer: Callable[[Given], Any]) -> None:
        """End that; without effect where it is not open."""

    def last_received_at(self) -> float | None:
        """Return when the camera received the newest frame known here, steady clock, seconds."""

    def fault(self) -> str:
        """Return what is wrong with whoever should send, or an empty text."""


class LinkPublisher(Generic[T]):
    """The end of a link that belongs to its producer.

    :param topic: name of the private topic, relative to the namespace.
    :param message_type: its type.
    :param to_message: makes a message of an item.
    :param last_received_at: see ``Source``.
    :param fault: see ``Source``.
    """

    def __init__(
        self,
        topic: str,
        message_type: type,
        to_message: Callable[[T], Any],
        last_received_at: Callable[[], float | None],
        fault: Callable[[], str],
    ) -> None:
        self.last_received_at = last_received_at
        self.fault = fault
        self.on_demand: Callable[[], None] = lambda: None
        self._topic = topic
        self._message_type = message_type
        self._to_message = to_message
        self._consumers: tuple[Callable[[T], Any], ...] = ()
        self._lock = threading.Lock()
        self._publisher: Any = None
        self._pulse: Any = None
        self._id = random.randrange(2**32)

    def advertise(self, node: Node) -> None:
        """Create the topic."""
        self._publisher = node.create_publisher(
            self._message_type, self._topic, qos.link(), **qos.on_match(self.on_demand)
        )
        self._pulse = node.create_publisher(UInt32, self._topic + PULSE, qos.link())

    def unadvertise(self, node: Node) -> None:
        """Remove the topic."""
        publishers = self._publisher, self._pulse
        self._publisher = self._pulse = None
        for publisher in publishers:
            if publisher is not None:
                node.destroy_publisher(publisher)

    def assert_alive(self) -> None:
        """Let consumers in other processes know that what sends is well."""
        pulse = self._pulse
        if pulse is not None and not self.fault():
            pulse.publish(UInt32(data=self._id))

    def wanted(self) -> bool:
        """Return whether anybody takes what is sent."""
        return bool(self._consumers) or self._subscribed()

    def send(self, item: T) -> None:
        """Hand an item to every consumer."""
        for consumer in self._consumers:
            consumer(item)
        publisher = self._publisher  # another thread may withdraw it meanwhile
        if publisher is not None and self._subscribed():
            publisher.publish(self._to_message(item))

    def open(self, consumer: Callable[[T], Any]) -> None:
        """Begin to hand each item to a consumer in this process."""
        with self._lock:
            if consumer in self._consumers:
                return
            self._consumers = (*self._consumers, consumer)
        self.on_demand()

    def close(self, consumer: Callable[[T], Any]) -> None:
        """End that."""
        with self._lock:
            if consumer not in self._consumers:
                return
            self._consumers = tuple(other for other in self._consumers if other != consumer)
        self.on_demand()

    def _subscribed(self) -> bool:
        publisher = self._publisher
        return publisher is not None and publisher.get_subscription_count() > 0


class TopicSource(Generic[T]):
    """Items from another process.

    :param node: subscribes.
    :param topic: name of the private topic, relative to the namespace.
    :param message_type: its type.
    :param from_message: makes an item of a message, without copying its pixels.
    """

    def __init__(
        self, node: Node, topic: str, message_type: type, from_message: Callable[[Any], T]
    ) -> None:
        self._node = node
        self._topic = topic
        self._message_type = message_type
        self._from_message = from_message
        self._group = FeedingGroup()
        self._subscription: Any = None
        self._consumer: Callable[[T], Any] | None = None
        self._last_received_at: float | None = None
        self._began_at = time.monotonic()
        self._pulses: dict[int, float] = {}
        node.create_subscription(
            UInt32,
            topic + PULSE,
            self._note_alive,
            qos.link(),
            callback_group=MutuallyExclusiveCallbackGroup(),
        )

    def last_received_at(self) -> float | None:
        """Return when the camera received the newest frame that arrived here."""
        return self._last_received_at

    def open(self, consumer: Callable[[T], Any]) -> None:
        """Subscribe."""
        self._consumer = consumer
        if self._subscription is None:
            self._subscription = self._node.create_subscription(
                self._message_type,
                self._topic,
                self._take,
                qos.link(),
                raw=True,  # what is no message is refused in our words
                callback_group=self._group,
            )

    def close(self, consumer: Callable[[T], Any]) -> None:
        """Unsubscribe."""
        self._consumer = None
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._node.destroy_subscription(subscription)

    def fault(self) -> str:
        """Return what is wrong with the nodes that publish the topic, or an empty text."""
        now = time.monotonic()
        alive = sum(now - heard_at < LEASE_S for heard_at in tuple(self._pulses.values()))
        if alive == 1 or now - self._began_at < START_S:
            return ''
        topic = self._node.resolve_topic_name(self._topic)
        names = qos.names_of(self._node.get_publishers_info_by_topic(topic))
        if alive:
            return (
                f'{alive} nodes publish {topic} ({", ".join(names[:3])}): one too many '
                'in this namespace'
            )
        if names:
            return f'{names[0]}, which publishes {topic}, is inactive, stuck or killed'
        return f'no node publishes {topic}: start, configure and activate it'

    def _note_alive(self, pulse: Any) -> None:
        now = time.monotonic()
        self._pulses = {
            **{
                each: heard_at
                for each, heard_at in self._pulses.items()
                if now - heard_at < LEASE_S
            },
            pulse.data: now,
        }

    def _take(self, message: bytes) -> None:
        consumer = self._consumer
        if consumer is None:
            return
        item = self._from_message(cdr_image.unpack(message, self._message_type))
        self._last_received_at = item.timing.received_at
        consumer(item)
