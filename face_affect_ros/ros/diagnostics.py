# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node tells on /diagnostics, and how it tells of failures without flooding the log."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.node import Node

from face_affect_ros.images import ImageError
from face_affect_ros.ros import qos
from face_affect_ros.stream.counters import Figures

REPEAT_S = 10.0
"""Seconds after which the same failure is logged again."""

FRESH_S = 5.0
"""Seconds for which a failure is shown in the diagnostics."""


@dataclass(frozen=True)
class Report:
    """How a node is.

    :param warning: what is wrong, empty where all is well.
    :param values: figures by name, units in the names.
    """

    warning: str = ''
    values: Mapping[str, Any] = field(default_factory=dict)


def values_of(figures: Figures) -> dict[str, Any]:
    """Return a stage's figures by the names that the diagnostics give them."""
    return {
        'input rate (Hz)': f'{figures.input_rate:.1f}',
        'frames received': figures.counts.received,
        'frames processed': figures.counts.processed,
        'frames dropped': figures.counts.dropped,
        'age of last frame (s)': _rounded(figures.age_s, 2),
        'latency, median (ms)': _rounded(figures.latency_ms, 1),
    }


class Diagnostics:
    """Publishes a node's reports on /diagnostics."""

    def __init__(self, node: Node) -> None:
        """Create the topic."""
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', qos.output())

    def publish(self, state: str, report: Report) -> None:
        """Publish how the node is.

        :param state: its lifecycle state.
        """
        name = self._node.get_fully_qualified_name()
        values = {'state': state, **report.values}
        status = DiagnosticStatus(
            level=DiagnosticStatus.WARN if report.warning else DiagnosticStatus.OK, name=name,
            message=report.warning or state, hardware_id='',
            values=[KeyValue(key=key, value=str(value)) for key, value in values.items()])
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)


class Failures:
    """Collects what goes wrong in a stream: logged when new and every so often, never each frame.

    :param node: whose log is written to.
    """

    def __init__(self, node: Node) -> None:
        """Begin without a failure."""
        self._node = node
        self._lock = threading.Lock()
        self._logged_at: dict[str, float] = {}
        self._last: tuple[float, str] | None = None
        self.count = 0

    def add(self, where: str, error: Exception) -> None:
        """Note a failure.

        :param where: the stage or the link that failed.
        """
        text = f'{where}: {error}' if isinstance(error, ImageError) else (
            f'{where} failed: {type(error).__name__}: {error}')
        if not self._is_due(text):
            return
        if isinstance(error, ImageError):
            self._node.get_logger().warning(f'{text} (the frame is dropped)')
        else:
            details = ''.join(traceback.format_exception(type(error), error, error.__traceback__))
            self._node.get_logger().error(f'{text} (the frame is dropped)\n{details}')

    def recent(self) -> str:
        """Return the last failure of the last ``FRESH_S`` seconds, or an empty text."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_S:
                return ''
            return self._last[1]

    def _is_due(self, text: str) -> bool:
        now = time.monotonic()
        with self._lock:
            self.count += 1
            self._last = now, text
            due = now - self._logged_at.get(text, float('-inf')) >= REPEAT_S
            if due:
                if len(self._logged_at) > 100:
                    self._logged_at.clear()
                self._logged_at[text] = now
            return due


def _rounded(value: float | None, digits: int) -> str:
    return 'none' if value is None else f'{value:.{digits}f}'
