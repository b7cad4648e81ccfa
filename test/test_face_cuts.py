# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a network sees of a face: the same pixels whichever way they came."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut

from face_affect_ros import crops
from face_affect_ros.crops import FaceSquare

ANGLES = (0, 17, 90, -133, 180)
ROUNDS = int(cv2.__version__.partition('.')[0]) >= 5
"""Whether OpenCV places samples in float32, so that a shift by whole pixels can round anew."""


def assert_same(found: np.ndarray, expected: np.ndarray):
    """Hold two crops to be equal; from OpenCV 5 on one level in one value of 200."""
    if not ROUNDS:
        np.testing.assert_array_equal(found, expected)
    off = np.abs(found.astype(int) - expected)
    assert off.max() <= 1 and off.mean() <= 0.005


def turned(picture: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Turn a picture clockwise about its centre; return it and the matrix of its points."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -degrees, 1)
    turned_picture = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC)
    # From the middle of pixels at whole numbers to the middle of pixels at halves.
    matrix[:, 2] += 0.5 - matrix[:, :2] @ (0.5, 0.5)
    return turned_picture, matrix


def frame_at(
    degrees: float = 0, side: float = 100.0, x: float = 224.3, y: float = 120.7
) -> FaceSquare:
    """Return the square of a face whose head is turned clockwise."""
    angle = math.radians(degrees)
    return FaceSquare(x, y, side, (math.cos(angle), math.sin(angle)))


def checkerboard(size: int) -> np.ndarray:
    """Return black and white pixels in turn."""
    return np.repeat(
        (np.indices((size, size)).sum(0) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2
    )


@pytest.mark.parametrize('shape', [(1, 1, 3), (64, 64), (64, 64, 3), (47, 47, 3)])
def test_the_whole_picture_at_its_size_is_the_picture(shape):
    """A crop that changes nothing changes no pixel."""
    picture = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    size = shape[0]
    crop = crops.cut_face(crops.whole(picture), FaceSquare(size / 2, size / 2, size), size)
    np.testing.assert_array_equal(crop, picture)


def test_quarter_turns_are_exact():
    """A head on its side is turned upright without a pixel lost or mixed."""
    upright = np.random.default_rng(3).integers(0, 256, (32, 32, 3), np.uint8)
    for quarter in range(4):
        lying = np.ascontiguousarray(np.rot90(upright, -quarter))  # clockwise
        frame = frame_at(90 * quarter, 32, 16, 16)
        np.testing.assert_array_equal(crops.cut_face(crops.whole(lying), frame, 32), upright)


@pytest.mark.parametrize('degrees', ANGLES)
def test_a_turned_face_comes_out_upright(degrees):
    """The same crop, whichever way the head was held."""
    lying, matrix = turned(astronaut()[:460, :460], degrees)
    landmarks = ASTRONAUT_LANDMARKS @ matrix[:, :2].T + matrix[:, 2]
    expected, found = (
        crops.cut_face(crops.whole(picture), crops.square_of_landmarks(points), 64).astype(int)
        for picture, points in ((astronaut(), ASTRONAUT_LANDMARKS), (lying, landmarks))
    )
    assert np.abs(found - expected).mean() < 3
    assert np.abs(found[:, ::-1] - expected).mean() > 10


def test_size_and_factor():
    """The factor widens what is seen, about the same centre."""
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[90:110, 90:110] = 255
    view, frame = crops.whole(picture), FaceSquare(100, 100, 40)
    near, far = (crops.cut_face(view, frame, 40, factor) for factor in (1.0, 2.0))
    assert (near == 255).all(axis=2).sum() == pytest.approx(20**2, rel=0.05)
    assert (far[15:25, 15:25] == 255).all()
    assert far.mean() == pytest.approx(near.mean() / 4, rel=0.05)


@pytest.mark.parametrize('degrees', ANGLES)
@pytest.mark.parametrize('channels', [1, 3])
def test_from_a_view_or_from_the_whole_picture(degrees, channels):
    """As long as nothing is shrunk, a context crop gives exactly the same pixels."""
    view = crops.cut_context(astronaut(), np.array(ASTRONAUT_BOX))
    assert view.scale == 1 and view.x > 0
    whole, frame = crops.whole(astronaut()), frame_at(degrees)
    if channels == 1:
        view, whole = view.grey, whole.grey
    crop = crops.cut_face(view, frame, 64)
    assert crop.shape == ((64, 64) if channels == 1 else (64, 64, 3))
    assert_same(crop, crops.cut_face(whole, frame, 64))


@pytest.mark.parametrize('place', [(0, 0), (512, 130), (300, 512), (-10, 400)])
def test_at_the_border_a_view_gives_the_same(place):
    """Border repeated in the view, or while cutting: the same pixels."""
    x, y = place
    view = crops.cut_context(astronaut(), np.array([x - 50, y - 60, 100, 120]))
    frame = frame_at(30, 110, x, y)
    assert_same(
        crops.cut_face(view, frame, 64), crops.cut_face(crops.whole(astronaut()), frame, 64)
    )


@pytest.mark.parametrize('degrees', ANGLES)
@pytest.mark.parametrize('zoom', [0.5, 1, 2.6, 4.1])
def test_a_view_that_went_through_a_message(degrees, zoom):
    """Its pixels copied, its place as float32: the crop is the same to the last bit."""
    picture = cv2.resize(astronaut(), None, fx=zoom, fy=zoom)
    box = np.array(ASTRONAUT_BOX, np.float32) * np.float32(zoom)
    view = crops.cut_context(picture, box)
    message = crops.ContextCrop(
        view.pixels.copy(), *(float(np.float32(v)) for v in (view.x, view.y, view.scale))
    )
    frame = frame_at(degrees, 100 * zoom, 224.3 * zoom, 120.7 * zoom)
    for size, factor in ((48, 0.95), (64, 1.0), (128, 1.45)):
        np.testing.assert_array_equal(
            crops.cut_face(message, frame, size, factor), crops.cut_face(view, frame, size, factor)
        )


@pytest.mark.parametrize('degrees', ANGLES)
@pytest.mark.parametrize('zoom', [2.6, 4.1])
def test_a_shrunk_view_shows_the_same_face(degrees, zoom):
    """A large face is cut from a shrunk view with little loss."""
    picture = cv2.resize(astronaut(), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    view = crops.cut_context(picture, np.array(ASTRONAUT_BOX) * zoom)
    assert view.scale < 1
    frame = frame_at(degrees, 100 * zoom, 224.3 * zoom, 120.7 * zoom)
    found, expected = (
        crops.cut_face(source, frame, 64).astype(int) for source in (view, crops.whole(picture))
    )
    assert np.abs(found - expected).mean() < 2


@pytest.mark.parametrize('degrees', ANGLES)
@pytest.mark.parametrize('ratio', [4, 5.3, 8, 11])
def test_shrinking_does_not_alias(degrees, ratio):
    """A checkerboard of single pixels becomes grey, not another pattern."""
    frame = frame_at(degrees, 24 * ratio, 200, 200)
    crop = crops.cut_face(crops.whole(checkerboard(400)), frame, 24)
    assert np.abs(crop.astype(int) - 127.5).max() < 20


@pytest.mark.parametrize('side', [900, 5000, 100_000])
@pytest.mark.parametrize('degrees', [0, 45])
def test_a_square_larger_than_the_picture(side, degrees):
    """Beyond the border the crop goes on in the border's colours."""
    picture = np.full((300, 200, 3), (10, 130, 250), np.uint8)
    crop = crops.cut_face(crops.whole(picture), frame_at(degrees, side, 120, 70), 64)
    assert (crop == (10, 130, 250)).all()


@pytest.mark.parametrize(
    'frame', [FaceSquare(-400, 40, 30), FaceSquare(40, 4000, 30), FaceSquare(1e6, -1e6, 500)]
)
def test_a_square_beside_the_picture(frame):
    """Shows the nearest pixels of the border."""
    picture = np.random.default_rng(4).integers(0, 256, (80, 90, 3), np.uint8)
    crop = crops.cut_face(crops.whole(picture), frame, 16)
    assert crop.shape == (16, 16, 3)
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    low, high = edge.min(axis=0), edge.max(axis=0)
    assert ((crop >= low) & (crop <= high)).all()
