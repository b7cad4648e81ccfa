# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What of a model can be set: thresholds, and which tasks are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import astronaut
from samples import model
from samples import noting

from face_affect_ros.faces import NEUTRAL
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS


@pytest.mark.parametrize(('threshold', 'is_known'), [(0.0, True), (0.5, True), (1.0, False)])
def test_gender_threshold(threshold, is_known):
    """Below it the answer is unknown; confidence and scores stay."""
    expected = model().analyze(astronaut())[0].gender
    with load_model(1, ModelSettings(gender_threshold=threshold)) as own:
        gender = own.analyze(astronaut())[0].gender
    assert gender.label == (expected.label if is_known else UNKNOWN)
    assert (gender.confidence, gender.scores) == (expected.confidence, expected.scores)


@pytest.mark.parametrize(
    ('own', 'given', 'is_neutral'),
    [(0.0, -1.0, False), (1.0, -1.0, True), (0.0, 1.0, True), (1.0, 0.0, False)],
)
def test_emotion_threshold(own, given, is_neutral, monkeypatch):
    """Below it the answer is neutral; the model's own counts where the settings say -1."""
    expected = model().analyze(astronaut())[0].emotion
    spec = replace(catalogue.model(1), emotion_threshold=own)
    monkeypatch.setattr(catalogue, 'model', lambda *_: spec)
    settings = ModelSettings(tasks=('emotion',), emotion_threshold=given)
    with load_model(1, settings) as other:
        emotion = other.analyze(astronaut())[0].emotion
    assert expected.label != NEUTRAL
    assert emotion.label == (NEUTRAL if is_neutral else expected.label)
    assert emotion.confidence == pytest.approx(expected.confidence)
    assert dict(emotion.scores) == pytest.approx(dict(expected.scores))


@pytest.mark.parametrize(
    'tasks',
    [
        (),
        ('emotion',),
        ('gender',),
        ('age',),
        ('attributes',),
        ('emotion', 'age'),
        ('gender', 'attributes'),
    ],
)
def test_tasks_that_are_off(tasks):
    """Are not given, and their networks are not even loaded; the others say what they did."""
    loaded = []
    with load_model(1, ModelSettings(tasks=tasks), noting(loaded)) as own:
        (face,) = own.analyze(astronaut())
        assert own.tasks == tasks
    assert [catalogue.network(name).task for name in loaded if 'mtcnn' not in name] == [*tasks]
    (whole,) = model().analyze(astronaut())
    for task in TASKS:
        assert (getattr(face, task) is None) == (task not in tasks)
        if task in set(tasks) - {'gender'}:  # gender is what those that are on say together
            assert getattr(face, task) == getattr(whole, task)
    assert (face.trait_age is None) == (not set(tasks) - {'emotion'})
    assert (face.quality is None) == (not tasks)


def test_gender_is_what_all_that_are_on_say_of_it():
    """Each network that is switched off has no say any more."""
    answers = set()
    for tasks in (tuple(TASKS), ('gender',), ('gender', 'age'), ('gender', 'attributes')):
        with load_model(1, ModelSettings(tasks=tasks)) as own:
            answers.add(own.analyze(astronaut())[0].gender.scores['male'])
    assert len(answers) == 4


def test_unknown_tasks():
    """The message repeats the name and tells those that there are."""
    with pytest.raises(ValueError, match=r"'mood'.*emotion, gender, age, attributes"):
        ModelSettings(tasks=('emotion', 'mood'))


def test_the_decision_takes_what_there_is():
    """A task without scores is not given; any one that speaks of gender is enough."""
    found = model().detector.detect(astronaut())
    female = {'gender': np.array([0.9, 0.1])}
    face = model().decide(found, 0, {'gender': female})
    assert face.quality == pytest.approx(face.gender.confidence)
    assert (face.emotion, face.age, face.attributes, face.trait_age) == (None,) * 4
    assert face.gender.label == 'female'
    assert sum(face.gender.scores.values()) == pytest.approx(1)
    of_age = model().decide(found, 0, {'age': {'age': np.eye(101)[31], **female}}, 2.5)
    assert (of_age.age.years, of_age.age.range, of_age.gender.label) == (31, '25-32', 'female')
    assert of_age.trait_age == 2.5
