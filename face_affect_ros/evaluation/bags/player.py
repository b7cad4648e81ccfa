# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag's messages at the times of their recording, for whoever publishes them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass

from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.stored import StoredMessage


@dataclass
class Played:
    """What was played so far.

    :param messages: how many.
    :param most_behind_s: longest time by which one was later than it should have been, seconds.
    :param rounds: how often the bag was begun.
    """

    messages: int = 0
    most_behind_s: float = 0.0
    rounds: int = 0


@dataclass(frozen=True)
class Pace:
    """How a bag is played.

    :param rate: seconds of the recording a second.
    :param loop: whether it begins again after its end.
    :param clock_hz: how often a second ``tick`` is called besides with each message; 0: never.
    """

    rate: float = 1.0
    loop: bool = False
    clock_hz: float = 0.0


class Player:
    """Plays a bag.

    :param topics: what is played of it.
    :param publish: takes each message when it is due.
    :param tick: told of the time of the recording in nanoseconds.
    :param stop: ends it when set.
    """

    def __init__(
        self,
        bag: Bag,
        topics: Collection[str],
        pace: Pace,
        publish: Callable[[StoredMessage], object],
        tick: Callable[[int], object] = lambda _: None,
        stop: threading.Event | None = None,
    ) -> None:
        """Begin stopped."""
        self.played = Played()
        self._bag, self._topics, self._pace = bag, topics, pace
        self._publish, self._tick = publish, tick
        self._stop = stop or threading.Event()

    def __iter__(self) -> Iterator[StoredMessage]:
        """Play; yield each message after it was published."""
        while not self._stop.is_set():
            before = self.played.messages
            yield from self._play_once()
            if not self._pace.loop or self.played.messages == before:
                return

    def _play_once(self) -> Iterator[StoredMessage]:
        begin_ns, begin = None, 0.0
        self.played.rounds += 1
        for message in self._bag.messages(self._topics):
            if begin_ns is None:
                begin_ns, begin = message.recorded_ns, time.monotonic()
            if not self._wait(message.recorded_ns, begin_ns, begin):
                return
            due = begin + (message.recorded_ns - begin_ns) * 1e-9 / self._pace.rate
            behind = time.monotonic() - due
            self.played.most_behind_s = max(self.played.most_behind_s, behind)
            if self._pace.clock_hz:
                self._tick(message.recorded_ns)
            self._publish(message)
            self.played.messages += 1
            yield message

    def _wait(self, recorded_ns: int, begin_ns: int, begin: float) -> bool:
        """Wait until a message is due, with the clock going on; return False where it is over."""
        rate, period = self._pace.rate, 1 / self._pace.clock_hz if self._pace.clock_hz else None
        while True:
            elapsed = time.monotonic() - begin
            left = (recorded_ns - begin_ns) * 1e-9 / rate - elapsed
            if left <= 0:
                return not self._stop.is_set()
            if self._stop.wait(left if period is None else min(left, period)):
                return False
            if period is not None and left > period:
                elapsed = time.monotonic() - begin
                self._tick(min(recorded_ns, begin_ns + int(elapsed * rate * 1e9)))
