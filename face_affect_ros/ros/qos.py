# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Qualities of service, and what the middleware tells about them, from Humble on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSHistoryPolicy
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions

try:
    from rclpy.event_handler import PublisherEventCallbacks
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks
    from rclpy.qos_event import SubscriptionEventCallbacks

RELIABILITIES = {
    'reliable': QoSReliabilityPolicy.RELIABLE,
    'best_effort': QoSReliabilityPolicy.BEST_EFFORT,
}

TELLS_OF_MATCHES = 'matched' in inspect.signature(PublisherEventCallbacks.__init__).parameters
"""Whether a publisher learns at once that somebody subscribes (from Jazzy on)."""


def newest(reliability: str) -> QoSProfile:
    """Return the profile of a camera input: keep the last 1, ``reliable`` or ``best_effort``."""
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST, depth=1, reliability=RELIABILITIES[reliability])


def link() -> QoSProfile:
    """Return the profile of the private topics between processes: reliable, keep the last 1."""
    return newest('reliable')


def output() -> QoSProfile:
    """Return the profile of public topics: reliable, the last 5."""
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST, depth=5, reliability=QoSReliabilityPolicy.RELIABLE)


def service() -> QoSProfile:
    """Return the profile of the service: requests of hundreds of clients wait to be taken."""
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST, depth=1000, reliability=QoSReliabilityPolicy.RELIABLE)


def offered_reliability(node: Node, topic: str) -> str:
    """Return ``reliable`` if there are publishers and every one offers it, else ``best_effort``.

    Best effort fits any publisher; it is what is asked for until one is known.
    """
    offers = [info.qos_profile.reliability for info in node.get_publishers_info_by_topic(topic)]
    reliable = bool(offers) and all(offer == QoSReliabilityPolicy.RELIABLE for offer in offers)
    return 'reliable' if reliable else 'best_effort'


def overridable() -> dict[str, Any]:
    """Return arguments of ``create_publisher`` that let parameters override its QoS."""
    return {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}


def on_match(callback: Callable[[], None]) -> dict[str, Any]:
    """Return arguments of ``create_publisher`` that call back when subscribers come or go."""
    if not TELLS_OF_MATCHES:
        return {}
    return {'event_callbacks': PublisherEventCallbacks(matched=lambda _: callback())}


def on_incompatible(callback: Callable[[str], None]) -> dict[str, Any]:
    """Return arguments of ``create_subscription`` that call back with the policy's name."""
    def tell(event: Any) -> None:
        kind = getattr(event.last_policy_kind, 'name', str(event.last_policy_kind))
        callback(kind.lower())
    return {'event_callbacks': SubscriptionEventCallbacks(incompatible_qos=tell)}
