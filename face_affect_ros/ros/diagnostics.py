# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node tells on /diagnostics, and the failures that it counts there.

The messages are those of ``diagnostic_updater``, which PyPI's ROS wheels lack: one status a node,
once a second, with the levels of ``stream/health.py``.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from traceback import walk_tb
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from diagnostic_msgs.msg import KeyValue
from rclpy.node import Node

from face_affect_ros.engines import devices
from face_affect_ros.images import ImageError
from face_affect_ros.ros import middleware
from face_affect_ros.ros import qos
from face_affect_ros.ros.throttled_log import ThrottledLog
from face_affect_ros.ros.throttled_log import one_line
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.counters import StageStats

FRESH_S = 5.0
"""Seconds for which a failure is shown in the diagnostics."""


@dataclass(frozen=True)
class Report:
    """How a node is.

    :param warning: what is wrong, empty where all is well.
    :param values: figures by name, units in the names.
    :param error: what keeps the node from working, empty where nothing does.
    """

    warning: str = ''
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str = ''

    @property
    def level(self) -> bytes:
        """The level of the diagnostics."""
        if self.error:
            return DiagnosticStatus.ERROR
        return DiagnosticStatus.WARN if self.warning else DiagnosticStatus.OK


def values_of(figures: StageStats) -> dict[str, Any]:
    """Return a stage's figures by the names that the diagnostics give them."""
    return {
        'input rate (Hz)': f'{figures.input_rate:.1f}',
        'output rate (Hz)': f'{figures.output_rate:.1f}',
        'frames received': figures.counts.received,
        'frames processed': figures.counts.processed,
        'frames dropped': figures.counts.dropped,
        'age of last frame (s)': _rounded(figures.age_s, 2),
        'latency p50 (ms)': _rounded(figures.latency_ms.p50, 1),
        'latency p95 (ms)': _rounded(figures.latency_ms.p95, 1),
        'time p50 (ms)': _rounded(figures.work_ms.p50, 1),
        'time p95 (ms)': _rounded(figures.work_ms.p95, 1),
    }


def engine_values(settings: ModelSettings) -> dict[str, str]:
    """Return what runs the networks, and on what."""
    if settings.engine != 'onnx':
        return {'engine': settings.engine, 'provider': 'the CPU'}
    device = devices.in_use(settings.device)
    return {'engine': settings.engine, 'provider': devices.DEVICES[device].provider}


@functools.cache
def _transport() -> str:
    """Return how messages travel, which does not change while a process runs."""
    return middleware.in_use(rclpy.get_rmw_implementation_identifier())


class Diagnostics:
    """Publishes a node's reports on /diagnostics."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', qos.output())

    def publish(self, state: str, is_paused: bool, report: Report) -> None:
        """Publish how the node is.

        :param state: its lifecycle state.
        :param is_paused: whether it was told to rest (``pause.py``).
        """
        name = self._node.get_fully_qualified_name()
        values = {
            'state': state,
            'enabled': not is_paused,
            **report.values,
            'transport': _transport(),
        }
        status = DiagnosticStatus(
            level=report.level,
            name=name,
            hardware_id='',
            message=one_line(report.error or report.warning or ('paused' if is_paused else state)),
            values=[
                KeyValue(key=key, value=one_line(str(value))) for key, value in values.items()
            ],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)


class Failures:
    """Counts what goes wrong in a node, and logs it: each kind when new and every so often.

    :param log: of the node.
    """

    def __init__(self, log: ThrottledLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._last: tuple[float, str] | None = None
        self.count = 0

    def add(
        self, where: str, error: BaseException, consequence: str = 'the frame is dropped'
    ) -> None:
        """Note a failure; those that the same line of code raises are one kind.

        :param where: the stage, link or callback that failed.
        """
        kind = where, type(error), _place(error)
        if isinstance(error, ImageError):
            text = f'{where}: {error}'
            self._log.warning(kind, f'{text} ({consequence})')
        else:
            text = f'{where} failed: {type(error).__name__}: {error}'
            self._log.error(kind, f'{text} ({consequence})', error)
        with self._lock:
            self.count += 1
            self._last = time.monotonic(), text

    def recent(self) -> str:
        """Return the last failure of the last ``FRESH_S`` seconds, or an empty text."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] > FRESH_S:
                return ''
            return self._last[1]


def _place(error: BaseException) -> tuple[str, int] | None:
    """Return file and line that raised an error."""
    place = None
    for frame, line in walk_tb(error.__traceback__):
        place = frame.f_code.co_filename, line
    return place


def _rounded(value: float | None, digits: int) -> str:
    return 'none' if value is None else f'{value:.{digits}f}'
