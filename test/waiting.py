# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Time in tests: a clock that they control, and bounded waiting for what they do not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

LONG_S = 20.0
"""Longest wait for what should come at once; the machine may be busy."""

BUSY_S = 45.0
"""The same where processes may start meanwhile, several on each processor."""


class Clock:
    """A steady clock that stands still until it is told."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def wait_until(condition: Callable[[], Any], timeout: float = BUSY_S) -> Any:
    """Wait for a condition to come true; return what it gave, or fail."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    pytest.fail(f'did not come true within {timeout:.0f} s')
