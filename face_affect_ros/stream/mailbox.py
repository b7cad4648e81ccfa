# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A one-slot mailbox: who reads it gets the newest item, never an old one."""

from __future__ import annotations

import threading
import time
from typing import Generic
from typing import TypeVar

T = TypeVar('T')


class Mailbox(Generic[T]):
    """One slot between any number of writers and one reader.

    A new item replaces the one that nobody has taken yet. An empty mailbox costs no CPU: its
    reader waits for a lock that is free while there is something to see, which wakes it sooner
    than a condition would.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news = threading.Lock()
        self._news.acquire()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many items were replaced or cleared before anybody took them."""
        return self._dropped

    @property
    def closed(self) -> bool:
        """Whether it takes nothing any more."""
        return self._closed

    def put(self, item: T) -> T | None:
        """Store an item; return the one that it replaces. A closed mailbox takes nothing."""
        with self._lock:
            if self._closed:
                return None
            replaced = self._clear()
            self._item = item
            self._wake()
            return replaced

    def take(self, timeout: float | None = None) -> T | None:
        """Wait for an item and take it.

        :param timeout: longest time to wait in seconds; None: until there is one.
        :returns: the item, or None where the mailbox was closed or the time is over.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while self._news.acquire(timeout=-1 if end is None else max(0.0, end - time.monotonic())):
            with self._lock:
                item, self._item = self._item, None
                if self._closed:
                    self._wake()
                if item is not None or self._closed:
                    return item
        return None

    def clear(self) -> T | None:
        """Throw the waiting item away; return it."""
        with self._lock:
            return self._clear()

    def close(self) -> None:
        """Throw the waiting item away, wake the reader and take nothing any more."""
        with self._lock:
            self._clear()
            self._closed = True
            self._wake()

    def _wake(self) -> None:
        """Let the reader look; called with the mailbox locked."""
        if self._news.locked():
            self._news.release()

    def _clear(self) -> T | None:
        item, self._item = self._item, None
        self._dropped += item is not None
        return item
