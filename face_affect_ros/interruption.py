# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Work that stops between two of its steps once nobody waits for it any more.

Steps are short: a run of a network, a tile of a large picture. Each asks ``check`` first; who
starts the work says by ``interruptible`` when it is over. Without that nothing is stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_over: ContextVar[Callable[[], bool]] = ContextVar('is_over')


class Interrupted(Exception):
    """The work was stopped: nobody waits for it any more."""


@contextmanager
def interruptible(is_over: Callable[[], bool]) -> Iterator[None]:
    """Have the work of this thread stop at its next step once ``is_over`` returns true."""
    token = _is_over.set(is_over)
    try:
        yield
    finally:
        _is_over.reset(token)


def check() -> None:
    """Raise ``Interrupted`` where this thread's work is over."""
    is_over = _is_over.get(None)
    if is_over is not None and is_over():
        raise Interrupted('nobody waits for this work any more')
