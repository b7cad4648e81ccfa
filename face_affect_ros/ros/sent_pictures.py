# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Threads that describe sent pictures, the most urgent first, and no longer than is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from face_affect_ros import interruption
from face_affect_ros.ros.open_requests import OpenRequest
from face_affect_ros.stream.types import DescribedFaces

PATIENCE_S = 0.5
"""Longest time that ``close`` waits for the step in hand."""


class PictureThread:
    """One thread that works through requests.

    :param name: of the thread.
    :param describe: makes the outcome of a request, or raises; its work is interrupted once the
        request is over. None: the request was handed on.
    :param settle: takes a request and its outcome.
    :param after: called after each request, which is forgotten by then.
    """

    def __init__(
        self,
        name: str,
        describe: Callable[[OpenRequest], DescribedFaces | None],
        settle: Callable[[OpenRequest, DescribedFaces | Exception], None],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._describe = describe
        self._settle = settle
        self._after = after
        self._changed = threading.Condition()
        self._waiting: list[OpenRequest] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, request: OpenRequest) -> None:
        """Hand a request over."""
        with self._changed:
            self._waiting.append(request)
            self._changed.notify()

    def close(self) -> None:
        """Let the thread end behind the step in hand."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while (request := self._take()) is not None:
            self._work(request)
            del request  # and its picture
            self._after()

    def _take(self) -> OpenRequest | None:
        """Return the most urgent request that is still waited for; None at the end."""
        with self._changed:
            while not self._closed:
                self._waiting = [each for each in self._waiting if not each.is_over]
                if self._waiting:
                    request = min(self._waiting, key=lambda each: each.deadline)
                    self._waiting.remove(request)
                    return request
                self._changed.wait()
            return None

    def _work(self, request: OpenRequest) -> None:
        try:
            with interruption.interruptible(lambda: request.is_over or self._closed):
                outcome = self._describe(request)
        except interruption.Interrupted:
            return
        except Exception as error:
            self._settle(request, error)
        else:
            if outcome is not None:
                self._settle(request, outcome)
