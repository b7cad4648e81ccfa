# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of detectors: what all have means the same, what one cannot use is refused by name."""

from __future__ import annotations

from importlib.util import find_spec

import cv2
import numpy as np
import pytest
from samples import astronaut

from face_affect_ros import cli
from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.parameter import ParameterError
from face_affect_ros.parameter import declared
from face_affect_ros.pipeline import check_used
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import settings_of
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings

needs_dlib = pytest.mark.skipif(not find_spec('dlib'), reason='dlib is not installed')


def test_every_detector_has_a_least_confidence():
    """The same parameter, in 0..1."""
    of = [
        {entry.name: entry for entry in declared(spec.settings)}['min_confidence']
        for spec in DETECTORS.values()
    ]
    assert len(set(of)) == 1
    assert of[0].limits == (0, 1)


def faces_less_and_less_sharp() -> np.ndarray:
    """Return one face three times, the second and the third blurred."""
    face = astronaut()[:300, 80:380]
    return np.hstack([face, *(cv2.GaussianBlur(face, (0, 0), blur) for blur in (5, 9))])


@pytest.mark.parametrize(
    ('model', 'values'), [(1, {}), pytest.param(2, {'upsample': 0}, marks=needs_dlib)]
)
def test_the_confidence_decides_how_many_faces_there_are(model, values):
    """In both directions from a detector's own threshold."""
    counts = []
    for least in (0.2, 0.0, 0.9):
        settings = model_settings({'min_confidence': least, **values})
        scores = load_detector(model, settings).detect(faces_less_and_less_sharp()).scores
        assert (scores > least).all()
        counts.append(len(scores))
    assert counts[0] > counts[1] >= counts[2] > 0


@pytest.mark.parametrize(
    ('model', 'values', 'words'),
    [
        (1, {'upsample': 1}, 'upsample is 1: only dlib can use it, and faces are found by mtcnn'),
        (2, {'scale_factor': 0.5}, 'scale_factor is 0.5: only mtcnn can use it'),
        (2, {'thresholds': (0.5, 0.5, 0.5)}, 'thresholds'),
        (1, {'detector': 'opencv_ssd', 'weights': 'original', 'upsample': 2}, 'by opencv_ssd'),
        (1, {'detector': 'opencv_ssd', 'weights': 'original', 'scale_factor': 0.5}, 'only mtcnn'),
    ],
)
def test_what_the_detector_cannot_use_is_refused(model, values, words):
    """By name, with who can use it."""
    with pytest.raises(ParameterError, match=words) as caught:
        load_detector(model, model_settings(values))
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize('values', [{'upsample': 1}, {'scale_factor': 0.5}])
def test_one_of_several_models_may_use_it(values):
    """The others run without."""
    settings = model_settings(values)
    check_used([1, 2], settings)
    for model in (1, 2):
        check_used([model], settings_of(model, settings))
    assert settings_of(1, settings).search('mtcnn') == settings.mtcnn
    assert settings_of(2, settings).search('dlib') == settings.dlib


def test_what_all_have_is_never_refused():
    """In Python each detector has settings of its own."""
    both = ModelSettings(mtcnn=MtcnnSettings(min_face_size=60), dlib=DlibSettings(max_faces=3))
    for model in (1, 2):
        check_used([model], both)


def test_the_command_line_says_so(capsys):
    """In one line, with exit code 2."""
    assert cli.main(['classify', '--upsample', '1', 'none.jpg']) == 2
    assert 'upsample is 1: only dlib can use it' in capsys.readouterr().err
