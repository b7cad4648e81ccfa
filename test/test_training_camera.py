# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""FaceModule pictures are spoilt as cameras, light and things in the way spoil them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
camera = import_module('training.data.camera')
augment = import_module('training.data.augment')

DEGRADATIONS = [degradation for _, degradation in camera.SHARES]
SMOOTH = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8), (0, 0), 6
)


def flat(level: int, side: int = 200) -> np.ndarray:
    """Return a picture of one grey level."""
    return np.full((side, side, 3), level, np.uint8)


def drawn(degradation, picture: np.ndarray, count: int = 40) -> list[np.ndarray]:
    """Return what a degradation makes of a picture with several seeds."""
    return [degradation(picture.copy(), np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize('channels', [1, 3])
@pytest.mark.parametrize('side', [24, 48, 96])
@pytest.mark.parametrize('degradation', [*DEGRADATIONS, camera.occluded, *camera.OCCLUDERS])
def test_every_degradation(degradation, side, channels):
    """It is seeded, keeps shape and type, and does something, to grey pictures and colour."""
    picture = (
        cv2.resize(SMOOTH, (side, side))
        if channels == 3
        else cv2.cvtColor(cv2.resize(SMOOTH, (side, side)), cv2.COLOR_BGR2GRAY)
    )
    first, again = drawn(degradation, picture, 8), drawn(degradation, picture, 8)
    for one, other in zip(first, again):
        assert (one.shape, one.dtype) == (picture.shape, np.uint8)
        np.testing.assert_array_equal(one, other)
    only_colour = degradation in (camera.colour_cast, camera.without_colour)
    assert any((one != picture).any() for one in first) == (channels == 3 or not only_colour)


def test_a_sensor_s_noise():
    """From hardly visible to about 25 grey levels; more where dark pixels spread it."""
    spread = [crop.std() for crop in drawn(camera.sensor_noise, flat(127))]
    assert min(spread) < 6 and 18 < max(spread) < 32


def test_dark_pictures_are_darker_and_noisier_for_it():
    """Less light on average; what was lightened again is noisier than what was not dark."""
    crops = drawn(camera.dark, flat(127))
    assert np.mean([crop.mean() for crop in crops]) < 100
    assert max(crop.std() for crop in crops) > 8


def test_low_resolution_goes_down_to_twenty_pixels():
    """A face of 96 pixels keeps no detail finer than that."""
    board = np.kron(np.indices((48, 48)).sum(0) % 2, np.ones((2, 2))).astype(np.uint8) * 255
    contrast = [crop.std() for crop in drawn(camera.low_resolution, board)]
    assert min(contrast) < 30 and max(contrast) > 60


def test_jpeg_halves_the_resolution_of_colours():
    """As cameras and streams do: the sampling factors of its luminance are two."""
    _, data = cv2.imencode('.jpg', SMOOTH, [cv2.IMWRITE_JPEG_QUALITY, 50])
    start = data.tobytes().index(b'\xff\xc0')
    assert data[start + 11] == 0x22
    sizes = [np.abs(crop.astype(int) - SMOOTH).mean() for crop in drawn(camera.jpeg, SMOOTH)]
    assert min(sizes) < 1.5 < 2.5 < max(sizes)


def test_without_colour():
    """All three channels are one; some are paler, as infrared shows a face."""
    crops = drawn(camera.without_colour, flat(100))
    assert all((crop == crop[..., :1]).all() for crop in crops)
    assert max(crop.mean() for crop in crops) > 130


def test_what_hides_the_lower_part_leaves_the_eyes():
    """Only rows below are covered, at most six tenths of the height."""
    for crop in drawn(camera.lower_part, SMOOTH):
        changed = (crop != SMOOTH).any(axis=(1, 2))
        assert changed[-20:].all() and not changed[:38].any()


@pytest.mark.parametrize('occluder', [camera.mask, camera.sunglasses, camera.microphone])
def test_occluders_cover_a_part(occluder):
    """The rest of the face stays as it was."""
    for crop in drawn(occluder, SMOOTH):
        share = (crop != SMOOTH).any(axis=2).mean()
        assert 0.02 < share < 0.5


def test_strength_is_the_recipe_s():
    """Nothing by default; otherwise noise in that share of the crops."""
    picture, frame = flat(127, 64), augment.crops.FaceSquare(32, 32, 64)
    still = {'shift': 0, 'roll': 0, 'scale': (1, 1), 'cut': 0, 'degrade': 0}

    def noisy_share(**changes):
        crops = [
            augment.jittered(
                picture,
                frame,
                64,
                1.0,
                augment.Jitter(**still, **changes),
                np.random.default_rng(seed),
            )
            for seed in range(300)
        ]
        return np.mean([crop.std() > 1 for crop in crops])

    assert noisy_share() == 0
    assert 0.2 < noisy_share(camera=0.3) < 0.5
    assert 0.5 < noisy_share(camera=0.3, occluded=0.5) < 0.9


def test_tilted_faces():
    """Rolls beyond the usual range, in the share that the recipe says, up to 30 degrees."""
    y, x = np.mgrid[:200, :200]
    bar = ((np.abs(y - 99.5) < 4) & (x > 100)).astype(np.uint8) * 255
    jitter = augment.Jitter(shift=0, roll=0, scale=(1, 1), cut=0, degrade=0, flip=0, tilted=0.5)
    angles = []
    for seed in range(80):
        crop = augment.jittered(
            bar,
            augment.crops.FaceSquare(100, 100, 100),
            100,
            1.0,
            jitter,
            np.random.default_rng(seed),
        )
        down, right = np.argwhere(crop > 127).mean(0) - 49.5
        angles.append(np.degrees(np.arctan2(down, right)))
    assert 0.3 < np.mean(np.abs(angles) < 1) < 0.7
    assert 25 < max(angles) < 31 and -31 < min(angles) < -25
