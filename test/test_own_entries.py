# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A user's ``networks.yaml`` and what it names: whatever is wrong is refused by name, at once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from weight_entries import NAME
from weight_entries import crop
from weight_entries import entry
from weight_entries import refusal
from weight_entries import write

from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.entries import EntryError
from face_affect_ros.registry.entries import read_entries
from face_affect_ros.settings import ModelSettings


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with the gender's network."""
    shutil.copy(catalogue.EMBEDDED / catalogue.network(NAME).file, tmp_path)
    return tmp_path


WRONG = {
    'crop.size': [
        crop(size=0),
        crop(size=-64),
        crop(size=64.0),
        crop(size='64'),
        crop(size=True),
        crop(size=10**9),
        crop(size=[64]),
    ],
    'size': [crop(size=None)],
    'crop.channels': [crop(channels=2), crop(channels=0), crop(channels='grey')],
    'crop.factor': [
        crop(factor=0),
        crop(factor=float('nan')),
        crop(factor=float('inf')),
        crop(factor='1'),
        crop(factor=1e6),
    ],
    'crop.kind': [crop(kind='round'), crop(kind=3)],
    "'side'": [crop(side=3)],
    'crop': [entry(crop=None), entry(crop=64), entry(crop=[64, 1, 1.0]), entry(crop='64')],
    'outputs': [
        entry(outputs=[]),
        entry(outputs='gender'),
        entry(outputs=['sex']),
        entry(outputs=['gender', 'gender']),
        entry(outputs=['age']),
        entry(outputs=[1]),
        entry(outputs=[['a']]),
        entry(outputs={'gender': 2}),
    ],
    'sha256': [
        entry(sha256=None),
        entry(sha256=12),
        entry(sha256='12'),
        entry(sha256='g' * 64),
        entry(sha256=['a' * 64]),
        entry(sha256=10**63),
    ],
    'file': [
        entry(file=None),
        entry(file=3),
        entry(file=''),
        entry(file='../mine.onnx'),
        entry(file='/etc/passwd'),
        entry(file='.'),
        entry(file='..'),
        entry(file='a\0b'),
        entry(file=['a']),
    ],
    'task': [entry(task=None), entry(task='emotion'), entry(task='sex'), entry(task=['gender'])],
    'licence': [entry(licence=None), entry(licence=1.0), entry(licence='')],
    'source': [entry(source={'me': 'today'}), entry(source='x' * 1001)],
    'tta': [entry(tta=3), entry(tta=[3]), entry(tta=[{'size': 0}]), entry(tta=[{'side': 3}])],
    'figures': [entry(figures=[1]), entry(figures={'accuracy': 'good'}), entry(figures='good')],
    "'colour'": [entry(colour='red')],
    NAME: [None, 3, 'text', [], ['a']],
}


@pytest.mark.parametrize(
    ('field', 'wrong'),
    [(field, wrong) for field, each in WRONG.items() for wrong in each],
    ids=range(sum(map(len, WRONG.values()))),
)
def test_wrong_fields(folder, field, wrong):
    """The field is named, and the file, and what to do."""
    write(folder, yaml.safe_dump({NAME: wrong}))
    text = refusal(folder)
    assert field in text and catalogue.ENTRIES in text and 'face-affect train' in text


@pytest.mark.parametrize(
    ('text', 'word'),
    [
        (yaml.safe_dump({'gender_mini_xcepton': entry()}), 'did you mean gender_mini_xception'),
        (yaml.safe_dump({3: entry()}), '3'),
        (yaml.safe_dump([entry()]), 'mapping'),
        (f'{NAME}: {{}}\n{NAME}: {{}}\n', 'a second time'),
        (f'{NAME}: {{file: a, file: b}}\n', 'a second time'),
        ('a: [', 'no YAML'),
        ('a: b: c', 'no YAML'),
        ('--- 1\n--- 2\n', 'no YAML'),
        ('x: !!python/object/apply:os.system [ls]', 'no YAML'),
        ('\x00', 'no YAML'),
        (b'\xff\xfe', 'UTF-8'),
        (yaml.safe_dump({NAME: entry()}).encode('utf-16'), 'UTF-8'),
        ('[' * 50_000, 'nested too deep'),
        ('a: ' + '[' * 20 + ']' * 20, 'nested too deep'),
        ('a: &a [*a]', 'nested too deep'),
        ('#' * 200_000, 'more than 100,000 bytes'),
        ('? [a, b]\n: c\n', 'a key that is no text'),
        (
            'a: &a [x,x,x,x,x,x,x,x,x]\n'
            + ''.join(
                f'{after}: &{after} [{",".join([f"*{before}"] * 9)}]\n'
                for before, after in zip('abcdefgh', 'bcdefghi')
            ),
            'more than 10,000 values',
        ),
    ],
    ids=range(18),
)
def test_files_that_are_no_entries(folder, text, word):
    """Within a second, whatever the file would become in memory."""
    write(folder, text)
    assert word in refusal(folder)


def test_good_entries(folder):
    """An anchor, a hash in capitals, no outputs, another factor: it is used."""
    known = catalogue.network(NAME)
    write(
        folder,
        f"""
{NAME}:
  file: {known.file}
  sha256: "{known.sha256.upper()}"
  task: gender
  licence: &mine mine
  source: *mine
  crop: {{size: 64, channels: 1, factor: 1.2, kind: box}}
  tta: [{{factor: 1}}]
  figures: {{accuracy: 1}}
""",
    )
    with load_model(1, ModelSettings(weights_dir=str(folder), tasks=('gender',))) as model:
        (face,) = model.analyze(np.full((80, 80, 3), 128, np.uint8), [[0, 0, 80, 80]])
    assert face.gender is not None
    assert catalogue.crop_of(NAME, folder).kind == 'box'


def make(kind: str, path: Path):
    """Put something else than a file at a path."""
    if kind == 'folder':
        path.mkdir()
    elif kind == 'pipe':
        os.mkfifo(path)
    elif kind == 'broken link':
        path.symlink_to(path.parent / 'nothing')
    elif kind == 'loop of links':
        path.symlink_to(path)
    elif kind == 'device':
        path.symlink_to('/dev/zero')
    else:
        with open(path, 'wb') as file:
            file.truncate(10**12)


KINDS = 'folder', 'pipe', 'broken link', 'loop of links', 'device', 'huge file'


@pytest.mark.parametrize('kind', KINDS)
def test_entries_that_are_no_file(folder, kind):
    """Nothing hangs and nothing is passed over."""
    make(kind, folder / catalogue.ENTRIES)
    assert catalogue.ENTRIES in refusal(folder)


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('listed', [True, False])
def test_networks_that_are_no_file(folder, kind, listed):
    """The same, whether an entry names the file or it only has an embedded one's name."""
    path = folder / catalogue.network(NAME).file
    path.unlink()
    make(kind, path)
    if listed:
        write(folder, yaml.safe_dump({NAME: entry()}))
    text = refusal(folder)
    assert str(path) in text and NAME in text


@pytest.mark.parametrize('path', ['missing', 'file', 'a\0b', 'x' * 300, 'loop'])
def test_folders_that_are_none(tmp_path, path):
    """weights_dir is named, and what to do."""
    (tmp_path / 'file').write_text('')
    (tmp_path / 'loop').symlink_to(tmp_path / 'loop')
    text = refusal(tmp_path / path)
    assert 'weights_dir' in text and 'give another' in text


def test_the_embedded_entries():
    """Keep the same rules."""
    assert read_entries((catalogue.HOME / catalogue.ENTRIES).read_bytes())


def made(folder: Path, name: str, **changes):
    """Put an embedded network's file into the place of the gender's."""
    data = (catalogue.EMBEDDED / catalogue.network(name).file).read_bytes()
    (folder / 'mine.onnx').write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    write(folder, yaml.safe_dump({NAME: entry(file='mine.onnx', sha256=digest, **changes)}))


@pytest.mark.parametrize(
    ('name', 'changes', 'word'),
    [
        ('emotion_mini_xception', {}, 'output for gender is float32 [1, 7]'),
        (NAME, {'crop': {'size': 48, 'channels': 1, 'factor': 1}}, 'uint8 crops [1, 48, 48]'),
        (NAME, {'crop': {'size': 64, 'channels': 3, 'factor': 1}}, 'uint8 crops [1, 64, 64, 3]'),
        (NAME, {'tta': [{'size': 48}]}, 'uint8 crops [1, 48, 48]'),
        (NAME, {'outputs': ['gender', 'age']}, '1 outputs, its entry names gender, age'),
        ('gender_age_resnet', {'crop': {'size': 96, 'channels': 3, 'factor': 1}}, '2 outputs'),
        ('mtcnn_pnet', {}, 'uint8 crops'),
    ],
)
def test_networks_that_are_others(folder, name, changes, word):
    """Found out before anything is asked of it, with what is expected."""
    made(folder, name, **changes)
    text = refusal(folder)
    assert word in text and NAME in text


def test_bytes_that_are_no_network(folder):
    """With the right hash."""
    data = b'no network'
    (folder / 'mine.onnx').write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    write(folder, yaml.safe_dump({NAME: entry(file='mine.onnx', sha256=digest)}))
    assert 'is no network' in refusal(folder)


def test_detection_has_its_own_rules(folder):
    """R-Net in P-Net's place is refused; a crop as well."""
    fields = {'licence': 'mine', 'source': 'mine', 'task': 'detection'}
    rnet = catalogue.network('mtcnn_rnet')
    shutil.copy(catalogue.EMBEDDED / rnet.file, folder)
    other = {'file': rnet.file, 'sha256': rnet.sha256, **fields}
    write(folder, yaml.safe_dump({'mtcnn_pnet': other}))
    assert 'inputs and outputs' in refusal(folder)
    write(folder, yaml.safe_dump({'mtcnn_rnet': other}))
    load_model(1, ModelSettings(weights_dir=str(folder), tasks=())).close()
    write(folder, yaml.safe_dump({'mtcnn_rnet': {**other, 'outputs': ['age']}}))
    assert 'mtcnn_rnet has outputs' in refusal(folder)


def test_made_networks(folder):
    """What gives scores that are no probabilities, and what takes one face only."""
    onnx = pytest.importorskip('onnx', reason='no package onnx (it comes with the extra "train")')
    helper, types = onnx.helper, onnx.TensorProto

    def network(faces, value):
        weights = onnx.numpy_helper.from_array(np.zeros((64 * 64, 2), np.float32), 'weights')
        bias = onnx.numpy_helper.from_array(np.array(value, np.float32), 'bias')
        graph = helper.make_graph(
            [
                helper.make_node('Cast', ['crops'], ['float'], to=types.FLOAT),
                helper.make_node('Flatten', ['float'], ['flat']),
                helper.make_node('Gemm', ['flat', 'weights', 'bias'], ['scores']),
            ],
            'made',
            [helper.make_tensor_value_info('crops', types.UINT8, [faces, 64, 64])],
            [helper.make_tensor_value_info('scores', types.FLOAT, [faces, 2])],
            [weights, bias],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
        model.ir_version = 8
        data = model.SerializeToString()
        (folder / 'mine.onnx').write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        write(folder, yaml.safe_dump({NAME: entry(file='mine.onnx', sha256=digest)}))

    network('n', [0.25, 0.75])
    load_model(1, ModelSettings(weights_dir=str(folder), tasks=('gender',))).close()
    for value in ([3, -3], [0.5, 0.6], [float('nan'), 1]):
        network('n', value)
        assert 'no probabilities' in refusal(folder)
    network(1, [0.25, 0.75])
    assert 'uint8 crops [2, 64, 64]' in refusal(folder)


@pytest.mark.parametrize('closed', ['folder', 'entries', 'network'])
def test_closed_to_us(folder, closed):
    """Without a traceback, in Python and on the command line."""
    write(folder, yaml.safe_dump({NAME: entry()}))
    path = {
        'folder': folder,
        'entries': folder / catalogue.ENTRIES,
        'network': folder / catalogue.network(NAME).file,
    }[closed]
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.chmod(0o700)
        pytest.skip('root may enter everything')
    try:
        assert 'Permission denied' in refusal(folder)
        ended = subprocess.run(
            [
                sys.executable,
                '-m',
                'face_affect_ros.cli',
                'classify',
                '--weights-dir',
                folder,
                '-',
            ],
            input='',
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        path.chmod(0o700)
    assert ended.returncode == 1
    assert 'Permission denied' in ended.stderr and 'Traceback' not in ended.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(['size', 'channels', 'factor', 'kind', 'gender']), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*entry(), 'outputs', 'tta', 'figures', 'other']), JSON))
def test_any_entry_is_used_or_refused(changes):
    """No other error, and whatever is not refused can be built."""
    data = yaml.safe_dump({NAME: {**entry(), **changes}}).encode()
    try:
        read = read_entries(data)[NAME]
    except EntryError as error:
        assert len(str(error)) <= 300
    else:
        assert 8 <= read['crop']['size'] <= 1024 and 0.1 <= read['crop']['factor'] <= 10


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text('ab:[]{}&*!- \n"\'?,|>', max_size=60).map(str.encode))
def test_any_bytes_are_entries_or_refused(data):
    """No other error."""
    try:
        assert isinstance(read_entries(data), dict)
    except EntryError as error:
        assert str(error).isprintable() and len(str(error)) <= 300
