# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib's frontal detector finds what dlib itself finds, with landmarks of O-Net's."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut
from samples import small_astronaut
from test_mtcnn_reference import MARKED_FACE
from test_mtcnn_reference import MEDIA
from test_mtcnn_reference import PICTURES
from test_mtcnn_reference import marked_faces
from test_mtcnn_reference import matched

from face_affect_ros import crops
from face_affect_ros import images
from face_affect_ros.detection import boxes
from face_affect_ros.detection import dlib_hog
from face_affect_ros.detection.dlib_hog import DlibHog
from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings

needs_dlib = pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')
needs_media = pytest.mark.skipif(not PICTURES, reason=f'no pictures in {MEDIA}')

SAME_FACE = 0.5
"""Least intersection over union of a face found in a picture and in its reduction."""


@cache
def detector(upsample: int = 0, **settings) -> DlibHog:
    """Return the detector with these ``DlibSettings``; it looks at whole pictures."""
    return load_detector(
        1, ModelSettings(detector='dlib', dlib=DlibSettings(upsample=upsample, **settings))
    )


@cache
def frontal():
    """Return dlib's own detector."""
    import dlib

    return dlib.get_frontal_face_detector()


def found_by_dlib(
    picture: np.ndarray, upsample: int = 0, threshold: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return what dlib itself finds: (N, 4) left, top, right, bottom, half-open, and scores."""
    rectangles, scores, _ = frontal().run(
        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), upsample, threshold
    )
    edges = [
        (each.left(), each.top(), each.left() + each.width(), each.top() + each.height())
        for each in rectangles
    ]
    return np.array(edges, float).reshape(-1, 4), np.array(scores)


def found_by_us(picture: np.ndarray, **settings) -> np.ndarray:
    """Return our boxes as left, top, right, bottom."""
    return boxes.to_xyxy(detector(**settings).detect(picture).boxes.astype(float))


def in_order(xyxy: np.ndarray) -> list[list[float]]:
    """Return boxes sorted, so that sets of them can be compared."""
    return sorted(xyxy.tolist())


@cache
def group() -> np.ndarray:
    """Return the astronaut and, half as large, once more."""
    height, width = astronaut().shape[:2]
    picture = np.zeros((height, width * 3 // 2, 3), np.uint8)
    picture[:, :width] = astronaut()
    picture[: height // 2, width:] = astronaut()[::2, ::2]
    return picture


@needs_dlib
@needs_media
@pytest.mark.shared
class TestOnPictures:
    """Beside dlib on the same pictures."""

    @pytest.mark.parametrize('upsample', [0, 1])
    @pytest.mark.parametrize(
        'path',
        [path for path in PICTURES if path.parent.name == 'dlib_faces'],
        ids=lambda path: path.stem,
    )
    def test_the_same_boxes(self, path, upsample):
        """To the pixel."""
        picture = images.load(path)
        assert in_order(found_by_us(picture, upsample=upsample)) == in_order(
            found_by_dlib(picture, upsample)[0]
        )

    @pytest.mark.parametrize(('upsample', 'count'), [(0, 11), (1, 43)])
    def test_the_marked_faces_are_found(self, upsample, count):
        """As many of the 43 as dlib finds: those of 80 pixels and more, and all."""
        marked = marked_faces()
        assert sum(map(len, marked.values())) == 43
        pictures = {name: images.load(MEDIA / 'dlib_faces' / name) for name in marked}
        for find in (
            lambda picture: found_by_us(picture, upsample=upsample),
            lambda picture: found_by_dlib(picture, upsample)[0],
        ):
            assert (
                sum(
                    int((matched(find(pictures[name]), faces) > MARKED_FACE).sum())
                    for name, faces in marked.items()
                )
                == count
            )

    @pytest.mark.parametrize('threshold', [-1.0, -0.4, 0.3, 1.5])
    def test_the_threshold_is_that_of_dlib(self, threshold):
        """Its ``adjust_threshold``."""
        picture = images.load(MEDIA / 'dlib_faces/2008_002506.jpg')
        slope, offset = dlib_hog.CERTAINTY
        confidence = 1 / (1 + math.exp(-(slope * threshold + offset)))
        found = found_by_us(picture, min_confidence=confidence)
        assert in_order(found) == in_order(found_by_dlib(picture, threshold=threshold)[0])

    @pytest.mark.parametrize('smallest', [100, 160, 200])
    def test_reducing_keeps_the_faces_that_are_wanted(self, smallest):
        """Every face as large as that which dlib finds in the whole picture, nothing smaller."""
        wanted = 0
        for path in PICTURES:
            picture = images.load(path)
            ours, theirs = found_by_us(picture, min_face_size=smallest), found_by_dlib(picture)[0]
            theirs = theirs[theirs[:, 2] - theirs[:, 0] >= smallest]
            wanted += len(theirs)
            assert (boxes.iou(theirs, ours).max(axis=1, initial=0) > SAME_FACE).all(), path.name
            assert (ours[:, 2] - ours[:, 0] > 0.9 * smallest).all()
        assert wanted >= 15

    def test_landmarks_of_all_faces(self):
        """O-Net sees a face in every box of a marked one, and the same as in all sizes tried."""
        for name, faces in marked_faces().items():
            picture = images.load(MEDIA / 'dlib_faces' / name)
            found = detector(upsample=1).detect(picture)
            real = boxes.iou(boxes.to_xyxy(found.boxes), faces).max(axis=1) > MARKED_FACE
            found = found.take(real)
            assert np.isfinite(found.landmarks).all()
            tried, _ = detector().landmarks_in_boxes(picture, found.boxes)
            off = np.abs(found.landmarks - tried).max(axis=(1, 2)) / found.boxes[:, 2]
            assert np.median(off) < 0.01 and off.max() < 0.15


@needs_dlib
class TestOneFace:
    """The astronaut, in all sizes."""

    def test_a_face_and_its_landmarks(self):
        """Where she is."""
        found = detector().detect(astronaut())
        assert found.detector == 'dlib'
        assert len(found) == 1
        x, y, width, height = found.boxes[0]
        box_x, box_y, box_width, box_height = ASTRONAUT_BOX
        assert x + width / 2 == pytest.approx(box_x + box_width / 2, abs=8)
        assert y + height / 2 == pytest.approx(box_y + box_height / 2, abs=16)
        assert found.scores[0] > 0.9
        assert np.abs(found.landmarks[0] - ASTRONAUT_LANDMARKS).max() < 5

    @pytest.mark.parametrize(
        ('factor', 'settings'),
        [
            (1.0, {}),
            (2.5, {'min_face_size': 200}),
            (0.5, {'upsample': 1}),
            (0.7, {'upsample': 1, 'min_face_size': 50}),
            (0.25, {'upsample': 2, 'min_face_size': 20}),
        ],
    )
    def test_any_size(self, factor, settings):
        """However the picture is scaled for dlib, the box is in pixels of the picture."""
        picture = cv2.resize(astronaut(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        found, expected = found_by_us(picture, **settings), found_by_us(astronaut())
        assert len(expected) == 1
        assert matched(found / factor, expected)[0] > SAME_FACE

    def test_a_face_that_is_too_small_for_dlib(self):
        """Found by doubling, not without, and not where it is smaller than is wanted."""
        picture = small_astronaut()
        assert len(found_by_us(picture, upsample=1)) == 1
        assert len(found_by_us(picture)) == 0
        assert len(found_by_us(picture, upsample=3, min_face_size=80)) == 0

    def test_doublings_are_those_of_dlib(self):
        """To the pixel, also several and also where the smallest face forbids more."""
        picture = small_astronaut()
        expected = in_order(found_by_dlib(picture, 2)[0])
        assert len(expected) >= 1
        for upsample in (2, 3):
            assert in_order(found_by_us(picture, upsample=upsample, min_face_size=20)) == expected

    def test_boxes_may_reach_beyond_the_picture(self):
        """As dlib gives them; landmarks are found all the same."""
        picture = np.ascontiguousarray(astronaut()[90:])
        found = detector().detect(picture)
        assert in_order(boxes.to_xyxy(found.boxes)) == in_order(found_by_dlib(picture)[0])
        cut = int(found.boxes[:, 1].argmin())
        assert found.boxes[cut, 1] < 0
        assert np.abs(found.landmarks[cut] + (0, 90) - ASTRONAUT_LANDMARKS).max() < 8

    def test_the_largest_come_first(self):
        """And are kept where not all are wanted."""
        everyone = detector(upsample=1).detect(group())
        sides = everyone.boxes[:, 2].tolist()
        assert len(sides) >= 2 and sides == sorted(sides, reverse=True)
        alone = detector(upsample=1, max_faces=1).detect(group())
        np.testing.assert_array_equal(alone.boxes, everyone.boxes[:1])
        np.testing.assert_allclose(alone.landmarks, everyone.landmarks[:1], atol=1e-3)

    def test_confidence_follows_the_score(self):
        """It lies in 0..1, rises with dlib's score, and is above a half at dlib's threshold."""
        found = detector(min_confidence=0.01).detect(group())
        edges, scores = found_by_dlib(group(), threshold=-1.0)
        ours = dict(zip(map(tuple, boxes.to_xyxy(found.boxes).tolist()), found.scores))
        by_score = [ours[tuple(edge)] for edge in edges[np.argsort(scores)].tolist()]
        assert len(by_score) > 3
        assert (np.diff(by_score) > 0).all()
        assert 0 < by_score[0] < 0.1 and 0.9 < by_score[-1] <= 1
        assert all(
            (score > 0) <= (ours[tuple(edge)] > 0.5) for score, edge in zip(scores, edges.tolist())
        )

    def test_a_box_without_landmarks_is_cut_as_large_as_with_them(self):
        """By the detector's own factor, within a fifth."""
        found = detector().detect(astronaut())
        by_landmarks = crops.square_of_landmarks(found.landmarks[0])
        by_box = crops.square_of_box(found.boxes[0], DETECTORS['dlib'].box_factor)
        assert by_box.side == pytest.approx(by_landmarks.side, rel=0.2)


@needs_dlib
class TestAnyPicture:
    """Grey, tiny, huge, and what is none."""

    @pytest.mark.parametrize('shape', [(1, 1), (1, 700), (700, 1), (2, 3), (79, 79), (80, 80)])
    @pytest.mark.parametrize(
        'settings',
        [{}, {'upsample': 1}, {'upsample': 3, 'min_face_size': 12}, {'min_face_size': 4000}],
    )
    def test_no_face(self, shape, settings):
        """In pictures too small for one."""
        found = detector(**settings).detect(np.full((*shape, 3), 200, np.uint8))
        assert len(found) == 0
        assert found.landmarks.shape == (0, 5, 2)

    @hypothesis_settings(deadline=None, max_examples=50)
    @given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 3), st.floats(12, 200))
    def test_any_shape(self, height, width, upsample, min_face_size):
        """Noise of any shape, scaled in any way: no error, boxes as they should be."""
        noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
        finder = load_detector(
            1, ModelSettings(detector='dlib', dlib=DlibSettings(min_face_size, upsample, 0.01))
        )
        found = finder.detect(noise)
        assert np.isfinite(found.boxes).all() and (found.boxes[:, 2:] > 0).all()

    def test_grey(self):
        """A grey picture is found as dlib finds it in grey repeated."""
        grey = cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY)
        whole = ModelSettings(detector='dlib', tasks=(), dlib=DlibSettings(upsample=0))
        with load_model(1, whole) as model:
            (face,) = model.detect(grey)
        (expected,) = found_by_dlib(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))[0]
        x, y, width, height = face.box.x, face.box.y, face.box.width, face.box.height
        assert [x, y, x + width, y + height] == expected.tolist()

    def test_huge(self):
        """36 million pixels, reduced to what the smallest face wanted asks for."""
        picture = cv2.resize(astronaut(), (6000, 6000), interpolation=cv2.INTER_LINEAR)
        found = found_by_us(picture, min_face_size=800)
        assert matched(found * 512 / 6000, found_by_us(astronaut()))[0] > SAME_FACE

    def test_empty(self):
        """Refused as by every detector."""
        with (
            load_model(1, ModelSettings(detector='dlib', tasks=())) as model,
            pytest.raises(images.ImageError, match='empty'),
        ):
            model.detect(np.empty((0, 10, 3), np.uint8))

    def test_pictures_are_only_read(self):
        """A read-only frame is accepted, and nothing is written to one that is not."""
        assert not astronaut().flags.writeable
        picture = astronaut().copy()
        for settings in ({}, {'min_face_size': 90}):
            expected = detector(**settings).detect(astronaut())
            np.testing.assert_array_equal(
                detector(**settings).detect(picture).boxes, expected.boxes
            )
        np.testing.assert_array_equal(picture, astronaut())

    def test_threads_may_share_a_detector(self):
        """Four at once on pictures of different sizes find what one finds."""
        pictures = [astronaut(), group(), small_astronaut(), astronaut()[:400]] * 3
        expected = [detector().detect(picture) for picture in pictures]
        whole = ModelSettings(detector='dlib', dlib=DlibSettings(upsample=0))
        shared = load_detector(1, whole)
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(shared.detect, pictures))
        for one, other in zip(found, expected):
            np.testing.assert_array_equal(one.boxes, other.boxes)
            np.testing.assert_array_equal(one.scores, other.scores)
            np.testing.assert_array_equal(one.landmarks, other.landmarks)

    def test_settings_may_change_between_pictures(self):
        """As a node does when a parameter is set."""
        finder = load_detector(1, ModelSettings(detector='dlib', dlib=DlibSettings(upsample=0)))
        assert len(finder.detect(small_astronaut())) == 0
        finder.settings = DlibSettings(upsample=1)
        assert len(finder.detect(small_astronaut())) == 1
