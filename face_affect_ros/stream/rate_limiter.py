# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""No more frames a second than wanted."""

from __future__ import annotations


class RateLimiter:
    """Says which frames to take so that at most ``rate`` a second are.

    Frames are due on a regular beat: at 20 Hz from a camera at 30 Hz, two of three are taken.
    """

    def __init__(self) -> None:
        self._due_at = float('-inf')

    def takes(self, now: float, rate: float) -> bool:
        """Return whether the frame that comes now is taken.

        :param now: steady clock in seconds.
        :param rate: Hz; 0: every frame.
        """
        if rate <= 0:
            return True
        period = 1 / rate
        if now < self._due_at - period / 20:
            return False
        self._due_at = max(self._due_at, now - period) + period
        return True
