# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Models, detectors and networks that are pickled, copied, and sent to other processes."""

import copy
import multiprocessing
import pickle

import pytest
from samples import astronaut

from face_affect_ros import load_model
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_network
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.settings import ModelSettings

SETTINGS = ModelSettings(tasks=('emotion',), gender_threshold=0.7, mtcnn=MtcnnSettings(30))


@pytest.fixture(scope='module')
def model():
    with load_model(1, SETTINGS) as loaded:
        yield loaded


@pytest.mark.parametrize('again', [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_a_model_gives_the_same_again(model, again):
    with again(model) as other:
        assert other is not model and (other.name, other.settings) == ('1', SETTINGS)
        assert other.analyze(astronaut()) == model.analyze(astronaut())
    assert not model.closed


def test_what_is_sent_are_settings_not_weights(model):
    """The networks have megabytes."""
    assert len(pickle.dumps(model)) < 4000


def test_settings_that_were_applied_go_along():
    with load_model(1, SETTINGS) as model:
        model.apply_settings(ModelSettings(tasks=('emotion', 'gender')))
        assert pickle.loads(pickle.dumps(model)).reported_tasks == ('emotion', 'gender')


def faces_of(model, picture):
    """Return what a model finds, in a process of its own."""
    return model.analyze(picture)


def test_a_process_that_is_spawned(model):
    """As a pool of processes sends it."""
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        found = pool.apply(faces_of, (model, astronaut()))
    assert found == model.analyze(astronaut()) and len(found) == 1


@pytest.mark.parametrize('name', [1, 2])
def test_a_detector_finds_the_same_again(name):
    if name == 2:
        pytest.importorskip('dlib')
    detector = load_detector(name)
    again = pickle.loads(pickle.dumps(detector))
    assert again.settings == detector.settings
    first, second = detector.detect(astronaut()), again.detect(astronaut())
    assert len(first) == 1 and first.boxes.tolist() == second.boxes.tolist()


def test_a_network_gives_the_same_again(model):
    """Also one that is asked by itself."""
    from face_affect_ros.model import context_crops
    from face_affect_ros.model import face_squares

    network = load_network('emotion_mini_xception')
    again = copy.deepcopy(network)
    detections = model.detector.detect(astronaut())
    asked = context_crops(astronaut(), detections), face_squares(detections)
    for name, scores in network.scores(*asked).items():
        assert scores.tolist() == again.scores(*asked)[name].tolist()


def test_a_closed_model_says_so():
    model = load_model(1, SETTINGS)
    model.close()
    for use in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(ValueError, match='the model is closed'):
            use(model)


def test_weights_that_are_not_there_are_named(tmp_path):
    """On the other side, where a file may be another."""
    with load_model(1, ModelSettings(tasks=('emotion',), weights_dir=str(tmp_path))) as model:
        data = pickle.dumps(model)
    (tmp_path / 'mtcnn_pnet.onnx').write_bytes(b'other')
    with pytest.raises(WeightsError, match='mtcnn_pnet'):
        pickle.loads(data)


def test_an_embedder_gives_the_same_again():
    from face_affect_ros.identity import load_embedder

    embedder = load_embedder()
    again = pickle.loads(pickle.dumps(embedder))
    assert again.embed(astronaut()).tolist() == embedder.embed(astronaut()).tolist()
