# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The one crop policy: the square of a face and the context crops that it is cut from."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros import crops
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.registry.catalogue import CropSpec

# Right and left eye, nose, right and left mouth corner of an upright face, in pixels.
FACE = np.array([(40, 40), (60, 40), (50, 52), (43, 62), (57, 62)], float)

UNTIMED = settings(deadline=None)
SMALL = np.arange(12 * 15 * 3, dtype=np.uint16).reshape(12, 15, 3).astype(np.uint8)


def moved(points, degrees: float, scale: float, shift) -> np.ndarray:
    """Turn points about the origin (clockwise in the picture), scale and shift them."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return scale * np.asarray(points) @ turn.T + shift


def noise(height: int, width: int, channels: int = 3) -> np.ndarray:
    """Return a picture without any two places alike."""
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(5).integers(0, 256, shape, np.uint8)


def test_the_square_of_an_upright_face():
    """The numbers of the policy, worked out by hand."""
    frame = crops.square_of_landmarks(FACE)
    assert frame.side == pytest.approx(1.45 * max(2 * 20, 1.8 * 22))
    assert (frame.x, frame.y) == pytest.approx((50, 40 + 0.28 * 22))
    assert frame.right == pytest.approx((1, 0))


@UNTIMED
@given(
    degrees=st.floats(-180, 180),
    scale=st.floats(0.1, 20),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
    spread=st.tuples(st.floats(0.0, 15), st.floats(5, 30)),
)
def test_the_square_moves_with_the_face(degrees, scale, shift, spread):
    """Turning, scaling and shifting a face does the same to its square."""
    face = FACE.copy()
    face[:2, 0] = 50 - spread[0], 50 + spread[0]
    face[3:, 1] = 40 + spread[1]
    before, after = (
        crops.square_of_landmarks(points) for points in (face, moved(face, degrees, scale, shift))
    )
    assert (after.x, after.y) == pytest.approx(
        tuple(moved((before.x, before.y), degrees, scale, shift)), abs=1e-6
    )
    assert after.side == pytest.approx(before.side * scale)
    assert after.right == pytest.approx(tuple(moved(before.right, degrees, 1, 0)), abs=1e-6)


@pytest.mark.parametrize(
    ('degrees', 'right'), [(0, (1, 0)), (90, (0, 1)), (180, (-1, 0)), (-90, (0, -1))]
)
def test_up_runs_from_the_mouth_to_the_eyes(degrees, right):
    """A head that lies on its side or stands on its crown is turned, not mirrored."""
    assert crops.square_of_landmarks(moved(FACE, degrees, 1, 0)).right == pytest.approx(
        right, abs=1e-9
    )


def test_in_a_profile_the_height_holds_the_scale():
    """Eyes that close up do not shrink the square."""
    profile = FACE.copy()
    profile[:2, 0] = 58, 60
    assert crops.square_of_landmarks(profile).side == pytest.approx(
        1.45 * 1.8 * math.hypot(59 - 50, 22)
    )


def test_in_a_bowed_head_the_eyes_hold_the_scale():
    """A mouth that nears the eyes does not shrink the square."""
    bowed = FACE.copy()
    bowed[3:, 1] = 45
    assert crops.square_of_landmarks(bowed).side == pytest.approx(1.45 * 2 * 20)


@pytest.mark.parametrize(
    'landmarks',
    [
        np.full((5, 2), 7.0),
        np.zeros((5, 2)),
        np.array([(1, 5), (9, 5), (5, 5), (1, 5), (9, 5)], float),
        np.array([(5, 9), (5, 9), (5, 5), (5, 1), (5, 1)], float),
    ],
)
def test_degenerate_landmarks_give_some_crop(landmarks):
    """Points that fall together are no reason to stop."""
    frame = crops.square_of_landmarks(landmarks)
    assert np.isfinite([frame.x, frame.y, frame.side, *frame.right]).all()
    assert math.hypot(*frame.right) == pytest.approx(1)
    assert crops.cut_face(crops.whole(SMALL), frame, 8).shape == (8, 8, 3)


def test_a_face_without_landmarks_is_cut_by_its_box():
    """Upright, around the box's centre, by its longer side."""
    missing = np.full((5, 2), np.nan)
    factor = DETECTORS['dlib'].box_factor
    frame = crops.square_of_face(np.array([10, 20, 30, 40], np.float32), missing, factor)
    assert (frame.x, frame.y, frame.right) == (25, 40, (1, 0))
    assert frame.side == pytest.approx(40 * factor)
    unknown = crops.square_of_face(np.array([10, 20, 30, 40], np.float32), missing)
    assert unknown.side == pytest.approx(40 * crops.BOX_FACTOR)
    assert crops.square_of_face(np.zeros(4), FACE) == crops.square_of_landmarks(FACE)


@UNTIMED
@given(
    x=st.floats(-60, 60),
    y=st.floats(-60, 60),
    width=st.floats(0.01, 40),
    height=st.floats(0.01, 40),
)
@example(x=5, y=4, width=2, height=2)  # inside
@example(x=-3, y=-3, width=6, height=6)  # over a corner
@example(x=0, y=0, width=15, height=12)  # the whole picture, and more
@example(x=-50, y=3, width=4, height=4)  # beside it
@example(x=40, y=40, width=4, height=4)
@example(x=7, y=6, width=0.01, height=0.01)
def test_a_view_repeats_the_border(x, y, width, height):
    """Every pixel is the picture's, or beyond its border the nearest one of it."""
    view = crops.cut_context(SMALL, np.array([x, y, width, height]))
    side = view.pixels.shape[0]
    assert view.pixels.shape == (side, side, 3)
    assert side == max(1, round(2.5 * max(width, height)))
    assert view.scale == 1
    rows = np.clip(np.arange(side) + int(view.y), 0, 11)
    columns = np.clip(np.arange(side) + int(view.x), 0, 14)
    np.testing.assert_array_equal(view.pixels, SMALL[rows][:, columns])
    assert abs(view.x + side / 2 - (x + width / 2)) <= 1
    assert abs(view.y + side / 2 - (y + height / 2)) <= 1


@pytest.mark.parametrize('box', [(1e9, 3, 4, 4), (3, -1e9, 4, 4), (-1e30, 1e30, 4, 4)])
def test_a_view_of_a_box_far_away(box):
    """Is the nearest pixel over and over."""
    view = crops.cut_context(SMALL, np.array(box, np.float32))
    assert view.pixels.shape == (10, 10, 3)


@pytest.mark.parametrize(
    'box',
    [
        (700, 600, 400, 300),
        (-100, -50, 200, 200),
        (0, 0, 153.6, 9),
        (0, 0, 154, 154),
        (300, 300, 1200, 900),
    ],
)
def test_a_large_view_is_shrunk(box):
    """To 384 pixels; its pixels lie where x, y and scale say, and are means, not samples."""
    y, x = np.mgrid[:1024, :1280]
    ramp = np.stack([x / 8, y / 8, (x + y) / 16], axis=-1)
    picture = np.round(ramp).astype(np.uint8)
    view = crops.cut_context(picture, np.array(box, float))
    side = round(2.5 * max(box[2:]))
    assert view.pixels.shape[:2] == (min(side, 384),) * 2
    assert view.scale == pytest.approx(min(1, 384 / side), rel=1 / 384)
    places = (np.arange(view.pixels.shape[0]) + 0.5) / view.scale
    expected_x = np.clip(view.x + places, 0, 1280) / 8
    expected_y = np.clip(view.y + places, 0, 1024) / 8
    assert np.abs(view.pixels[..., 0] - expected_x).max() < 1.5
    assert np.abs(view.pixels[..., 1] - expected_y[:, None]).max() < 1.5


def test_a_large_view_does_not_alias():
    """A fine checkerboard becomes grey."""
    checks = np.indices((1600, 1600)).sum(0) % 2 * 255
    picture = np.repeat(checks.astype(np.uint8)[..., None], 3, axis=2)
    view = crops.cut_context(picture, np.array([500, 500, 600, 600.0]))
    assert 96 < view.pixels.min() and view.pixels.max() < 160


def test_grey_of_a_view():
    """The same place in grey; of a grey view itself."""
    view = crops.cut_context(noise(60, 80), np.array([30, 30, 30, 30.0]))
    grey = view.grey
    np.testing.assert_array_equal(grey.pixels, cv2.cvtColor(view.pixels, cv2.COLOR_BGR2GRAY))
    assert (grey.x, grey.y, grey.scale) == (view.x, view.y, view.scale)
    assert grey.grey is grey


def test_pictures_stay_as_they_are():
    """A frame is shared between stages: context crops are read from it, never written to it."""
    picture = noise(300, 300)
    picture.setflags(write=False)
    view = crops.cut_context(picture, np.array([100, 100, 80, 80.0]))
    crops.cut_face(view, crops.square_of_landmarks(FACE + 90), 32)
    assert not view.pixels.flags.writeable
    np.testing.assert_array_equal(picture, noise(300, 300))


@UNTIMED
@given(
    x=st.integers(3, 10), y=st.integers(3, 10), width=st.integers(2, 12), height=st.integers(2, 12)
)
def test_a_box_is_cut_as_it_is(x, y, width, height):
    """At the input's own size pixel for pixel; ``box`` fits both sides, ``square`` the longer."""
    picture = noise(40, 40)
    box = np.array([x + 5, y + 5, width, height], float)
    view = crops.cut_context(picture, box)
    frame = crops.square_of_face(box, FACE)
    longer = max(width, height)
    square = crops.cut_box(view, frame, longer)
    left, top = box[0] + width / 2 - longer / 2, box[1] + height / 2 - longer / 2
    if left == int(left) and top == int(top):
        np.testing.assert_array_equal(
            square, picture[int(top) : int(top) + longer, int(left) : int(left) + longer]
        )
    part = picture[y + 5 : y + 5 + height, x + 5 : x + 5 + width]
    stretched = crops.cut_box(view, frame, longer, square=False)
    expected = cv2.resize(part, (longer, longer), interpolation=cv2.INTER_LINEAR)
    # OpenCV's warp knows 32 places between two pixels.
    inner = slice(longer // 3, max(longer // 3 + 1, longer - longer // 3))
    assert np.abs(stretched[inner, inner].astype(int) - expected[inner, inner]).max() <= 255 / 32


@pytest.mark.parametrize(
    ('kind', 'expected'),
    [
        ('aligned', lambda view, frame: crops.cut_face(view, frame, 16, 1.5)),
        ('square', lambda view, frame: crops.cut_box(view, frame, 16, 1.5)),
        ('box', lambda view, frame: crops.cut_box(view, frame, 16, 1.5, square=False)),
    ],
)
@pytest.mark.parametrize('channels', [1, 3])
def test_what_a_network_wants_to_see(kind, expected, channels):
    """By kind, grey or in colour."""
    picture = noise(100, 100)
    box = np.array([30, 30, 40, 50], float)
    view, frame = crops.cut_context(picture, box), crops.square_of_face(box, FACE)
    found = crops.cut(view, frame, CropSpec(16, channels, 1.5, kind))
    assert found.shape == ((16, 16) if channels == 1 else (16, 16, 3))
    np.testing.assert_array_equal(found, expected(view.grey if channels == 1 else view, frame))


def test_a_frame_without_a_box():
    """Has nothing to be cut by."""
    view = crops.whole(noise(100, 100))
    with pytest.raises(ValueError, match='no box'):
        crops.cut_box(view, crops.square_of_landmarks(FACE), 16)


BOX = st.tuples(*[st.integers(-40, 130)] * 2, *[st.integers(1, 120)] * 2)


@given(BOX, st.integers(1, 160))
@UNTIMED
def test_a_padded_crop_shows_the_part_in_the_picture(box, size):
    """Scaled to fit, centred, and black around it."""
    image = np.full((90, 120, 3), 200, np.uint8)
    x, y, width, height = box
    cut = crops.cut_padded(crops.cut_context(image, np.array(box)), np.array(box), (120, 90), size)
    assert cut.shape == (size, size, 3)
    columns = min(x + width, 120) - max(x, 0)
    rows = min(y + height, 90) - max(y, 0)
    lit = cut.any(axis=2)
    if columns <= 0 or rows <= 0:
        assert not lit.any()
        return
    scale = size / max(columns, rows)
    assert set(np.unique(cut)) <= {0, 200}
    for axis, length in ((0, columns), (1, rows)):
        places = np.flatnonzero(lit.any(axis=axis))
        assert len(places) == places[-1] - places[0] + 1 == max(1, round(scale * length))
        assert abs(places[0] - (size - 1 - places[-1])) <= 1


def test_a_padded_crop_of_a_large_face():
    """From a context crop that was shrunk: as the picture itself, shrunk."""
    image = cv2.resize(noise(8, 8), (1200, 1200), interpolation=cv2.INTER_LINEAR)
    box = np.array([200, 100, 600, 800])
    cut = crops.cut_padded(crops.cut_context(image, box), box, (1200, 1200), 128)
    expected = cv2.resize(image[100:900, 200:800], (96, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(cut[:, 16:112].astype(int) - expected).mean() < 3
    assert not cut[:, :16].any() and not cut[:, 112:].any()
