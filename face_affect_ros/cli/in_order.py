# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Work of several threads whose results come in the order of what they are made of."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from typing import TypeVar

from face_affect_ros.interruption import interruptible

Item = TypeVar('Item')
Result = TypeVar('Result')

AHEAD = 2
"""Items a worker that are begun before the result of the first is taken."""


class OrderedWorkers:
    """Threads that work on several items at a time; a context that stops them at its end.

    :param count: of threads; 1: the items are worked on where the results are taken.
    """

    def __init__(self, count: int) -> None:
        self._is_over = threading.Event()
        self._pool = ThreadPoolExecutor(count, 'picture') if count > 1 else None
        self._count = count

    def __enter__(self) -> OrderedWorkers:
        """Return the workers."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Stop: what was begun ends at its next step (``interruption``), nothing else begins."""
        self._is_over.set()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def results(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[Result]:
        """Yield the results in the order of the items.

        :param function: threads share it.
        """
        if self._pool is None:
            yield from map(function, items)
            return
        waiting: deque[Future[Result]] = deque(maxlen=AHEAD * self._count)
        for item in items:
            if len(waiting) == waiting.maxlen:
                yield waiting.popleft().result()
            waiting.append(self._pool.submit(self._run, function, item))
        while waiting:
            yield waiting.popleft().result()

    def _run(self, function: Callable[[Item], Result], item: Item) -> Result:
        with interruptible(self._is_over.is_set):
            return function(item)
