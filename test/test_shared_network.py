# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A model of one network that tells every task: it runs once for all of them."""

from __future__ import annotations

import numpy as np
import pytest
from samples import astronaut
from samples import small_astronaut

from face_affect_ros.cli import bench
from face_affect_ros.cli import recording
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.predictor import Predictor
from face_affect_ros.model import context_crops
from face_affect_ros.pipeline import load_engine
from face_affect_ros.pipeline import load_model
from face_affect_ros.pipeline import summary_of_networks
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tasks import TASKS
from face_affect_ros.tracking.tracker import Tracker

NAME = 'age_gender_levi_hassner'
"""A folder of weights may say anything of a network of the package but what it is for."""

ENTRIES = f"""
{NAME}:
  file: made.onnx
  sha256: '{64 * '0'}'
  task: age
  outputs: [emotion, gender, age, attributes]
  licence: none
  source: made for this test
  crop: {{size: 32, channels: 3, factor: 1.0}}
"""

SPEC = {
    'description': 'one network for all',
    'detector': 'mtcnn',
    'networks': dict.fromkeys(TASKS, NAME),
    'gender': [{'gender': 1.0}, {'attributes': 1.0}, {'gender': 1.0, 'attributes': 0.0}],
}


class Network:
    """A network whose answers depend on the light of a crop; it notes its batches."""

    def __init__(self):
        self.batches: list[tuple[int, ...]] = []

    def run(self, batch):
        """Return the probabilities of four tasks."""
        self.batches.append(batch.shape)
        light = batch.reshape(len(batch), -1).mean(axis=1, keepdims=True).astype(np.float32) / 255
        return tuple(self._of(task, light) for task in TASKS.values())

    def _of(self, task, light):
        steps = np.arange(task.columns, dtype=np.float32) / task.columns
        if task.is_independent:
            return 0.25 + light * steps / 2
        shares = np.exp(-4 * (steps - light) ** 2)
        return shares / shares.sum(axis=1, keepdims=True)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that loads the model: (model, network, names of what was loaded)."""
    (tmp_path / catalogue.ENTRIES).write_text(ENTRIES)
    monkeypatch.setattr(catalogue, 'model', lambda name: catalogue.model_spec(str(name), SPEC))
    network, loaded = Network(), []

    def engine(name, settings):
        loaded.append(name)
        return network if name == NAME else load_engine(name, settings)

    def load(**settings):
        return load_model(3, ModelSettings(weights_dir=str(tmp_path), **settings), engine)

    load.network, load.loaded, load.folder = network, loaded, tmp_path
    return load


def two_faces() -> np.ndarray:
    """Return a picture of two faces in different light."""
    picture = np.zeros((512, 800, 3), np.uint8)
    picture[:, :512] = astronaut()
    picture[100:356, 530:786] = np.repeat(np.repeat(small_astronaut(), 2, 0), 2, 1) // 2
    return picture


def stream(own, pictures):
    """Return the faces of each picture of a stream."""
    detect = DetectionStage(own.detector, Tracker(deterministic=True), search_rate=0)
    describe = AttributesStage(own)
    return [
        describe(
            detect(Frame(None, 10**9 + number * 10**8 // 3, picture, FrameTiming.begin(number)))
        ).faces
        for number, picture in enumerate(pictures, 1)
    ]


def told(face):
    """Return all that is told of a face, as one list of numbers."""
    return [
        *face.emotion.scores.values(),
        *face.gender.scores.values(),
        face.age.years,
        face.age.deviation,
        *face.attributes.values(),
    ]


def test_one_run_tells_everything_of_all_faces(made):
    """It is loaded once, and every task has its own output."""
    with made() as own:
        faces = own.analyze(two_faces())
    assert made.loaded.count(NAME) == 1
    assert made.network.batches == [(2, 32, 32, 3)]
    for face in faces:
        assert len(face.attributes) == 40 and face.attributes['Young'] > 0.25
        assert face.gender.scores.keys() == {'female', 'male'}
    assert told(faces[0]) != told(faces[1])


def test_in_a_stream_everything_comes_with_every_frame(made):
    """One run a frame: no trait waits for its turn, and answers are combined over the track."""
    darker = (two_faces() * 0.85).astype(np.uint8)
    light = [two_faces(), darker, darker]
    with made() as own:
        expected = [own.analyze(picture) for picture in light]
        made.network.batches.clear()
        seen = stream(own, light)
    assert [batch[0] for batch in made.network.batches] == [2, 2, 2]
    assert [[face.trait_age for face in faces] for faces in seen] == [[0.0, 0.0]] * 3
    for face, alone in zip(seen[0], expected[0]):
        assert told(face) == pytest.approx(told(alone), abs=1e-3)
    bright, dark = expected[0][0].age.years, expected[1][0].age.years
    ages = [faces[0].age.years for faces in seen]
    assert ages[0] == pytest.approx(bright, abs=0.1)
    assert bright > ages[1] > ages[2] > dark


def test_faces_of_a_crowd_take_turns_with_all_their_tasks(made):
    """Who had no turn keeps the last answers, and they age."""
    with made() as own:
        describe = AttributesStage(own)
        detections = own.detector.detect(two_faces()).take([0] * 12)
        detections.track_ids[:] = range(1, 13)
        found = DetectionStage(own.detector, None, 0)(
            Frame(None, 10**9, two_faces(), FrameTiming.begin(1))
        )
        for number in range(3):
            described = describe(
                type(found)(
                    None,
                    10**9 + number * 10**8,
                    found.size,
                    detections,
                    tuple(context_crops(two_faces(), detections)),
                    found.timing,
                )
            )
    assert made.network.batches[0][0] == 8
    assert sum(batch[0] for batch in made.network.batches) >= 12
    for face in described.faces:
        assert (face.emotion is None) == (face.age is None) == (face.attributes is None)


@pytest.mark.parametrize('tasks', [('gender',), ('emotion',), ('age', 'attributes'), ()])
def test_tasks_that_are_off(made, tasks):
    """The rest is told as ever; what was off can be switched on without loading anything."""
    with made() as own:
        expected = own.analyze(astronaut())[0]
    made.network.batches.clear()
    with made(tasks=tasks) as own:
        (face,) = own.analyze(astronaut())
        count = len(made.loaded)
        (streamed,) = stream(own, [astronaut()])[0]
        own.apply_settings(ModelSettings(weights_dir=str(made.folder)))
        (later,) = own.analyze(astronaut())
    for task in TASKS:
        shown = face.result(task)
        assert shown == (expected.result(task) if task in tasks else None)
        assert (streamed.result(task) is None) == (task not in tasks)
    assert told(later) == told(expected)
    assert len(made.loaded) - count == (0 if tasks else 1)


def test_evaluation_sees_the_same(made, tmp_path):
    """A picture through ``evaluate data`` is described by one run too."""
    import cv2

    folder = tmp_path / 'pictures/happy'
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / 'one.png'), astronaut())
    data = open_data_set(tmp_path / 'pictures')
    with made() as own:
        (face,) = own.analyze(astronaut())
        made.network.batches.clear()
        job = PredictionJob(('3',), own.settings)
        with Predictor(job, data, np.full((1, 4), np.nan), lambda *_: own) as predictor:
            (row,) = predictor.rows(0)
    assert made.network.batches == [(1, 32, 32, 3)]
    assert row['age'] == face.age.years and row['gender_scores'] == [*face.gender.scores.values()]
    assert row['attributes'] == [*face.attributes.values()]


def test_named_once_where_networks_are_listed(made, monkeypatch):
    """In the log, and as one stage of the bench."""
    settings = ModelSettings(weights_dir=str(made.folder))
    assert f'emotion, gender, age, attributes by {NAME} (' in summary_of_networks(3, settings)
    monkeypatch.setattr(
        'face_affect_ros.pipeline.load_engine',
        lambda name, settings: made.network if name == NAME else load_engine(name, settings),
    )
    assembly = recording.assemble('3', settings)
    assert [*assembly.description] == ['emotion, gender, age, attributes']
    times, faces = bench.timed_pass(two_faces(), assembly)
    assert faces == 2 and times['emotion, gender, age, attributes'] > 0
