# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Work in another thread that is waited for as long as it has not computed for too long.

Processor time does not depend on what else the machine does, the time on the clock does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from concurrent.futures import wait
from typing import Generic
from typing import TypeVar

Result = TypeVar('Result')

LONGEST_WAIT_S = 1.0
"""Time on the clock after which no work is waited for, also where a busy machine has not begun it
or the work itself waits."""

SHORTEST_WAIT_S = 1e-3


class MeasuredRun(Generic[Result]):
    """One run of a function in an executor's thread, with the processor time that it takes.

    :param executor: its threads, not processes.
    :param function: without arguments; computes in its own thread.
    """

    def __init__(self, executor: Executor, function: Callable[[], Result]) -> None:
        """Begin."""
        self._clock: int | None = None
        self._begun_at = 0.0
        self._function = function
        self._outcome = executor.submit(self._run)

    def _run(self) -> tuple[Result, float]:
        self._begun_at = time.thread_time()
        self._clock = time.pthread_getcpuclockid(threading.get_ident())
        result = self._function()
        return result, time.thread_time() - self._begun_at

    @property
    def is_done(self) -> bool:
        """Whether it has returned or raised."""
        return self._outcome.done()

    @property
    def milliseconds(self) -> float:
        """Processor time so far."""
        if self._outcome.done():
            return self._outcome.result()[1] * 1e3
        if self._clock is None:
            return 0.0
        return (time.clock_gettime(self._clock) - self._begun_at) * 1e3

    def result(self) -> Result:
        """Return what the function returned, or raise what it raised; waits until it is done."""
        return self._outcome.result()[0]

    def wait(self, milliseconds: float) -> bool:
        """Wait until it is done or has computed for so long; return whether it is done.

        :param milliseconds: of processor time; 0: wait until it is done.
        """
        end = time.monotonic() + LONGEST_WAIT_S
        while not self._outcome.done():
            left = milliseconds / 1e3 - self.milliseconds / 1e3 if milliseconds else None
            if left is not None and (left <= 0 or time.monotonic() >= end):
                return False
            wait([self._outcome], None if left is None else max(left, SHORTEST_WAIT_S))
        return True
