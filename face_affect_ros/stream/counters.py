# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What became of the frames of a stage: how many, how fast, how late."""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import FrameTiming

WINDOW_S = 5.0
"""Seconds that rate and latency look back."""

MOST_STREAMS = 100
"""Streams whose numbers are remembered."""


@dataclass(frozen=True)
class StageStats:
    """A stage at a glance.

    :param counts: frames since activation.
    :param input_rate: frames that came in a second, over the last ``WINDOW_S``, Hz.
    :param latency_ms: median from reception by the camera to the end of this stage over the last
        ``WINDOW_S``; None where no frame was finished.
    :param age_s: seconds since a frame came; None where none ever did.
    """

    counts: Counts
    input_rate: float
    latency_ms: float | None
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
        self.reset()

    def reset(self) -> None:
        """Begin again at zero."""
        with self._lock:
            self.stream = random.randrange(1, 2**32)
            self._counts = Counts()
            self._numbers: dict[int, int] = {}
            self._began_at = self._clock()
            self._arrivals: deque[float] = deque()
            self._latencies: deque[tuple[float, float]] = deque()
            self._arrived_at: float | None = None

    def arrived(self, timing: FrameTiming) -> None:
        """Note that a frame was handed to the stage."""
        with self._lock:
            self._numbers.setdefault(timing.stream, timing.counts.received - 1)
            self._arrived_at = self._clock()
            self._arrivals.append(self._arrived_at)
            self._forget(self._arrived_at)

    def done(self, timing: FrameTiming, processed: bool) -> Counts:
        """Note that the stage is done with a frame.

        :param timing: the frame's way up to this stage.
        :param processed: False where the work failed: the frame counts as dropped.
        :returns: the counts as of this frame.
        """
        with self._lock:
            received = self._counts.received + self._step(timing)
            finished = self._counts.processed + processed
            self._counts = Counts(received, finished, received - finished)
            if processed:
                now = self._clock()
                self._latencies.append((now, (now - timing.received_at) * 1e3))
            return self._counts

    def stats(self) -> StageStats:
        """Return the stage's figures as of now."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            span = min(WINDOW_S, max(1.0, now - self._began_at))
            return StageStats(
                self._counts,
                len(self._arrivals) / span,
                statistics.median(value for _, value in self._latencies)
                if self._latencies
                else None,
                None if self._arrived_at is None else now - self._arrived_at,
            )

    def _step(self, timing: FrameTiming) -> int:
        """Return how many frames came since the stream's last."""
        number = timing.counts.received
        step = number - self._numbers.get(timing.stream, number - 1)
        if len(self._numbers) > MOST_STREAMS:
            self._numbers.clear()
        self._numbers[timing.stream] = number
        return max(1, step)

    def _forget(self, now: float) -> None:
        while self._arrivals and self._arrivals[0] < now - WINDOW_S:
            self._arrivals.popleft()
        while self._latencies and self._latencies[0][0] < now - WINDOW_S:
            self._latencies.popleft()
