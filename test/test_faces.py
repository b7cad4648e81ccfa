# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The vocabulary: label lists, boxes, faces and detections."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from dataclasses import fields

import numpy as np
import pytest

from face_affect_ros import faces
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face

DISTRIBUTION = Distribution('female', 0.75, {'female': 0.75, 'male': 0.25})
AGE = Age(30.5, 4.0, '25-32', {'25-32': 1.0})
FACE = Face(
    Box(1, 2, 3, 4),
    0.9,
    ((1.0, 2.0),) * 5,
    0.5,
    DISTRIBUTION,
    DISTRIBUTION,
    AGE,
    {'Smiling': 0.8},
    7,
)


@pytest.mark.parametrize(
    ('labels', 'count', 'first', 'last'),
    [
        (faces.EMOTIONS, 7, 'angry', 'neutral'),
        (faces.GENDERS, 2, 'female', 'male'),
        (faces.AGE_RANGES, 8, '0-2', '60-100'),
        (faces.LANDMARKS, 5, 'right_eye', 'left_mouth'),
        (faces.ATTRIBUTES, 40, '5_o_Clock_Shadow', 'Young'),
    ],
)
def test_label_lists(labels, count, first, last):
    """Their length and order are part of the messages; no label is there twice."""
    assert isinstance(labels, tuple)
    assert len(labels) == len(set(labels)) == count
    assert (labels[0], labels[-1]) == (first, last)
    assert faces.UNKNOWN not in labels


def test_emotions_are_in_the_order_of_fer2013():
    """Of equal scores the first wins, so the order decides."""
    assert faces.EMOTIONS == ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')


def test_attributes_are_in_the_order_of_celeba():
    """Which is that of the alphabet."""
    assert list(faces.ATTRIBUTES) == sorted(faces.ATTRIBUTES, key=str.lower)


def test_ages_are_cut_between_the_ranges():
    """Every cut lies above one range and not above the start of the next."""
    bounds = [tuple(map(int, label.split('-'))) for label in faces.AGE_RANGES]
    assert len(faces.AGE_CUTS) == len(bounds) - 1
    for (_, end), cut, (start, _) in zip(bounds, faces.AGE_CUTS, bounds[1:]):
        assert end < cut <= start


@pytest.mark.parametrize('thing', [FACE.box, DISTRIBUTION, AGE, FACE, Detections.empty()])
def test_nothing_can_be_changed(thing):
    """Stages hand results on by reference."""
    for entry in fields(thing):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, entry.name, None)


@pytest.mark.parametrize('scores', [DISTRIBUTION.scores, AGE.scores, FACE.attributes])
def test_scores_cannot_be_changed(scores):
    """Neither entry by entry."""
    with pytest.raises(TypeError):
        scores[next(iter(scores))] = 0.0


def test_scores_are_copied():
    """Whoever keeps the mapping that was given cannot change the result."""
    scores = {'female': 0.75, 'male': 0.25}
    distribution, age = Distribution('female', 0.75, scores), Age(1, 1, '0-2', scores)
    face = Face(FACE.box, 1, attributes=scores)
    scores['female'] = 0.0
    assert (distribution.scores['female'], age.scores['female'], face.attributes['female']) == (
        0.75,
    ) * 3


def test_equal_faces_are_equal():
    """By value, with everything that was found out about them."""
    same = Face(
        Box(1, 2, 3, 4),
        0.9,
        ((1.0, 2.0),) * 5,
        0.5,
        DISTRIBUTION,
        DISTRIBUTION,
        AGE,
        {'Smiling': 0.8},
        7,
    )
    assert FACE == same
    assert FACE != Face(Box(1, 2, 3, 4), 0.9)


def test_what_was_not_computed_is_not_given():
    """None, never 0."""
    face = Face(Box(0, 0, 1, 1), 0.5)
    assert [face.quality, face.emotion, face.gender, face.age, face.attributes] == [None] * 5
    assert (face.landmarks, face.track_id) == ((), 0)


def test_a_box_and_its_parts():
    """Half-open; unpacks as x, y, width, height."""
    box = Box(10, 20, 30, 40)
    assert (box.right, box.bottom, box.center) == (40, 60, (25, 40))
    assert tuple(box) == (10, 20, 30, 40)
    assert box.scaled(1) == box
    assert box.scaled(2) == Box(-5, 0, 60, 80)
    assert box.scaled(0.5).center == box.center


def three() -> Detections:
    """Return detections of three faces."""
    return Detections(
        np.arange(12).reshape(3, 4),
        [0.9, 0.8, 0.7],
        np.arange(30.0).reshape(3, 5, 2),
        [4, 5, 6],
        'mtcnn',
    )


def test_detections_have_the_types_of_the_messages():
    """Whatever was given: float32, and uint32 ids that are 0 where there are none."""
    detections = three()
    assert len(detections) == 3
    assert {
        array.dtype for array in (detections.boxes, detections.scores, detections.landmarks)
    } == {np.dtype(np.float32)}
    assert detections.track_ids.dtype == np.uint32
    untracked = Detections(detections.boxes, detections.scores, detections.landmarks)
    assert untracked.track_ids.tolist() == [0, 0, 0]
    assert untracked.detector == ''


def test_no_detections():
    """Have the same shapes with no rows, and the name of who found none."""
    empty = Detections.empty('mtcnn')
    assert len(empty) == 0
    assert (empty.boxes.shape, empty.landmarks.shape) == ((0, 4), (0, 5, 2))
    assert empty.detector == 'mtcnn'
    assert len(empty.take([])) == 0


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('boxes', np.zeros((2, 4))),
        ('boxes', np.zeros((3, 5))),
        ('boxes', np.zeros(12)),
        ('landmarks', np.zeros((3, 10))),
        ('landmarks', np.zeros((2, 5, 2))),
        ('landmarks', []),
        ('scores', np.zeros((3, 1))),
        ('track_ids', [1, 2]),
    ],
)
def test_arrays_of_wrong_shapes_are_refused(name, value):
    """The message names the array and both shapes."""
    arrays = {
        'boxes': np.zeros((3, 4)),
        'scores': np.zeros(3),
        'landmarks': np.zeros((3, 5, 2)),
        name: value,
    }
    with pytest.raises(ValueError, match=f'{name} has shape .* expected'):
        Detections(**arrays)


@pytest.mark.parametrize(
    ('rows', 'ids'),
    [
        ([], []),
        ([2, 0], [6, 4]),
        (np.array([True, False, True]), [4, 6]),
        (np.array([False] * 3), []),
        (slice(1, None), [5, 6]),
    ],
)
def test_take(rows, ids):
    """The faces asked for, in that order, with all that belongs to them."""
    everything, taken = three(), three().take(rows)
    assert taken.track_ids.tolist() == ids
    for index, track_id in enumerate(ids):
        row = track_id - 4
        np.testing.assert_array_equal(taken.boxes[index], everything.boxes[row])
        np.testing.assert_array_equal(taken.landmarks[index], everything.landmarks[row])
        assert taken.scores[index] == everything.scores[row]
    assert taken.detector == 'mtcnn'
