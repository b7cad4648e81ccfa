# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Counters: received = processed + dropped after every frame, whatever happened on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import Clock

from face_affect_ros.stream.counters import Counters
from face_affect_ros.stream.counters import Spread
from face_affect_ros.stream.recent_values import WINDOW_S
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import FrameTiming


def frame(number, received_at=100.0, stream=1):
    """Return the timing of the ``number``-th frame of a camera's stream."""
    return FrameTiming(
        received_ns=1, received_at=received_at, counts=Counts(received=number), stream=stream
    )


def test_before_the_first_frame_all_is_zero(clock):
    """No frame: zero, and no age or latency rather than a false one."""
    figures = Counters(clock).stats()
    assert figures.counts == Counts(0, 0, 0)
    assert figures.input_rate == 0
    assert figures.age_s is None
    assert figures.latency_ms == figures.work_ms == Spread(None, None)


def test_gap_counts_as_dropped(clock):
    """Frames 2 and 3 never came through: dropped."""
    counters = Counters(clock)
    for number in (1, 4):
        counters.arrived(frame(number))
        counts = counters.done(frame(number), processed=True)
    assert counts == Counts(received=4, processed=2, dropped=2)


def test_failure_counts_as_dropped(clock):
    """A frame whose work failed is dropped, not processed."""
    counters = Counters(clock)
    counters.arrived(frame(1))
    assert counters.done(frame(1), processed=False) == Counts(1, 0, 1)


def test_stage_activated_late_counts_from_its_own_activation(clock):
    """The camera had 500 frames before: they are not this stage's."""
    counters = Counters(clock)
    counters.arrived(frame(501))
    counters.arrived(frame(502))
    assert counters.done(frame(502), processed=True) == Counts(2, 1, 1)


def test_camera_that_begins_anew_does_not_count_backwards(clock):
    """The camera was activated again: its numbers restart, ours go on."""
    counters = Counters(clock)
    counters.arrived(frame(9))
    counters.done(frame(9), processed=True)
    assert counters.done(frame(2, stream=2), processed=True) == Counts(2, 2, 0)
    assert counters.done(frame(4, stream=2), processed=True) == Counts(4, 3, 1)


def test_two_cameras_are_counted_apart(clock):
    """Each numbers its own frames: 480 and 240 so far, and a gap of one each."""
    counters = Counters(clock)
    for number in (1, 2, 4):
        for begun, stream in ((480, 1), (240, 2)):
            counters.arrived(frame(begun + number, stream=stream))
            counts = counters.done(frame(begun + number, stream=stream), processed=True)
    assert counts == Counts(received=8, processed=6, dropped=2)


def test_rate_age_and_latency(clock):
    """Ten frames a second, each 20 ms under way."""
    counters = Counters(clock)
    for number in range(1, 101):
        clock.now += 0.1
        counters.arrived(frame(number))
        counters.done(frame(number, received_at=clock.now - 0.02), processed=True)
    clock.now += 0.05
    figures = counters.stats()
    assert figures.input_rate == pytest.approx(10, rel=0.05)
    assert figures.output_rate == pytest.approx(10, rel=0.05)
    assert (figures.latency_ms.p50, figures.latency_ms.p95) == pytest.approx((20, 20))
    assert figures.age_s == pytest.approx(0.05)


def test_spread_of_the_work(clock):
    """One slow frame in ten is in the 95th percentile, not in the median."""
    counters = Counters(clock)
    for number in range(1, 21):
        counters.arrived(frame(number))
        counters.done(frame(number), processed=True, work_ms=100 if number % 10 == 0 else 5)
    work = counters.stats().work_ms
    assert work.p50 == 5
    assert 90 < work.p95 <= 100


def test_old_figures_are_forgotten(clock):
    """After a silence the rate is 0 and there is no latency; the counts stay."""
    counters = Counters(clock)
    counters.arrived(frame(1))
    counters.done(frame(1), processed=True)
    clock.now += WINDOW_S + 1
    figures = counters.stats()
    assert figures.input_rate == 0
    assert figures.latency_ms == Spread(None, None)
    assert figures.age_s == pytest.approx(WINDOW_S + 1)
    assert figures.counts == Counts(1, 1, 0)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans())))
def test_sums_come_out_after_every_frame(steps):
    """For any gaps and failures, and never a count that falls."""
    counters = Counters(Clock())
    number = 0
    before = Counts()
    for gap, processed in steps:
        number += gap
        counters.arrived(frame(number))
        counts = counters.done(frame(number), processed)
        assert counts.received == counts.processed + counts.dropped
        assert counts.processed == before.processed + processed
        assert counts.received > before.received
        before = counts
