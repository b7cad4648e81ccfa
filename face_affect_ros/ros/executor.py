# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""rclpy's executor of several threads, which leaves the interpreter to the stages.

It does without the busy loop that rclpy's own has, and its end is no error.
"""

from __future__ import annotations

import time
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import MultiThreadedExecutor
from rclpy.task import Task

POLL_S = 1e-4
"""Seconds between two looks whether a callback has begun."""

PATIENCE_S = 0.05
"""Longest time to wait for one: all threads may be held up."""

REST_S = 2e-3
"""Seconds without a look for more work after a callback that fed a stage. A look takes rclpy about
a millisecond with the interpreter locked, and the frame would wait for it more than once."""

SHUT_DOWN = 'cannot schedule new futures after shutdown'
"""What a pool of threads says when it is handed something after its end."""


class FeedingGroup(MutuallyExclusiveCallbackGroup):
    """Group of the callbacks that hand a stage what it works on."""


class PatientExecutor(MultiThreadedExecutor):
    """Looks for more work once the callback that it handed to its threads has begun.

    After one of a ``FeedingGroup`` it rests for ``REST_S``, while the stages begin.

    rclpy before 10.0.4 hands a callback out again and again until a thread has begun it
    (ros2/rclpy#1452). It does so with the interpreter locked, so that no thread begins, and what
    it handed out in vain stands in the queue before the next message: one processor is busy, and
    of thirty frames a second a third to all but a few are lost.
    """

    _handed_out: Task | None = None
    _fed = False

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Hand out the next callback; drop it where the executor was shut down meanwhile."""
        try:
            super().spin_once(timeout_sec)
        except RuntimeError as error:
            if str(error) != SHUT_DOWN or self._handed_out is None:
                raise
            self._handed_out.cancel()

    def wait_for_ready_callbacks(self, *args: Any, **kwargs: Any) -> Any:
        """Return the next callback, once the one before has begun."""
        if self._handed_out is not None:
            _let_begin(self._handed_out)
        if self._fed:
            self._fed = False
            time.sleep(REST_S)
        work = super().wait_for_ready_callbacks(*args, **kwargs)
        task, entity, _ = work
        self._handed_out = task
        self._fed = isinstance(getattr(entity, 'callback_group', None), FeedingGroup)
        return work


def _let_begin(task: Task) -> None:
    """Wait until a task has begun, or for ``PATIENCE_S``."""
    end = time.monotonic() + PATIENCE_S
    while not (task.executing() or task.done()) and time.monotonic() < end:
        time.sleep(POLL_S)
