# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue: every network's file is there, whole, small enough and what it says it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from face_affect_ros.decision.gender_fusion import MALE_COLUMNS
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import AGE_BINS
from face_affect_ros.tasks import TASKS

NETWORKS = tuple(catalogue.networks())
LENGTHS = {
    'emotion': len(EMOTIONS),
    'gender': len(GENDERS),
    'age': AGE_BINS,
    'attributes': len(ATTRIBUTES),
}
DESCRIBING = tuple(name for name in NETWORKS if catalogue.network(name).task in TASKS)

MB = 1_000_000
MOST_OF_ALL, MOST_OF_ONE, MOST_OF_MTCNN, MOST_OF_XCEPTION = 48 * MB, 16 * MB, 2 * MB, MB // 2
NEWEST_OPERATORS, NEWEST_FORMAT = 17, 8  # what ONNX Runtime 1.15 knows


def size_of(name: str) -> int:
    """Return the size of an embedded network, in bytes."""
    return (catalogue.EMBEDDED / catalogue.network(name).file).stat().st_size


@pytest.fixture
def copy(tmp_path, monkeypatch) -> Path:
    """Return a copy of the embedded weights that stands for them."""
    folder = tmp_path / 'embedded'
    shutil.copytree(catalogue.EMBEDDED, folder)
    monkeypatch.setattr(catalogue, 'EMBEDDED', folder)
    return folder


@pytest.mark.parametrize('name', NETWORKS)
def test_every_entry(name):
    """Its file is the one that was meant; licence, source and task are given."""
    entry = catalogue.network(name)
    assert catalogue.read_weights(name)
    assert re.fullmatch('[0-9a-f]{64}', entry.sha256)
    assert entry.licence.strip() and entry.source.strip()
    assert entry.task in {'detection', 'identity', *TASKS}


@pytest.mark.parametrize('name', DESCRIBING)
def test_networks_that_describe_faces(name):
    """Each names its crop and its outputs and, fed such crops, gives probabilities."""
    entry = catalogue.network(name)
    crop = entry.crop
    assert crop is not None and crop.kind in ('aligned', 'box')
    assert crop.size > 0 and crop.channels in (1, 3) and 0.5 < crop.factor < 3
    engine = OnnxEngine(catalogue.read_weights(name))
    for count in (1, 3):
        shape = (count, crop.size, crop.size) + ((3,) if crop.channels == 3 else ())
        pixels = np.random.default_rng(count).integers(0, 256, shape, np.uint8)
        found = engine.run(pixels)
        assert len(found) == len(entry.outputs) and entry.task in entry.outputs
        for output, scores in zip(entry.outputs, found):
            assert scores.shape == (count, LENGTHS[output]) and scores.dtype == np.float32
            assert 0 <= scores.min() and scores.max() <= 1
            assert output == 'attributes' or scores.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_no_file_lies_there_in_vain():
    """Each file has one entry, so that nothing old is shipped."""
    files = sorted(path.name for path in catalogue.EMBEDDED.iterdir())
    assert files == sorted(catalogue.network(name).file for name in NETWORKS)


def test_all_files_together_are_small_enough():
    """For a git repository, and for a robot's disk."""
    sizes = [size_of(name) for name in NETWORKS]
    assert sum(sizes) <= MOST_OF_ALL
    assert max(sizes) <= MOST_OF_ONE


def test_mtcnn_is_small_enough():
    """All three networks."""
    assert sum(size_of(f'mtcnn_{part}') for part in ('pnet', 'rnet', 'onet')) <= MOST_OF_MTCNN


@pytest.mark.parametrize('name', [name for name in NETWORKS if 'mini_xception' in name])
def test_each_mini_xception_is_small_enough(name):
    """As published it has 60,000 parameters."""
    assert size_of(name) <= MOST_OF_XCEPTION


@pytest.mark.parametrize('name', NETWORKS)
def test_old_runtimes_can_read_the_files(name):
    """Robots run old ones: the operator set and the file format are those of ONNX Runtime 1.15."""
    onnx = pytest.importorskip('onnx', reason='no package onnx (it comes with the extra "train")')
    parsed = onnx.load_from_string(catalogue.read_weights(name))
    assert {entry.domain for entry in parsed.opset_import} <= {''}
    assert max(entry.version for entry in parsed.opset_import) <= NEWEST_OPERATORS
    assert parsed.ir_version <= NEWEST_FORMAT
    assert not [tensor.name for tensor in parsed.graph.initializer if tensor.external_data]


def test_the_models():
    """Each is made of networks that there are, for the tasks that they are for."""
    assert catalogue.model_names()
    for name in catalogue.model_names():
        spec = catalogue.model(name)
        assert spec.name == name and spec.description
        assert spec.detector in DETECTORS
        parts = DETECTORS[spec.detector].networks
        assert {catalogue.network(part).task for part in parts} == {'detection'}
        assert set(spec.networks) <= set(TASKS)
        for task, (network,) in spec.networks.items():
            assert task in catalogue.network(network).outputs
        speaking = [
            task
            for task, (network,) in spec.networks.items()
            if {*told_as(spec, task, catalogue.network(network).outputs)} & {*MALE_COLUMNS}
        ]
        assert {task for rule in spec.gender for task in rule} == {*speaking}
        GenderRules(spec.gender)


def told_as(spec, task, outputs):
    """Return the outputs that count as a task's: of a network that several share its own."""
    is_shared = [*spec.networks.values()].count(spec.networks[task]) > 1
    return [task] if is_shared else outputs


def test_a_model_by_number_or_name():
    """1 is as good as "1"."""
    assert catalogue.model(1) == catalogue.model('1')


@pytest.mark.parametrize('name', [9, '9', '', 'one', '../model1', None, 1.0])
def test_unknown_models(name):
    """The message repeats the name and tells those that there are."""
    for call in (catalogue.model, load_model):
        with pytest.raises(UnknownNameError) as caught:
            call(name)
        assert repr(str(name)) in str(caught.value)
        assert ', '.join(catalogue.model_names()) in str(caught.value)


def test_unknown_networks():
    """The same; both are errors of a value."""
    with pytest.raises(UnknownNameError, match=r"'emotion'.*emotion_mini_xception"):
        catalogue.network('emotion')
    assert issubclass(UnknownNameError, ValueError)


def delete(path: Path):
    """Take the file away."""
    path.unlink()


def cut_short(path: Path):
    """Leave the first half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path):
    """Leave nothing."""
    path.write_bytes(b'')


def alter(path: Path):
    """Flip one bit."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def make_a_folder(path: Path):
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize('harm', [delete, empty, cut_short, alter, make_a_folder])
@pytest.mark.parametrize('name', ['mtcnn_onet', 'emotion_mini_xception'])
def test_a_harmed_file(copy, harm, name):
    """Is named, with what to do, before anything is computed with it."""
    path = copy / catalogue.network(name).file
    harm(path)
    with pytest.raises(WeightsError) as caught:
        load_model(1)
    assert str(path) in str(caught.value)
    assert 'reinstall' in str(caught.value)
    catalogue.read_weights('mtcnn_pnet')  # the others are whole


def test_a_folder_of_weights_takes_precedence(copy, tmp_path):
    """File by file: what lies in it is taken from it, the rest from the embedded ones."""
    own = tmp_path / 'own'
    own.mkdir()
    file = catalogue.network('mtcnn_pnet').file
    shutil.move(copy / file, own / file)
    load_model(1, ModelSettings(weights_dir=str(own))).close()
    assert catalogue.read_weights('mtcnn_pnet', own) == (own / file).read_bytes()
    assert catalogue.read_weights('mtcnn_rnet', own) == catalogue.read_weights('mtcnn_rnet')


def test_a_folder_of_weights_is_checked_too(copy, tmp_path):
    """An altered file in it is an error, not a reason to take the embedded one."""
    own = tmp_path / 'own'
    own.mkdir()
    path = own / catalogue.network('gender_mini_xception').file
    shutil.copy(copy / path.name, path)
    alter(path)
    with pytest.raises(WeightsError, match=re.escape(str(path))):
        load_model(1, ModelSettings(weights_dir=str(own)))


@pytest.fixture
def own(tmp_path) -> Path:
    """Return a folder of weights with a network in the place of the gender's, and its entry."""
    entry = catalogue.network('gender_mini_xception')
    shutil.copy(catalogue.EMBEDDED / entry.file, tmp_path / 'mine.onnx')
    write_entry(tmp_path, file='mine.onnx', sha256=entry.sha256)
    return tmp_path


def write_entry(folder: Path, **changes: object):
    """Write the entries of a folder of weights: one, for gender."""
    entry = {
        'file': 'gender_mini_xception.onnx',
        'sha256': '0' * 64,
        'task': 'gender',
        'licence': 'mine',
        'source': 'mine',
        'crop': {'size': 64, 'channels': 1, 'factor': 1.2},
        **changes,
    }
    (folder / 'networks.yaml').write_text(yaml.safe_dump({'gender_mini_xception': entry}))


def test_a_folder_of_weights_has_entries_of_its_own(own):
    """They take the place of those of the same name; all others stay."""
    name = 'gender_mini_xception'
    assert catalogue.network(name, own).licence == 'mine'
    assert catalogue.crop_of(name, own).factor == 1.2 != catalogue.crop_of(name).factor
    assert catalogue.read_weights(name, own) == (own / 'mine.onnx').read_bytes()
    assert catalogue.network('mtcnn_pnet', own) == catalogue.network('mtcnn_pnet')
    assert list(catalogue.networks(own)) == list(NETWORKS)
    with load_model(1, ModelSettings(weights_dir=str(own), tasks=('gender',))) as model:
        face = np.full((80, 80, 3), 128, np.uint8)
        assert model.analyze(face, [[0, 0, 80, 80]])[0].gender


def test_an_entry_s_file_is_checked_and_must_be_there(own):
    """The embedded file does not stand in for it."""
    path = own / 'mine.onnx'
    alter(path)
    with pytest.raises(WeightsError, match=f'altered.*{re.escape(str(path))}'):
        catalogue.read_weights('gender_mini_xception', own)
    path.unlink()
    with pytest.raises(WeightsError, match=f'missing.*{re.escape(str(path))}'):
        load_model(1, ModelSettings(weights_dir=str(own)))


@pytest.mark.parametrize(
    'changes',
    [
        {'task': 'emotion'},
        {'file': '../mine.onnx'},
        {'colour': 'red'},
        {'crop': {'side': 3}},
        {'crop': 3},
        {'file': None},
        {'task': None},
    ],
)
def test_entries_that_are_none(own, changes):
    """The file is named, and what to do."""
    write_entry(own, **changes)
    with pytest.raises(WeightsError, match=r'networks\.yaml.*face-affect train'):
        load_model(1, ModelSettings(weights_dir=str(own)))


@pytest.mark.parametrize('text', ['- a list', 'text', 'a: [', 'mtcnn_pnet: 3', '\xff\xfe', '3: 4'])
def test_files_that_hold_no_entries(tmp_path, text):
    """The same."""
    (tmp_path / 'networks.yaml').write_text(text, encoding='latin-1')
    with pytest.raises(WeightsError, match=r'networks\.yaml'):
        catalogue.networks(tmp_path)


def test_a_file_without_entries(tmp_path):
    """Is as good as none."""
    (tmp_path / 'networks.yaml').write_text('# nothing yet\n')
    assert catalogue.networks(tmp_path) == catalogue.networks()


@pytest.mark.parametrize('model', [b'', b'no network', b'\x08\x08'])
def test_bytes_that_are_no_network(model):
    """The engine says so by a ValueError."""
    with pytest.raises(ValueError, match='ONNX Runtime cannot load the given bytes'):
        OnnxEngine(model)


def test_a_file_that_is_no_network(tmp_path):
    """The engine names the file."""
    path = tmp_path / 'network.onnx'
    path.write_bytes(b'no network')
    with pytest.raises(ValueError, match=re.escape(str(path))):
        OnnxEngine(path)
