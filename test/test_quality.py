# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Quality: larger, sharper and frontal faces have more of it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut

from face_affect_ros import crops
from face_affect_ros.decision import quality


def of(picture, landmarks=ASTRONAUT_LANDMARKS, scale=1.0):
    """Return the quality of the astronaut's face in a picture of her times ``scale``."""
    box = np.array(ASTRONAUT_BOX, np.float32) * scale
    points = np.asarray(landmarks, np.float32) * scale
    return quality.of_face(
        crops.cut_context(picture, box), crops.square_of_face(box, points), points
    )


def test_a_portrait_is_good():
    """Sharp, large and frontal."""
    assert of(astronaut()) > 0.9


@pytest.mark.parametrize('steps', [(1.0, 0.5, 0.25, 0.12)])
def test_smaller_is_worse(steps):
    """Step by step, down to a face of a dozen pixels."""
    found = [
        of(
            cv2.resize(astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA),
            scale=scale,
        )
        for scale in steps
    ]
    assert found == sorted(found, reverse=True)
    side = crops.square_of_landmarks(ASTRONAUT_LANDMARKS).side
    for scale, value in zip(steps, found):
        assert value <= quality.size_factor(side * scale)
    assert found[-1] < 0.15


@pytest.mark.parametrize(
    ('side', 'factor'),
    [(0, 0), (quality.ENOUGH_SIDE / 4, 0.25), (quality.ENOUGH_SIDE, 1), (999, 1)],
)
def test_size(side, factor):
    """In proportion up to what the networks can use."""
    assert quality.size_factor(side) == factor


def test_blurred_is_worse():
    """Step by step, down to where nobody can be known."""
    found = [of(astronaut())] + [
        of(cv2.GaussianBlur(astronaut(), (0, 0), sigma)) for sigma in (2, 4, 8)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.1


def test_contrast_and_light_do_not_count():
    """Half the contrast is the same picture to networks that see it scaled."""
    dark = (astronaut() * 0.5).astype(np.uint8)
    assert of(dark) == pytest.approx(of(astronaut()), abs=0.1)


@pytest.mark.parametrize('direction', [(1, 0), (-1, 0), (0, -1), (0, 1)])
def test_turned_away_is_worse(direction):
    """A nose that leaves the middle, to whichever side, up or down; and roll does not count."""
    factors = []
    for pixels in (0, 10, 18, 60):
        points = ASTRONAUT_LANDMARKS.copy()
        points[2] = (225, 122) + np.array(direction) * pixels
        factors.append(quality.direction_factor(points))
        turned = np.array([(y, -x) for x, y in points])
        assert quality.direction_factor(turned) == pytest.approx(factors[-1])
    assert factors == sorted(factors, reverse=True)
    assert factors[0] > 0.9 and factors[-1] == quality.LEAST_DIRECTION


def test_without_landmarks():
    """Less than a face from the front, more than nothing."""
    nowhere = np.full((5, 2), np.nan)
    assert quality.direction_factor(nowhere) == quality.WITHOUT_LANDMARKS
    assert 0 < of(astronaut(), nowhere) < of(astronaut())


@given(arrays.arrays(np.float32, (5, 2), elements=st.floats(-1e6, 1e6, width=32)))
def test_any_landmarks(points):
    """Also five on one spot."""
    assert 0 < quality.direction_factor(points) <= 1


@pytest.mark.parametrize('value', [0, 128, 255])
def test_a_blank_wall_has_none(value):
    """And nothing is divided by zero."""
    assert quality.sharpness_factor(np.full((64, 64), value, np.uint8)) == 0
