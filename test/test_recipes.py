# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training recipes say what there is, and training crops are the run-time crops, varied."""

from __future__ import annotations

import math
import sys
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from face_affect_ros import crops
from face_affect_ros.registry import catalogue
from face_affect_ros.tasks import TASKS

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
LEARNED = import_module('training.tasks').LEARNED
recipes = import_module('training.recipe')
augment = import_module('training.data.augment')

NAMES = sorted(path.stem for path in recipes.RECIPES.glob('*.yaml'))
SETS = {
    f'{name}_{part}'
    for name in ('fer2013', 'utkface', 'celeba', 'resting')
    for part in ('train', 'val')
}
STILL = {'shift': 0.0, 'roll': 0.0, 'scale': (1.0, 1.0), 'cut': 0.0, 'degrade': 0.0, 'flip': 0.0}
PICTURE = np.random.default_rng(0).integers(0, 256, (100, 100, 3), np.uint8)
FRAME = crops.FaceSquare(48.3, 52.6, 60.0, (math.cos(0.3), math.sin(0.3)))


def jittered(
    seed: int = 0, picture=PICTURE, frame=FRAME, size: int = 64, factor: float = 0.95, **changes
) -> np.ndarray:
    """Return a training crop that varies in nothing but the changes."""
    jitter = augment.Jitter(**{**STILL, **changes})
    return augment.jittered(picture, frame, size, factor, jitter, np.random.default_rng(seed))


@pytest.mark.parametrize('name', NAMES)
def test_every_recipe(name):
    """It can be read, and every name in it is one that there is."""
    recipe = recipes.load_recipe(name)
    assert recipe.name == name
    assert recipe.tasks.keys() <= LEARNED.keys()
    assert set(recipe.exported) <= recipe.tasks.keys()
    assert recipe.sets and recipe.validation
    assert {*recipe.sets, *recipe.validation} <= SETS
    assert all(entry.endswith('_train') for entry in recipe.sets)
    assert all(entry.endswith('_val') for entry in recipe.validation)
    assert {recipe.start, *recipe.teachers} <= {'', *NAMES}
    assert all({*sets} <= {*recipe.sets} for sets in recipe.teachers.values())
    assert recipe.epochs > 0 and recipe.batch > 0 and 0 < recipe.rate < 1
    places = [index for place in recipe.slices.values() for index in range(recipe.outputs)[place]]
    assert places == list(range(recipe.outputs))


def test_no_recipe_needs_itself():
    """Each can be trained after what it starts from and who teaches it: there is an order."""
    needs = {
        name: {needed for needed in (recipe.start, *recipe.teachers) if needed}
        for name, recipe in ((name, recipes.load_recipe(name)) for name in NAMES)
    }
    assert set().union(*needs.values()) <= set(NAMES)
    list(TopologicalSorter(needs).static_order())


@pytest.mark.parametrize(
    'name', [name for name in catalogue.networks() if catalogue.network(name).task in TASKS]
)
def test_networks_are_fed_what_they_were_trained_on(name):
    """The catalogue's crop is the recipe's."""
    crop, recipe = catalogue.network(name).crop, recipes.load_recipe(name)
    assert (crop.size, crop.channels, crop.factor) == (recipe.size, recipe.channels, recipe.factor)
    assert catalogue.network(name).task in recipe.exported


@pytest.mark.parametrize('name', ['', 'emotion', '../networks'])
def test_an_unknown_recipe(name):
    """The message repeats its name and tells those that there are."""
    with pytest.raises(ValueError, match='emotion_mini_xception') as caught:
        recipes.load_recipe(name)
    assert repr(name) in str(caught.value)


def test_unknown_fields():
    """All of them are named: a misspelt one would otherwise do nothing."""
    with pytest.raises(ValueError, match="'epoch', 'lerning_rate'"):
        recipes.load_recipe('emotion_mini_xception', lerning_rate=1, epoch=2)
    with pytest.raises((TypeError, ValueError), match='shfit'):
        recipes.load_recipe('emotion_mini_xception', jitter={'shfit': 0.1})


def test_changes():
    """A recipe can be varied without a file."""
    recipe = recipes.load_recipe('emotion_mini_xception', epochs=3, jitter={'scale': [0.5, 2]})
    assert recipe.epochs == 3
    assert recipe.jitter.scale == (0.5, 2)


@pytest.mark.parametrize('channels', [1, 3])
@pytest.mark.parametrize(('size', 'factor'), [(48, 0.95), (64, 1.0), (24, 1.45)])
def test_without_jitter_it_is_the_crop_of_the_run_time(channels, size, factor):
    """To the last bit."""
    picture = PICTURE if channels == 3 else np.ascontiguousarray(PICTURE[..., 0])
    expected = crops.cut_face(crops.whole(picture), FRAME, size, factor)
    np.testing.assert_array_equal(jittered(picture=picture, size=size, factor=factor), expected)


def test_a_mirror_image():
    """Is the crop mirrored, after it was cut."""
    np.testing.assert_array_equal(jittered(flip=1.0), jittered()[:, ::-1])


@pytest.mark.parametrize(
    'changes',
    [
        {'shift': 0.06},
        {'roll': 6.0},
        {'scale': (0.8, 1.35)},
        {'cut': 1.0},
        {'degrade': 1.0},
        {'flip': 0.5},
    ],
)
def test_chance_is_seeded(changes):
    """The same seed gives the same crop, other seeds give others; shape and type stay."""
    drawn = [jittered(seed, **changes) for seed in range(12)]
    for seed, crop in enumerate(drawn):
        assert (crop.shape, crop.dtype) == ((64, 64, 3), np.uint8)
        np.testing.assert_array_equal(crop, jittered(seed, **changes))
    assert any((crop != drawn[0]).any() for crop in drawn[1:])


def disc(radius: float) -> np.ndarray:
    """Return a white disc in the middle of a black picture, 200x200."""
    y, x = np.mgrid[:200, :200] + 0.5
    return (np.hypot(x - 100, y - 100) < radius).astype(np.uint8) * 255


def center_of(crop: np.ndarray) -> np.ndarray:
    """Return where the white in a crop is, in sides of the crop from its middle."""
    return np.argwhere(crop > 127).mean(axis=0) / (len(crop) - 1) - 0.5


def test_shift_is_a_share_of_the_side():
    """Up to its range in both directions, no further."""
    frame = crops.FaceSquare(100, 100, 100)
    places = np.array(
        [center_of(jittered(seed, disc(20), frame, 100, 1.0, shift=0.1)) for seed in range(60)]
    )
    assert np.abs(places).max() < 0.11
    assert (places.min(axis=0) < -0.07).all() and (places.max(axis=0) > 0.07).all()


def test_scale_is_a_factor_of_the_side():
    """Between its limits; a wider square shows a smaller face."""
    frame = crops.FaceSquare(100, 100, 100)
    still = (jittered(0, disc(30), frame, 100, 1.0) > 127).sum()
    sides = [
        math.sqrt(
            still / (jittered(seed, disc(30), frame, 100, 1.0, scale=(0.8, 1.35)) > 127).sum()
        )
        for seed in range(60)
    ]
    assert 0.78 < min(sides) < 0.9 and 1.2 < max(sides) < 1.38


def test_roll_turns_about_the_centre():
    """Up to its range of degrees in both directions."""
    y, x = np.mgrid[:200, :200]
    bar = ((np.abs(y - 99.5) < 4) & (x > 100)).astype(np.uint8) * 255
    frame = crops.FaceSquare(100, 100, 100)
    angles = []
    for seed in range(60):
        down, right = center_of(jittered(seed, bar, frame, 100, 1.0, roll=20.0))
        angles.append(math.degrees(math.atan2(down, right)))
    assert -21 < min(angles) < -12 and 12 < max(angles) < 21


def test_a_cut_border_is_repeated():
    """What is cut away comes back as stripes; the rest of the face stays where it was."""
    ramp = np.repeat(np.arange(100, dtype=np.uint8)[None] * 2, 100, axis=0)
    frame = crops.FaceSquare(50, 50, 100)
    for seed in range(20):
        crop = jittered(seed, ramp, frame, 100, 1.0, cut=1.0, keep=0.7)[50].astype(int)
        low, high = crop.min(), crop.max()
        np.testing.assert_array_equal(crop, np.clip(ramp[50], low, high))
        assert 70 <= (high - low) / 2 + 1 <= 100


def test_degrading_keeps_the_face_in_place():
    """Low resolution, JPEG and gamma change how it looks, not where it is."""
    frame = crops.FaceSquare(100, 100, 100)
    for seed in range(20):
        crop = jittered(seed, disc(25), frame, 64, 1.0, degrade=1.0)
        assert np.abs(center_of(crop)).max() < 0.03


def test_framed_crops_are_the_picture_s_own_frame():
    """Where landmarks are missing at run time, the network has seen that in training."""
    crop = jittered(framed=1.0, size=100)
    np.testing.assert_array_equal(crop, PICTURE)
