# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Requests that wait for their answers, each until its own deadline.

One thread answers: whatever has an outcome, and whatever is late. Times are those of the steady
clock in seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from face_affect_ros.stream.types import DescribedFaces

BURST = 8
PAUSE_S = 0.01
"""Answers sent without a pause, and the pause: rclpy's clients keep the last ten by default."""

Outcome = DescribedFaces | Exception


@dataclass(eq=False)
class OpenRequest:
    """A request that has not been answered yet.

    :param message: the request itself.
    :param reply: sends a response.
    :param taken_at: when it was taken.
    :param deadline: when it is answered at the latest.
    :param picture: the sent picture's message; None: a result of the stream is asked for.
    :param received_since: least time of reception of a result of the stream.
    :param outcome: what it is answered with; None: still open.
    """

    message: Any
    reply: Callable[[Any], None]
    taken_at: float
    deadline: float
    picture: Any = None
    received_since: float = float('-inf')
    outcome: Outcome | None = None

    @property
    def is_over(self) -> bool:
        """Whether nobody waits for an outcome any more."""
        return self.outcome is not None or time.monotonic() >= self.deadline

    @property
    def bytes(self) -> int:
        """Size of the sent picture."""
        return 0 if self.picture is None else len(self.picture.data)


class OpenRequests:
    """All requests that wait, and the thread that answers them.

    :param answer: answers a request whose outcome is there or whose deadline has come.
    """

    def __init__(self, answer: Callable[[OpenRequest], None]) -> None:
        self._answer = answer
        self._changed = threading.Condition()
        self._open: list[OpenRequest] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name='classify_image', daemon=True)
        self._thread.start()

    def add(self, request: OpenRequest) -> None:
        """Take a request in."""
        with self._changed:
            self._open.append(request)
            self._changed.notify_all()

    def settle(self, outcome: Outcome, which: Callable[[OpenRequest], bool]) -> None:
        """Give an outcome to the open ones of some requests."""
        with self._changed:
            for request in self._open:
                if request.outcome is None and which(request):
                    request.outcome = outcome
            self._changed.notify_all()

    def any(self, which: Callable[[OpenRequest], bool]) -> bool:
        """Return whether some request is open."""
        with self._changed:
            return any(which(request) for request in self._open)

    @property
    def bytes(self) -> int:
        """Size of all sent pictures that wait."""
        with self._changed:
            return sum(request.bytes for request in self._open)

    def close(self) -> None:
        """Let the thread end; what is open stays without an answer."""
        with self._changed:
            self._closed = True
            for request in self._open:
                request.deadline = 0.0
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._closed and not (due := self._take_due()):
                    self._changed.wait(self._time_left())
                if self._closed:
                    return
            self._answer_all(due)
            due.clear()

    def _answer_all(self, due: list[OpenRequest]) -> None:
        for request in due:
            self._answer(request)
        if len(due) == BURST:
            time.sleep(PAUSE_S)

    def _take_due(self) -> list[OpenRequest]:
        due = sorted(
            (request for request in self._open if request.is_over),
            key=lambda request: request.deadline,
        )[:BURST]
        self._open = [request for request in self._open if request not in due]
        return due

    def _time_left(self) -> float | None:
        """Return the seconds to the next deadline, None where nothing is open."""
        if not self._open:
            return None
        return max(0.0, min(request.deadline for request in self._open) - time.monotonic())
