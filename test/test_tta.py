# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Test-time augmentation: several crops of a face and their mirror images, averaged."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from samples import astronaut

from face_affect_ros import crops
from face_affect_ros import load_model
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

NAME = 'emotion_mini_xception'
FACTORS = (0.85, 0.95, 1.1)


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """Return a folder of weights whose emotion network names crops for test time."""
    path, entry = tmp_path_factory.mktemp('weights'), catalogue.network(NAME)
    shutil.copy(catalogue.checked_path(NAME), path)
    described = {
        key: value
        for key, value in asdict(entry).items()
        if key in ('file', 'sha256', 'task', 'licence', 'source', 'crop')
    }
    described['tta'] = [{'factor': factor} for factor in FACTORS]
    (path / catalogue.ENTRIES).write_text(yaml.safe_dump({NAME: described}))
    return path


def emotion_scores(folder: Path | str, tta: bool) -> np.ndarray:
    """Return the emotion probabilities of the astronaut."""
    settings = ModelSettings(weights_dir=str(folder), tasks=('emotion',), tta=tta)
    with load_model(1, settings) as model:
        (face,) = model.analyze(astronaut())
    return np.array(list(face.emotion.scores.values()))


def test_the_mean_of_all_crops_and_their_mirror_images(folder):
    """Of those that the network's entry names, cut as every crop is."""
    engine, spec = OnnxEngine(catalogue.checked_path(NAME)), catalogue.crop_of(NAME)
    with load_model(1) as model:
        detections = model.detector.detect(astronaut())
    (view,) = context_crops(astronaut(), detections)
    (frame,) = face_squares(detections)
    faces = [crops.cut(view, frame, replace(spec, factor=factor)) for factor in FACTORS]
    said = [
        engine.run(np.ascontiguousarray(face)[None])[0][0]
        for crop in faces
        for face in (crop, crop[:, ::-1])
    ]
    np.testing.assert_allclose(emotion_scores(folder, True), np.mean(said, 0), atol=1e-6)


def test_off_is_one_crop(folder):
    """Entries with crops for test time change nothing unless they are asked for."""
    np.testing.assert_array_equal(emotion_scores(folder, False), emotion_scores('', False))


def test_a_network_that_gains_nothing():
    """It looks once, asked for or not."""
    assert not catalogue.network(NAME).tta
    np.testing.assert_array_equal(emotion_scores('', True), emotion_scores('', False))
