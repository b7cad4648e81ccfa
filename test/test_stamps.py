# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who is in view stays known, whatever a driver writes into its stamps; another bag's do not.

One moving face for four seconds, as a camera at 30 Hz shows it.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from samples import astronaut

from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.trait_scheduler import TraitScheduler

FRAME_S = 1 / 30
FRAMES = 120
BEGIN_S = 1_700_000_000


@cache
def model():
    """Return Model 1 with its network for gender alone."""
    return load_model(1, ModelSettings(tasks=('gender',)))


@cache
def picture(number):
    """Return what the camera sees, (240, 240, 3): her head, which sways."""
    matrix = np.array(
        [[1, 0, -100 + 25 * np.sin(number / 12)], [0, 1, 10 + 8 * np.cos(number / 15)]]
    )
    return cv2.warpAffine(astronaut(), matrix, (240, 240), borderMode=cv2.BORDER_REPLICATE)


class Stream:
    """The two stages, fed with frames; traits of a face are computed once only.

    :param stamps: of the frames, in seconds.
    :param speed: of the reception, in frames' distances.
    """

    def __init__(self, stamps, speed=1.0, rate=0.001):
        """Show all frames."""
        self.jumps, self.described = [], []
        detect = DetectionStage(
            model().detector, Tracker(deterministic=True), on_jump=self.jumps.append
        )
        describe = AttributesStage(model(), TraitScheduler(['gender'], rate))
        for number, stamp in enumerate(stamps):
            timing = FrameTiming(1, 50 + number * FRAME_S / speed)
            self.described.append(
                describe(
                    detect(
                        Frame(
                            ('header', number),
                            round(stamp * 1e9),
                            picture(number % FRAMES),
                            timing,
                        )
                    )
                )
            )

    def ids(self):
        """Return the track ids of each frame."""
        return [[face.track_id for face in described.faces] for described in self.described]

    def trait_ages(self):
        """Return how old the face's traits were in each frame."""
        return [described.faces[0].trait_age for described in self.described]


def good():
    """Return stamps as they should be."""
    return [BEGIN_S + number * FRAME_S for number in range(FRAMES)]


STAMPS = {
    'good': lambda n, s: s,
    'every sixth late': lambda n, s: s - 0.07 if n % 6 == 5 else s,
    'every tenth 0': lambda n, s: 0 if n % 10 == 9 else s,
    'every tenth of another clock': lambda n, s: 5.0 + n if n % 10 == 4 else s,
    'frozen for a second': lambda n, s: BEGIN_S + 1 if 30 <= n < 60 else s,
    'an hour ahead once': lambda n, s: s + 3600 if n == 50 else s,
}


@pytest.mark.parametrize('name', STAMPS)
def test_one_face_is_one_track(name):
    """Its traits are computed once and age by the time; the header is handed on as it came."""
    stamps = [STAMPS[name](number, stamp) for number, stamp in enumerate(good())]
    stream = Stream(stamps)
    assert stream.ids() == [[1]] * FRAMES
    ages = stream.trait_ages()
    assert ages == sorted(ages) and ages[-1] == pytest.approx(119 * FRAME_S, abs=0.1)
    assert not stream.jumps
    assert [described.header for described in stream.described] == [
        ('header', number) for number in range(FRAMES)
    ]
    assert [described.stamp_ns for described in stream.described] == [
        round(stamp * 1e9) for stamp in stamps
    ]


def test_a_bag_that_starts_again_shows_others():
    """Each time once: within five frames they have ids and traits of their own, and it is told."""
    stream = Stream(3 * good()[:60])
    ids = [number for (number,) in stream.ids()]
    assert ids[:60] == [1] * 60 and ids[65:120] == [2] * 55 and ids[125:] == [3] * 55
    assert ids == sorted(ids)
    ages = stream.trait_ages()
    assert ages.count(0.0) == 3 and max(ages) < 2.2
    assert stream.jumps == pytest.approx([-2, -2], abs=0.1)


@pytest.mark.parametrize('speed', [0.2, 4, 10])
def test_a_replay_at_another_speed(speed):
    """Traits are refreshed by the bag's time: every 0.95 seconds at most."""
    stream = Stream(good(), speed, rate=1.0)
    assert stream.ids() == [[1]] * FRAMES
    assert stream.trait_ages().count(0.0) == 5
    assert not stream.jumps


def test_a_face_that_joins_is_found_where_stamps_stand_still():
    """Whole frames go on being searched, by the time of the reception."""
    detect = DetectionStage(model().detector, Tracker())
    alone, both = (
        np.hstack([picture(0), other]) for other in (np.full_like(picture(0), 90), picture(0))
    )
    counts = []
    for number in range(12):
        frame = Frame(
            None,
            BEGIN_S * 10**9,
            alone if number < 6 else both,
            FrameTiming(1, 50 + number * FRAME_S),
        )
        counts.append(len(detect(frame).detections))
    assert counts[:6] == [1] * 6 and counts[-1] == 2
