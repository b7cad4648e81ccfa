# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A model as a Python programmer uses it: pictures and boxes in, described faces out."""

from __future__ import annotations

import io
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from PIL import Image
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut
from samples import model
from samples import small_astronaut

from face_affect_ros import images
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Box
from face_affect_ros.faces import Face
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.model import of_face
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS

BLACK = np.zeros((200, 300, 3), np.uint8)


def group() -> np.ndarray:
    """Return a picture of three faces, 33 to 112 pixels high, 512x896."""
    picture = np.zeros((512, 896, 3), np.uint8)
    picture[:, :512] = astronaut()
    picture[:256, 520:776] = astronaut()[::2, ::2]
    picture[300:428, 600:728] = small_astronaut()
    return picture


def is_described(face: Face) -> bool:
    """Return whether everything that Model 1 tells of a face is there and in range."""
    age, attributes = face.age, face.attributes
    return (
        0 <= face.quality <= 1
        and face.trait_age == 0
        and tuple(attributes) == ATTRIBUTES
        and all(0 <= p <= 1 for p in attributes.values())
        and 0 <= age.years <= 100
        and age.deviation >= 0
        and tuple(age.scores) == AGE_RANGES
        and math.isclose(sum(age.scores.values()), 1, abs_tol=1e-5)
        and age.scores[age.range] == max(age.scores.values())
    ) and all(
        found is not None
        and set(found.scores) == set(labels)
        and math.isclose(sum(found.scores.values()), 1, abs_tol=1e-5)
        and all(0 <= score <= 1 for score in found.scores.values())
        and found.confidence == max(found.scores.values())
        and (found.label == UNKNOWN or found.scores[found.label] == found.confidence)
        for found, labels in ((face.emotion, EMOTIONS), (face.gender, GENDERS))
    )


def close(one: Face, other: Face, tolerance: float) -> bool:
    """Return whether two faces are where and what the other is."""

    def numbers(face: Face) -> list[float]:
        points = [value for point in face.landmarks for value in point]
        scores = (
            *face.emotion.scores.values(),
            *face.gender.scores.values(),
            *face.age.scores.values(),
            *face.attributes.values(),
        )
        return [*face.box, face.confidence, face.quality, *points, *scores]

    return numbers(one) == pytest.approx(numbers(other), abs=tolerance)


def as_pil(bgr: np.ndarray) -> Image.Image:
    """Return a picture as Pillow has it."""
    return Image.fromarray(np.ascontiguousarray(bgr[..., ::-1]))


def as_png(bgr: np.ndarray) -> bytes:
    """Return a picture's bytes as a PNG file."""
    stream = io.BytesIO()
    as_pil(bgr).save(stream, 'PNG')
    return stream.getvalue()


def test_all_faces_are_described():
    """Largest first, each with all that there is to tell, and with landmarks."""
    faces = model().analyze(group())
    assert len(faces) == 3
    areas = [face.box.width * face.box.height for face in faces]
    assert areas == sorted(areas, reverse=True)
    for face in faces:
        assert is_described(face)
        assert len(face.landmarks) == 5
        assert face.track_id == 0
    assert np.abs(np.array(faces[0].landmarks) - ASTRONAUT_LANDMARKS).max() < 5


def test_detection_alone():
    """The same faces, described by nothing."""
    detected, analyzed = model().detect(group()), model().analyze(group())
    assert [(face.box, face.confidence, face.landmarks) for face in detected] == [
        (face.box, face.confidence, face.landmarks) for face in analyzed
    ]
    assert {
        (face.emotion, face.gender, face.age, face.attributes, face.quality, face.trait_age)
        for face in detected
    } == {(None,) * 6}


@pytest.mark.parametrize('call', ['detect', 'analyze'])
def test_no_face(call):
    """An empty list."""
    assert getattr(model(), call)(BLACK) == []


def test_every_kind_of_picture(tmp_path):
    """Array, Pillow's picture, path and bytes give the same faces."""
    expected = model().analyze(astronaut())
    path = tmp_path / 'astronaut.png'
    path.write_bytes(as_png(astronaut()))
    for form in (astronaut().copy(), as_pil(astronaut()), path, str(path), as_png(astronaut())):
        assert model().analyze(form) == expected


def test_grey_pictures():
    """(H, W) and Pillow's mode L are the same; the face is where it is in colour."""
    grey = as_pil(astronaut()).convert('L')
    (face,) = model().analyze(grey)
    assert model().analyze(np.asarray(grey)) == [face]
    assert is_described(face)
    assert tuple(face.box) == pytest.approx(ASTRONAUT_BOX, abs=12)


@pytest.mark.parametrize('form', [None, 'no/such/file.jpg', b'no picture', np.zeros((4, 4))])
def test_no_pictures(form):
    """What is no picture is refused with what is wrong."""
    for call in (model().detect, model().analyze):
        with pytest.raises(images.ImageError):
            call(form)


def test_faces_together_or_one_by_one():
    """A face's description does not depend on who else is in the picture."""
    together = model().analyze(group())
    for face in together:
        (alone,) = model().analyze(group(), [face.box])
        (same,) = model().describe(
            context_crops(group(), model().detector.detect(group()).take([together.index(face)])),
            model().detector.detect(group()).take([together.index(face)]),
        )
        assert close(same, face, 1e-5)
        assert alone.box == face.box


def test_given_boxes():
    """Faces come in the boxes' order, as `Box`es or as an array."""
    found = [face.box for face in model().analyze(group())]
    for order in ([0, 1, 2], [2, 0, 1], [1], [0, 0]):
        given = [found[index] for index in order]
        faces = model().analyze(group(), given)
        assert [face.box for face in faces] == given
        assert all(map(is_described, faces))
        assert model().analyze(group(), np.array([tuple(box) for box in given])) == faces
        assert model().analyze(group(), [list(box) for box in given]) == faces


def test_landmarks_in_given_boxes():
    """Where a face is to be seen in the box, and only there; the score says how sure that is."""
    face, wall = model().analyze(astronaut(), [ASTRONAUT_BOX, (420, 20, 80, 80)])
    assert np.abs(np.array(face.landmarks) - ASTRONAUT_LANDMARKS).max() < 6
    assert face.confidence > 0.9
    assert wall.landmarks == ()
    assert wall.confidence < 0.7
    assert is_described(wall)


@pytest.mark.parametrize('boxes', [[], (), np.empty((0, 4))])
def test_no_boxes(boxes):
    """Nobody to describe: an empty list, and nothing is detected instead."""
    assert model().analyze(astronaut(), boxes) == []


@pytest.mark.parametrize(
    'box',
    [
        (-300, -300, 50, 50),
        (600, 600, 80, 80),
        (-30, 400, 60, 60),
        (-500, -500, 2000, 2000),
        (100, 100, 0.01, 0.01),
        (1e9, 0, 10, 10),
        (100, 100, 400, 3),
    ],
)
def test_boxes_beside_the_picture(box):
    """Outside, over the border, around everything: described from repeated border."""
    (face,) = model().analyze(astronaut(), [box])
    assert tuple(face.box) == pytest.approx(box)
    assert is_described(face)


@pytest.mark.parametrize(
    'bad',
    [
        (1, 2, 3),
        (1, 2, 3, 4, 5),
        (1, 2, 3, 4, 5, 6, 7, 8),
        (),
        None,
        7,
        (1, 2, 3, 'x'),
        (1, 2, 0, 4),
        (1, 2, 3, 0),
        (1, 2, -3, 4),
        (math.nan, 2, 3, 4),
        (1, math.inf, 3, 4),
    ],
)
@pytest.mark.parametrize('index', [0, 2])
def test_bad_boxes(bad, index):
    """The first that is none is named by its place."""
    boxes = [(1, 2, 30, 40)] * 3
    boxes[index] = bad
    with pytest.raises(ValueError, match=rf'boxes\[{index}\]'):
        model().analyze(astronaut(), boxes)


def test_a_cut_face():
    """A picture that is a face already, given as one box, is described like the face in place."""
    x, y, width, height = (int(value) for value in ASTRONAUT_BOX)
    cut = astronaut()[y - 30 : y + height + 30, x - 40 : x + width + 40]
    size = cut.shape[1], cut.shape[0]
    (face,) = model().analyze(cut, [Box(0, 0, *size)])
    (expected,) = model().analyze(astronaut(), [Box(x - 40, y - 30, *size)])
    shift = np.array([x - 40, y - 30])
    assert np.abs(np.array(face.landmarks) + shift - expected.landmarks).max() < 2
    assert face.gender.scores == pytest.approx(dict(expected.gender.scores), abs=0.05)
    assert face.emotion.scores == pytest.approx(dict(expected.emotion.scores), abs=0.05)


def test_results_cannot_be_changed():
    """Faces are handed on by reference."""
    (face,) = model().analyze(astronaut())
    with pytest.raises(FrozenInstanceError):
        face.emotion = None
    with pytest.raises(FrozenInstanceError):
        face.emotion.label = 'happy'
    with pytest.raises(TypeError):
        face.gender.scores['female'] = 1.0


def test_plain_numbers():
    """What comes out can go into JSON."""
    (face,) = model().analyze(astronaut())
    numbers = [
        *face.box,
        face.confidence,
        face.quality,
        *face.landmarks[0],
        face.trait_age,
        face.emotion.confidence,
        *face.gender.scores.values(),
        face.age.years,
        face.age.deviation,
        *face.age.scores.values(),
        *face.attributes.values(),
    ]
    assert {type(number) for number in numbers} == {float}
    assert type(face.track_id) is int


def test_threads_may_share_a_model():
    """Four at once find what one finds."""
    pictures = [astronaut(), group(), BLACK, small_astronaut()] * 3
    expected = [model().analyze(picture) for picture in pictures]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(model().analyze, pictures)) == expected


def test_a_model_is_a_context():
    """It works inside and lets go of its networks at the end."""
    with load_model(1) as own:
        assert len(own.analyze(astronaut())) == 1
    with pytest.raises(Exception):  # noqa: B017  # which one is not promised
        own.analyze(astronaut())
    assert len(model().analyze(astronaut())) == 1


@pytest.mark.parametrize('name', [1, '1'])
def test_a_model_by_number_or_name(name):
    """Launch arguments arrive as either."""
    with load_model(name) as own:
        assert own.name == '1'
        assert own.analyze(astronaut()) == model().analyze(astronaut())


def test_the_detector_alone():
    """Is the model's, with its settings."""
    found = load_detector('1').detect(astronaut())
    np.testing.assert_array_equal(found.boxes, model().detector.detect(astronaut()).boxes)


def test_two_steps_are_one():
    """Raw scores, then the decision, give what `describe` gives."""
    found = model().detector.detect(group())
    seen, squares = context_crops(group(), found), face_squares(found)
    whole = model().describe(seen, found)
    scores = {}
    for task in reversed(TASKS):
        scores.update(model().scores(seen, squares, (task,)))
    decided = [model().decide(found, row, of_face(scores, row), 0.0) for row in range(len(whole))]
    assert decided == whole


def test_threads_of_a_network_change_nothing():
    """But speed."""
    with load_model(1, ModelSettings(threads=2)) as own:
        for one, other in zip(own.analyze(group()), model().analyze(group())):
            assert close(one, other, 1e-3)
