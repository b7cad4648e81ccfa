# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What counts as a change of a scene."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.detection.scene_changes import SceneChanges

NOBODY = np.empty((0, 4), np.float32)
GREY = np.full((120, 160, 3), 100, np.uint8)


def with_patch(x, y, side, value):
    """Return the grey picture with a square of another light."""
    picture = GREY.copy()
    picture[y : y + side, x : x + side] = value
    return picture


def searched(picture=GREY):
    """Return what has searched a picture at time 5."""
    changes = SceneChanges()
    assert not changes.is_still(picture, NOBODY, 5.0)
    return changes


@pytest.mark.parametrize(
    ('picture', 'known', 'is_still'),
    [
        (GREY, NOBODY, True),
        (with_patch(40, 40, 40, 140), NOBODY, False),
        (with_patch(40, 40, 40, 140), np.array([[40, 40, 40, 40]], np.float32), True),
        (with_patch(40, 40, 40, 140), np.array([[100, 40, 40, 40]], np.float32), False),
        (with_patch(40, 40, 4, 140), NOBODY, True),
        (GREY + np.uint8(4), NOBODY, True),
        (GREY + np.uint8(9), NOBODY, False),
    ],
)
def test_a_change_is_as_large_as_a_face_and_not_a_known_one(picture, known, is_still):
    """Sensor noise and what happens about known faces are none."""
    assert searched().is_still(picture, known, 5.1) == is_still


def test_slow_changes_add_up():
    """A light that is turned up is compared with the frame that was searched."""
    changes = searched()
    still = [changes.is_still(GREY + np.uint8(step), NOBODY, 5 + step / 100) for step in range(20)]
    assert 1 <= still.count(False) <= 3


def test_once_a_second_and_after_a_loss_whatever_has_changed():
    changes = searched()
    assert changes.is_still(GREY, NOBODY, 5.9)
    assert not changes.is_still(GREY, NOBODY, 6.0)
    changes.lose(6.1)
    assert not changes.is_still(GREY, NOBODY, 6.2)
    assert not changes.is_still(GREY, NOBODY, 7.0)
    assert changes.is_still(GREY, NOBODY, 7.2)
    changes.clear()
    assert not changes.is_still(GREY, NOBODY, 7.3)


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.lists(st.tuples(*[st.floats(-200, 200)] * 2, *[st.floats(0.1, 300)] * 2), max_size=3),
)
def test_any_size_and_any_boxes(height, width, boxes):
    """Boxes may reach beyond the frame; they hide no change that is not theirs."""
    dark, light = np.zeros((height, width, 3), np.uint8), np.full((height, width, 3), 90, np.uint8)
    known = np.array(boxes, np.float32).reshape(-1, 4)
    changes = SceneChanges()
    assert not changes.is_still(dark, known, 0.0)
    assert changes.is_still(dark, known, 0.1)
    far = np.array([[-500, -500, 9, 9]], np.float32)
    assert not changes.is_still(light, far, 0.2)
