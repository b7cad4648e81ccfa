# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect models``: listed and verified."""

import json
import shutil
from itertools import chain

import pytest

from face_affect_ros import cli
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.registry import catalogue


@pytest.fixture
def weights(tmp_path):
    """Return a folder with copies of all weight files."""
    for entry in catalogue.networks().values():
        shutil.copy(catalogue.weights_path(entry), tmp_path)
    return tmp_path


def test_list_names_every_network(capsys):
    """A line a network with its task, models, size and licence."""
    assert cli.main(['models', 'list']) == 0
    captured = capsys.readouterr()
    for name in catalogue.model_names():
        assert f'model {name}: {catalogue.model(name).description}' in captured.out
    for entry in catalogue.networks().values():
        (line,) = [line for line in captured.out.splitlines() if line.startswith(f'{entry.name} ')]
        megabytes = catalogue.weights_path(entry).stat().st_size / 1e6
        assert entry.task in line and entry.licence in line and f'{megabytes:.2f} MB' in line
    assert captured.err == ''


def test_list_as_json(capsys):
    """Everything that the catalogue knows, and which model uses it."""
    assert cli.main(['models', 'list', '--json']) == 0
    entries = {entry['name']: entry for entry in json.loads(capsys.readouterr().out)['networks']}
    assert list(entries) == list(catalogue.networks())
    spec = catalogue.model('1')
    for name, entry in entries.items():
        known = catalogue.network(name)
        assert (entry['sha256'], entry['task'], entry['licence'], entry['source']) == (
            known.sha256,
            known.task,
            known.licence,
            known.source,
        )
        assert entry['figures'] == dict(known.figures) and entry['bytes'] > 1000
        used = name in (
            *DETECTORS[spec.detector].networks,
            *chain.from_iterable(spec.networks.values()),
        )
        assert ('1' in entry['models']) == used


def test_the_installed_files_are_whole(capsys):
    """Exit code 0 and a line a network."""
    assert cli.main(['models', 'verify']) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [f'{name}: ok' for name in catalogue.networks()]
    assert captured.err == ''


def test_an_altered_and_a_missing_file_are_named(weights, monkeypatch, capsys):
    """Both are told, the rest is checked all the same."""
    monkeypatch.setattr(catalogue, 'EMBEDDED', weights)
    altered, missing = list(catalogue.networks().values())[:2]
    data = bytearray((weights / altered.file).read_bytes())
    data[len(data) // 2] ^= 1
    (weights / altered.file).write_bytes(data)
    (weights / missing.file).unlink()
    assert cli.main(['models', 'verify']) == 1
    captured = capsys.readouterr()
    assert captured.out.count('FAILED') == 2
    assert captured.out.count(': ok') == len(catalogue.networks()) - 2
    first, second = captured.err.splitlines()
    assert altered.name in first and 'altered' in first and 'reinstall' in first
    assert missing.name in second and 'missing' in second and 'reinstall' in second
    assert cli.main(['models', 'verify', '--json']) == 1
    states = json.loads(capsys.readouterr().out)['networks']
    assert [bool(state['error']) for state in states[:3]] == [True, True, False]
    assert cli.main(['models', 'list']) == 0
    assert 'missing' in capsys.readouterr().out


def test_weights_from_a_folder_take_precedence(weights, capsys):
    """--weights-dir is looked into first."""
    name, entry = next(iter(catalogue.networks().items()))
    (weights / entry.file).write_bytes(b'rubbish')
    assert cli.main(['models', 'verify', '--weights-dir', str(weights)]) == 1
    assert f'{name}: FAILED' in capsys.readouterr().out
