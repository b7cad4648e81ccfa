# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Recipes and pictures that train in a second; without the extra "train" tests are skipped."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
EXTRA = 'training needs the extra "train": pip install "face_affect_ros[train]"'
torch = pytest.importorskip('torch', reason=EXTRA)
pytest.importorskip('lightning', reason=EXTRA)
pytest.importorskip('onnx', reason=EXTRA)
pytest.importorskip('pyarrow', reason=EXTRA)

batches = pytest.importorskip('training.data.batches')
fit = pytest.importorskip('training.fitting.face_module')
networks = pytest.importorskip('training.architectures.build')
recipes = pytest.importorskip('training.recipe')
trainer = pytest.importorskip('training.train')
PictureSet = pytest.importorskip('training.data.sets').PictureSet

EASY = {
    'epochs': 1,
    'batch': 16,
    'workers': 0,
    'bfloat16': False,
    'average': 0.5,
    'start': '',
    'teachers': {},
    'consistency': 0.0,
    'jitter': {'shift': 0.0, 'roll': 0, 'cut': 0.0, 'degrade': 0.0},
}


def picture_set(name: str, count: int = 64) -> PictureSet:
    """Return pictures that are easy to tell apart: bright above or bright below."""
    random = np.random.default_rng(len(name))
    second = np.arange(count) % 2
    pictures = random.integers(0, 40, (count, 48, 48), np.uint8)
    for picture, is_second in zip(pictures, second):
        picture[24 * is_second : 24 * is_second + 24] += 180
    frames = np.tile([24.0, 24.0, 48.0, 1.0, 0.0], (count, 1))
    labels = {
        'emotion': np.where(second, 3, 6),
        'gender': second.astype(np.int64),
        'votes': np.eye(10, dtype=np.float32)[second],
        'age': np.where(second, 8.0, 40.0).astype(np.float32),
        'attributes': np.tile(second[:, None], (1, 40)).astype(np.int64),
    }
    return PictureSet(name, pictures, frames, np.ones(count, np.float32), labels)


def build_in_a_hurry(recipe):
    """Build a network whose norms know their data after few steps."""
    network = networks.build(recipe)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.6
    return network


def easy(name: str = 'emotion_mini_xception', **changes):
    """Return a recipe that trains in a second."""
    values = {**EASY, **changes}
    known = recipes.Recipe.__dataclass_fields__
    return recipes.load_recipe(
        name, **{key: value for key, value in values.items() if key in known}
    )


def prepare_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let training write to a folder; sets are synthetic, every step leaves a checkpoint."""
    monkeypatch.setattr(recipes, 'RUNS', folder)
    monkeypatch.setattr(batches, 'load_set', lambda name, data: picture_set(name))
    monkeypatch.setattr(trainer, 'timedelta', lambda **_: timedelta(0))
    monkeypatch.setattr(fit, 'build', build_in_a_hurry)
