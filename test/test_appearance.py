# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A track belongs to one person: what looks otherwise is somebody else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from samples import astronaut
from samples import detector
from samples import model

from face_affect_ros.faces import Detections
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking import appearance
from face_affect_ros.tracking.tracker import Tracker

FRAME_S = 1 / 30
PLACE = (180.0, 62.0, 88.0, 112.0)


def at(box):
    return Detections([box], [1.0], np.full((1, 5, 2), np.nan))


def other_person():
    """Return a picture of somebody else, 512x512 BGR, of about her face's size at her place."""
    camera = skimage.data.camera()
    picture = cv2.cvtColor(np.ascontiguousarray(camera), cv2.COLOR_GRAY2BGR)
    face = picture[40:180, 150:300]
    scene = np.full_like(picture, 200)
    scene[0:280, 100:400] = cv2.resize(face, (300, 280), interpolation=cv2.INTER_LINEAR)
    return scene


def number(tracker, picture, time, box=PLACE):
    return int(tracker.update(at(box), time, picture).track_ids[0])


def test_a_cut_gives_a_new_id():
    """Another person at the same place in the next frame; and the first one's id to her alone."""
    tracker = Tracker(deterministic=True)
    assert number(tracker, astronaut(), 0.0) == 1
    assert number(tracker, other_person(), FRAME_S) == 2
    assert number(tracker, other_person(), 2 * FRAME_S) == 2
    assert number(tracker, astronaut(), 3 * FRAME_S) == 1


def test_who_comes_back_as_somebody_else_is_somebody_else():
    """Within the time that a face may be missed."""
    tracker = Tracker(deterministic=True)
    assert number(tracker, astronaut(), 0.0) == 1
    assert number(tracker, other_person(), 0.6) == 2


@pytest.mark.parametrize('gain, offset', [(0.85, 0), (1.15, 0), (1, 15), (1, -15)])
def test_light_that_changes_a_little_keeps_the_id(gain, offset):
    tracker = Tracker(deterministic=True)
    other = np.clip(astronaut() * float(gain) + offset, 0, 255).astype(np.uint8)
    assert number(tracker, astronaut(), 0.0) == number(tracker, other, FRAME_S)


@settings(max_examples=25, deadline=None)
@given(
    shift=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    scale=st.floats(0.9, 1.1),
    roll=st.floats(-8, 8),
    noise=st.sampled_from([0, 10, 20]),
)
def test_movement_and_noise_keep_the_id(shift, scale, roll, noise):
    """By a quarter of the face, a tenth of its size and eight degrees between two frames."""
    matrix = cv2.getRotationMatrix2D((224, 118), roll, scale)
    matrix[:, 2] += shift
    moved = cv2.warpAffine(astronaut(), matrix, (512, 512), borderMode=cv2.BORDER_REFLECT)
    random = np.random.default_rng(1)
    moved = np.clip(moved + random.normal(0, noise, moved.shape), 0, 255).astype(np.uint8)
    center = matrix @ (224, 118, 1)
    size = np.array(PLACE[2:]) * scale
    tracker = Tracker(deterministic=True)
    first = number(tracker, astronaut(), 0.0)
    assert number(tracker, moved, FRAME_S, (*(center - size / 2), *size)) == first


@given(
    st.integers(0, 2**32 - 1),
    st.tuples(*[st.floats(-600, 600)] * 2, *[st.floats(0.1, 900)] * 2),
)
@settings(max_examples=50, deadline=None)
def test_a_box_anywhere_has_a_thumbnail(seed, box):
    """Beyond the picture, or smaller than a pixel; the likeness of any two is at most 1."""
    picture = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    looks = appearance.thumbnails(picture, np.array([box, (0, 0, 60, 40)]))
    assert looks.shape == (2, appearance.SIDE, appearance.SIDE, 3)
    alike = appearance.likeness(looks, looks)
    assert np.isfinite(alike).all() and (alike <= 1 + 1e-5).all()
    np.testing.assert_allclose(np.diag(alike), 1, atol=1e-5)


def test_no_face_has_no_thumbnail():
    assert appearance.thumbnails(astronaut(), np.empty((0, 4))).shape[0] == 0


def test_a_cut_in_a_stream_hands_over_neither_id_nor_traits():
    """A picture of one person, then her mirror image in negative colours at the same place."""
    detection = DetectionStage(detector(), Tracker(deterministic=True))
    attributes = AttributesStage(model())
    mirrored = np.ascontiguousarray(astronaut()[:, 64:384][:, ::-1])
    second = np.ascontiguousarray(cv2.cvtColor(mirrored, cv2.COLOR_BGR2RGB)) // 3
    faces = {}
    for count in range(12):
        picture = astronaut()[:, 64:384] if count < 6 else second
        frame = Frame(
            None,
            int((5 + count * FRAME_S) * 1e9),
            np.ascontiguousarray(picture),
            FrameTiming(0, 0),
        )
        for face in attributes(detection(frame)).faces:
            faces[count] = face
    before, after = faces[5], faces[6]
    assert before.track_id != after.track_id
    assert after.trait_age == 0
    assert before.trait_age > 0
