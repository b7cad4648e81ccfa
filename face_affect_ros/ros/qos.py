# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Qualities of service, and what the middleware tells about them, from Humble on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any

from rclpy.qos import QoSDurabilityPolicy
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

DURABILITIES = {
    'volatile': QoSDurabilityPolicy.VOLATILE,
    'transient_local': QoSDurabilityPolicy.TRANSIENT_LOCAL,
}

UNNAMED = 'an unnamed node'
_UNKNOWN = '_NODE_NAME_UNKNOWN_'

TELLS_OF_MATCHES = 'matched' in inspect.signature(PublisherEventCallbacks.__init__).parameters
"""Whether a publisher learns at once that somebody subscribes (from Jazzy on)."""


def newest(reliability: str, durability: str = 'volatile') -> QoSProfile:
    """Return the profile of a camera input: keep the last 1.

    :param reliability: ``reliable`` or ``best_effort``.
    :param durability: ``volatile`` or ``transient_local``.
    """
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST,
        depth=1,
        reliability=RELIABILITIES[reliability],
        durability=DURABILITIES[durability],
    )


def link() -> QoSProfile:
    """Return the profile of the private topics between processes: reliable, keep the last 1."""
    return newest('reliable')


def output() -> QoSProfile:
    """Return the profile of public topics: reliable, the last 5."""
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST, depth=5, reliability=QoSReliabilityPolicy.RELIABLE
    )


def kept() -> QoSProfile:
    """Return the profile of a topic whose last message is for who comes later too."""
    return newest('reliable', 'transient_local')


def service() -> QoSProfile:
    """Return the profile of the service: requests of hundreds of clients wait to be taken."""
    return QoSProfile(
        history=QoSHistoryPolicy.KEEP_LAST, depth=1000, reliability=QoSReliabilityPolicy.RELIABLE
    )


def names_of(endpoints: Iterable[Any]) -> list[str]:
    """Return the names of the nodes of endpoints, as far as the graph knows them yet."""
    return [UNNAMED if each.node_name == _UNKNOWN else each.node_name for each in endpoints]


def fitting(offers: Sequence[QoSProfile], reliability: str) -> tuple[str, str]:
    """Return the reliability and durability to ask of publishers, so that every one fits.

    Best effort and volatile fit any publisher; more is asked for only where all offer it. What
    was sent before (transient local) comes by reliable transmission only.

    :param offers: of the publishers; empty where none is known yet.
    :param reliability: ``auto``, ``reliable`` or ``best_effort``.
    """
    if reliability == 'auto':
        reliable = all(each.reliability == QoSReliabilityPolicy.RELIABLE for each in offers)
        reliability = 'reliable' if offers and reliable else 'best_effort'
    kept = all(each.durability == QoSDurabilityPolicy.TRANSIENT_LOCAL for each in offers)
    durable = offers and kept and reliability == 'reliable'
    return reliability, 'transient_local' if durable else 'volatile'


def overridable() -> dict[str, Any]:
    """Return arguments of ``create_publisher`` that let parameters override its QoS."""
    return {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}


def without_events() -> dict[str, Any]:
    """Return arguments of ``create_publisher`` of topics that come and go often."""
    return {'event_callbacks': PublisherEventCallbacks(use_default_callbacks=False)}


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
