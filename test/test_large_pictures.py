# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Large pictures are searched in tiles: the same faces, in memory that has a bound."""

import cv2
import numpy as np
import pytest

from face_affect_ros import interruption
from face_affect_ros import load_model
from face_affect_ros.detection import boxes
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings


@pytest.fixture(scope='module', params=['mtcnn', 'dlib'])
def detector(request):
    """Return each detector that searches in tiles."""
    if request.param == 'dlib':
        pytest.importorskip('dlib')
    return load_detector(1, ModelSettings(detector=request.param))


def scattered(astronaut, places, height=2160, width=3840):
    """Return a picture with the astronaut's face (some 100 of 256 pixels) at places and sizes.

    :param places: (left, top, side) of the square with the face.
    """
    face = astronaut[:256, 96:352]
    picture = np.full((height, width, 3), 90, np.uint8)
    for left, top, side in places:
        picture[top : top + side, left : left + side] = cv2.resize(
            face, (side, side), interpolation=cv2.INTER_AREA if side < 256 else cv2.INTER_LINEAR
        )
    return picture


def test_faces_of_any_size_anywhere(detector, astronaut):
    """At tiles' borders too, each once, largest first."""
    rng = np.random.default_rng(1)
    sides = [250, 300, 400, 600, 900] * 2
    places = [
        (
            int(rng.integers(0, 760 - min(side, 700))) + 760 * (number % 5),
            (0 if number < 5 else 1100) + int(rng.integers(0, 100)),
            min(side, 740),
        )
        for number, side in enumerate(sides)
    ]
    found = detector.detect(scattered(astronaut, places))
    centers = found.boxes[:, :2] + found.boxes[:, 2:] / 2
    for left, top, side in places:
        inside = ((centers > (left, top)) & (centers < (left + side, top + side))).all(axis=1)
        inside &= found.boxes[:, 2] > 0.2 * side
        assert inside.sum() == 1, (left, top, side)
        landmarks = found.landmarks[inside][0]
        assert np.isfinite(landmarks).all()
        assert np.abs(landmarks.mean(axis=0) - centers[inside][0]).max() < 0.2 * side
    assert (np.diff(boxes.area(boxes.to_xyxy(found.boxes))) <= 1).all()


def test_a_face_as_large_as_the_picture(detector, astronaut):
    found = detector.detect(cv2.resize(astronaut[:256, 96:352], (3000, 3000)))
    assert len(found) >= 1
    assert found.boxes[0, 2] > 900


@pytest.mark.parametrize('size', [(1, 3_000_000), (3_000_000, 1), (30, 100_000), (1600, 1501)])
def test_odd_shapes(detector, size):
    assert len(detector.detect(np.zeros((*size, 3), np.uint8))) == 0


def test_known_faces_are_followed_in_a_large_picture(detector, astronaut):
    picture = scattered(astronaut, [(0, 0, 400), (2000, 900, 1200)])
    found, squares = detector.detect_with_regions(picture)
    landmarks, scores = detector.refine_landmarks(picture, squares)
    assert (scores > 0.7).all() and len(scores) == len(found) >= 2
    assert np.abs(landmarks - found.landmarks).max() < 0.02 * found.boxes[:, 2].max()


def test_work_stops_between_two_steps(astronaut):
    """Wherever it is by then: while tiles are searched, while faces are described."""
    picture = scattered(astronaut, [(0, 0, 400), (2000, 900, 1200)])
    steps = {'left': 1000}

    def is_over():
        steps['left'] -= 1
        return steps['left'] < 0

    with load_model(1) as model:
        with interruption.interruptible(is_over):
            expected = model.analyze(picture)
        needed = 1000 - steps['left']
        assert needed > 20
        for steps['left'] in (0, 5, needed - 2):
            with pytest.raises(interruption.Interrupted), interruption.interruptible(is_over):
                model.analyze(picture)
        steps['left'] = needed
        with interruption.interruptible(is_over):
            assert model.analyze(picture) == expected
