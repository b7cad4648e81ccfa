# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node of the doctor's own in the graph."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

STEP_S = 0.05

Request = tuple[type, str, Any]
"""Type of a service, its full name, and what is asked."""


class GraphSession:
    """Joins the graph; a context manager that leaves it.

    :raises Exception: ROS cannot be started here; of types that differ between distributions.
    """

    def __init__(self) -> None:
        """Join."""
        self._context = rclpy.Context()
        rclpy.init(args=[], context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self.node = rclpy.create_node(f'face_affect_doctor_{os.getpid()}', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)

    def __enter__(self) -> GraphSession:
        """Return the session."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Leave the graph."""
        self._executor.shutdown(timeout_sec=1)
        self.node.destroy_node()
        rclpy.try_shutdown(context=self._context)

    def spin(self, seconds: float, until: Callable[[], Any] = lambda: False) -> None:
        """Take messages for some seconds, or until a condition comes true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until():
            self._executor.spin_once(timeout_sec=STEP_S)

    def ask(self, requests: Mapping[Hashable, Request], seconds: float) -> dict[Hashable, Any]:
        """Call services, all at once; return the answers that come in time."""
        node = self.node
        clients: dict[Hashable, Any] = {
            key: node.create_client(kind, name) for key, (kind, name, _) in requests.items()
        }
        self.spin(seconds, lambda: all(each.service_is_ready() for each in clients.values()))
        futures = {
            key: client.call_async(requests[key][2])
            for key, client in clients.items()
            if client.service_is_ready()
        }
        self.spin(seconds, lambda: all(each.done() for each in futures.values()))
        answers = {key: each.result() for key, each in futures.items() if each.done()}
        for client in clients.values():
            node.destroy_client(client)
        return answers
