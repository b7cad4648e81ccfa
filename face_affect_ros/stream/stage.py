# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A stage: one worker thread that takes the newest item, works on it and hands the result on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic
from typing import TypeVar

from face_affect_ros import interruption
from face_affect_ros.stream.counters import Counters
from face_affect_ros.stream.mailbox import Mailbox
from face_affect_ros.stream.types import StreamItem
from face_affect_ros.stream.types import advanced

In = TypeVar('In', bound=StreamItem)
Out = TypeVar('Out', bound=StreamItem)

STUCK_S = 5.0
"""Seconds of work on one item after which the stage counts as stuck."""

STOP_TIMEOUT_S = 5.0
"""Longest time that ``stop`` waits for the work in hand."""


class LeftOut(Exception):
    """Raised by the work: it has no result for this item, and nothing is wrong."""


def _log(name: str, error: Exception) -> None:
    logging.getLogger(__name__).error('%s failed', name, exc_info=error)


class Stage(Generic[In, Out]):
    """Newest item in, result out to any number of consumers.

    An exception in the work costs its item and nothing else: it is reported, the item counts as
    dropped, and the stream goes on. The same holds for a consumer, which costs the others nothing.

    :param name: names the thread and errors.
    :param work: makes a result of an item, on the worker thread; an item that it leaves out
        (``LeftOut``) counts as dropped.
    :param consumers: take each result in turn, on the worker thread, with the stage's counts in
        its timing: they store or send it and return.
    :param on_error: told of the stage's name and the exception, on the worker thread.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[In], Out],
        consumers: tuple[Callable[[Out], object], ...] = (),
        on_error: Callable[[str, Exception], object] = _log,
    ) -> None:
        """Make a stage that is not running yet."""
        self.name = name
        self.counters = Counters()
        self._work = work
        self._consumers = consumers
        self._on_error = on_error
        self._mailbox: Mailbox[In] = Mailbox()
        self._thread: threading.Thread | None = None
        self._began_at: float | None = None

    @property
    def running(self) -> bool:
        """Whether the worker thread is there."""
        return self._thread is not None

    def fault(self) -> str:
        """Return that the work in hand takes very long, or an empty text."""
        began_at = self._began_at
        busy_s = 0.0 if began_at is None else time.monotonic() - began_at
        return f'{self.name} is busy with one frame for {busy_s:.0f} s' if busy_s > STUCK_S else ''

    def put(self, item: In) -> None:
        """Hand an item over; one that still waits is dropped. Without effect unless running."""
        if self.running:
            self.counters.arrived(item.timing)
            self._mailbox.put(item)

    def clear(self) -> None:
        """Drop the item that waits."""
        self._mailbox.clear()

    def start(self) -> None:
        """Start the worker thread with an empty mailbox and counters at zero."""
        if self.running:
            raise RuntimeError(f'stage {self.name} is running already')
        self.counters.reset()
        self._mailbox = Mailbox()
        self._thread = threading.Thread(
            target=self._run, args=(self._mailbox,), name=self.name, daemon=True
        )
        self._thread.start()

    def stop(self) -> bool:
        """Stop at the next step of the work; drop what waits. Without effect unless running.

        :returns: False where the work in hand took longer than ``STOP_TIMEOUT_S``.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        self._mailbox.close()
        thread.join(STOP_TIMEOUT_S)
        return not thread.is_alive()

    def _run(self, mailbox: Mailbox[In]) -> None:
        while (item := mailbox.take()) is not None:
            self._began_at = time.monotonic()
            with interruption.interruptible(lambda: mailbox.closed):
                self._process(item)
            self._began_at = None

    def _process(self, item: In) -> None:
        begin = time.monotonic()
        try:
            result = self._work(item)
        except (LeftOut, interruption.Interrupted):
            self.counters.done(item.timing, processed=False)
            return
        except Exception as error:
            self.counters.done(item.timing, processed=False)
            self._on_error(self.name, error)
            return
        result = advanced(
            result,
            counts=self.counters.done(
                item.timing, processed=True, work_ms=(time.monotonic() - begin) * 1e3
            ),
            stream=self.counters.stream,
        )
        for consumer in self._consumers:
            try:
                consumer(result)
            except Exception as error:
                self._on_error(self.name, error)
