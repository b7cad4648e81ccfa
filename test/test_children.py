# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The gender of children is told only where it is sure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import astronaut
from samples import detector

from face_affect_ros.cli.words import describe
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.model import Model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.tracker import Tracker


class Fixed:
    """A network that says the same of every face."""

    def __init__(self, **outputs):
        self._outputs = outputs

    def scores(self, contexts, squares):
        return {
            name: np.array([values] * len(contexts), np.float32)
            for name, values in self._outputs.items()
        }


def years(expected: float) -> np.ndarray:
    """Return probabilities of ages whose expected value is a number of years."""
    low = int(expected)
    bins = np.zeros(101)
    bins[low], bins[min(low + 1, 100)] = 1 - (expected - low), expected - low
    return bins if bins.sum() == 1 else np.eye(101)[100]


def model(male: float, age: float | None, tasks=('gender', 'age'), **settings) -> Model:
    """Return a model that says this of every face; without an age: no network tells one."""
    networks = {'gender': Fixed(gender=[1 - male, male])}
    if age is not None:
        networks['age'] = Fixed(age=years(age))
    rules = GenderRules([{'gender': 1.0}])
    return Model('own', detector(), networks, rules, ModelSettings(tasks=tasks, **settings))


def answered(own: Model):
    """Return the face of a picture, and that of a stream of it."""
    picture = astronaut()
    (face,) = own.analyze(picture, [Box(180, 62, 88, 112)])
    detect, attributes = DetectionStage(own.detector, Tracker()), AttributesStage(own)
    (streamed,) = attributes(detect(Frame(None, 10**9, picture, FrameTiming.begin(1)))).faces
    return face, streamed


@pytest.mark.parametrize(
    ('male', 'age', 'settings', 'label'),
    [
        (0.85, 8.0, {}, UNKNOWN),
        (0.15, 8.0, {}, UNKNOWN),
        (0.92, 8.0, {}, 'male'),
        (0.08, 8.0, {}, 'female'),
        (0.85, 12.9, {}, UNKNOWN),
        (0.85, 13.1, {}, 'male'),
        (0.85, 40.0, {}, 'male'),
        (0.85, None, {}, 'male'),
        (0.85, 8.0, {'child_gender_threshold': 0.0}, 'male'),
        (0.85, 8.0, {'child_gender_threshold': 0.8}, 'male'),
        (0.92, 8.0, {'gender_threshold': 0.95}, UNKNOWN),
        (0.92, 40.0, {'gender_threshold': 0.95}, UNKNOWN),
    ],
)
def test_on_pictures_and_in_streams(male, age, settings, label):
    """Confidence and scores stay, so that whoever wants a guess has it."""
    for face in answered(model(male, age, **settings)):
        assert face.gender.label == label
        assert face.gender.confidence == pytest.approx(max(male, 1 - male), abs=1e-6)
        assert face.gender.scores['male'] == pytest.approx(male, abs=1e-6)


def test_by_an_age_that_another_network_tells_beside_the_gender():
    """As of Model 2, where gender comes from the network for age, also where age is not told."""
    network = Fixed(age=years(6.0), gender=[0.2, 0.8])
    rules = GenderRules([{'age': 1.0}])
    own = Model('own', detector(), {'age': network}, rules, ModelSettings(tasks=('gender',)))
    for face in answered(own):
        assert face.gender.label == UNKNOWN and face.age is None


def test_in_words():
    """The command line says unknown; the picture draws the word it has for that."""
    face, _ = answered(model(0.8, 6.0))
    (line,) = describe('child.jpg', [face])
    assert 'unknown' in line and ' male' not in line and '  6 +-' in line


@given(
    st.floats(0.01, 0.99),
    st.floats(0, 100),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_any_probability_age_and_threshold(male, age, usual, childs):
    """Nothing but the higher of two thresholds decides under 13, and the usual one from there."""
    settings = {'gender_threshold': usual, 'child_gender_threshold': childs}
    own = model(male, age, **settings)
    contexts = np.zeros((1, 1))
    scores = {
        task: {name: values[0] for name, values in network.scores(contexts, None).items()}
        for task, network in (
            ('gender', Fixed(gender=[1 - male, male])),
            ('age', Fixed(age=years(age))),
        )
    }
    found = Detections(np.array([[1, 1, 9, 9]], np.float32), np.ones(1), np.zeros((1, 5, 2)))
    face = own.decide(found, 0, scores)
    threshold = max(usual, childs) if face.age.years < 13 else usual
    assert (face.gender.label == UNKNOWN) == (face.gender.confidence < threshold)
