# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Serialised messages of some topics, with the time at which they came."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos import QoSReliabilityPolicy

DEPTH = 1000
"""Messages that wait to be taken."""


class TopicRecorder:
    """Records topics in memory from ``start`` on, on a thread of its own.

    ``heard`` has the messages by topic: system clock of their reception in nanoseconds, and bytes.

    :param node: subscribes.
    :param types: message classes by the topics' names.
    """

    def __init__(self, node: Node, types: Mapping[str, type]) -> None:
        self.heard: dict[str, list[tuple[int, bytes]]] = {topic: [] for topic in types}
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(node)
        for topic, kind in types.items():
            node.create_subscription(
                kind,
                topic,
                self._taker(topic),
                QoSProfile(depth=DEPTH, reliability=QoSReliabilityPolicy.RELIABLE),
                raw=True,
            )
        self._thread = threading.Thread(target=self._spin, name='recorder', daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._executor.shutdown(timeout_sec=2)
        self._thread.join(5)

    def _taker(self, topic: str) -> Any:
        heard = self.heard[topic]
        return lambda data: heard.append((time.time_ns(), bytes(data)))

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return
