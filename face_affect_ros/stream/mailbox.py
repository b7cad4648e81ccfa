# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A one-slot mailbox: who reads it gets the newest item, never an old one."""

from __future__ import annotations

import threading
from typing import Generic
from typing import TypeVar

T = TypeVar('T')


class Mailbox(Generic[T]):
    """One slot between any number of writers and one reader.

    A new item replaces the one that nobody has taken yet. Readers wait on a condition: an empty
    mailbox costs no CPU.
    """

    def __init__(self) -> None:
        """Begin open and empty."""
        self._changed = threading.Condition()
        self._item: T | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many items were replaced or cleared before anybody took them."""
        return self._dropped

    def put(self, item: T) -> T | None:
        """Store an item; return the one that it replaces. A closed mailbox takes nothing."""
        with self._changed:
            if self._closed:
                return None
            replaced = self._clear()
            self._item = item
            self._changed.notify()
            return replaced

    def take(self, timeout: float | None = None) -> T | None:
        """Wait for an item and take it.

        :param timeout: longest time to wait in seconds; None: until there is one.
        :returns: the item, or None where the mailbox was closed or the time is over.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._item is not None, timeout)
            item, self._item = self._item, None
            return item

    def clear(self) -> T | None:
        """Throw the waiting item away; return it."""
        with self._changed:
            return self._clear()

    def close(self) -> None:
        """Throw the waiting item away, wake the reader and take nothing any more."""
        with self._changed:
            self._clear()
            self._closed = True
            self._changed.notify_all()

    def _clear(self) -> T | None:
        item, self._item = self._item, None
        self._dropped += item is not None
        return item
