# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera's topic: its name, its kind and its QoS, what comes, and what is lost on the way."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from collections.abc import Mapping
from functools import partial
from typing import Any

import rclpy
from rclpy.node import Node
from rclpy.subscription import Subscription

from face_affect_ros.ros import camera_finder
from face_affect_ros.ros import image_topics
from face_affect_ros.ros import middleware
from face_affect_ros.ros import no_image_reason
from face_affect_ros.ros import qos
from face_affect_ros.ros.executor import FeedingGroup
from face_affect_ros.ros.image_topics import Choice
from face_affect_ros.ros.throttled_log import ThrottledLog
from face_affect_ros.ros.throttled_log import one_line
from face_affect_ros.stream import health
from face_affect_ros.stream.frame_losses import LossCounter
from face_affect_ros.stream.frame_losses import Losses

SILENCE_S = health.SILENCE_S.warning
"""Seconds without a frame after which the silence is explained."""

FIRST_S = 1.0
"""Seconds from the first frame until its rate is told."""

TELLS_OF_NUMBERS = hasattr(Subscription, 'CallbackType')
"""Whether a callback may learn which of its publisher's messages it got (after Humble)."""

UNKNOWN_NUMBER = 2**64 - 1
"""A message's number where the middleware has none."""


class ImageInput:
    """A subscription to a camera that exists only while it is open.

    Messages are handed on serialised: one that a newer replaces is never unpacked.

    :param node: subscribes and logs.
    :param log: takes what is told again and again.
    :param parameters: ``image_topic``, ``image_topic_alternative``, ``image_transport`` and
        ``image_reliability``.
    :param take: called with the kind of each serialised message, ``raw`` or ``compressed``, and
        the message; stores it and returns.
    """

    def __init__(
        self,
        node: Node,
        log: ThrottledLog,
        parameters: Mapping[str, Any],
        take: Callable[[str, bytes], None],
    ) -> None:
        self._node = node
        self._log = log
        self._parameters = parameters
        self._hand_on = take
        self._group = FeedingGroup()
        self._subscription: Any = None
        self._asked: Choice | None = None
        self._publishers: list[str] = []
        self._heard_at = 0.0
        self._first_at: float | None = None
        self._came = 0
        self._told: set[str] = set()
        self._losses = LossCounter()
        self._finder = camera_finder.CameraFinder()
        self._why = ''
        self._no_camera = ''

    @property
    def topic(self) -> str:
        """The full name of what is subscribed to, or would be."""
        if self._asked is not None:
            return self._asked.topic
        if camera_finder.is_wanted(self._parameters):
            return camera_finder.AUTO
        return image_topics.choose(self._node, self._parameters)[0].topic

    @property
    def kind(self) -> str:
        """The kind of what is subscribed to, or would be: ``raw`` or ``compressed``."""
        return self._asked.kind if self._asked else self._parameters['image_transport']

    @property
    def publishers(self) -> list[str]:
        """The nodes that publish it, as of the last look."""
        return list(self._publishers)

    @property
    def losses(self) -> Losses:
        """What came and what did not, since the subscription."""
        return self._losses.losses()

    @property
    def is_open(self) -> bool:
        """Whether the subscription exists."""
        return self._subscription is not None

    @property
    def qos(self) -> str:
        """What the subscription asks for in words, or an empty text where there is none."""
        return self._asked.qos if self._asked else ''

    @property
    def silent_s(self) -> float:
        """Seconds since a frame came or the subscription began; 0 where there is none."""
        return time.monotonic() - self._heard_at if self.is_open else 0.0

    def open(self) -> None:
        """Subscribe; where that is done already, see whether the graph asks for another way."""
        asked, publishers = self._choose()
        self._publishers = publishers
        if asked == self._asked:
            return
        self.close()
        if asked is None:
            return
        self._heard_at = time.monotonic()
        self._first_at = None
        self._came = 0
        self._losses = LossCounter()
        self._subscription = self._node.create_subscription(
            image_topics.KINDS[asked.kind].message_type,
            asked.topic,
            partial(self._take_numbered if TELLS_OF_NUMBERS else self._take, asked.kind),
            qos.newest(asked.reliability, asked.durability),
            raw=True,
            callback_group=self._group,
            **qos.on_incompatible(self._warn_incompatible),
        )
        self._asked = asked

    def _choose(self) -> tuple[Choice | None, list[str]]:
        """Return what to subscribe to, if anything, and the nodes that publish it."""
        parameters, node = self._parameters, self._node
        self._why = self._no_camera = ''
        if not camera_finder.is_wanted(parameters):
            in_use = self._asked.topic if self._asked else ''
            return image_topics.choose(node, parameters, in_use)
        there = camera_finder.candidates(node)
        camera = self._finder.choose(there, parameters['image_transport'], self.silent_s)
        if camera is None:
            self._no_camera = no_image_reason.of_no_camera(node, there)
            return None, []
        self._why = camera_finder.why(camera, there)
        return image_topics.fitting(
            node, camera.topic, camera.kind, parameters['image_reliability']
        )

    def close(self) -> None:
        """Unsubscribe."""
        self._asked = None
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._node.destroy_subscription(subscription)

    def watch(self, picture: str) -> None:
        """Tell once what is subscribed to and what comes, and again and again what is wrong.

        :param picture: size and encoding of the newest picture; empty where none came.
        """
        asked = self._asked
        if asked is None:
            if self._no_camera:
                self._tell_once(f'waiting for a camera: {self._no_camera}')
            return
        # Names come a moment after the publishers, and never of what is no ROS node.
        if self._publishers and (self._first_at or qos.UNNAMED not in self._publishers):
            self._tell_once(
                f'image topic {asked.topic} ({asked.kind}; {asked.qos})',
                f', published by {image_topics.listed(self._publishers)}{self._why}',
            )
        first_at = self._first_at
        if picture and first_at and time.monotonic() - first_at > FIRST_S:
            self._tell_once(
                f'images on {asked.topic}: {picture}',
                f', {self._losses.losses().received_hz:.0f} Hz',
            )
        if self.warning():
            self._log.warning('image topic', self.warning())

    def warning(self) -> str:
        """Return what is wrong with the input and what to do, or an empty text."""
        asked = self._asked
        if asked is None:
            return self._no_camera
        name = image_topics.shortened(asked.topic)
        if self.silent_s > SILENCE_S and self._explains_silence(asked):
            why = no_image_reason.reason(
                self._node,
                asked.topic,
                asked.kind,
                qos.newest(asked.reliability, asked.durability),
            )
            return f'no image on {name} for {self.silent_s:.0f} s: {why}'
        if len(self._publishers) > 1:
            return (
                f'{name} has {len(self._publishers)} publishers '
                f'({image_topics.listed(self._publishers)}): their pictures mix'
            )
        return self._warning_of_losses(asked)

    def is_lost(self) -> bool:
        """Return whether nothing came for so long that nothing will without help."""
        asked = self._asked
        silent = asked is not None and self._explains_silence(asked)
        return silent and self.silent_s > health.SILENCE_S.error

    def report(self) -> dict[str, Any]:
        """Return figures for the diagnostics."""
        losses = self._losses.losses()
        share = (
            ''
            if losses.total is None
            else (f'{losses.total} (estimated from stamps)' if losses.estimated else losses.total)
        )
        return {
            'image topic': self.topic,
            'image transport': self._parameters['image_transport'],
            'subscribed': self.qos or 'no: nobody wants frames',
            'published rate (Hz)': f'{losses.published_hz:.1f}',
            'frames lost before reception': 'unknown' if share == '' else share,
        }

    def _warning_of_losses(self, asked: Choice) -> str:
        losses = self._losses.losses()
        if not losses.notable:
            return ''
        about = 'about ' if losses.estimated else ''
        advice = middleware.remedy(rclpy.get_rmw_implementation_identifier())
        return (
            f'{losses.received_hz:.0f} of {about}{losses.published_hz:.0f} frames a second on '
            f'{image_topics.shortened(asked.topic)} arrive'
            f'{" (estimated from stamps)" if losses.estimated else ""}: {advice}'
        )

    def _explains_silence(self, asked: Choice) -> bool:
        """Return whether silence is a fault: a still that its publisher keeps comes once."""
        return not (self._came == 1 and asked.durability == 'transient_local')

    def _tell_once(self, text: str, more: str = '') -> None:
        """Log a text unless it was logged before: subscriptions come and go with each request."""
        if text not in self._told:
            self._told.add(text)
            self._node.get_logger().info(one_line(text + more))

    def _take_numbered(self, kind: str, message: bytes, info: Mapping[str, Any]) -> None:
        """Take a message of which the middleware may know the number and the publisher."""
        number = info.get('publication_sequence_number')
        publisher = (info.get('publisher_gid') or {}).get('data')
        mixed = publisher is None and len(self._publishers) > 1
        self._take(kind, message, None if mixed or number == UNKNOWN_NUMBER else number, publisher)

    def _take(
        self, kind: str, message: bytes, number: int | None = None, publisher: bytes | None = None
    ) -> None:
        self._heard_at = time.monotonic()
        self._first_at = self._first_at or self._heard_at
        self._came += 1
        self._losses.arrived(stamp_ns(message), number, publisher)
        self._hand_on(kind, message)

    def _warn_incompatible(self, policy: str) -> None:
        asked = self._asked
        if asked is not None:
            self._log.warning(
                'image QoS',
                (
                    f'a publisher of {image_topics.shortened(asked.topic)} offers a {policy} that '
                    f'does not fit what is asked for ({asked.qos}): nothing comes from it; set '
                    'image_reliability to auto or best_effort'
                ),
            )


def stamp_ns(message: bytes) -> int:
    """Return the stamp of a serialised message that begins with a header; 0 where it has none."""
    try:
        seconds, nanoseconds = struct.unpack_from('<iI' if message[1] & 1 else '>iI', message, 4)
    except (IndexError, struct.error):
        return 0
    return seconds * 10**9 + nanoseconds
