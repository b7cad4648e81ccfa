# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Scenes of the fake classifier: what YAML can say, and what is told of what it cannot."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.testing import scenes

FACE = """
track_id: 7
box: [10, 20, 30, 40]
confidence: 0.5
quality: 0.25
emotion: {happy: 0.75, sad: 0.25}
gender: male
age: 34
attributes: {Smiling: 0.9}
"""


def test_face():
    """Every field."""
    face = scenes.read_face(yaml.safe_load(FACE))
    assert (face.track_id, *face.box) == (7, 10, 20, 30, 40)
    assert (face.confidence, face.quality) == (0.5, 0.25)
    assert (face.emotion.label, face.emotion.confidence) == ('happy', 0.75)
    assert face.emotion.scores == {**dict.fromkeys(EMOTIONS, 0.0), 'happy': 0.75, 'sad': 0.25}
    assert (face.gender.label, face.gender.confidence) == ('male', 0.9)
    assert (face.age.years, face.age.range) == (34, '25-32')
    assert face.attributes == {**dict.fromkeys(ATTRIBUTES, 0.0), 'Smiling': 0.9}
    assert face.trait_age == 0


def test_face_of_nothing():
    """What is not named is not given."""
    face = scenes.read_face({})
    assert face.track_id == 1 and face.box.width > 0
    told = (face.quality, face.emotion, face.gender, face.age, face.attributes, face.trait_age)
    assert told == (None,) * 6


@pytest.mark.parametrize('label', [*EMOTIONS, 'unknown'])
def test_every_label(label):
    """Its probabilities sum to 1."""
    emotion = scenes.read_face({'emotion': label}).emotion
    assert emotion.label == label
    assert math.isclose(sum(emotion.scores.values()), 1)


@given(st.floats(0, 130))
def test_every_age(years):
    """It has one of the ranges."""
    age = scenes.read_face({'age': years}).age
    assert age.range in AGE_RANGES and age.scores[age.range] == 1


def scene(*steps, **fields):
    """Return a scene of steps."""
    return scenes.read_scene({'steps': list(steps), **fields})


@pytest.mark.parametrize(
    ('repeat', 'told'), [(False, 'abbcccccc'), (True, 'abbabbabb')], ids=['once', 'repeat']
)
def test_steps_in_time(repeat, told):
    """Each for its time; the last stays, unless all begin again."""
    steps = [{'for_s': 1, 'message': 'a'}, {'for_s': 2, 'message': 'b'}]
    played = scene(*steps, *([] if repeat else [{'message': 'c'}]), repeat=repeat)
    assert ''.join(played.step_at(seconds + 0.5).message for seconds in range(9)) == told


def test_faces_are_sorted():
    """As in messages."""
    (step,) = scene({'faces': [{'box': [0, 0, 5, 5]}, {'box': [0, 0, 9, 9]}]}).steps
    assert [face.box.width for face in step.faces] == [9, 5]


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        ([], 'scene is []: give a mapping'),
        ({'step': []}, "scene has 'step': give one of image_size, model, rate, repeat, steps"),
        ({'steps': []}, 'steps is empty'),
        ({'steps': 'faces'}, "steps is 'faces': give a list"),
        ({'rate': 0}, 'rate is 0: give a number from 0.01 to 1000'),
        ({'repeat': 'yes'}, "repeat is 'yes': give true or false"),
        ({'image_size': [640]}, 'image_size has 1 numbers: give 2'),
        ({'steps': [{'error': 'LATE'}]}, "steps[0].error is 'LATE': give one of NO_IMAGE,"),
        ({'steps': [{'error': 'TIMEOUT', 'faces': [{}]}]}, 'steps[0] has faces and an error'),
        ({'steps': [{}, {'for_s': -1}]}, 'steps[1].for_s is -1'),
        ({'steps': [{'faces': [{'emotion': 'hapy'}]}]}, "steps[0].faces[0].emotion has 'hapy'"),
        ({'steps': [{'faces': [{'emotion': {'happy': 0.5}}]}]}, 'sum to 0.500, they must to 1'),
        ({'steps': [{'faces': [{'age': 'old'}]}]}, "steps[0].faces[0].age is 'old'"),
        ({'steps': [{'faces': [{'age': math.nan}]}]}, 'steps[0].faces[0].age is nan'),
        ({'steps': [{'faces': [{'attributes': {'Smile': 1}}]}]}, "attributes has 'Smile'"),
        ({'steps': [{'faces': [{'attributes': {'Smiling': 2}}]}]}, 'attributes.Smiling is 2'),
    ],
)
def test_what_is_no_scene(content, words):
    """What, where, and what to write, in one line."""
    with pytest.raises(scenes.SceneError) as caught:
        scenes.read_scene(content)
    assert words in str(caught.value)
    assert len(str(caught.value)) <= 300 and '\n' not in str(caught.value)


@pytest.mark.parametrize('content', [None, 'steps: [', 'steps: [{faces: 3}]', b'\xff\xfe'])
def test_file_that_is_no_scene(tmp_path, content):
    """Also one that is missing or no YAML; the file is named."""
    path = tmp_path / 'scene.yaml'
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(scenes.SceneError, match=r'scene\.yaml'):
        scenes.load_scene(path)


def test_scene_that_is_shipped():
    """Nobody, somebody, a smile."""
    greeting = scenes.load_scene(scenes.GREETING)
    labels = [[face.emotion.label for face in step.faces] for step in greeting.steps]
    assert labels == [[], ['neutral'], ['happy']]
    assert greeting.repeat


def test_scene_in_the_documentation():
    """What the module shows is a scene."""
    shown = scenes.__doc__.partition('\n\n')[2].rpartition('\n\n')[0]
    read = scenes.read_scene(yaml.safe_load(shown))
    assert [step.error for step in read.steps] == ['', '', 'STALE_IMAGE', '', '']
    assert not read.steps[-1].answers
