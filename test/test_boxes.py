# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on boxes, against slow references written from the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros.detection import boxes
from face_affect_ros.faces import Detections

# On a grid of quarters every area is exact, so that ties with a threshold are ties.
COORDINATES = st.integers(-40, 40).map(lambda value: value / 4)
SIZES = st.integers(0, 40).map(lambda value: value / 4)
BOX = st.tuples(COORDINATES, COORDINATES, SIZES, SIZES).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
# Between any two overlaps that boxes of this grid can have, so that rounding decides nothing.
THRESHOLDS = st.sampled_from([0.0, 0.2718, 0.3183, 0.5772, 0.7071, 1.0])
UNTIMED = settings(deadline=None)
OVERLAPS = {'iou': boxes.iou, 'smaller': boxes.overlap_of_smaller}


def arrays(max_size: int = 12):
    """Return a strategy of (N, 4) arrays of boxes, degenerate ones among them."""
    return st.lists(BOX, max_size=max_size).map(lambda rows: np.array(rows, float).reshape(-1, 4))


def area_of(box) -> float:
    """Return a box's area."""
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def overlap_of(a, b, kind: str) -> float:
    """Return the overlap of two boxes by its definition."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    if kind == 'iou':
        return shared / (area_of(a) + area_of(b) - shared)
    return shared / min(area_of(a), area_of(b))


def kept_one_by_one(xyxy, scores, threshold: float, kind: str) -> list[int]:
    """Drop every box that a better one overlaps, be that one dropped itself or not."""
    order = sorted(range(len(scores)), key=lambda place: (-scores[place], place))
    return [
        index
        for place, index in enumerate(order)
        if all(
            overlap_of(xyxy[better], xyxy[index], kind) <= threshold for better in order[:place]
        )
    ]


def crowd(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return many boxes around few places, with their scores, some of them equal."""
    random = np.random.default_rng(seed)
    corner = random.integers(0, 12, (count, 2)) * 20.0 + random.integers(0, 40, (count, 2)) / 4
    size = random.integers(40, 100, (count, 2)) / 4
    return np.concatenate([corner, corner + size], axis=1), random.integers(0, 50, count) / 50


@pytest.mark.parametrize(
    ('box', 'expected'),
    [
        ((3, 3, 3, 3), 0),
        ((0, 0, 5, 0), 0),
        ((5, 5, 0, 0), 0),
        ((5, 0, 0, 5), 0),
        ((1, 2, 4, 6), 12),
        ((-2, -2, 2, 2), 16),
    ],
)
def test_area(box, expected):
    """A point, a line and a box turned inside out have none."""
    assert boxes.area(np.array([box], float)).tolist() == [expected]


@pytest.mark.parametrize('kind', OVERLAPS)
@pytest.mark.parametrize(
    ('counts', 'shape'), [((0, 0), (0, 0)), ((0, 3), (0, 3)), ((2, 0), (2, 0)), ((2, 3), (2, 3))]
)
def test_shapes_of_overlaps(kind, counts, shape):
    """Every box of one list meets every box of the other, also where there are none."""
    a, b = (crowd(count)[0] for count in counts)
    assert OVERLAPS[kind](a, b).shape == shape


@pytest.mark.parametrize('kind', OVERLAPS)
@UNTIMED
@given(a=arrays(), b=arrays())
def test_overlaps_are_as_defined(kind, a, b):
    """Both measures equal their definition for every pair, degenerate boxes included."""
    expected = np.array([[overlap_of(one, other, kind) for other in b] for one in a])
    found = OVERLAPS[kind](a, b)
    np.testing.assert_allclose(found, expected.reshape(len(a), len(b)), rtol=1e-6)
    np.testing.assert_array_equal(found, OVERLAPS[kind](b, a).T)


@UNTIMED
@given(arrays())
def test_a_box_overlaps_itself_wholly(xyxy):
    """Every box with an area does; one without an area overlaps nothing, not even itself."""
    expected = (boxes.area(xyxy) > 0).astype(float)
    for overlap in OVERLAPS.values():
        np.testing.assert_array_equal(np.diag(overlap(xyxy, xyxy)), expected)


def test_a_box_in_a_box():
    """The smaller one is covered wholly; the union counts the larger."""
    outer, inner = np.array([[0.0, 0, 10, 10]]), np.array([[2.0, 2, 7, 7]])
    assert boxes.overlap_of_smaller(outer, inner).tolist() == [[1.0]]
    assert boxes.iou(outer, inner).tolist() == [[0.25]]


@pytest.mark.parametrize('kind', OVERLAPS)
@UNTIMED
@given(xyxy=arrays(), threshold=THRESHOLDS, data=st.data())
def test_nms_keeps_what_the_definition_keeps(kind, xyxy, threshold, data):
    """Same boxes in the same order, best first, equal scores in their order."""
    scores = np.array([data.draw(st.integers(0, 4)) / 4 for _ in xyxy])
    kept = boxes.nms(xyxy, scores, threshold, kind == 'smaller')
    assert kept.tolist() == kept_one_by_one(xyxy, scores, threshold, kind)


@pytest.mark.parametrize('kind', OVERLAPS)
@pytest.mark.parametrize('count', [0, 1, 63, 64, 65, 256, 257, 1200])
def test_nms_of_many_boxes(kind, count):
    """Blocks do not show, however the number of boxes meets their size."""
    xyxy, scores = crowd(count)
    kept = boxes.nms(xyxy, scores, 0.5772, kind == 'smaller')
    assert kept.tolist() == kept_one_by_one(xyxy, scores, 0.5772, kind)


def test_what_nms_promises():
    """The best is kept, no kept pair overlaps, every dropped box overlaps a better one."""
    xyxy, scores = crowd(700, seed=1)
    kept = boxes.nms(xyxy, scores, 0.4)
    assert 1 < len(kept) < 700
    assert scores[kept[0]] == scores.max()
    assert (np.diff(scores[kept]) <= 0).all()
    among = boxes.iou(xyxy[kept], xyxy[kept]) - np.eye(len(kept))
    assert among.max() <= 0.4
    dropped = np.setdiff1d(np.arange(700), kept)
    over = boxes.iou(xyxy, xyxy[dropped]) - (np.arange(700)[:, None] == dropped) > 0.4
    assert (over & (scores[:, None] >= scores[dropped])).any(axis=0).all()


def test_a_dropped_box_still_suppresses():
    """Of three in a row the last goes by the middle one, which itself goes by the first."""
    xyxy = np.array([[0.0, 0, 10, 4], [3, 0, 13, 4], [6, 0, 16, 4]])
    assert boxes.nms(xyxy, np.array([0.9, 0.8, 0.7]), 0.5).tolist() == [0]
    assert boxes.nms(xyxy[[0, 2]], np.array([0.9, 0.7]), 0.5).tolist() == [0, 1]


def test_nms_of_one_box_many_times():
    """Of equal boxes with equal scores the first stays, across blocks."""
    assert boxes.nms(np.tile([[0.0, 0, 4, 4]], (600, 1)), np.ones(600), 0.5).tolist() == [0]


def test_nms_keeps_boxes_without_an_area():
    """A box without an area overlaps nothing and so suppresses nothing."""
    xyxy = np.array([[1.0, 1, 1, 1], [1, 1, 1, 1], [0, 0, 4, 4]])
    assert boxes.nms(xyxy, np.array([0.9, 0.8, 0.7]), 0.0).tolist() == [0, 1, 2]


@UNTIMED
@given(arrays(), st.sampled_from([0.25, 1.0, 2.5]))
def test_squares(xyxy, factor):
    """Same centres, sides equal to the longer side times the factor."""
    squares = boxes.squared(xyxy, factor)
    sides = squares[:, 2:] - squares[:, :2]
    longer = (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, initial=0) if len(xyxy) else np.empty(0)
    np.testing.assert_allclose(sides, np.stack([longer, longer], axis=1) * factor, atol=1e-9)
    np.testing.assert_allclose(
        squares[:, :2] + squares[:, 2:], xyxy[:, :2] + xyxy[:, 2:], atol=1e-9
    )


def test_squares_with_a_factor_each():
    """(N, 1) factors go with their boxes."""
    xyxy = np.array([[0.0, 0, 4, 2], [10, 10, 12, 18]])
    squares = boxes.squared(xyxy, np.array([[1.0], [0.5]]))
    assert squares.tolist() == [[0, -1, 4, 3], [9, 12, 13, 16]]


@UNTIMED
@given(arrays())
def test_conversions_undo_each_other(xyxy):
    """To x, y, width, height and back loses nothing."""
    np.testing.assert_array_equal(boxes.to_xyxy(boxes.to_xywh(xyxy)), xyxy)


def test_conversions_mean_what_they_say():
    """Right and bottom are the first pixels beyond the box."""
    assert boxes.to_xywh(np.array([[1.0, 2, 5, 9]])).tolist() == [[1, 2, 4, 7]]
    assert boxes.to_xyxy(np.array([[1.0, 2, 4, 7]])).tolist() == [[1, 2, 5, 9]]


def placed(*faces):
    """Return detections of (x, y, score) each: squares of 40 pixels with landmarks in them."""
    within = np.array([(12, 14), (28, 14), (20, 22), (14, 30), (26, 30)], float)
    corners = np.array([face[:2] for face in faces], float).reshape(-1, 2)
    return Detections(
        np.concatenate([corners, np.full((len(faces), 2), 40)], axis=1),
        [face[2] for face in faces],
        corners[:, None] + within,
    )


def test_faces_with_the_same_landmarks_are_one():
    """The surer one stays; a neighbour does, and so do all where nothing is to be dropped."""
    faces = placed((100, 50, 0.8), (104, 50, 0.9), (160, 50, 0.7))
    assert boxes.nms_by_landmarks(faces, 0.3).tolist() == [1, 2]
    assert boxes.nms_by_landmarks(faces, 0.0).tolist() == [0, 1, 2]
    assert boxes.nms_by_landmarks(placed((0, 0, 0.9), (0, 0, 0.9)), 0.3).tolist() == [0]
    assert boxes.nms_by_landmarks(Detections.empty(), 0.3).tolist() == []


def test_faces_without_landmarks_stay():
    faces = placed((100, 50, 0.8), (100, 50, 0.9))
    unseen = Detections(faces.boxes, faces.scores, np.full((2, 5, 2), np.nan))
    assert boxes.nms_by_landmarks(unseen, 0.3).tolist() == [0, 1]
