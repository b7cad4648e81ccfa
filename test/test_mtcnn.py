# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MTCNN finds the faces that there are, where they are."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut
from samples import detector
from samples import small_astronaut

from face_affect_ros.detection import boxes
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections


def overlap(detections: Detections, box, row: int = 0) -> float:
    """Return the intersection over union of one face and a box."""
    return float(
        boxes.iou(
            boxes.to_xyxy(detections.boxes[row : row + 1].astype(float)),
            boxes.to_xyxy(np.array([box], float)),
        )[0, 0]
    )


def scaled_box(factor: float) -> np.ndarray:
    """Return the astronaut's box about its centre, (1, 4)."""
    return np.array([tuple(Box(*ASTRONAUT_BOX).scaled(factor))], np.float32)


def test_one_face_where_it_is():
    """Box, score and the five landmarks of a plain portrait."""
    found = detector().detect(astronaut())
    assert len(found) == 1
    assert overlap(found, ASTRONAUT_BOX) > 0.8
    assert 0.95 < found.scores[0] <= 1
    assert np.abs(found.landmarks[0] - ASTRONAUT_LANDMARKS).max() < 5
    assert found.detector == 'mtcnn'


def test_right_is_the_subjects_own():
    """A subject that looks at the camera has the right eye left in the picture."""
    (landmarks,) = detector().detect(astronaut()).landmarks
    right_eye, left_eye, nose, right_mouth, left_mouth = landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])


def test_a_mirror_image_has_mirrored_landmarks():
    """Right and left change sides with the face."""
    mirrored = detector().detect(np.ascontiguousarray(astronaut()[:, ::-1]))
    assert len(mirrored) == 1
    expected = detector().detect(astronaut()).landmarks[0][[1, 0, 2, 4, 3]]
    expected[:, 0] = 512 - expected[:, 0]
    assert np.abs(mirrored.landmarks[0] - expected).max() < 5


@pytest.mark.parametrize(
    'size', [(1, 1), (5, 400), (400, 5), (12, 12), (13, 11), (41, 41), (240, 320)]
)
@pytest.mark.parametrize('level', [0, 255])
@pytest.mark.parametrize('min_face_size', [12, 40])
def test_pictures_without_anything(size, level, min_face_size):
    """No face in black or white, be the picture as small as it likes."""
    picture = np.full((*size, 3), level, np.uint8)
    found = detector(min_face_size=min_face_size).detect(picture)
    assert len(found) == 0
    assert found.boxes.shape == (0, 4) and found.landmarks.shape == (0, 5, 2)


@pytest.mark.parametrize(
    ('top', 'bottom', 'left', 'right'),
    [(0, 512, 205, 512), (0, 512, 0, 245), (85, 512, 0, 512), (0, 150, 0, 512)],
)
def test_a_face_cut_by_the_border(top, bottom, left, right):
    """A fifth of it beyond the border, it is found where it would be."""
    found = detector().detect(np.ascontiguousarray(astronaut()[top:bottom, left:right]))
    assert len(found) == 1
    x, y, width, height = ASTRONAUT_BOX
    assert overlap(found, (x - left, y - top, width, height)) > 0.6


@pytest.mark.parametrize(
    ('min_face_size', 'count'), [(12, 1), (20, 1), (30, 1), (80, 0), (1000, 0)]
)
def test_smaller_faces_are_not_looked_for(min_face_size, count):
    """A face of 33x42 pixels; what is near the limit may be found or not."""
    assert len(detector(min_face_size=min_face_size).detect(small_astronaut())) == count


@pytest.mark.parametrize(
    ('thresholds', 'count'),
    [((0.6, 0.7, 0.8), 1), ((1.0, 0.7, 0.8), 0), ((0.6, 1.0, 0.8), 0), ((0.6, 0.7, 1.0), 0)],
)
def test_each_stage_can_say_no(thresholds, count):
    """A face goes through all three networks."""
    assert len(detector(thresholds=thresholds).detect(astronaut())) == count


def several() -> np.ndarray:
    """Return a picture with a small, a large and a middle-sized face, in this order."""
    picture = np.zeros((512, 1024, 3), np.uint8)
    picture[:128, :128] = small_astronaut()
    picture[:, 160:672] = astronaut()
    picture[:256, 680:936] = astronaut()[::2, ::2]
    return picture


def test_the_largest_face_comes_first():
    """By area; ``max_faces`` keeps that many of the largest."""
    found = detector().detect(several())
    areas = found.boxes[:, 2] * found.boxes[:, 3]
    assert len(found) == 3
    assert (np.diff(areas) < 0).all()
    for count, expected in ((0, 3), (1, 1), (2, 2), (9, 3)):
        fewer = detector(max_faces=count).detect(several())
        np.testing.assert_array_equal(fewer.boxes, found.boxes[:expected])
        np.testing.assert_array_equal(fewer.landmarks, found.landmarks[:expected])


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('min_face_size', 11.9),
        ('min_face_size', 0),
        ('min_face_size', -40),
        ('min_face_size', math.nan),
        ('scale_factor', 0),
        ('scale_factor', 1.0),
        ('scale_factor', math.nan),
        ('thresholds', (0.6, 0.7)),
        ('thresholds', ()),
        ('thresholds', (0.6, 0.7, 1.1)),
        ('thresholds', (-0.1, 0.7, 0.8)),
        ('thresholds', (0.6, math.nan, 0.8)),
        ('nms', (0.5, 0.7, 0.7)),
        ('nms', (0.5, 0.7, 0.7, 2)),
        ('max_faces', -1),
    ],
)
def test_settings_out_of_range(name, value):
    """The message names the setting and the value."""
    with pytest.raises(ValueError) as caught:
        MtcnnSettings(**{name: value})
    assert name in str(caught.value) and str(value) in str(caught.value)


def test_two_hundred_faces():
    """All are found, more candidates than go into one batch."""
    count = 15
    found = detector(min_face_size=20).detect(np.tile(small_astronaut(), (count, count, 1)))
    single = detector(min_face_size=20).detect(small_astronaut()).boxes[0]
    assert len(found) == count * count
    centers = found.boxes[:, :2] + found.boxes[:, 2:] / 2
    tiles = {(int(x), int(y)) for x, y in centers // 128}
    assert len(tiles) == count * count
    assert np.abs(found.boxes[:, 2:] - single[2:]).max() < 12


def test_pictures_are_only_read():
    """A read-only frame is accepted, and nothing is written to one that is not."""
    picture = astronaut().copy()
    found = detector().detect(picture)
    np.testing.assert_array_equal(picture, astronaut())
    assert not astronaut().flags.writeable
    np.testing.assert_array_equal(found.boxes, detector().detect(astronaut()).boxes)
    detector().landmarks_in_boxes(astronaut(), scaled_box(1))


def test_one_picture_does_not_show_in_the_next():
    """Buffers are kept between pictures, not what was in them."""
    finder = detector()
    expected = finder.detect(astronaut())
    for picture in (several(), np.zeros((300, 512, 3), np.uint8), small_astronaut()):
        finder.detect(picture)
        again = finder.detect(astronaut())
        np.testing.assert_array_equal(again.boxes, expected.boxes)
        np.testing.assert_array_equal(again.landmarks, expected.landmarks)


def test_threads_may_share_a_detector():
    """Four at once on pictures of different sizes find what one finds."""
    pictures = [astronaut(), several(), small_astronaut(), astronaut()[:400]] * 3
    expected = [detector().detect(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(detector().detect, pictures))
    for one, other in zip(found, expected):
        np.testing.assert_array_equal(one.boxes, other.boxes)
        np.testing.assert_array_equal(one.scores, other.scores)


@pytest.mark.parametrize('factor', [0.8, 0.9, 1.0, 1.15, 1.3, 1.45, 1.6])
def test_landmarks_in_a_given_box(factor):
    """Tight or loose, the same landmarks within a few percent of the face, and a sure score."""
    landmarks, scores = detector().landmarks_in_boxes(astronaut(), scaled_box(factor))
    assert (landmarks.shape, scores.shape) == ((1, 5, 2), (1,))
    assert (landmarks.dtype, scores.dtype) == (np.float32, np.float32)
    assert scores[0] > 0.95
    expected = detector().detect(astronaut()).landmarks
    assert np.abs(landmarks - expected).max() < 0.05 * ASTRONAUT_BOX[3]


def test_landmarks_in_several_boxes():
    """Each box by itself, in the order given, whatever the others are."""
    given = np.concatenate([scaled_box(1), [[400, 400, 60, 60]], scaled_box(1.4)])
    landmarks, scores = detector().landmarks_in_boxes(astronaut(), given)
    for row, box in enumerate(given):
        (alone,), (score,) = detector().landmarks_in_boxes(astronaut(), box[None])
        np.testing.assert_allclose(landmarks[row], alone, atol=0.01)
        assert scores[row] == pytest.approx(score, abs=1e-4)
    assert scores[1] < 0.5 < min(scores[0], scores[2])


def test_landmarks_in_no_box():
    """Nothing, in the right shapes."""
    landmarks, scores = detector().landmarks_in_boxes(astronaut(), np.empty((0, 4)))
    assert (landmarks.shape, scores.shape) == ((0, 5, 2), (0,))


@pytest.mark.parametrize(
    'box',
    [(-900, -900, 50, 50), (600, 10, 40, 40), (-2000, -2000, 5000, 5000), (5, 5, 0.01, 0.01)],
)
def test_a_given_box_without_a_face(box):
    """Beside the picture, far larger or far smaller: no crash and no face."""
    landmarks, scores = detector().landmarks_in_boxes(astronaut(), np.array([box], np.float32))
    assert np.isfinite(landmarks).all()
    assert scores[0] < 0.7


def test_a_cut_face_is_a_given_box():
    """The picture of a face and nothing else: the box is the whole picture."""
    x, y, width, height = (int(value) for value in ASTRONAUT_BOX)
    picture = np.ascontiguousarray(astronaut()[y : y + height, x : x + width])
    landmarks, scores = detector().landmarks_in_boxes(picture, np.array([[0, 0, width, height]]))
    assert scores[0] > 0.9
    assert np.abs(landmarks[0] + (x, y) - ASTRONAUT_LANDMARKS).max() < 8
