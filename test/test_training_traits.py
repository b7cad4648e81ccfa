# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One network for all that a face tells: sets of all kinds, teachers of some, one table."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.faces import ATTRIBUTES

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
EXTRA = 'training needs the extra "train": pip install "face_affect_ros[train]"'
torch = pytest.importorskip('torch', reason=EXTRA)
pyarrow = pytest.importorskip('pyarrow', reason=EXTRA)
parquet = pytest.importorskip('pyarrow.parquet', reason=EXTRA)
pytest.importorskip('lightning', reason=EXTRA)
pytest.importorskip('onnx', reason=EXTRA)

batches, data, fit, evaluate, losses, recipes, trainer = (
    import_module(f'training.{name}')
    for name in (
        'data.batches',
        'data.sets',
        'fitting.face_module',
        'evaluate',
        'fitting.losses',
        'recipe',
        'train',
    )
)

RECIPE = recipes.load_recipe('face_traits_lite_first')
LABELS = {
    'fer2013': ('emotion', 'votes', 'ambiguous'),
    'resting': ('emotion', 'person'),
    'utkface': ('age', 'gender'),
    'celeba': ('gender', 'attributes', 'identity'),
}


def picture_set(name: str, count: int = 40):
    """Return pictures with the labels that a set of this name has."""
    random = np.random.default_rng(1)
    pictures = random.integers(0, 256, (count, 48, 48), np.uint8)
    labels = {
        'emotion': random.integers(0, 7, count),
        'gender': random.integers(0, 2, count),
        'votes': np.ones((count, 10), np.float32),
        'ambiguous': np.arange(count) % 4 == 0,
        'age': random.uniform(0, 9, count).astype(np.float32),
        'person': np.arange(count),
        'identity': np.arange(count),
        'attributes': random.integers(0, 2, (count, 40)),
    }
    kept = {label: labels[label] for label in LABELS[name.partition('_')[0]]}
    frames = np.tile([24.0, 24.0, 48.0, 1.0, 0.0], (count, 1))
    return data.PictureSet(name, pictures, frames, np.ones(count, np.float32), kept)


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """Return the folder of runs; sets are synthetic."""
    monkeypatch.setattr(recipes, 'RUNS', tmp_path)
    monkeypatch.setattr(batches, 'RUNS', tmp_path)
    monkeypatch.setattr(batches, 'load_set', lambda name, _data: picture_set(name))
    return tmp_path


def test_pictures_of_several_sizes(tmp_path):
    """A set keeps each as it is, grey, from the file and then from its cache; by person."""
    random = np.random.default_rng(0)
    shown = [random.integers(0, 256, (side, side), np.uint8) for side in (112, 80, 96, 80)]
    encoded = [cv2.imencode('.png', picture)[1].tobytes() for picture in shown]
    pyarrow.parquet = import_module('pyarrow.parquet')
    pyarrow.parquet.write_table(
        pyarrow.table(
            {
                'image': encoded,
                'emotion': pyarrow.array([6, 3, 5, 6], pyarrow.int8()),
                'person': pyarrow.array([19, 20, 20, 21], pyarrow.int32()),
            }
        ),
        tmp_path / 'resting_val.parquet',
    )
    for _ in range(2):
        found = data.load_set('resting_val', tmp_path, tmp_path / 'cache')
        assert len(found) == 4
        for index, picture in enumerate(shown):
            np.testing.assert_array_equal(found.pictures[index], picture)
        np.testing.assert_array_equal(found.labels['emotion'], [6, 3, 5, 6])
        np.testing.assert_array_equal(found.held_out(), [False, True, True, False])


def test_grey_and_colour_become_what_the_recipe_wants():
    """Converted as the pipeline converts."""
    colour = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    np.testing.assert_array_equal(batches.in_channels(colour, 1), grey)
    np.testing.assert_array_equal(batches.in_channels(grey, 3), np.dstack([grey] * 3))
    np.testing.assert_array_equal(batches.in_channels(colour, 3), colour)
    np.testing.assert_array_equal(batches.in_channels(grey, 1), grey)


def test_a_teacher_of_some_sets(runs):
    """It teaches their pictures; of the others the labels alone count."""
    answers = np.random.default_rng(0).dirichlet(np.ones(7), 40)
    (runs / 'emotion_vdcn').mkdir()
    np.savez(runs / 'emotion_vdcn' / 'fer2013_train.taught.npz', emotion=answers)
    recipe = replace(RECIPE, teachers={'emotion_vdcn': ['fer2013_train']})
    told, untold = (
        batches.soft_labels(recipe, name, 40)['emotion']
        for name in ('fer2013_train', 'celeba_train')
    )
    np.testing.assert_allclose(told, answers, atol=1e-6)
    assert untold.shape == (40, 7) and np.isnan(untold).all()
    scores = torch.randn(80, 7)
    both = losses.soft_label_loss('emotion', scores, torch.from_numpy(np.r_[told, untold]), recipe)
    alone = losses.soft_label_loss('emotion', scores[:40], torch.from_numpy(told), recipe)
    torch.testing.assert_close(both, alone)
    batch = next(iter(batches.training_batches(recipe, Path('nowhere'), workers=0)))
    assert batch['soft_emotion'].shape == (recipe.batch, 7)


def test_all_heads_learn_from_all_sets(runs):
    """A few steps on pictures of which each has other labels; the frozen front stays."""
    recipe = replace(RECIPE, epochs=1, batch=16, size=32, frozen=2, teachers={}, start='')
    before = fit.FaceModule(recipe, 1).network.state_dict()
    folder = trainer.train(recipe, Path('nowhere'), workers=0, limit=2)
    after = torch.load(folder / 'best.pt')
    still = [name for name in before if torch.allclose(before[name], after[name], atol=1e-6)]
    assert 'trunk._conv_stem.weight' in still
    assert 'trunk._blocks.1._project_conv.weight' in still
    assert 'trunk._blocks.2._project_conv.weight' not in still
    assert 'head.weight' not in still


class Teller:
    """Tells the same of every face but its brightness, which is its probability of anger."""

    def scores(self, views, frames):
        """Return all outputs of faces."""
        count = len(views)
        bright = np.array([view.pixels.mean() / 255 for view in views])
        emotion = np.zeros((count, 7))
        emotion[:, 0], emotion[:, 6] = bright, 0.4
        age = np.zeros((count, 101))
        age[:, 8] = 1.0
        gender = np.tile([0.3, 0.7], (count, 1))
        return {
            'emotion': emotion,
            'age': age,
            'gender': gender,
            'attributes': np.full((count, 40), 0.9),
        }


def test_the_table_of_all_tasks(tmp_path, monkeypatch):
    """Every figure is what the answers say: here angry where bright, male, eight years and yes."""
    sets = {}
    for name in evaluate.SETS:
        made = picture_set(name, 12)
        labels = {key: list(values) for key, values in made.labels.items() if key != 'votes'}
        attributes = np.array(labels.pop('attributes', np.zeros((12, 0))))
        columns = {
            'image': [cv2.imencode('.png', picture)[1].tobytes() for picture in made.pictures],
            **{key: pyarrow.array(np.array(values)) for key, values in labels.items()},
            **dict(zip(ATTRIBUTES, attributes.T)),
        }
        parquet.write_table(pyarrow.table(columns), tmp_path / f'{name}.parquet')
        sets[name] = open_data_set(tmp_path / f'{name}.parquet')

    def load(name, settings):
        return evaluate.of_network(
            name, Teller(), ('emotion', 'gender', 'age', 'attributes'), settings
        )

    found = evaluate.column('made', sets, load)
    labels = {name: picture_set(name, 12).labels for name in sets}
    angry = labels['fer2013_val']['emotion'] == 0
    assert found['fer2013_val'] == pytest.approx(100 * angry.mean())
    clear = ~labels['fer2013_val']['ambiguous']
    assert found['fer2013_val, unambiguous'] == pytest.approx(100 * angry[clear].mean())
    assert found['resting_val, neutral recall'] == 0
    assert found['gender, utkface_val'] == pytest.approx(
        100 * labels['utkface_val']['gender'].mean()
    )
    assert found['age error, years'] == pytest.approx(
        np.abs(8 - labels['utkface_val']['age']).mean(), abs=1e-4
    )
    assert found['attributes'] == pytest.approx(100 * labels['celeba_val']['attributes'].mean())
    assert found['attributes, balanced'] == pytest.approx(50)  # yes to all
    assert '| emotion, under noise |' in evaluate.table({'new': found})
