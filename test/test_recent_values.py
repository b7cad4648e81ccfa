# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rates and percentiles of the last seconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.stream.recent_values import WINDOW_S
from face_affect_ros.stream.recent_values import RecentValues


class Clock:
    """A steady clock that stands still until it is told."""

    now = 100.0

    def __call__(self):
        """Return the time in seconds."""
        return self.now


def test_empty():
    """No value: rates of 0, and no percentile rather than a false one."""
    values = RecentValues(Clock())
    assert values.rate() == values.sum_rate() == values.oldest_s() == 0
    assert values.percentile(50) is None


def test_rates_are_taken_over_the_window():
    """Two faces a frame, ten frames a second, for longer than is looked back."""
    clock = Clock()
    values = RecentValues(clock)
    for _ in range(int(WINDOW_S * 30)):
        clock.now += 0.1
        values.add(2)
    assert values.rate() == pytest.approx(10, rel=0.03)
    assert values.sum_rate() == pytest.approx(20, rel=0.03)
    assert values.oldest_s() == pytest.approx(WINDOW_S, abs=0.11)
    clock.now += WINDOW_S + 0.1
    assert values.rate() == 0 and values.percentile(95) is None


def test_cleared():
    """Nothing from before counts."""
    values = RecentValues(Clock())
    values.add(3)
    values.clear()
    assert values.rate() == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_lie_between_the_values(numbers):
    """The median below the 95th percentile, both within what came."""
    values = RecentValues(Clock())
    for number in numbers:
        values.add(number)
    low, high = values.percentile(50), values.percentile(95)
    assert min(numbers) <= low <= high <= max(numbers)
