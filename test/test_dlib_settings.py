# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set on dlib, and dlib as the detector of a model."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec

import pytest
from samples import astronaut

from face_affect_ros import cli
from face_affect_ros.detection import dlib_hog
from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.pipeline import load_model
from face_affect_ros.ros.parameters import TABLE
from face_affect_ros.ros.parameters import of_node
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings
from face_affect_ros.tasks import TASKS

needs_dlib = pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')


@pytest.mark.parametrize(
    ('settings', 'scale'),
    [
        ({}, 1),
        ({'min_face_size': 80}, 1),
        ({'min_face_size': 160}, 0.5),
        ({'upsample': 1}, 2),
        ({'upsample': 2}, 2),
        ({'upsample': 2, 'min_face_size': 20}, 4),
        ({'upsample': 1, 'min_face_size': 50}, 1.6),
        ({'upsample': 1, 'min_face_size': 160}, 0.5),
    ],
)
def test_how_settings_go_together(settings, scale):
    """Doubled as far as ``upsample`` allows, but never for faces that are not wanted."""
    assert DlibSettings(**settings).scale(480, 640) == pytest.approx(scale)


def test_no_picture_is_made_larger_than_the_largest():
    """64 million pixels, by default 8,000 a side, bound the memory that doubling takes."""
    settings = DlibSettings(min_face_size=12, upsample=3)
    assert settings.scale(480, 640) == pytest.approx(80 / 12)
    assert settings.scale(4000, 4000) == pytest.approx(2)
    assert settings.scale(8000, 8000) == settings.scale(20000, 20000) == 1


@pytest.mark.parametrize(
    'settings',
    [
        {'min_face_size': 0.5},
        {'min_face_size': float('nan')},
        {'upsample': -2},
        {'upsample': 4},
        {'upsample': 0.5},
        {'min_confidence': -0.1},
        {'min_confidence': 1.1},
        {'min_confidence': float('nan')},
        {'max_faces': -1},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    """By name."""
    (name,) = settings
    with pytest.raises(ValueError, match=name):
        DlibSettings(**settings)


@pytest.mark.parametrize('name', ['upsample', 'min_confidence', 'min_face_size', 'max_faces'])
def test_parameters_reach_the_detector(name):
    """From either end of their range."""
    table = {parameter.name: parameter for parameter in of_node('detection')}
    values = {parameter.name: parameter.default for parameter in table.values()}
    for limit in table[name].limits:
        value = table[name].kind(limit)
        settings = model_settings({**values, name: value})
        assert getattr(settings.search('dlib'), name) == value


def test_without_dlib(monkeypatch, astronaut_file, capsys):
    """One line that names what is missing and the command to get it; exit code 1."""
    dlib_hog._pickled_detector.cache_clear()
    monkeypatch.setitem(sys.modules, 'dlib', None)
    with pytest.raises(FrameworkError, match='pip install dlib-bin') as caught:
        load_model(1, ModelSettings(detector='dlib'))
    assert len(str(caught.value).splitlines()) == 1
    assert cli.main(['classify', str(astronaut_file), '--detector', 'dlib']) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert 'pip install dlib-bin' in error
    assert load_model(1, ModelSettings(tasks=())).detect(astronaut())


def test_every_detector_has_its_settings():
    """In the catalogue, in the choices of the parameter, in ``ModelSettings``."""
    choices = {parameter.name: parameter.choices for parameter in TABLE}['detector']
    assert choices == ('auto', *DETECTORS)
    for name in DETECTORS:
        assert ModelSettings(detector=name).search(name).max_faces == 0


@needs_dlib
class TestInTheModel:
    """In place of the model's own detector."""

    def test_faces_are_described(self):
        """All tasks, near what they are with the model's own detector's landmarks."""
        with load_model(1, ModelSettings(detector='dlib')) as model, load_model(1) as own:
            (face,) = model.analyze(astronaut())
            (expected,) = own.analyze(astronaut())
        assert all(getattr(face, task) is not None for task in TASKS)
        assert face.gender.label == expected.gender.label
        assert face.emotion.label == expected.emotion.label
        assert face.age.years == pytest.approx(expected.age.years, abs=5)

    def test_on_the_command_line(self, astronaut_file, capsys):
        """``--detector dlib`` with its options."""
        arguments = ['classify', str(astronaut_file), '--json', '--detector', 'dlib']
        assert cli.main([*arguments, '--upsample', '1', '--min-confidence', '0.9']) == 0
        (face,) = json.loads(capsys.readouterr().out)['faces']
        assert len(face['landmarks']) == 5
        assert cli.main([*arguments, '--min-confidence', '1']) == 0
        assert json.loads(capsys.readouterr().out)['faces'] == []
        assert cli.main([*arguments, '--upsample', '4']) == 2
        assert '--upsample' in capsys.readouterr().err

    def test_bench(self, capsys):
        """Measured like any other."""
        assert cli.main(['bench', '--json', '--repeat', '1', '--detector', 'dlib']) == 0
        (result,) = json.loads(capsys.readouterr().out)['results']
        assert result['faces'] == 1
        assert 'detection' in [stage['stage'] for stage in result['stages']]
