# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""On what the networks are computed: named, refused where it is missing, and told."""

import pytest
from samples import astronaut

from face_affect_ros import cli
from face_affect_ros import load_model
from face_affect_ros.engines import devices
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.pipeline import summary_of_networks
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

MISSING = sorted(set(devices.DEVICES) - set(devices.available()))
THERE = [name for name in devices.DEVICES if name not in MISSING]


@pytest.mark.parametrize('name', MISSING)
def test_one_that_is_missing_is_refused_by_name_with_its_package(name):
    with pytest.raises(devices.DeviceError) as caught:
        load_model(1, ModelSettings(device=name))
    message = str(caught.value)
    assert f'device {name}' in message and devices.DEVICES[name].package in message
    assert len(message) <= 300 and '\n' not in message


@pytest.mark.parametrize('name', MISSING)
def test_the_command_line_says_so(name, astronaut_file, capsys):
    assert cli.main(['classify', '--device', name, str(astronaut_file)]) == 1
    error = capsys.readouterr().err
    assert devices.DEVICES[name].package in error and 'Traceback' not in error


@pytest.mark.parametrize('name', THERE)
def test_one_that_is_there_gives_the_same_answers(name):
    """Within what another order of sums makes."""
    (expected,) = load_model(1).analyze(astronaut())
    (found,) = load_model(1, ModelSettings(device=name)).analyze(astronaut())
    assert list(found.box) == pytest.approx(list(expected.box), abs=0.5)
    assert found.emotion.scores == pytest.approx(expected.emotion.scores, abs=0.02)
    assert found.age.years == pytest.approx(expected.age.years, abs=0.5)


def test_auto_takes_one_that_works_and_says_which():
    engine = OnnxEngine(catalogue.checked_path('mtcnn_onet'), device=devices.AUTO)
    assert engine.device == devices.in_use(devices.AUTO)
    assert engine.device in devices.available() and engine.device in devices.PREFERRED
    summary = summary_of_networks(1, ModelSettings(device=devices.AUTO))
    assert summary.endswith(f'device {engine.device})')


def test_native_frameworks_have_devices_of_their_own():
    with pytest.raises(ValueError, match='device cuda'):
        ModelSettings(engine='native', weights='original', device='cuda')
    assert ModelSettings(engine='native', weights='original', device='auto')


def test_other_names():
    with pytest.raises(ValueError, match='cpu, cuda, openvino, auto'):
        ModelSettings(device='gpu')
