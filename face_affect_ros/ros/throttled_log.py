# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node's log of what may come again and again, as with every frame of a broken camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Hashable
from dataclasses import dataclass
from traceback import format_tb
from types import TracebackType
from typing import Any

from face_affect_ros.quoting import printable

REPEAT_S = 10.5
"""Least seconds between two lines of one kind: at most six a minute."""

LENGTH = 600
"""Most characters of a text in the log and in the diagnostics."""

MAX_KINDS = 200
"""Kinds that are known at a time; there are fewer, unless a caller makes kinds of what it got."""


@dataclass
class _Kind:
    """What is known of one kind of text."""

    log: Callable[[str], None]
    text: str = ''
    due_at: float = float('-inf')
    left_out: int = 0


class ThrottledLog:
    """Logs at most six lines a minute of each kind; each says how many were left out before it.

    A text stands on one line: what does not print is escaped, and what is longer than ``LENGTH``
    is cut. Values that somebody else chose belong into ``quoting.quoted``.

    :param logger: of the node, as ``node.get_logger()`` gives it.
    :param clock: steady time in seconds.
    """

    def __init__(self, logger: Any, clock: Callable[[], float] = time.monotonic) -> None:
        # rclpy remembers the severity of each line of code that logs
        self._warning = lambda text: logger.warning(text)
        self._error = lambda text: logger.error(text)
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[Hashable, _Kind] = {}

    def warning(self, kind: Hashable, text: str) -> None:
        """Log a warning unless one of its kind was logged a moment ago.

        :param kind: what the text is about, the same for all values in it.
        """
        self._add(kind, self._warning, text)

    def error(self, kind: Hashable, text: str, cause: BaseException | None = None) -> None:
        """Log an error unless one of its kind was logged a moment ago.

        :param kind: what the text is about, the same for all values in it.
        :param cause: its traceback comes with the first line of a kind.
        """
        self._add(kind, self._error, text, cause)

    def flush(self) -> None:
        """Log the last text of each kind that was left out long enough ago."""
        now = self._clock()
        with self._lock:
            waiting = [
                kind for kind in self._kinds.values() if kind.left_out and now >= kind.due_at
            ]
            lines = [(kind.log, self._line(kind, now, kind.left_out - 1)) for kind in waiting]
        for log, line in lines:
            log(line)

    def _add(
        self,
        key: Hashable,
        log: Callable[[str], None],
        text: str,
        cause: BaseException | None = None,
    ) -> None:
        now = self._clock()
        with self._lock:
            is_new = key not in self._kinds
            if is_new and len(self._kinds) >= MAX_KINDS:
                del self._kinds[next(iter(self._kinds))]
            kind = self._kinds.setdefault(key, _Kind(log))
            kind.text = one_line(text)
            if now < kind.due_at:
                kind.left_out += 1
                return
            line = self._line(kind, now, kind.left_out)
        log(line if cause is None or not is_new else f'{line}\n{traceback_of(cause)}')

    @staticmethod
    def _line(kind: _Kind, now: float, left_out: int) -> str:
        """Return a kind's line, which goes into the log now."""
        kind.due_at = now + REPEAT_S
        kind.left_out = 0
        return f'{kind.text} ({left_out} more like it left out)' if left_out else kind.text


def one_line(text: str) -> str:
    """Return a text on one line of at most ``LENGTH`` characters."""
    text = printable(text[: LENGTH + 1])
    return text if len(text) <= LENGTH else f'{text[: LENGTH - 3]}...'


def traceback_of(error: BaseException) -> str:
    """Return where an error and its causes were raised; their texts on one line each."""
    parts = []
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        text = one_line(f'{type(cause).__name__}: {cause}')
        parts.append(f'{_frames(cause.__traceback__)}{text}')
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return '\nafter this error:\n'.join(reversed(parts))


def _frames(traceback: TracebackType | None) -> str:
    return f'Traceback (most recent call last):\n{"".join(format_tb(traceback))}'
