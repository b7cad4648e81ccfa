# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Frames that never came: counted by numbers, estimated by stamps, and when they matter."""

import numpy as np
import pytest

from face_affect_ros.stream.frame_losses import LossCounter

PERIOD_NS = 33_333_333


def losses_of(clock, came, stamps=None, numbers=None, publisher=None, counter=None):
    """Return the losses after the frames with given indices came, 30 a second."""
    counter = counter or LossCounter(clock)
    began = clock.now
    for index in came:
        clock.now = began + index / 30
        stamp = stamps[index] if stamps is not None else 10**9 + index * PERIOD_NS
        counter.arrived(int(stamp), None if numbers is None else numbers[index], publisher)
    return counter.losses()


def test_nothing_is_known_before_the_first_frame(clock):
    """Neither a count nor a reason to warn."""
    losses = LossCounter(clock).losses()
    assert losses.total is None and not losses.notable
    assert losses.received_hz == losses.published_hz == 0


def test_gaps_in_numbers_are_counted(clock):
    """Every third frame came: two of three are lost, whatever the stamps say."""
    losses = losses_of(clock, range(0, 300, 3), stamps=np.zeros(300), numbers=range(1, 301))
    assert losses.total == 2 * 99
    assert not losses.estimated and losses.notable
    assert losses.received_hz == pytest.approx(10, abs=0.5)
    assert losses.published_hz == pytest.approx(30, abs=1)


def test_publishers_are_counted_apart(clock):
    """Two of them interleaved, with numbers of their own; one that begins anew loses nothing."""
    counter = LossCounter(clock)
    for number in range(1, 30):
        counter.arrived(0, number + 1000, 'a')
        counter.arrived(0, number, 'b')
    assert counter.losses().total == 0
    counter.arrived(0, 1, 'a')
    counter.arrived(0, 3, 'a')
    assert counter.losses().total == 1


@pytest.mark.parametrize('share', [1.0, 0.9, 0.5, 0.3])
def test_losses_are_estimated_from_stamps(clock, share):
    """Stamps that jitter by a tenth of a period, frames lost at random."""
    random = np.random.default_rng(1)
    stamps = 10**9 + (np.arange(600) + random.uniform(-0.1, 0.1, 600)) * PERIOD_NS
    came = [index for index in range(600) if random.random() < share]
    losses = losses_of(clock, came, stamps=stamps)
    assert losses.estimated
    assert losses.total == pytest.approx(600 - len(came), rel=0.1, abs=3)
    assert losses.published_hz == pytest.approx(30, rel=0.15)
    assert losses.notable == (share < 0.9)


@pytest.mark.parametrize(
    'stamps', [np.zeros(60), np.arange(60, 0, -1) * PERIOD_NS], ids=['empty', 'backwards']
)
def test_stamps_that_tell_nothing_estimate_nothing(clock, stamps):
    """Not a loss, and not zero losses either."""
    losses = losses_of(clock, range(60), stamps=stamps)
    assert losses.total is None and not losses.notable


def test_pause_is_no_loss(clock):
    """A camera that was switched off for a minute, or a bag between two runs."""
    counter = LossCounter(clock)
    losses_of(clock, range(60), counter=counter)
    clock.now += 60
    counter.arrived(10**9 + 60 * 10**9 + 60 * PERIOD_NS)
    assert counter.losses().total == 0


def test_losses_of_a_fast_camera_do_not_matter(clock):
    """Thirty of two hundred a second arrive: counted, but enough."""
    counter = LossCounter(clock)
    for index in range(0, 2000, 6):
        clock.now = 100 + index / 200
        counter.arrived(0, index + 1)
    losses = counter.losses()
    assert losses.published_hz == pytest.approx(200, rel=0.1)
    assert losses.total > 1000 and not losses.notable


def test_slow_camera_is_no_loss(clock):
    """Two frames a second are all there are."""
    counter = LossCounter(clock)
    for index in range(20):
        clock.now = 100 + index / 2
        counter.arrived(10**9 + index * 5 * 10**8)
    assert counter.losses().total == 0
    assert not counter.losses().notable
