# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One time of a stream: never back, as the stamps say where they can be believed, a jump once."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.tracking.stream_time import StreamTime

FRAME_S = 1 / 30
BEGIN_S = 1_700_000_000
FOREIGN_S = 5.0
"""What a clock shows that counts since the camera was switched on."""


def run(stamps, received=None):
    """Return the times of frames.

    :param stamps: seconds.
    :param received: seconds; None: 30 frames a second.
    """
    time = StreamTime()
    received = received or [number * FRAME_S for number in range(len(stamps))]
    return [time.update(round(stamp * 1e9), at) for stamp, at in zip(stamps, received)]


def good(count=120, speed=1.0):
    """Return the stamps of a camera at 30 Hz."""
    return [BEGIN_S + speed * number * FRAME_S for number in range(count)]


def changed(where, change, count=120):
    """Return good stamps, changed where a number asks for it."""
    return [change(stamp) if where(number) else stamp for number, stamp in enumerate(good(count))]


def jumps(times):
    """Return the jumps by the number of their frame."""
    return {number: time.jump_s for number, time in enumerate(times) if time.jump_s is not None}


def steps(times):
    """Return the seconds from frame to frame."""
    return np.diff([time.seconds for time in times]).tolist()


HARMLESS = {
    'every sixth 70 ms late': changed(lambda n: n % 6 == 5, lambda s: s - 0.07),
    'every second 70 ms late': changed(lambda n: n % 2, lambda s: s - 0.07),
    'every tenth 0': changed(lambda n: n % 10 == 9, lambda s: 0),
    'the first 0': changed(lambda n: n % 10 == 0, lambda s: 0),
    'all 0': [0] * 120,
    'before 1970': changed(lambda n: n % 7 == 3, lambda s: -s),
    'every tenth of another clock': changed(lambda n: n % 10 == 4, lambda s: FOREIGN_S),
    'the first of another clock': changed(lambda n: n % 10 == 0, lambda s: FOREIGN_S),
    'two of ten of another clock': changed(lambda n: n % 10 > 7, lambda s: s - BEGIN_S + 1),
    'two cameras, two clocks': changed(lambda n: n % 2, lambda s: s - BEGIN_S + 1),
    'twice the same': changed(lambda n: n % 2, lambda s: s - FRAME_S),
    'frozen for a second': changed(lambda n: 40 <= n < 70, lambda s: BEGIN_S + 40 * FRAME_S),
    'frozen for good': [BEGIN_S] * 120,
    'a counter of frames': [(1000 + number) * 1e-9 for number in range(120)],
    'an hour ahead once': changed(lambda n: n == 60, lambda s: s + 3600),
    'a second ahead once': changed(lambda n: n == 60, lambda s: s + 1),
    'years ahead every tenth': changed(lambda n: n % 10 == 4, lambda s: 2 * s),
    'a clock corrected by 0.4 s': changed(lambda n: n >= 60, lambda s: s - 0.4),
    'noise of 10 ms': [s + 0.01 * math.sin(37 * n) for n, s in enumerate(good())],
    'without a pattern': [BEGIN_S * (0.1 + math.sin(n) ** 2) for n in range(120)],
}


@pytest.mark.parametrize('name', HARMLESS)
def test_stamps_that_cost_nothing(name):
    """Time goes on as the frames come, within their distance, and no stream begins."""
    times = run(HARMLESS[name])
    assert not jumps(times)
    assert 0 <= min(steps(times)) and max(steps(times)) < 3 * FRAME_S
    assert times[-1].seconds == pytest.approx(119 * FRAME_S, abs=0.1)


def test_good_stamps_are_the_time():
    """To the nanosecond: replays of one bag have the same times, however quick the machine is."""
    stamps = [1000 + 0.1 * number + 0.03 * (number % 3) for number in range(50)]
    for period in (0.01, 0.1, 0.5):
        times = run(stamps, [number * period for number in range(50)])
        assert [time.seconds for time in times] == pytest.approx(
            [stamp - 1000 for stamp in stamps], abs=1e-9
        )


def test_another_bag_at_any_pace():
    """Nothing depends on how quickly its frames come: all apart or in one process, the same."""
    stamps = [*good(20), *(BEGIN_S + 3600 + 0.4 * number for number in range(30))]
    rng = np.random.default_rng(0)
    found = []
    for slowest in (0.02, 0.1, 0.5, 2.0):
        received = [number * FRAME_S for number in range(20)]
        received += (1 + np.cumsum(rng.uniform(0.005, slowest, 30))).tolist()
        times = run(stamps, received)
        assert len(jumps(times)) == 1
        found.append(
            [(time.seconds - times[20].seconds, time.jump_s is not None) for time in times[20:]]
        )
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], atol=1e-6)


@pytest.mark.parametrize('speed', [0.1, 0.5, 2, 4, 10])
def test_replay_at_another_speed(speed):
    """Time is that of the bag, also after a pause of the replay."""
    received = [number * FRAME_S + (30 if number >= 60 else 0) for number in range(120)]
    times = run(good(speed=speed), received)
    assert not jumps(times)
    assert times[-1].seconds == pytest.approx(speed * 119 * FRAME_S, abs=0.01)


def test_a_speed_that_changes():
    """Of a replay that goes on ten times as fast: it is the same stream."""
    times = run(good(60) + [good(60)[-1] + 10 * number * FRAME_S for number in range(1, 61)])
    assert not jumps(times) and max(steps(times)) < 0.4
    assert times[-1].seconds - times[-31].seconds == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize('speed', [1, 4])
@pytest.mark.parametrize('fault', ['none', 'every sixth late', 'every tenth 0'])
def test_a_bag_that_starts_again(speed, fault):
    """Begins one stream each time, within few frames, also where some stamps are no good."""
    once = good(90, speed)
    if fault == 'every sixth late':
        once = [s - 0.07 * speed if n % 6 == 5 else s for n, s in enumerate(once)]
    if fault == 'every tenth 0':
        once = [0 if n % 10 == 9 else s for n, s in enumerate(once)]
    times = run(3 * once)
    first, second = jumps(times)
    assert 90 <= first <= 95 and 180 <= second <= 185
    assert all(
        jump == pytest.approx(-90 * FRAME_S * speed, abs=0.6) for jump in jumps(times).values()
    )
    assert 0 <= min(steps(times)) and max(steps(times)) < 0.3


@pytest.mark.parametrize('offset', [-3600, 3600, 30, -BEGIN_S + 1])
def test_a_clock_that_is_set(offset):
    """Another bag, a simulator's reset: one stream begins, and time goes on."""
    times = run([stamp + offset if number >= 60 else stamp for number, stamp in enumerate(good())])
    ((frame, jump),) = jumps(times).items()
    assert 60 < frame < 65 and jump == pytest.approx(offset, abs=0.1)
    assert max(steps(times)) < 3 * FRAME_S


def test_two_clocks_in_turns_are_learned():
    """Frames of two cameras, a few of each in turn: what has once jumped does not jump back."""
    times = run(
        [
            stamp if number // 5 % 2 == 0 else stamp - BEGIN_S + 1
            for number, stamp in enumerate(good(300))
        ]
    )
    assert len(jumps(times)) == 1
    assert times[-1].seconds == pytest.approx(299 * FRAME_S, abs=0.1)


def test_a_jump_that_is_expected():
    """Where the ROS clock tells of it the first stamp is believed; one that is late is not."""
    time = StreamTime()
    for number, stamp in enumerate(good(60)):
        time.update(round(stamp * 1e9), number * FRAME_S)
    time.expect_jump()
    late = time.update(round((BEGIN_S + 58 * FRAME_S) * 1e9), 60 * FRAME_S)
    jumped, after = (
        time.update(round((10 + number * FRAME_S) * 1e9), (61 + number) * FRAME_S)
        for number in range(2)
    )
    assert late.jump_s is None and after.jump_s is None
    assert jumped.jump_s == pytest.approx(10 - BEGIN_S, abs=3)


def test_a_camera_that_was_away():
    """For half a minute: so much time has passed, by stamps and by the reception alike."""
    for stamps in (good(), [0] * 120):
        away = [30 if number >= 60 else 0 for number in range(120)]
        times = run(
            [stamp and stamp + more for stamp, more in zip(stamps, away)],
            [number * FRAME_S + more for number, more in enumerate(away)],
        )
        assert not jumps(times)
        assert steps(times)[59] == pytest.approx(30 + FRAME_S, abs=0.01)


@pytest.mark.parametrize('pause', [0.5, 0.9, 2])
@pytest.mark.parametrize('all_come', [True, False])
def test_a_network_that_stalls(pause, all_come):
    """Frames come late and all together, or the newest of them: they catch up, nothing jumps."""
    frames = []
    for number, stamp in enumerate(good(300)):
        phase = (number + 60) % 90
        late = 1e-3 * phase + (pause * 30 - phase) * FRAME_S if phase < pause * 30 else 0
        if all_come or phase in (0, int(pause * 30) - 1) or not late:
            frames.append((stamp, number * FRAME_S + late))
    times = run(*map(list, zip(*frames)))
    assert not jumps(times)
    assert max(steps(times)) < pause + 0.1
    assert times[-1].seconds == pytest.approx(299 * FRAME_S, abs=0.1)


def test_cleared_is_as_new():
    """Stamps of any time are the first of another stream."""
    time = StreamTime()
    expected = [time.update(10**9 + number, float(number)) for number in range(5)]
    time.clear()
    assert [time.update(10**9 + number, float(number)) for number in range(5)] == expected


BAD = st.one_of(st.sampled_from([0, -1, 1, BEGIN_S * 10**9, 2**62]), st.integers(-(2**63), 2**63))


@given(st.lists(st.tuples(BAD, st.floats(0, 1e9)), max_size=40))
def test_time_never_goes_back(frames):
    """For any stamps, and receptions in any order."""
    time, last = StreamTime(), 0.0
    for stamp_ns, received_at in frames:
        seconds, jump_s = time.update(stamp_ns, received_at)
        assert math.isfinite(seconds) and seconds >= last
        assert jump_s is None or (math.isfinite(jump_s) and jump_s != 0)
        last = seconds


@given(st.dictionaries(st.integers(0, 24), BAD), st.floats(0.004, 0.1), st.floats(0, 0.05))
def test_any_single_stamp_costs_nothing(bad, period, jitter):
    """Of every five frames one may have any stamp, and receptions may tremble."""
    time, last = StreamTime(), None
    for number in range(125):
        stamp = round((BEGIN_S + number * FRAME_S) * 1e9)
        if number % 5 == 3:
            stamp = bad.get(number // 5, stamp)
        now, jump_s = time.update(stamp, number * period + jitter * (number % 2))
        assert jump_s is None
        assert last is None or now - last < 0.5
        last = now
