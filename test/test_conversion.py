# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Converting originals: what is whole becomes ONNX, what is damaged is refused by name."""

from __future__ import annotations

import contextlib
import json
import pickle
from pathlib import Path

import numpy as np
import original_formats
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies

from face_affect_ros import cli
from face_affect_ros import originals
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.originals.conversion import mxnet_params
from face_affect_ros.originals.conversion import prototext
from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.converters import convert

pytest.importorskip('h5py')
caffe = pytest.importorskip('face_affect_ros.originals.conversion.caffe')
graph = pytest.importorskip('face_affect_ros.originals.conversion.graph')
keras = pytest.importorskip('face_affect_ros.originals.conversion.keras')
mxnet = pytest.importorskip('face_affect_ros.originals.conversion.mxnet')
tensorflow = pytest.importorskip('face_affect_ros.originals.conversion.tensorflow')

MODELS = Path(__file__).resolve().parents[2] / 'shared/models'

PROTOTXT = b"""
name: "small"  # a comment
input: "data" input_dim: 1 input_dim: 2 input_dim: 6 input_dim: 6
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 3 kernel_size: 3 } }
layer { name: "slope" type: "PReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
  pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "dense" type: "InnerProduct" bottom: "pool" top: "dense"
  inner_product_param { num_output: 4 } }
layer { name: "prob" type: "Softmax" bottom: "dense" top: "prob" }
"""

SYMBOL = json.dumps(
    {
        'nodes': [
            {'op': 'null', 'name': 'data', 'inputs': []},
            {'op': 'null', 'name': 'fc_weight', 'inputs': []},
            {'op': 'null', 'name': 'fc_bias', 'inputs': []},
            {
                'op': 'FullyConnected',
                'name': 'fc',
                'param': {'num_hidden': '4'},
                'inputs': [[0, 0], [1, 0], [2, 0]],
            },
            {'op': 'OfItsAuthor', 'name': 'end', 'param': {}, 'inputs': [[3, 0]]},
        ],
        'arg_nodes': [0, 1, 2],
        'heads': [[4, 0]],
    }
).encode()


def small_weights() -> dict[str, list[np.ndarray]]:
    """Return weights for PROTOTXT."""
    rng = np.random.default_rng(1)
    shapes = {'conv': [(3, 2, 3, 3), (3,)], 'slope': [(3,)], 'dense': [(4, 12), (4,)]}
    return {
        name: [rng.normal(size=shape).astype(np.float32) for shape in of_layer]
        for name, of_layer in shapes.items()
    }


def dense_arrays() -> dict[str, np.ndarray]:
    """Return arrays for SYMBOL on (1, 2, 3) pictures."""
    rng = np.random.default_rng(2)
    return {
        'arg:fc_weight': rng.normal(size=(4, 6)).astype(np.float32),
        'arg:fc_bias': rng.normal(size=4).astype(np.float32),
    }


def moved(arrays, **changes):
    """Return arrays with some replaced, or left out where None."""
    return {name: array for name, array in {**arrays, **changes}.items() if array is not None}


def small_by_hand(x: np.ndarray, weights: dict[str, list[np.ndarray]]) -> np.ndarray:
    """Compute PROTOTXT on (2, 6, 6): 4x4 maps, whose last pooling window is incomplete."""
    kernel, bias = weights['conv']
    maps = np.array(
        [
            [
                [(x[:, i : i + 3, j : j + 3] * kernel[o]).sum() + bias[o] for j in range(4)]
                for i in range(4)
            ]
            for o in range(3)
        ]
    )
    maps = np.where(maps > 0, maps, maps * weights['slope'][0][:, None, None])
    pooled = np.array(
        [[[m[i : i + 3, j : j + 3].max() for j in (0, 2)] for i in (0, 2)] for m in maps]
    )
    scores = weights['dense'][0] @ pooled.ravel() + weights['dense'][1]
    return np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()


@pytest.mark.parametrize('old', [True, False])
def test_caffe_as_computed_by_hand(old):
    """Both forms; the last, incomplete window counts; any batch."""
    weights = small_weights()
    model = caffe.convert(PROTOTXT, original_formats.caffemodel(weights, old))
    assert model.ir_version == 8 and [entry.version for entry in model.opset_import] == [17]
    batch = np.random.default_rng(3).normal(size=(5, 2, 6, 6)).astype(np.float32)
    (found,) = OnnxEngine(model.SerializeToString()).run(batch)
    np.testing.assert_allclose(
        found, [small_by_hand(picture, weights) for picture in batch], atol=1e-6
    )


@pytest.mark.parametrize(
    ('weights', 'named'),
    [
        ({'dense': []}, 'dense weights is missing'),
        ({'conv': [np.ones((3, 2, 3, 3), np.float32)]}, 'conv biases is missing'),
        ({'dense': [np.ones((4, 11), np.float32), np.ones(4, np.float32)]}, r'\(4, 12\)'),
        ({'slope': [np.ones(4, np.float32)]}, 'slope slopes has shape'),
        ({'slope': [np.array([1, np.nan, 1], np.float32)]}, 'slope slopes has entries'),
    ],
)
def test_caffe_names_the_array_that_is_wrong(weights, named):
    """Missing, misshapen, not finite."""
    data = original_formats.caffemodel({**small_weights(), **weights}, old=False)
    with pytest.raises(ConversionError, match=named):
        caffe.convert(PROTOTXT, data)


@given(strategies.data())
@settings(max_examples=60, deadline=None)
def test_a_caffemodel_cut_anywhere_is_refused(data):
    """Never a network with fewer weights, never another error."""
    whole = original_formats.caffemodel(small_weights(), data.draw(strategies.booleans()))
    length = data.draw(strategies.integers(0, len(whole) - 1))
    with pytest.raises(ConversionError):
        caffe.convert(PROTOTXT, whole[:length])


def test_a_prototxt_cut_anywhere_gives_no_other_network():
    """Cut between layers it is a smaller network, else it is refused."""
    weights, outputs = original_formats.caffemodel(small_weights()), set()
    for length in range(len(PROTOTXT.rstrip()) - 2):
        with contextlib.suppress(ConversionError):
            model = caffe.convert(PROTOTXT[:length], weights)
            outputs.update(output.name for output in model.graph.output)
    assert outputs == {'conv', 'pool', 'dense'}


def test_a_caffe_network_may_end_in_place():
    """The last layer's output has its blob's name, as in Caffe, not the layer's before."""
    cut = PROTOTXT[: PROTOTXT.index(b'layer { name: "pool"')]
    model = caffe.convert(cut, original_formats.caffemodel(small_weights()))
    assert [output.name for output in model.graph.output] == ['conv']
    batch = np.random.default_rng(3).normal(size=(1, 2, 6, 6)).astype(np.float32)
    (found,) = OnnxEngine(model.SerializeToString()).run(batch)
    weights = {**small_weights(), 'slope': [np.ones(3, np.float32)]}
    (linear,) = OnnxEngine(
        caffe.convert(cut, original_formats.caffemodel(weights)).SerializeToString()
    ).run(batch)
    slope = small_weights()['slope'][0].reshape(3, 1, 1)
    np.testing.assert_allclose(found, np.where(linear > 0, linear, slope * linear), rtol=1e-5)


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        ((b'name: "prob"', b'name: "dense"'), 'no network: .*dense'),
        ((b'"Softmax"', b'"Attention"'), 'prob .* Attention'),
        ((b'bottom: "pool"', b'bottom: "pond"'), 'dense takes pond'),
        ((b'kernel_size: 3 }', b'kernel_size: three }'), 'kernel_size is no whole number'),
        ((b'stride: 2', b'stride: 2 pad: 1'), 'pool: only max-pools without padding'),
    ],
)
def test_caffe_names_the_layer_that_is_wrong(change, named):
    """Unknown kinds, unknown inputs, numbers that are none."""
    with pytest.raises(ConversionError, match=named):
        caffe.convert(PROTOTXT.replace(*change), original_formats.caffemodel(small_weights()))


@given(
    form=strategies.sampled_from(['legacy', 'v1', 'v2', 'v3']),
    shapes=strategies.lists(
        strategies.lists(strategies.integers(1, 5), min_size=1, max_size=4).map(tuple), max_size=4
    ),
    kind=strategies.sampled_from(sorted(original_formats.TYPES)),
)
@settings(max_examples=60, deadline=None)
def test_params_are_read_as_they_were_written(form, shapes, kind):
    """Every form, type and shape."""
    arrays = {
        f'arg:n{place}': np.arange(np.prod(shape)).reshape(shape).astype(kind)
        for place, shape in enumerate(shapes)
    }
    found = mxnet_params.read(original_formats.params(arrays, form))
    assert list(found) == [name[4:] for name in arrays]
    for one, other in zip(found.values(), arrays.values()):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@given(strategies.sampled_from(['legacy', 'v1', 'v2']), strategies.data())
@settings(max_examples=60, deadline=None)
def test_params_cut_anywhere_are_refused(form, data):
    """Never fewer arrays, never another error."""
    whole = original_formats.params(dense_arrays(), form)
    with pytest.raises(ConversionError):
        mxnet_params.read(whole[: data.draw(strategies.integers(0, len(whole) - 1))])


@given(strategies.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_rubbish_is_refused(data):
    """By every reader, with the error that says so."""
    for read in (
        mxnet_params.read,
        caffe.read_weights,
        keras.convert,
        lambda rubbish: caffe.convert(rubbish, rubbish),
        lambda rubbish: mxnet.convert(rubbish, rubbish, 'fc', (1, 2, 3)),
        lambda rubbish: tensorflow.convert(rubbish, rubbish, (3, 9, 9)),
    ):
        with pytest.raises(ConversionError):
            read(data)


def test_mxnet_is_cut_behind_its_output():
    """What comes behind, of the author's own kind, is left out."""
    arrays = dense_arrays()
    model = mxnet.convert(SYMBOL, original_formats.params(arrays), 'fc', (1, 2, 3))
    batch = np.random.default_rng(4).normal(size=(3, 1, 2, 3)).astype(np.float32)
    (found,) = OnnxEngine(model.SerializeToString()).run(batch)
    np.testing.assert_allclose(
        found, batch.reshape(3, 6) @ arrays['arg:fc_weight'].T + arrays['arg:fc_bias'], atol=1e-6
    )
    with pytest.raises(ConversionError, match='OfItsAuthor'):
        mxnet.convert(SYMBOL, original_formats.params(arrays), 'end', (1, 2, 3))
    with pytest.raises(ConversionError, match='no node fc3'):
        mxnet.convert(SYMBOL, original_formats.params(arrays), 'fc3', (1, 2, 3))


@pytest.mark.parametrize(
    ('change', 'named'),
    [
        ({'arg:fc_bias': None}, 'missing: fc_bias'),
        ({'arg:fc_weight': np.ones((4, 7), np.float32)}, r'fc weights has shape \(4, 7\)'),
        ({'arg:fc_bias': np.ones(5, np.float32)}, 'fc biases has shape'),
    ],
)
def test_mxnet_names_the_array_that_is_wrong(change, named):
    """Missing, misshapen."""
    data = original_formats.params(moved(dense_arrays(), **change))
    with pytest.raises(ConversionError, match=named):
        mxnet.convert(SYMBOL, data, 'fc', (1, 2, 3))


@pytest.mark.parametrize('length', [0, 100, 2000, -1, -1000])
def test_a_truncated_hdf5_is_refused(length):
    """Wherever it ends."""
    with pytest.raises(ConversionError):
        keras.convert(original_formats.simple_cnn(classes=3, seed=1)[:length])


@pytest.mark.parametrize('keep', [0.0, 0.5, 0.85])
def test_an_hdf5_without_all_weights_is_refused(keep):
    """The array that is missing is named."""
    with pytest.raises(ConversionError, match=r'array .* is missing'):
        keras.convert(original_formats.simple_cnn(classes=3, seed=1, keep=keep))


@pytest.mark.parametrize(
    ('data', 'named'),
    [
        (pickle.dumps({'conv': [1.0]}), 'a Python pickle'),
        (pickle.dumps([1], 0), 'a Python pickle'),
        (b'<!DOCTYPE html><html>', 'an HTML page'),
        (b'', 'an empty file'),
        (b'version https://git-lfs.github.com/spec/v1\noid sha256:1', 'a git-lfs pointer'),
    ],
)
@pytest.mark.parametrize(
    ('name', 'suffix'),
    [
        ('emotion_mini_xception_102', '.hdf5'),
        ('attributes_lightened_moon', '.params'),
        ('age_levi_hassner', '.caffemodel'),
        ('opencv_ssd', '.pb'),
    ],
)
def test_what_is_no_network_is_named(name, suffix, data, named):
    """A pickle is not read at all."""
    with pytest.raises(ConversionError, match=f'{name}: the {suffix} file is {named}'):
        convert(originals.original(name), {suffix: data})


def test_numpy_files_are_not_read():
    """They are pickles; where the same weights are is said."""
    with pytest.raises(ConversionError, match=r'mtcnn_onet_numpy: .* pickle.* Caffe'):
        convert(originals.original('mtcnn_onet_numpy'), {'.npy': b'\x93NUMPY'})


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    """Nothing is left of what could not be written; what was there stays."""
    model = mxnet.convert(SYMBOL, original_formats.params(dense_arrays()), 'fc', (1, 2, 3))
    (tmp_path / 'net.onnx').mkdir()
    with pytest.raises(OSError):
        graph.write(model, tmp_path / 'net.onnx')
    assert [path.name for path in tmp_path.iterdir()] == ['net.onnx']
    graph.write(model, tmp_path / 'new/net.onnx')
    assert [path.name for path in (tmp_path / 'new').iterdir()] == ['net.onnx']


def test_text_is_read():
    """Nested messages, comments, repeated names."""
    message = prototext.read(b'a: 1 a: -2 # b: 3\nc { d: "x y" } c: { e: F }')
    assert message == {'a': ['1', '-2'], 'c': [{'d': ['x y']}, {'e': ['F']}]}


@pytest.mark.shared
@pytest.mark.skipif(not MODELS.is_dir(), reason=f'no {MODELS}')
def test_convert_on_the_command_line(tmp_path, capsys):
    """All that is there; files are known by content; an altered one is named, others convert."""
    source, target = tmp_path / 'originals', tmp_path / 'onnx'
    source.mkdir()
    for number, file in enumerate(('mtcnn/det2.prototxt', 'mtcnn/det2.caffemodel')):
        (source / f'any{number}').write_bytes((MODELS / file).read_bytes())
    altered = source / 'mini_xception/gender_mini_XCEPTION.21-0.95.hdf5'
    altered.parent.mkdir()
    altered.write_bytes(pickle.dumps('weights'))
    command = ['models', 'convert', 'all', '--from', str(source), '--to', str(target)]
    assert cli.main(command) == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        'gender_mini_xception_21: FAILED',
        f'mtcnn_rnet_caffe: {target}/mtcnn_rnet_caffe.onnx',
    ]
    (line,) = captured.err.splitlines()
    assert 'gender_mini_xception_21' in line and altered.name in line and 'pickle' in line
    assert [path.name for path in target.iterdir()] == ['mtcnn_rnet_caffe.onnx']
    assert cli.main(['models', 'convert', 'age_levi_hassner', '--from', str(source)]) == 1
    assert 'face-affect models fetch age_levi_hassner' in capsys.readouterr().err
    assert cli.main(['models', 'convert', 'mtcnn_rnet_caffe', '--json', *command[3:]]) == 0
    (record,) = json.loads(capsys.readouterr().out)['originals']
    assert record['file'].endswith('.onnx') and record['error'] is None
