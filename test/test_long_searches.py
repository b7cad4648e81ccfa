# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A search that takes long runs in the background: no frame waits for it."""

from __future__ import annotations

import threading
from concurrent.futures import Executor
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from samples import astronaut
from samples import detector
from samples import lively
from waiting import wait_until

from face_affect_ros.detection import boxes
from face_affect_ros.detection.face_following import FaceFollower
from face_affect_ros.stream.stage import LeftOut
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming

RATE = 10.0
FRAME_S = 1 / 30
EVERY_SEARCH_IS_LONG = 1e-6
EMPTY = np.full((512, 512, 3), 90, np.uint8)


class Later(Executor):
    """Runs the first two searches at once, the others when it is told to."""

    def __init__(self):
        self.waiting = []
        self.at_once = 2

    def submit(self, function, /, *arguments):
        future = Future()
        self.waiting.append((future, function, arguments))
        if self.at_once:
            self.at_once -= 1
            self.run()
        return future

    def run(self):
        for future, function, arguments in self.waiting:
            try:
                future.set_result(function(*arguments))
            except Exception as error:
                future.set_exception(error)
        self.waiting = []


def follower(later, own_detector=None):
    return FaceFollower(own_detector or detector(), RATE, EVERY_SEARCH_IS_LONG, later)


def begun(faces, picture):
    """Return the faces of the second frame: of two in a row both searches end in time."""
    faces.find(lively(picture, 0), -0.2)
    return faces.find(lively(picture, 1), 0.0)


def shifted(pixels):
    """Return the astronaut moved to the right."""
    return np.roll(astronaut(), pixels, axis=1)


def test_known_faces_are_followed_while_a_search_runs():
    """Through a whole second in which it does not end; then its faces are where they are now."""
    later = Later()
    faces = follower(later)
    assert len(begun(faces, astronaut())) == 1
    for number in range(1, 31):
        found = faces.find(shifted(number), number * FRAME_S)
        expected = detector().detect(shifted(number))
        assert boxes.iou(*(boxes.to_xyxy(each.boxes) for each in (found, expected)))[0, 0] > 0.8
    assert len(later.waiting) == 1
    later.run()
    found = faces.find(shifted(31), 31 * FRAME_S)
    expected = detector().detect(shifted(31))
    assert boxes.iou(*(boxes.to_xyxy(each.boxes) for each in (found, expected)))[0, 0] > 0.8
    gap = np.abs(found.landmarks - expected.landmarks).max()
    assert gap < 0.05 * expected.boxes[0, 2:].max()


def test_a_still_picture_gives_the_same_faces_as_a_search():
    later = Later()
    faces = follower(later)
    expected = begun(faces, astronaut())
    for number in range(1, 10):
        found = faces.find(astronaut(), number * FRAME_S)
        np.testing.assert_allclose(found.boxes, expected.boxes, atol=0.05)
        later.run()


def test_a_new_face_is_told_as_soon_as_the_search_ends():
    """And where it is by then; who was known before keeps the place."""
    later = Later()
    faces = follower(later)
    alone, both = (np.hstack([astronaut(), each]) for each in (EMPTY, astronaut()[:, ::-1]))
    assert len(begun(faces, alone)) == 1
    assert [len(faces.find(lively(both, number), number * FRAME_S)) for number in (3, 4, 5)] == [
        1,
        1,
        1,
    ]
    later.run()
    assert len(faces.find(lively(both, 6), 6 * FRAME_S)) == 2


def test_who_left_meanwhile_is_not_told():
    """Neither the known face nor the one that the search found."""
    later = Later()
    faces = follower(later)
    assert len(begun(faces, astronaut())) == 1
    assert len(faces.find(lively(astronaut(), 2), 4 * FRAME_S)) == 1
    assert later.waiting
    later.run()
    assert len(faces.find(EMPTY, 5 * FRAME_S)) == 0


def test_one_search_at_a_time():
    later = Later()
    faces = follower(later)
    begun(faces, astronaut())
    for number in range(1, 30):
        faces.find(lively(astronaut(), number), number * FRAME_S)
    assert len(later.waiting) == 1


def test_a_search_of_the_stream_before_counts_for_nothing():
    """Its size was another; what it found would lie anywhere."""
    later = Later()
    faces = follower(later)
    begun(faces, astronaut())
    faces.find(astronaut(), 4 * FRAME_S)
    faces.find(EMPTY[:400], 5 * FRAME_S)
    later.run()
    assert len(faces.find(EMPTY[:400], 6 * FRAME_S)) == 0


def test_a_search_that_fails_is_told_with_the_next_frame():
    class Failing:
        settings = detector().settings
        refine_landmarks = detector().refine_landmarks
        fails = False

        def detect_with_regions(self, image):
            if self.fails:
                raise MemoryError('no memory for the search')
            return detector().detect_with_regions(image)

    later, failing = Later(), Failing()
    faces = follower(later, failing)
    begun(faces, astronaut())
    failing.fails = True
    faces.find(lively(astronaut(), 2), 4 * FRAME_S)
    later.run()
    with pytest.raises(MemoryError, match='no memory'):
        faces.find(astronaut(), 5 * FRAME_S)
    failing.fails = False
    assert len(faces.find(astronaut(), 6 * FRAME_S)) == 1


class Slow:
    """A detector whose searches compute until they are told to end."""

    settings = detector().settings
    refine_landmarks = detector().refine_landmarks

    def __init__(self):
        self.may_end = threading.Event()

    def detect_with_regions(self, image):
        while not self.may_end.is_set():
            pass
        return detector().detect_with_regions(image)


def test_the_first_frame_does_not_wait_either():
    """Until the search ends it is not known who is there; it says so."""
    with ThreadPoolExecutor(1) as executor:
        slow = Slow()
        faces = FaceFollower(slow, RATE, 5.0, executor)
        for number in range(2):
            assert len(faces.find(astronaut(), number * FRAME_S)) == 0
            assert not faces.has_searched
        slow.may_end.set()
        executor.submit(int).result()
        assert len(faces.find(astronaut(), 2 * FRAME_S)) == 1
        assert faces.has_searched


def test_a_face_that_is_lost_holds_no_frame_up():
    """The others are told meanwhile."""
    with ThreadPoolExecutor(1) as executor:
        slow = Slow()
        slow.may_end.set()
        faces = FaceFollower(slow, RATE, 5000.0, executor)
        both, alone = (np.hstack([astronaut(), each]) for each in (astronaut(), EMPTY))
        assert len(faces.find(both, 0.0)) == 2
        slow.may_end.clear()
        faces.long_search_ms = 5.0
        assert len(faces.find(alone, FRAME_S)) == 1
        slow.may_end.set()
        executor.submit(int).result()
        assert len(faces.find(alone, 2 * FRAME_S)) == 1


@pytest.mark.parametrize('rate, long_search_ms', [(RATE, 0.0), (0.0, 5.0)])
def test_frames_wait_where_that_is_wanted(rate, long_search_ms):
    """The same frames then give the same faces, however slow the machine is."""
    with ThreadPoolExecutor(1) as executor:
        slow = Slow()
        faces = FaceFollower(slow, rate, long_search_ms, executor)
        threading.Timer(0.1, slow.may_end.set).start()
        assert len(faces.find(astronaut(), 0.0)) == 1


def test_who_is_not_found_yet_is_not_found_by_this_detector():
    """A frame that does not wait for the first search names the detector all the same."""
    later = Later()
    later.at_once = 0
    named = detector()
    faces = FaceFollower(named, RATE, EVERY_SEARCH_IS_LONG, later)
    assert faces.find(astronaut(), 0.0).detector == named.name == 'mtcnn'


def test_frames_are_left_out_until_the_first_search_ends():
    """They are not told as empty: somebody may be there."""
    slow = Slow()
    detect = DetectionStage(slow, long_search_ms=5.0)
    with pytest.raises(LeftOut):
        detect(frame(1))
    slow.may_end.set()
    assert wait_until(lambda: told(detect, frame(2)) is not None)
    assert len(told(detect, frame(3)).detections) == 1


def frame(number):
    return Frame(None, 10**9 + number * 10**8, astronaut(), FrameTiming.begin(number))


def told(detect, given):
    """Return what is found in a frame; None where it is left out."""
    try:
        return detect(given)
    except LeftOut:
        return None


def test_a_face_that_is_lost_is_searched_for_though_nothing_changes():
    """Who is not seen for a frame is found again as soon as a search ends."""

    class Blinking:
        settings = detector().settings
        detect_with_regions = detector().detect_with_regions
        is_blind = False

        def refine_landmarks(self, image, squares):
            landmarks, scores = detector().refine_landmarks(image, squares)
            return landmarks, scores * (not self.is_blind)

    later, blinking = Later(), Blinking()
    faces = follower(later, blinking)
    assert len(begun(faces, astronaut())) == 1
    still = lively(astronaut(), 1)
    blinking.is_blind = True
    assert len(faces.find(still, FRAME_S)) == 0
    blinking.is_blind = False
    for number in range(2, 5):
        faces.find(still, number * FRAME_S)
        later.run()
    assert len(faces.find(still, 5 * FRAME_S)) == 1
