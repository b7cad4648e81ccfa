# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces of a stream: searched now and then, followed in between, none lost by it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from samples import astronaut
from samples import detector
from samples import lively
from samples import small_astronaut

from face_affect_ros.detection import boxes
from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.face_following import FaceFollower
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

RATE = 10.0
FRAME_S = 1 / 30


class Counted:
    """A detector, Model 1's if none is given, its searches counted."""

    def __init__(self, of=None):
        """Begin at none."""
        self.searches = 0
        self.detector = of or detector()
        self.settings = self.detector.settings

    def detect_with_regions(self, image):
        """Search."""
        self.searches += 1
        return self.detector.detect_with_regions(image)

    def refine_landmarks(self, image, squares):
        """Look where faces are known."""
        return self.detector.refine_landmarks(image, squares)


def seen_at(seconds):
    """Return what a camera sees that pans, zooms and rolls before the astronaut, (480, 640, 3)."""
    matrix = cv2.getRotationMatrix2D(
        (256, 256), 8 * np.sin(1.3 * seconds), 1.1 + 0.15 * np.sin(0.7 * seconds)
    )
    matrix[:, 2] += 64 + 60 * np.sin(1.1 * seconds), -16 + 40 * np.sin(0.9 * seconds)
    return cv2.warpAffine(astronaut(), matrix, (640, 480), borderMode=cv2.BORDER_REFLECT)


def two(picture):
    """Return a picture beside its mirror image."""
    return np.hstack([picture, picture[:, ::-1]])


EMPTY = np.full((512, 512, 3), 90, np.uint8)


def test_a_moving_face_is_followed():
    """For three seconds, searched ten times each; the largest face keeps its box and landmarks."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    detector().detect(seen_at(0))  # the first search of a process takes longer
    for number in range(90):
        picture = seen_at(number * FRAME_S)
        found, expected = (
            faces.take([0])
            for faces in (follower.find(picture, number * FRAME_S), detector().detect(picture))
        )
        assert boxes.iou(*(boxes.to_xyxy(each.boxes) for each in (found, expected)))[0, 0] > 0.7
        gap = np.abs(found.landmarks - expected.landmarks).mean()
        assert gap < 0.03 * expected.boxes[0, 2:].max()
        assert found.detector == 'mtcnn'
    assert 28 <= counted.searches <= 45  # a stain on her suit is taken for a face, and lost


def test_a_lost_face_is_searched_for_at_once():
    """The frame in which it is gone, and every frame of the next second, are searched."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    assert len(follower.find(astronaut(), 0.0)) == 1
    for number in range(1, 4):
        assert len(follower.find(EMPTY, number * FRAME_S)) == 0
        assert counted.searches == 1 + number
    for number in range(4, 60):
        follower.find(EMPTY, number * FRAME_S)
    assert 30 <= counted.searches <= 34  # nothing moves
    assert len(follower.find(astronaut(), 60 * FRAME_S)) == 1


def test_an_empty_scene_is_searched_as_soon_as_it_changes():
    """In the same frame; while nothing moves once a second, also where a sensor is noisy."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    noise = np.random.default_rng(0)
    for number in range(45):
        noisy = (EMPTY + noise.normal(0, 15, EMPTY.shape)).clip(0, 255).astype(np.uint8)
        assert len(follower.find(noisy, number * FRAME_S)) == 0
    assert counted.searches == 2
    small = EMPTY.copy()
    small[300:428, 200:328] = small_astronaut()
    assert len(follower.find(small, 45 * FRAME_S)) == 1


def test_a_known_face_that_moves_is_no_reason_to_search():
    """What else moves is, as is a change too slow to be seen from frame to frame."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    background = np.full((480, 640, 3), 90, np.uint8)

    def frame(number, light=0):
        picture = background + np.uint8(light)
        left = 200 + number // 2
        picture[150:278, left : left + 128] = small_astronaut()
        return picture

    for number in range(8):
        assert len(follower.find(frame(0), number * FRAME_S)) == 1
    before = counted.searches
    for number in range(8, 20):
        assert len(follower.find(frame(0, number - 8), number * FRAME_S)) == 1
    assert before < counted.searches <= before + 3


def test_a_face_that_jumps_is_found_at_once():
    """Nothing is where it was; the same frame is searched."""
    follower = FaceFollower(Counted(), RATE)
    follower.find(astronaut(), 0.0)
    mirrored = astronaut()[:, ::-1]
    found, expected = follower.find(mirrored, FRAME_S), detector().detect(mirrored)
    np.testing.assert_array_equal(found.boxes, expected.boxes)


def test_a_face_that_comes_to_another_is_found_with_the_next_search():
    """At the latest a tenth of a second later."""
    follower = FaceFollower(Counted(), RATE)
    alone = np.hstack([astronaut(), EMPTY])
    assert len(follower.find(alone, 0.0)) == 1
    counts = [len(follower.find(two(astronaut()), number * FRAME_S)) for number in range(1, 4)]
    assert counts == [1, 1, 2]


def test_rate_0_searches_every_frame():
    """And gives what the detector gives, to the bit."""
    follower = FaceFollower(Counted(), 0)
    for number in range(3):
        picture = seen_at(number * FRAME_S)
        found, expected = follower.find(picture, number * FRAME_S), detector().detect(picture)
        np.testing.assert_array_equal(found.landmarks, expected.landmarks)


def test_a_slow_camera_has_every_frame_searched():
    """Frames no nearer than searches, on the dot or not."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    for number, jitter in enumerate((0, 0.004, -0.004, 0.003)):
        follower.find(lively(astronaut(), number), 5 + number / RATE + jitter)
    assert counted.searches == 4


def test_another_stream_begins_with_a_search():
    """What was known of the one before says nothing of it: cleared, or of another size."""
    counted = Counted()
    follower = FaceFollower(counted, RATE)
    follower.find(astronaut(), 0.0)
    follower.find(astronaut()[:400], 0.01)
    assert counted.searches == 2
    follower.clear()
    follower.find(astronaut()[:400], 0.02)
    assert counted.searches == 3


def test_other_settings_count_from_the_next_frame_on():
    """Whoever wants no more than one face does not get two until the next search."""
    own = load_detector(1)
    follower = FaceFollower(own, RATE)
    assert len(follower.find(two(astronaut()), 0.0)) == 2
    own.settings = replace(own.settings, max_faces=1)
    assert len(follower.find(two(astronaut()), FRAME_S)) == 1


def test_a_picture_that_stays_gives_the_same_faces():
    """Followed or searched: nothing trembles before a camera that stands still.

    It is searched once a second, whatever the rate.
    """
    follower = FaceFollower(Counted(), RATE)
    first, *others = (follower.find(two(astronaut()), number * FRAME_S) for number in range(40))
    assert len(first) == 2
    for each in others:
        np.testing.assert_allclose(each.boxes, first.boxes, atol=0.01)
        np.testing.assert_allclose(each.landmarks, first.landmarks, atol=0.01)
    assert follower.detector.searches == 2


@pytest.mark.parametrize('shift', [(9, 4), (-7, 11)])
def test_boxes_move_with_their_faces(shift):
    """By as many pixels, and hardly grow by that: the face is 88 pixels wide, 112 high."""
    follower = FaceFollower(Counted(), RATE)
    before = follower.find(astronaut(), 0.0)
    after = follower.find(np.roll(astronaut(), shift, axis=(1, 0)), FRAME_S)
    np.testing.assert_allclose(after.boxes - before.boxes, [[*shift, 0, 0]], atol=5)
    np.testing.assert_allclose(after.landmarks - before.landmarks, [[shift] * 5], atol=3)
    assert follower.detector.searches == 1


def test_the_larger_one_comes_first():
    """Also when it has become so while it was followed."""
    follower = FaceFollower(Counted(), 0.1)
    for number in range(12):
        sizes = 400 - 10 * number, 300 + 10 * number
        picture = np.zeros((512, 1024, 3), np.uint8)
        for left, size in zip((0, 512), sizes):
            picture[:size, left : left + size] = cv2.resize(
                astronaut(), (size, size), interpolation=cv2.INTER_AREA
            )
        found = follower.find(picture, number * FRAME_S)
    assert follower.detector.searches == 1
    assert found.boxes[0, 0] > 512 > found.boxes[1, 0]


def test_another_detector_follows_too():
    """By the same network, in boxes of its own kind."""
    pytest.importorskip('dlib')
    counted = Counted(load_detector(2, ModelSettings(dlib=DlibSettings(min_face_size=80))))
    follower = FaceFollower(counted, RATE)
    found = [follower.find(seen_at(2 + number * FRAME_S), number * FRAME_S) for number in range(3)]
    assert counted.searches == 1
    assert {each.detector for each in found} == {'dlib'}
    expected = counted.detector.detect(seen_at(2 + 2 * FRAME_S))
    assert boxes.iou(*(boxes.to_xyxy(each.boxes) for each in (found[-1], expected)))[0, 0] > 0.7


square = st.tuples(*[st.floats(-900, 900, width=32)] * 2, st.floats(1, 900, width=32))


@settings(max_examples=40, deadline=None)
@given(st.lists(square, max_size=4))
def test_the_part_that_is_looked_at_is_enough(places):
    """Squares anywhere, larger than the picture: together as each alone, to rounding."""
    squares = np.array([(x, y, x + side, y + side) for x, y, side in places]).reshape(-1, 4)
    landmarks, scores = detector().refine_landmarks(astronaut(), squares)
    assert landmarks.shape == (len(places), 5, 2) and scores.shape == (len(places),)
    for row in range(len(places)):
        alone, score = detector().refine_landmarks(astronaut(), squares[row : row + 1])
        np.testing.assert_allclose(alone[0], landmarks[row], atol=0.05)
        assert score[0] == pytest.approx(scores[row], abs=1e-3)
