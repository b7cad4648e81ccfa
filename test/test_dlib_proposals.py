# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib where P-Net and R-Net propose a face: faces that are too small for it, in fewer pixels."""

from __future__ import annotations

from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ASTRONAUT_BOX
from samples import astronaut
from test_mtcnn_reference import MARKED_FACE
from test_mtcnn_reference import MEDIA
from test_mtcnn_reference import PICTURES
from test_mtcnn_reference import marked_faces
from test_mtcnn_reference import matched

from face_affect_ros import images
from face_affect_ros.detection import boxes
from face_affect_ros.detection import dlib_hog
from face_affect_ros.detection import proposed_parts
from face_affect_ros.detection.settings import PROPOSED
from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

needs_dlib = pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')
needs_media = pytest.mark.skipif(not PICTURES, reason=f'no pictures in {MEDIA}')


def detector(**settings):
    """Return the detector of Model 2 with these ``DlibSettings``."""
    return load_detector(2, ModelSettings(dlib=DlibSettings(**settings)))


def scaled(side: float) -> np.ndarray:
    """Return the astronaut with a face of so many pixels, in a grey picture of 640x480."""
    factor = side / ASTRONAUT_BOX[2]
    small = cv2.resize(astronaut(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    picture = np.full((480, 640, 3), 120, np.uint8)
    picture[100 : 100 + len(small), 200 : 200 + small.shape[1]] = small[:380, :440]
    return picture


@needs_dlib
class TestFaces:
    """What is found."""

    def test_it_is_the_default(self):
        assert detector().settings.upsample == PROPOSED

    @pytest.mark.parametrize('side', [45, 60, 90])
    def test_faces_from_45_pixels(self, side):
        """Of which it sees the smallest only here."""
        picture = scaled(side)
        found = detector().detect(picture)
        assert len(found) == 1
        assert found.boxes[0, 2] == pytest.approx(side, rel=0.35)
        assert np.isfinite(found.landmarks).all()
        if side == 45:
            assert not len(detector(upsample=0).detect(picture))

    def test_no_second_face_on_the_astronaut(self):
        """dlib alone sees one where the picture is cut."""
        cut = np.ascontiguousarray(astronaut()[90:])
        assert len(detector(upsample=0).detect(cut)) == 2
        assert len(detector().detect(cut)) == 1

    def test_none_smaller_than_wanted(self):
        assert not len(detector(min_face_size=160).detect(scaled(60)))

    def test_only_the_largest(self):
        """The others are counted."""
        two = np.hstack([scaled(60), scaled(90)])
        found = detector(max_faces=1).detect(two)
        assert len(found) == 1 and found.left_out == 1
        assert found.boxes[0, 0] > 640

    def test_min_confidence(self):
        """Everybody has at least what is asked for, and what is there by default."""
        assert (detector(min_confidence=0.5).detect(astronaut()).scores >= 0.5).all()
        assert (detector().detect(astronaut()).scores >= dlib_hog.LEAST_CONFIDENCE).all()

    @needs_media
    @pytest.mark.shared
    def test_the_marked_faces_are_found(self):
        """All 43 of them, of which dlib sees 11 in the whole pictures."""
        found = detector()
        assert 43 == sum(
            int((matched(of(found, name), faces) > MARKED_FACE).sum())
            for name, faces in marked_faces().items()
        )


def of(found, name: str) -> np.ndarray:
    """Return a detector's boxes of a picture as left, top, right, bottom."""
    picture = images.load(MEDIA / 'dlib_faces' / name)
    return boxes.to_xyxy(found.detect(picture).boxes.astype(float))


class TestParts:
    """What is searched, and where what is found lies."""

    @given(
        st.integers(1, 90),
        st.integers(1, 90),
        st.lists(st.floats(-60, 150), min_size=2, max_size=2),
        st.floats(1, 200),
    )
    def test_a_box_goes_back_to_its_place(self, height, width, corner, side):
        """A square that is found where it was proposed, to a pixel of the part and of rounding."""
        image = np.zeros((height, width, 3), np.uint8)
        square = np.array([*corner, corner[0] + side, corner[1] + side])
        edge = (proposed_parts.PART - proposed_parts.FACE) / 2
        box = np.array([[edge, edge, edge + proposed_parts.FACE, edge + proposed_parts.FACE]])

        def find(part):
            assert part.shape == (proposed_parts.PART, proposed_parts.PART, 3)
            return box, np.ones(1)

        found, _ = proposed_parts.search(image, square[None], find)
        assert np.abs(found[0] - square).max() <= 1 + side * 0.02

    def test_the_picture_itself_is_seen(self):
        """Enlarged, with its edge going on beyond it."""
        image = np.zeros((50, 60, 3), np.uint8)
        image[:, 30:] = 255
        seen = []
        proposed_parts.search(
            image,
            np.array([[20.0, 15.0, 40.0, 35.0]]),
            lambda part: (seen.append(part), (np.empty((0, 4)), np.empty(0)))[1],
        )
        (part,) = seen
        half = proposed_parts.PART // 2
        assert (part[:, : half - 8] == 0).all() and (part[:, half + 8 :] == 255).all()

    def test_a_face_that_was_found_beside_another_is_not_searched_again(self):
        """Of two proposals for one face, and of overlapping answers, one is left."""
        image = np.zeros((200, 200, 3), np.uint8)
        squares = np.array([[50.0, 50, 100, 100], [52, 50, 102, 100], [120, 120, 160, 160]])
        asked = []

        def find(part):
            asked.append(part)
            return np.array([[60.0, 60, 160, 160], [62, 60, 162, 160]]), np.array([1.0, 0.5])

        found, scores = proposed_parts.search(image, squares, find)
        assert len(asked) == 2 and len(found) == 2
        assert scores.tolist() == [1.0, 1.0]
