# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several pictures in a batch, several given boxes in a picture; and what is no such thing."""

import io

import numpy as np
import pytest
from samples import ASTRONAUT_BOX
from samples import astronaut
from samples import model

from face_affect_ros import ImageError
from face_affect_ros import load_model
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.faces import Box
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

BLACK = np.zeros((48, 64, 3), np.uint8)


def close(one, other):
    """Return whether two descriptions of one face are the same but for rounding."""
    return one.box == other.box and one.emotion.scores == pytest.approx(
        dict(other.emotion.scores), abs=1e-4
    )


def test_batches():
    """A list a picture, the same as one by one; any iterable, also an empty one."""
    pictures = [astronaut(), BLACK, astronaut()[:300]]
    expected = [model().analyze(picture) for picture in pictures]
    assert [len(faces) for faces in expected] == [1, 0, 1]
    assert model().analyze_batch(pictures) == expected
    assert model().analyze_batch(iter(pictures)) == expected
    assert model().analyze_batch(np.stack([BLACK, BLACK])) == [[], []]
    assert model().analyze_batch([]) == []


def test_a_picture_that_fails_does_not_end_a_batch(tmp_path):
    """Its error stands in its place, with its code; or it is raised where that is asked for."""
    bad = [
        None,
        b'rubbish',
        tmp_path / 'missing.jpg',
        'x' * 300,
        7,
        [BLACK],
        np.zeros((4, 4)),
        io.BytesIO(),
        'https://example.org/a.jpg',
    ]
    for picture in bad:
        results = model().analyze_batch([BLACK, picture, astronaut()])
        assert results[0] == [] and len(results[2]) == 1
        assert isinstance(results[1], ImageError) and results[1].code
        with pytest.raises(ImageError):
            model().analyze_batch([BLACK, picture, astronaut()], errors='raise')


@pytest.mark.parametrize(
    'given',
    ['folder/', b'bytes', BLACK, BLACK[..., 0], None, 7, io.BytesIO(b'x')],
    ids=lambda given: type(given).__name__,
)
def test_one_picture_is_no_batch(given):
    """The letters of a path, the rows of an array and the lines of a file are no pictures."""
    with pytest.raises(ValueError, match='several pictures'):
        model().analyze_batch(given)


def test_errors_are_returned_or_raised():
    """What else is asked for is named."""
    with pytest.raises(ValueError, match="'ignore'"):
        model().analyze_batch([], errors='ignore')


def test_what_detect_returned_is_described():
    """Faces are boxes too, also among others."""
    found = model().detect(astronaut())
    assert model().analyze(astronaut(), found) == model().analyze(astronaut(), [found[0].box])
    mixed = model().analyze(astronaut(), [ASTRONAUT_BOX, *found])
    assert [face.box for face in mixed] == [Box(*ASTRONAUT_BOX), found[0].box]


def test_a_crowd_of_boxes_is_described_like_one():
    """Groups that are described together end nowhere in the results."""
    boxes = [(180 + number / 8, 62, 88, 112) for number in range(130)]
    faces = model().analyze(astronaut(), boxes)
    assert [face.box.x for face in faces] == [box[0] for box in boxes]
    for number in (0, 63, 64, 129):
        assert close(faces[number], model().analyze(astronaut(), [boxes[number]])[0])


@pytest.mark.parametrize(
    'boxes',
    [
        7,
        'all',
        b'all',
        Box(1, 2, 3, 4),
        (1, 2, 3, 4),
        np.zeros(4),
        np.zeros((2, 3)),
        np.zeros((1, 2, 4)),
        {'x': 1},
        [None],
        [[1, 2, [3], 4]],
        ['1234'],
        [(10**400, 0, 1, 1)],
        [(0, 0, 1e300, 1)],
        [(1j, 0, 1, 1)],
        np.full((1, 4), np.nan),
        [('x' * 100_000, 0, 1, 1)],
        [[0] * 100_000],
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_are_no_boxes(boxes):
    """They are named in a short line."""
    with pytest.raises(ValueError, match='box') as caught:
        model().analyze(astronaut(), boxes)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize('settings', [5, 'text', {'threads': 2}, {}, 0, MtcnnSettings()], ids=str)
def test_what_are_no_settings(settings):
    """A dictionary in their place would be found out much later, or never."""
    for load in (load_model, load_detector):
        with pytest.raises(TypeError, match='ModelSettings'):
            load(1, settings)


@pytest.mark.parametrize('tasks', ['emotion', None, 7, ('emotion', 'x' * 5000), (None,)], ids=repr)
def test_what_are_no_tasks(tasks):
    """The letters of a text are none."""
    with pytest.raises(ValueError, match='tasks') as caught:
        ModelSettings(tasks=tasks)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize('name', [None, 9, 1.0, True, '', 'x' * 5000, [1], b'1', '../model1'])
def test_what_are_no_models(name):
    """The error is short and names those that there are."""
    with pytest.raises(ValueError, match='there are 1, 2') as caught:
        load_model(name)
    assert len(str(caught.value)) <= 300
