# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Model 2: dlib's faces, a VDCN for emotion, a ResNet for gender and age."""

from __future__ import annotations

import json

import numpy as np
import pytest
from samples import astronaut
from samples import noting

from face_affect_ros import cli
from face_affect_ros import load_model
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import NEUTRAL
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

pytest.importorskip('dlib', reason='no dlib: pip install dlib-bin')


@pytest.fixture(scope='module')
def model():
    """Return Model 2."""
    with load_model(2) as loaded:
        yield loaded


def test_a_face_described(model):
    """Emotion, gender and age with their distributions; attributes it does not know."""
    (face,) = model.analyze(astronaut())
    assert len(face.landmarks) == 5
    assert 0.5 < face.confidence <= 1 and 0 < face.quality <= 1
    assert [*face.emotion.scores] == [*EMOTIONS] and [*face.gender.scores] == [*GENDERS]
    for scores in (face.emotion.scores, face.gender.scores, face.age.scores):
        assert sum(scores.values()) == pytest.approx(1, abs=1e-3)
    assert 15 < face.age.years < 60 and face.age.range in AGE_RANGES
    assert face.gender.label == 'female' and face.emotion.label == 'happy'
    assert face.attributes is None and face.trait_age == 0


def test_boxes_of_another_detector(model):
    """Both models describe any face; a box's place comes back as it was given."""
    with load_model(1) as other:
        boxes = [face.box for face in other.detect(astronaut())]
    (face,) = model.analyze(astronaut(), boxes=boxes)
    assert face.box == boxes[0]
    assert face.gender.label == 'female'


@pytest.mark.parametrize(
    ('tasks', 'networks'),
    [
        ((), []),
        (('emotion',), ['emotion_vdcn']),
        (('gender',), ['gender_age_resnet']),
        (('age',), ['gender_age_resnet']),
        (('attributes',), []),
        (('emotion', 'gender'), ['emotion_vdcn', 'gender_age_resnet']),
    ],
)
def test_tasks_that_are_off(tasks, networks, model):
    """Are not told, though one network knows of both gender and age; the rest is as ever."""
    loaded = []
    with load_model(2, ModelSettings(tasks=tasks), noting(loaded)) as own:
        (face,) = own.analyze(astronaut())
    (whole,) = model.analyze(astronaut())
    assert loaded == [*networks, 'mtcnn_pnet', 'mtcnn_rnet', 'mtcnn_onet']
    for task in ('emotion', 'gender', 'age'):
        assert getattr(face, task) == (getattr(whole, task) if task in tasks else None)


def test_neutral_below_its_own_threshold(model):
    """Which is the paper's rule; the distribution goes along, and 0 switches it off."""
    own = catalogue.model(2).emotion_threshold
    assert 0 < own < 1
    detections = model.detector.detect(astronaut())
    sure = own + (1 - own) / 2
    for best, label in ((sure, EMOTIONS[0]), (own * 0.99, NEUTRAL)):
        scores = np.full(len(EMOTIONS), (1 - best) / (len(EMOTIONS) - 1))
        scores[0] = best
        emotion = model.decide(detections, 0, {'emotion': {'emotion': scores}}).emotion
        assert (emotion.label, emotion.confidence) == (label, pytest.approx(best))


def test_several_looks_at_a_face(model):
    """Test-time augmentation changes the emotion's scores and nothing else."""
    assert catalogue.network('emotion_vdcn').tta
    with load_model(2, ModelSettings(tta=True)) as careful:
        (often,) = careful.analyze(astronaut())
    (once,) = model.analyze(astronaut())
    assert often.emotion.scores != once.emotion.scores
    assert often.emotion.label == once.emotion.label
    assert (often.gender, often.age, often.box) == (once.gender, once.age, once.box)


def test_on_the_command_line(astronaut_file, capsys):
    """``--model 2``, with the same output."""
    assert cli.main(['classify', str(astronaut_file), '--json', '--model', '2', '--tta']) == 0
    result = json.loads(capsys.readouterr().out)
    (face,) = result['faces']
    assert result['model'] == '2' and face['attributes'] is None
    assert face['emotion']['label'] == 'happy' and face['age']['years'] > 15


def test_bench_side_by_side(astronaut_file, capsys):
    """Both models on the same picture in one run; dlib's time is its own."""
    arguments = ['bench', '--repeat', '2', '--image', str(astronaut_file), '--beside', '2']
    assert cli.main([*arguments, '--json']) == 0
    first, second = json.loads(capsys.readouterr().out)['results']
    assert (first['model'], second['model']) == ('1', '2')
    stages = {stage['stage']: stage for stage in second['stages']}
    assert [*stages] == [
        'mtcnn_pnet',
        'mtcnn_rnet',
        'dlib',
        'mtcnn_onet',
        'detection',
        'views',
        'emotion',
        'age',
        'decision',
        'total',
    ]
    assert stages['dlib']['network_ms'] is None
    assert cli.main(arguments) == 0
    text = capsys.readouterr().out
    assert 'model 1:' in text and 'model 2:' in text and 'side by side' in text
    table = text.partition('side by side')[2]
    assert table.index("dlib's filters") < table.index('O-Net') < table.index('decision')
