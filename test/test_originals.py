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

import cv2
import numpy as np
import pytest
from originals import FOLDER
from originals import fill
from originals import needs_caffe
from originals import needs_mxnet
from originals import needs_originals
from originals import needs_tensorflow
from samples import ASTRONAUT_BOX
from samples import astronaut

from face_affect_ros import cli
from face_affect_ros import crops
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import GENDERS
from face_affect_ros.originals import catalogue as originals
from face_affect_ros.originals import loading
from face_affect_ros.originals.catalogue import Original
from face_affect_ros.originals.networks import OriginalNetwork
from face_affect_ros.originals.networks import OriginalNetworks
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry.catalogue import UnknownNameError
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS

EMOTION, GENDER = 'emotion_mini_xception_102', 'gender_mini_xception_21'
AGE, AGE_GENDER, MOON = 'age_levi_hassner', 'gender_levi_hassner', 'attributes_lightened_moon'
PAPERS = (EMOTION, GENDER, AGE, AGE_GENDER, MOON)
ABSENT = {
    AGE: 'levi_hassner/age_net.caffemodel',
    AGE_GENDER: 'levi_hassner/gender_net.caffemodel',
    MOON: 'lightened_moon/lightened_moon_fuse-0082.params',
}
PICKLE = b'\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00}\x94.'


class Fixed:
    """An engine that answers what it was told to and keeps what it was asked."""

    def __init__(self, *rows: list[float]):
        """Keep the answer."""
        self.rows = np.array(rows, np.float32)
        self.asked = np.empty(0)

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the answer."""
        (self.asked,) = inputs
        return (self.rows,)


def native(folder: Path = FOLDER, **settings) -> ModelSettings:
    """Return settings of original networks in their own frameworks."""
    return ModelSettings(engine='native', weights='original', weights_dir=str(folder), **settings)


def seen(box=ASTRONAUT_BOX) -> tuple[list[crops.ContextCrop], list[crops.FaceSquare]]:
    """Return the view and the frame of a box in the astronaut's picture."""
    array = np.array(box, np.float32)
    return [crops.cut_context(astronaut(), array)], [
        crops.square_of_face(array, np.full((5, 2), np.nan))
    ]


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


class TestWhatTheySee:
    """Crops and scaling, worked out from the originals' own sources."""

    @pytest.mark.parametrize(('name', 'factor'), [(EMOTION, 1.0), (GENDER, 1.3)])
    def test_mini_xception(self, name, factor):
        """Grey 64x64, (x / 255 - 0.5) * 2, a square around the box, channels last."""
        engine = Fixed([1 / 7] * 7 if name == EMOTION else [0.5] * 2)
        OriginalNetwork(engine, originals.original(name)).scores(*seen())
        x, y, width, height = ASTRONAUT_BOX
        side = factor * height
        expected = reference(
            cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY),
            (x + width / 2 - side / 2, y + height / 2 - side / 2, side, side),
            64,
        )
        assert engine.asked.shape == (1, 64, 64, 1)
        assert engine.asked.dtype == np.float32
        assert_close(engine.asked[0, :, :, 0], (expected / 255 - 0.5) * 2, 2)

    def test_moon(self):
        """Grey 128x128, / 255, the box with a quarter more on each side, channels first."""
        engine = Fixed([0.0] * 40)
        OriginalNetwork(engine, originals.original(MOON)).scores(*seen())
        x, y, width, height = ASTRONAUT_BOX
        expected = reference(
            cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY),
            (x - width / 4, y - height / 4, width * 1.5, height * 1.5),
            128,
        )
        assert engine.asked.shape == (1, 1, 128, 128)
        assert_close(engine.asked[0, 0], expected / 255, 1)

    @pytest.mark.parametrize(('name', 'classes'), [(AGE, 8), (AGE_GENDER, 2)])
    def test_levi_hassner(self, name, classes):
        """BGR 227x227 less the mean of each channel, channels first."""
        engine = Fixed([1 / classes] * classes)
        entry = originals.original(name)
        OriginalNetwork(engine, entry).scores(*seen())
        views, frames = seen()
        expected = crops.cut_box(views[0], frames[0], 227, entry.crop.factor).astype(float)
        assert engine.asked.shape == (1, 3, 227, 227)
        assert_close(
            engine.asked[0], (expected - (78.4263, 87.7689, 114.8958)).transpose(2, 0, 1), 255
        )

    def test_several_faces_at_once(self):
        """Rows in the order of the faces."""
        engine = Fixed([0.9, 0.1], [0.2, 0.8])
        boxes = [ASTRONAUT_BOX, (20.0, 30.0, 60.0, 40.0)]
        views, frames = (
            [part for parts in kind for part in parts] for kind in zip(*map(seen, boxes))
        )
        network = OriginalNetwork(engine, originals.original(GENDER))
        np.testing.assert_array_equal(network.scores(views, frames)['gender'], engine.rows)
        both = engine.asked
        engine.rows = engine.rows[:1]
        for index in (0, 1):
            network.scores(views[index : index + 1], frames[index : index + 1])
            np.testing.assert_array_equal(engine.asked[0], both[index])


def reference(picture: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """Cut a part of a picture, its border repeated, and resize it; as the originals' demos do."""
    x, y, width, height = box
    margin = 200
    bordered = cv2.copyMakeBorder(picture, *[margin] * 4, cv2.BORDER_REPLICATE)
    left, top = round(x) + margin, round(y) + margin
    return cv2.resize(
        bordered[top : top + round(height), left : left + round(width)],
        (size, size),
        interpolation=cv2.INTER_AREA,
    ).astype(float)


def assert_close(found: np.ndarray, expected: np.ndarray, span: float):
    """Check that two crops are the same picture: filters and half pixels may differ."""
    assert np.abs(found - expected).mean() < 0.03 * span
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.98


class TestWhatTheySay:
    """Outputs in the project's terms."""

    def test_gender_of_levi_hassner(self):
        """It says male first."""
        scores = OriginalNetwork(Fixed([0.9, 0.1]), originals.original(AGE_GENDER)).scores(*seen())
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('male')], 0.9)
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('female')], 0.1)

    def test_gender_of_mini_xception(self):
        """It says woman first."""
        scores = OriginalNetwork(Fixed([0.9, 0.1]), originals.original(GENDER)).scores(*seen())
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('female')], 0.9)

    @pytest.mark.parametrize('place', range(8))
    def test_ages(self, place):
        """A range is spread over its years, so that its share and its middle are kept."""
        row = [0.05] * 8
        row[place] = 0.65
        scores = OriginalNetwork(Fixed(row), originals.original(AGE)).scores(*seen())['age']
        assert scores.shape == (1, 101)
        assert scores.sum() == pytest.approx(1)
        for share, label in zip(row, AGE_RANGES):
            first, last = map(int, label.split('-'))
            assert scores[0, first : last + 1].sum() == pytest.approx(share)
            assert np.ptp(scores[0, first : last + 1]) < 1e-6

    @pytest.mark.parametrize(
        ('output', 'probability'),
        [(-3.0, 0.0), (-1.0, 0.0), (-0.2, 0.4), (0.0, 0.5), (0.5, 0.75), (1.0, 1.0), (7.0, 1.0)],
    )
    def test_attributes(self, output, probability):
        """Yes from 0 on is a probability of a half or more."""
        row = [-1.0] * 40
        row[ATTRIBUTES.index('Smiling')] = output
        scores = OriginalNetwork(Fixed(row), originals.original(MOON)).scores(*seen())
        assert scores['attributes'].shape == (1, 40)
        assert scores['attributes'][0, ATTRIBUTES.index('Smiling')] == pytest.approx(probability)
        assert scores['attributes'][0].sum() == pytest.approx(probability)

    def test_together(self):
        """AgeNet and GenderNet are one part, with an output each."""
        networks = OriginalNetworks(
            [
                OriginalNetwork(Fixed([1.0] + [0.0] * 7), originals.original(AGE)),
                OriginalNetwork(Fixed([0.3, 0.7]), originals.original(AGE_GENDER)),
            ]
        )
        scores = networks.scores(*seen())
        assert set(scores) == {'age', 'gender'}


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
        assert face.gender.label == 'female'
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
