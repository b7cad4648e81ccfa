# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What became of the frames of a stage: how many, how fast, how late."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from face_affect_ros.stream.recent_values import RecentValues
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import FrameTiming

MOST_STREAMS = 100
"""Streams whose numbers are remembered."""


@dataclass(frozen=True)
class Spread:
    """Median and 95th percentile of the last seconds, milliseconds; None without a value."""

    p50: float | None = None
    p95: float | None = None

    @classmethod
    def of(cls, values: RecentValues) -> Spread:
        """Return how values are spread."""
        return cls(values.percentile(50), values.percentile(95))


@dataclass(frozen=True)
class StageStats:
    """A stage at a glance.

    :param counts: frames since activation.
    :param input_rate: frames that came in a second, over ``recent_values.WINDOW_S``, Hz.
    :param output_rate: frames that the stage was done with a second, failed ones too, Hz.
    :param latency_ms: from reception by the camera to the end of this stage.
    :param work_ms: what the stage itself took for a frame.
    :param busy_s: seconds, up to ``recent_values.WINDOW_S``, for which frames have come.
    :param age_s: seconds since a frame came; None where none ever did.
    """

    counts: Counts
    input_rate: float
    output_rate: float
    latency_ms: Spread
    work_ms: Spread
    busy_s: float
    age_s: float | None


class Counters:
    """Counts as of the newest frame that the stage is done with.

    Frames come in order and carry the number of frames that were received so far, so whatever is
    missing between two of them was dropped, wherever that happened: in a mailbox, between
    processes or by a failure. So received = processed + dropped holds after each frame, and a
    frame that waits or is being worked on counts once the stage is done with it. Each stream has
    numbers of its own: of one that is new here, what was before its first frame does not count.

    ``stream`` is the stage's own: random, another one after each ``reset``.

    :param clock: steady time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._arrivals = RecentValues(clock)
        self._done = RecentValues(clock)
        self._latencies = RecentValues(clock)
        self._works = RecentValues(clock)
        self.reset()

    def reset(self) -> None:
        """Begin again at zero."""
        with self._lock:
            self.stream = random.randrange(1, 2**32)
            self._counts = Counts()
            self._numbers: dict[int, int] = {}
            self._arrived_at: float | None = None
            for values in (self._arrivals, self._done, self._latencies, self._works):
                values.clear()

    def arrived(self, timing: FrameTiming) -> None:
        """Note that a frame was handed to the stage."""
        with self._lock:
            self._numbers.setdefault(timing.stream, timing.counts.received - 1)
            self._arrived_at = self._clock()
            self._arrivals.add()

    def done(self, timing: FrameTiming, processed: bool, work_ms: float | None = None) -> Counts:
        """Note that the stage is done with a frame.

        :param timing: the frame's way up to this stage.
        :param processed: False where the work failed: the frame counts as dropped.
        :param work_ms: what the stage took for it.
        :returns: the counts as of this frame.
        """
        with self._lock:
            received = self._counts.received + self._step(timing)
            finished = self._counts.processed + processed
            self._counts = Counts(received, finished, received - finished)
            self._done.add()
            if processed:
                self._latencies.add((self._clock() - timing.received_at) * 1e3)
            if work_ms is not None:
                self._works.add(work_ms)
            return self._counts

    def stats(self) -> StageStats:
        """Return the stage's figures as of now."""
        with self._lock:
            return StageStats(
                self._counts,
                self._arrivals.rate(),
                self._done.rate(),
                Spread.of(self._latencies),
                Spread.of(self._works),
                self._arrivals.oldest_s(),
                None if self._arrived_at is None else self._clock() - self._arrived_at,
            )

    def _step(self, timing: FrameTiming) -> int:
        """Return how many frames came since the stream's last."""
        number = timing.counts.received
        step = number - self._numbers.get(timing.stream, number - 1)
        if len(self._numbers) > MOST_STREAMS:
            self._numbers.clear()
        self._numbers[timing.stream] = number
        return max(1, step)
