# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One time for a stream's frames that never goes back, whatever their stamps say.

Cameras give stamps that are late, equal, zero or of another clock. Time goes by the stamps as long
as these go on by about as much as the frames' reception, or by as much as they did before (a bag
that is played faster or slower), and by the reception where a stamp does not. Several stamps in a
row that go on from one another, and not from those before, are a clock that has jumped. Where it
did so by more than ``JUMP_S`` another stream begins: a bag that starts again, a simulator's reset.
"""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

TOLERANCE_S = 0.25
"""Seconds by which a stamp may be ahead of what the reception lets expect."""

JUMP_S = 0.5
"""Seconds from which a jump of the stamps is another stream; clocks are corrected by less."""

CONFIRMING_FRAMES = 3
"""Stamps in a row that make a clock."""

STEP_S = 0.5
"""Seconds between two frames of a camera, at most in the mean: noise goes on by more."""

CONFIRMING_FRAMES_WIDE = 8
"""Stamps in a row that make a clock where they go on by more than that."""

START_SPEED = 30.0
"""Seconds of the first clock a second of reception, at most, until its speed is known."""

MAX_SPEED = 1000.0
"""The same of a clock that has jumped."""

STILL_S = 1e-3
"""A stamp that differs by less from the one before tells nothing."""

FORGET_S = 5.0
"""Seconds after which a clock is forgotten that stamps do not follow any more."""

MAX_LAG_S = 5.0
"""Seconds by which frames may be late on their way, all of them: what they catch up is no jump."""

MAX_CLOCKS = 4
MAX_ELAPSED_S = 3600.0
"""Longest time without a frame; longer ones count as this."""

EXPECTING_FRAMES = 30
"""Frames for which a jump is expected after ``expect_jump``."""


class FrameTime(NamedTuple):
    """When a frame was taken.

    :param seconds: time of the stream, not before the frame's before.
    :param jump_s: seconds by which the stamps jumped, where another stream begins; else None.
    """

    seconds: float
    jump_s: float | None = None


@dataclass
class _Clock:
    """A clock that stamps follow.

    :param begin_ns: one of its stamps, at ``begin`` in seconds of the stream.
    :param stamp_ns: its newest stamp, ``received`` then.
    :param jump_s: seconds by which its first stamp jumped, against what was expected.
    """

    begin_ns: int
    begin: float
    stamp_ns: int
    received: float
    jump_s: float
    frames: int = 1
    steps: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=8))
    leads: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=30))

    def seconds(self, stamp_ns: int) -> float:
        return self.begin + (stamp_ns - self.begin_ns) * 1e-9

    def step(self, stamp_ns: int, received: float) -> tuple[float, float]:
        """Return the seconds since the newest stamp by the stamps and by the reception."""
        return (stamp_ns - self.stamp_ns) * 1e-9, received - self.received

    def speed(self) -> float:
        """Return the seconds of this clock a second of reception, at least 1."""
        if self.frames < CONFIRMING_FRAMES:
            return START_SPEED
        return max(
            1.0,
            statistics.median_low(
                stamps / max(reception, 1e-6) for stamps, reception in self.steps
            ),
        )

    def usual_step(self) -> float:
        """Return the median of the last steps by the stamps, in seconds."""
        return statistics.median_low(step for step, _ in self.steps) if self.steps else 0.0

    def lag(self) -> float:
        """Return the seconds by which the newest frame was later than the quickest of the last."""
        return min(max(self.leads) - self.leads[-1], MAX_LAG_S)

    def take(self, stamp_ns: int, received: float) -> None:
        by_stamp, by_reception = self.step(stamp_ns, received)
        self.steps.append((by_stamp, by_reception))
        self.leads.append(self.leads[-1] + by_stamp - by_reception)
        self.stamp_ns, self.received = stamp_ns, received
        self.frames += 1


class StreamTime:
    """Turns the stamps and reception times of one stream's frames into one time."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._seconds = 0.0
        self._received: float | None = None
        self._clocks: list[_Clock] = []  # the one that the newest stamp followed comes first
        self._candidate: _Clock | None = None
        self._expecting = 0

    def expect_jump(self) -> None:
        """Take the next stamp that jumps for another stream's: the ROS clock has jumped."""
        self._expecting = EXPECTING_FRAMES

    def update(self, stamp_ns: int, received_at: float) -> FrameTime:
        """Return the time of the next frame.

        :param stamp_ns: its stamp in nanoseconds; 0 or less: it has none.
        :param received_at: its reception in seconds, by a clock that goes steadily.
        """
        by_reception = self._seconds + self._elapsed(received_at)
        self._expecting = max(0, self._expecting - 1)
        jump = None
        if stamp_ns <= 0 or self._is_still(stamp_ns):
            seconds = by_reception
        elif self._find_clock(stamp_ns):
            seconds = self._follow(stamp_ns)
        else:
            seconds, jump = self._judge(stamp_ns, by_reception)
        self._seconds = max(self._seconds, seconds)
        return FrameTime(self._seconds, jump)

    def _elapsed(self, received_at: float) -> float:
        """Return the seconds since the last frame by the reception, which may not go back."""
        last = received_at if self._received is None else self._received
        self._received = max(last, received_at)
        return min(self._received - last, MAX_ELAPSED_S)

    def _is_still(self, stamp_ns: int) -> bool:
        return bool(self._clocks) and abs(stamp_ns - self._clocks[0].stamp_ns) < STILL_S * 1e9

    def _find_clock(self, stamp_ns: int) -> bool:
        """Put the clock first that a stamp follows; return whether there is one.

        The last one may go on at its own speed, others by about as much as the reception.
        """
        received = self._received or 0.0
        self._clocks[1:] = [
            clock for clock in self._clocks[1:] if received - clock.received <= FORGET_S
        ]
        gaps = []
        for place, clock in enumerate(self._clocks):
            by_stamp, by_reception = clock.step(stamp_ns, received)
            ahead = by_stamp - by_reception
            allowed = (
                TOLERANCE_S
                if place
                else TOLERANCE_S
                + max(
                    (2 * clock.speed() - 1) * by_reception,
                    clock.lag(),
                    2 * clock.usual_step() - by_reception,
                )
            )
            if by_stamp > 0 and ahead <= allowed and (not place or -ahead <= TOLERANCE_S):
                gaps.append((abs(ahead), place))
        if gaps:
            self._clocks.insert(0, self._clocks.pop(min(gaps)[1]))
        return bool(gaps)

    def _follow(self, stamp_ns: int) -> float:
        """Return the time by the clock that comes first."""
        clock = self._clocks[0]
        clock.take(stamp_ns, self._received or 0.0)
        self._candidate = None
        behind = self._seconds - clock.seconds(stamp_ns)
        if behind > JUMP_S:  # by what the reception told; do not wait until the stamps are there
            clock.begin += behind
        return clock.seconds(stamp_ns)

    def _judge(self, stamp_ns: int, by_reception: float) -> tuple[float, float | None]:
        """Return the time of a stamp that follows no clock, and by how much a clock has jumped."""
        candidate, received = self._candidate, self._received or 0.0
        seconds = by_reception
        if candidate is not None and _may_go_on(candidate, stamp_ns, received):
            candidate.take(stamp_ns, received)
            if candidate.steps[-1][0] <= STEP_S:
                seconds = self._seconds + candidate.steps[-1][0]
        else:
            candidate = _Clock(
                stamp_ns, by_reception, stamp_ns, received, self._jump(stamp_ns, received)
            )
        self._candidate = candidate
        is_jump = abs(candidate.jump_s) > JUMP_S
        if (
            self._clocks
            and candidate.frames < _needed(candidate)
            and not (self._expecting and is_jump)
        ):
            return seconds, None
        candidate.begin_ns, candidate.begin = stamp_ns, seconds
        self._clocks = [candidate, *self._clocks][:MAX_CLOCKS]
        self._candidate = None
        if is_jump:
            self._expecting = 0
        return seconds, candidate.jump_s if is_jump else None

    def _jump(self, stamp_ns: int, received: float) -> float:
        """Return by how much a stamp jumped; after a single one nobody knows which was right."""
        if not self._clocks or self._clocks[0].frames < 2:
            return 0.0
        by_stamp, by_reception = self._clocks[0].step(stamp_ns, received)
        return by_stamp - by_reception


def _may_go_on(clock: _Clock, stamp_ns: int, received: float) -> bool:
    """Return whether a stamp may be the next of a clock that is not confirmed."""
    by_stamp, by_reception = clock.step(stamp_ns, received)
    return STILL_S < by_stamp <= TOLERANCE_S + MAX_SPEED * by_reception


def _needed(clock: _Clock) -> int:
    """Return how many stamps in a row confirm a clock."""
    is_wide = sum(step for step, _ in clock.steps) > STEP_S * len(clock.steps)
    return CONFIRMING_FRAMES_WIDE if is_wide else CONFIRMING_FRAMES
