# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of a camera, taken for a few seconds beside the nodes and as they take them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import rclpy
from rclpy.node import Node

from face_affect_ros import images
from face_affect_ros.doctor.graph_view import CameraView
from face_affect_ros.image_messages import convert
from face_affect_ros.ros import image_topics
from face_affect_ros.ros import messages
from face_affect_ros.ros import middleware
from face_affect_ros.ros import no_image_reason
from face_affect_ros.ros import qos
from face_affect_ros.ros.image_input import ImageInput
from face_affect_ros.ros.image_input import stamp_ns
from face_affect_ros.ros.nodes.camera import READERS
from face_affect_ros.ros.throttled_log import ThrottledLog


class Pictures:
    """A subscription to a camera.

    :param node: subscribes.
    :param is_simulated: stamps are held against ``/clock``.
    :param parameters: those of ``ImageInput``.
    """

    def __init__(self, node: Node, is_simulated: bool, parameters: Mapping[str, Any]) -> None:
        """Begin without a picture."""
        self._is_simulated = is_simulated
        self._node = node
        self._parameters = parameters
        self._input = ImageInput(node, ThrottledLog(node.get_logger()), parameters, self._take)
        self._arrivals: list[tuple[int, int]] = []
        self._last: tuple[str, bytes] | None = None
        self._sim_ns: int | None = None

    def open(self) -> None:
        """Subscribe; again, where the graph has changed."""
        self._input.open()

    def close(self) -> None:
        """Unsubscribe."""
        self._input.close()

    def tick(self, message: Any) -> None:
        """Take a simulation's time."""
        self._sim_ns = messages.stamp_ns_of(message.clock)

    def view(self) -> CameraView:
        """Return what came."""
        if not self._input.is_open:
            return CameraView(silence=self._input.warning())
        losses = self._input.losses
        asked = CameraView(
            topic=self._input.topic,
            kind=self._input.kind,
            publishers=tuple(self._input.publishers),
            qos=self._input.qos,
        )
        if self._last is None:
            return replace(asked, silence=self._silence())
        picture, error = _looked_at(*self._last)
        return replace(
            asked,
            received=len(self._arrivals),
            received_hz=losses.received_hz,
            published_hz=losses.published_hz,
            is_lossy=losses.notable,
            loss_remedy=middleware.remedy(rclpy.get_rmw_implementation_identifier()),
            picture=picture,
            error=error,
            delay_s=self._delay_s(),
        )

    def _take(self, kind: str, message: bytes) -> None:
        now = self._sim_ns if self._is_simulated else time.time_ns()
        self._last = kind, message
        self._arrivals.append((now or 0, stamp_ns(message)))

    def _delay_s(self) -> float | None:
        delays = [(now - stamp) * 1e-9 for now, stamp in self._arrivals if stamp]
        return statistics.median(delays) if delays else None

    def _silence(self) -> str:
        """Return why nothing comes."""
        asked, _ = image_topics.fitting(
            self._node,
            self._input.topic,
            self._input.kind,
            self._parameters['image_reliability'],
        )
        return no_image_reason.reason(
            self._node, asked.topic, asked.kind, qos.newest(asked.reliability, asked.durability)
        )


def _looked_at(kind: str, message: bytes) -> tuple[str, str]:
    """Return size and encoding of a serialised picture, and why it cannot be used."""
    try:
        picture = READERS[kind](message)
        encoding = picture.format if kind == 'compressed' else picture.encoding
        if kind == 'compressed':
            image = convert.compressed_to_bgr(picture, images.decode)
        else:
            image = convert.to_bgr(picture)
    except images.ImageError as error:
        return '', str(error)
    return f'{image.shape[1]}x{image.shape[0]} {encoding}', ''
