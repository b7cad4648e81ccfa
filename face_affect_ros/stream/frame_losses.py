# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames that were published and never came: counted by their numbers, or estimated by stamps."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Hashable
from dataclasses import dataclass

from face_affect_ros.stream.recent_values import WINDOW_S

STEPS = 30
"""Differences between stamps that the publisher's rate is estimated from."""

LONGEST_STEP_NS = 5 * 10**9
"""Longest difference between two stamps of one stream."""

SHORT = 0.1
"""Share of the differences that is taken for one frame's at least, however many are lost."""

SAME = 1.5
"""Differences up to this ratio to the short ones are one frame's too: stamps jitter."""

SENSIBLE_HZ = 25.0
"""Rate from which on lost frames are no loss: a face is described often enough."""

NOTABLE = 0.1
"""Share of lost frames from which on they are worth a warning."""


@dataclass(frozen=True)
class Losses:
    """What came and what did not.

    :param total: frames lost since the subscription; None where nothing tells.
    :param estimated: whether the numbers are estimates from stamps.
    :param received_hz: frames that came, over the last ``WINDOW_S``.
    :param published_hz: frames that were published then.
    """

    total: int | None
    estimated: bool
    received_hz: float
    published_hz: float

    @property
    def notable(self) -> bool:
        """Whether so many are lost that somebody should do something."""
        return (
            self.received_hz < min(SENSIBLE_HZ, (1 - NOTABLE) * self.published_hz)
            and self.total is not None
        )


class LossCounter:
    """Counts the frames of a subscription that never came.

    Where messages carry the number that their publisher gave them, gaps are counted. Elsewhere
    they are estimated: the shortest steps between stamps are one frame's, longer ones more.

    :param clock: steady time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers: dict[Hashable, int] = {}
        self._stamp_ns = 0
        self._steps: deque[int] = deque(maxlen=STEPS)
        self._recent: deque[tuple[float, int]] = deque()
        self._total: int | None = None
        self._estimated = False
        self._began_at: float | None = None

    def arrived(
        self, stamp_ns: int, number: int | None = None, publisher: Hashable = None
    ) -> None:
        """Note that a frame came.

        :param stamp_ns: its stamp; 0 where it has none.
        :param number: which of its publisher's messages it is, where that is known.
        :param publisher: whose.
        """
        with self._lock:
            self._estimated = number is None
            lost = (
                self._lost_before_stamp(stamp_ns)
                if number is None
                else self._lost_before_number(number, publisher)
            )
            if lost is not None:
                self._total = (self._total or 0) + lost
            now = self._clock()
            self._began_at = now if self._began_at is None else self._began_at
            self._recent.append((now, lost or 0))
            self._forget(now)

    def losses(self) -> Losses:
        """Return what was lost, as of now."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            span = min(WINDOW_S, max(1.0, now - (self._began_at or now)))
            received = len(self._recent)
            lost = sum(count for _, count in self._recent)
            return Losses(self._total, self._estimated, received / span, (received + lost) / span)

    def _lost_before_number(self, number: int, publisher: Hashable) -> int:
        """Return the gap to the publisher's last number; it may have begun anew."""
        last = self._numbers.get(publisher)
        if len(self._numbers) > STEPS:
            self._numbers.clear()
        self._numbers[publisher] = number
        return max(0, number - last - 1) if last is not None else 0

    def _lost_before_stamp(self, stamp_ns: int) -> int | None:
        """Return how many frames fit between two stamps; None where that is unknown."""
        step, self._stamp_ns = stamp_ns - self._stamp_ns, stamp_ns
        if not 0 < step < LONGEST_STEP_NS:
            return None
        self._steps.append(step)
        if len(self._steps) < STEPS // 3:
            return None
        shortest = sorted(self._steps)[int(SHORT * len(self._steps))]
        period = statistics.median(each for each in self._steps if each <= SAME * shortest)
        return max(0, round(step / period) - 1)

    def _forget(self, now: float) -> None:
        while self._recent and self._recent[0][0] < now - WINDOW_S:
            self._recent.popleft()
