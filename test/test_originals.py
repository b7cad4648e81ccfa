# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The original networks behind the project's interfaces, and what is refused of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from originals import AGE
from originals import AGE_GENDER
from originals import EMOTION
from originals import FOLDER
from originals import GENDER
from originals import MOON
from originals import PAPERS
from originals import PICKLE
from originals import Fixed
from originals import fill
from originals import needs_caffe
from originals import needs_mxnet
from originals import needs_originals
from originals import needs_tensorflow
from samples import astronaut

from face_affect_ros import cli
from face_affect_ros import crops
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.originals import catalogue as originals
from face_affect_ros.originals import loading
from face_affect_ros.originals.catalogue import Original
from face_affect_ros.originals.networks import OriginalNetwork
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS

ABSENT = {
    AGE: 'levi_hassner/age_net.caffemodel',
    AGE_GENDER: 'levi_hassner/gender_net.caffemodel',
    MOON: 'lightened_moon/lightened_moon_fuse-0082.params',
}


def native(folder: Path = FOLDER, **settings) -> ModelSettings:
    """Return settings of original networks in their own frameworks."""
    return ModelSettings(engine='native', weights='original', weights_dir=str(folder), **settings)


@pytest.fixture
def whole(tmp_path, monkeypatch) -> Path:
    """Return a folder with all originals, random weights for those that could not be had."""
    if not FOLDER.is_dir():
        pytest.skip(f'no original networks: {FOLDER}')
    entries = fill(tmp_path)
    monkeypatch.setattr(originals, 'originals', lambda: entries)
    return tmp_path


def change(monkeypatch, name: str, **fields) -> Original:
    """Change an entry of the catalogue."""
    entries: Mapping[str, Original] = originals.originals()
    changed = replace(entries[name], **fields)
    monkeypatch.setattr(originals, 'originals', lambda: {**entries, name: changed})
    return changed


@pytest.mark.parametrize('name', list(originals.originals()))
def test_every_entry(name):
    """Its files can be told from others and are published; what describes faces says how."""
    entry = originals.original(name)
    assert entry.licence
    for file in entry.files:
        assert file.sha256 or file.sha1 or file.git_blob
        assert file.addresses and all(url.startswith('https://') for url in file.addresses)
    suffixes = [Path(file.path).suffix for file in entry.files]
    assert len(suffixes) == len(set(suffixes))
    assert entry.framework in (*loading.FRAMEWORKS, 'numpy')
    assert len(entry.input.mean) == (entry.crop.channels if entry.crop else 3)
    if entry.task != 'detection':
        OriginalNetwork(Fixed(), entry)  # its labels are those of its task
        assert entry.crop.kind in crops.KINDS


def test_the_papers_set():
    """Made of originals; each task of a face is told by one at least."""
    spec = originals.model(1)
    assert set(spec.networks) == set(TASKS)
    assert spec.detector == 'opencv_ssd'
    names = [name for names in spec.networks.values() for name in names]
    assert sorted(names) == sorted(PAPERS)
    with pytest.raises(UnknownNameError, match=EMOTION):
        originals.original('no such')


class TestRefused:
    """By name, in one line, with what to do; the embedded set keeps working."""

    @needs_originals
    @pytest.mark.parametrize(
        ('task', 'path'), [('age', ABSENT[AGE]), ('attributes', ABSENT[MOON])]
    )
    def test_absent_weights(self, task, path):
        """A task that is on is not skipped silently."""
        with pytest.raises(WeightsError, match='face-affect models fetch') as caught:
            load_model(1, native(tasks=(task,), detector='mtcnn'))
        assert path in str(caught.value)
        assert str(FOLDER) in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        assert load_model(1).detect(astronaut())

    @needs_originals
    def test_all_absent_weights(self):
        """At once, before any framework is looked for."""
        with pytest.raises(WeightsError) as caught:
            load_model(1, native())
        for name, path in ABSENT.items():
            assert path in str(caught.value)
            assert name in str(caught.value).partition('face-affect models fetch')[2]
        assert EMOTION not in str(caught.value)

    def test_absent_conversions(self, tmp_path):
        """With ONNX Runtime as the engine."""
        with pytest.raises(WeightsError, match=f'face-affect models convert {EMOTION}'):
            load_model(
                1, ModelSettings(weights='original', weights_dir=str(tmp_path), detector='mtcnn')
            )

    @pytest.mark.parametrize(
        ('name', 'harm', 'what'),
        [
            (EMOTION, lambda data: data[:-1], 'expected 872,856'),
            (EMOTION, lambda data: bytes([data[0] ^ 1]) + data[1:], 'has sha256'),
            (GENDER, lambda data: PICKLE, 'a Python pickle'),
            (AGE, lambda data: PICKLE, 'a Python pickle'),
            (MOON, lambda data: PICKLE, 'a Python pickle'),
            (MOON, lambda data: data[:-8], 'has sha256'),
        ],
        ids=['short', 'altered', 'pickle', 'caffe pickle', 'mxnet pickle', 'short params'],
    )
    def test_altered_files(self, whole, name, harm, what):
        """Before any framework sees them."""
        path = whole / originals.original(name).files[-1].path
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(harm(data))
        with pytest.raises(WeightsError, match=re.escape(what)) as caught:
            loading.load(originals.original(name), whole)
        assert str(path) in str(caught.value)
        assert name in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1

    def test_a_hash_of_git(self, tmp_path, monkeypatch):
        """A copy that matches git's id is accepted, another one is not."""
        file = originals.original(AGE).files[0]
        whole_file = replace(
            file, sha256='', bytes=None, git_blob='5fcfff3394a159a384858439db31e33fb0b81165'
        )
        if not (FOLDER / file.path).is_file():
            pytest.skip(f'no {FOLDER / file.path}')
        assert whole_file.fault((FOLDER / file.path).read_bytes()) is None
        assert 'git_blob' in whole_file.fault(b'other')

    @pytest.mark.parametrize('labels', [('female',), ('female', 'male', 'male'), ('woman', 'man')])
    def test_label_lists(self, labels, monkeypatch):
        """Too short, too long, or of another task."""
        entry = change(monkeypatch, GENDER, labels=labels)
        with pytest.raises(WeightsError, match=f'{GENDER}.*names {len(labels)} labels'):
            OriginalNetwork(Fixed([0.5, 0.5]), entry)

    @needs_tensorflow
    def test_more_labels_than_outputs(self, whole, monkeypatch):
        """A network of another task under the labels of this one."""
        entry = change(monkeypatch, GENDER, files=originals.original(EMOTION).files)
        with pytest.raises(WeightsError, match='has 7 outputs, but the catalogue names 2 labels'):
            loading.load(entry, whole)

    @needs_caffe
    def test_a_caffemodel_without_a_layer(self, whole, monkeypatch):
        """Found out when it is loaded, not at the first face."""
        entry = originals.original(AGE)
        other = originals.original(AGE_GENDER).files[1]
        entry = change(monkeypatch, AGE, files=(entry.files[0], other))
        with pytest.raises(WeightsError, match=AGE):
            loading.load(entry, whole)

    def test_numpy_arrays(self):
        """The arrays of MTCNN have no engine of their own; they are pickles."""
        with pytest.raises(WeightsError, match='no engine of its own'):
            loading.load(originals.original('mtcnn_onet_numpy'), FOLDER)

    @pytest.mark.parametrize(
        ('settings', 'what'),
        [
            ({'engine': 'tensorflow'}, 'onnx, native'),
            ({'weights': 'mine'}, 'embedded, original'),
            ({'detector': 'haar'}, 'mtcnn, opencv_ssd, dlib'),
            ({'engine': 'native'}, 'weights to original'),
        ],
    )
    def test_settings(self, settings, what):
        """Names that there are not; native embedded networks."""
        with pytest.raises(ValueError, match=what):
            ModelSettings(**settings)

    def test_on_the_command_line(self, astronaut_file, tmp_path, capsys):
        """Exit code 1 for what is absent, 2 for what does not go together; one line each."""
        path = str(astronaut_file)
        arguments = ['classify', path, '--weights', 'original', '--weights-dir', str(tmp_path)]
        assert cli.main([*arguments, '--engine', 'native']) == 1
        (error,) = capsys.readouterr().err.splitlines()
        assert 'face-affect models fetch' in error
        assert cli.main(['classify', path, '--engine', 'native']) == 2
        (error,) = capsys.readouterr().err.splitlines()
        assert 'weights to original' in error


class TestWhole:
    """The papers' own set of networks, assembled."""

    @needs_tensorflow
    @needs_mxnet
    @needs_caffe
    def test_everything(self, whole):
        """In four frameworks: every task of the astronaut is told, by the real weights rightly."""
        with load_model(1, native(whole)) as model:
            (face,) = model.analyze(astronaut())
            assert model.tasks == tuple(TASKS)
        assert face.emotion.label == 'happy'
        # The likeliest label: AgeNet's original takes her for a child, whose gender is left open.
        assert max(face.gender.scores, key=face.gender.scores.get) == 'female'
        assert set(face.attributes) == set(ATTRIBUTES)
        assert sum(face.age.scores.values()) == pytest.approx(1, abs=1e-5)
        assert len(face.landmarks) == 5

    @needs_originals
    @needs_tensorflow
    def test_both_detectors_and_engines(self, whole):
        """SSD or MTCNN; TensorFlow or ONNX Runtime, on a conversion that is there."""
        for name in (EMOTION, GENDER):
            stem = Path(originals.original(name).files[0].path).with_suffix('.onnx')
            shutil.copy(FOLDER / stem, whole / originals.original(name).converted)
        found = {}
        for engine in ('native', 'onnx'):
            settings = replace(
                native(whole, tasks=('emotion', 'gender'), detector='mtcnn'), engine=engine
            )
            with load_model(1, settings) as model:
                (found[engine],) = model.analyze(astronaut())
        assert found['native'].box == found['onnx'].box
        for task in ('emotion', 'gender'):
            one, other = (getattr(found[engine], task) for engine in ('native', 'onnx'))
            assert one.label == other.label
            assert list(one.scores.values()) == pytest.approx(
                list(other.scores.values()), abs=1e-5
            )
        with load_model(1, native(whole, tasks=('emotion', 'gender'))) as model:
            (face,) = model.analyze(astronaut())
        assert face.emotion.label == found['native'].emotion.label
        assert (face.age, face.attributes) == (None, None)

    @needs_originals
    @needs_tensorflow
    def test_on_the_command_line(self, astronaut_file, capsys):
        """With the tasks off whose weights could not be had."""
        assert (
            cli.main(
                [
                    'classify',
                    str(astronaut_file),
                    '--json',
                    '--weights',
                    'original',
                    '--engine',
                    'native',
                    '--weights-dir',
                    str(FOLDER),
                    '--no-age-enable',
                    '--no-attributes-enable',
                ]
            )
            == 0
        )
        (face,) = json.loads(capsys.readouterr().out)['faces']
        assert face['emotion']['label'] == 'happy'
        assert face['gender']['label'] == 'female'
        assert face['age'] is None
