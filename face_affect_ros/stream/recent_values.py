# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Values of the last seconds: how many came, and how they are spread."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

WINDOW_S = 5.0
"""Seconds that are looked back."""

LEAST_SPAN_S = 1.0
"""Seconds over which a rate is taken at least, right after the beginning."""


class RecentValues:
    """Values with their times, forgotten after ``WINDOW_S``; threads may share it.

    :param clock: steady time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without a value."""
        self._clock = clock
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Begin again without a value."""
        with self._lock:
            self._began_at = self._clock()
            self._values: deque[tuple[float, float]] = deque()

    def add(self, value: float = 1.0) -> None:
        """Note a value as of now."""
        with self._lock:
            now = self._clock()
            self._values.append((now, value))
            self._forget(now)

    def oldest_s(self) -> float:
        """Return how long ago the oldest value came, 0..``WINDOW_S``; 0 where there is none."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            return now - self._values[0][0] if self._values else 0.0

    def rate(self) -> float:
        """Return how many values came a second, Hz."""
        return len(self._recent()) / self._span()

    def sum_rate(self) -> float:
        """Return the sum of the values that came a second."""
        return sum(self._recent()) / self._span()

    def percentile(self, percent: float) -> float | None:
        """Return a percentile of the values; None where there is none.

        :param percent: 0..100.
        """
        values = self._recent()
        return float(np.percentile(values, percent)) if values else None

    def _recent(self) -> list[float]:
        with self._lock:
            self._forget(self._clock())
            return [value for _, value in self._values]

    def _span(self) -> float:
        return min(WINDOW_S, max(LEAST_SPAN_S, self._clock() - self._began_at))

    def _forget(self, now: float) -> None:
        while self._values and self._values[0][0] < now - WINDOW_S:
            self._values.popleft()
