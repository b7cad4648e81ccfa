# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Original networks in their own frameworks against our ONNX of them, on a hundred real crops.

The largest difference is at most 1e-5 of the output's scale, and every label is the same. A
framework that is not installed is skipped by name. Where the original weights could not be had,
the original graph is run with seeded random weights in the original's own file format.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import original_formats
import pytest
from real_crops import COUNT
from real_crops import crops
from real_crops import grey

from face_affect_ros import originals
from face_affect_ros.engines.onnx import OnnxEngine

pytest.importorskip('h5py')
caffe = pytest.importorskip('face_affect_ros.originals.conversion.caffe')
keras = pytest.importorskip('face_affect_ros.originals.conversion.keras')
mxnet = pytest.importorskip('face_affect_ros.originals.conversion.mxnet')
tensorflow = pytest.importorskip('face_affect_ros.originals.conversion.tensorflow')

MODELS = Path(__file__).resolve().parents[2] / 'shared/models'
TOLERANCE = 1e-5

MXNET_PYTHON = 'FACE_AFFECT_MXNET_PYTHON'
"""Environment variable: the Python of an environment that has MXNet."""

KERAS = [
    name
    for name, entry in originals.originals().items()
    if entry.framework == 'keras' and 'simple_cnn' not in name
]

RUN_MXNET = """
import sys, numpy, mxnet
symbol, params, pictures, answers = sys.argv[1:]
network = mxnet.mod.Module(mxnet.sym.load(symbol), label_names=None, context=mxnet.cpu())
batch = numpy.load(pictures)
network.bind([('data', batch.shape)], for_training=False)
arrays = {name[4:]: array for name, array in mxnet.nd.load(params).items()}
network.set_params(arrays, {})
network.forward(mxnet.io.DataBatch([mxnet.nd.array(batch)]), is_train=False)
numpy.save(answers, network.get_outputs()[0].asnumpy())
"""


@pytest.fixture
def note(record_property, request):
    """Return a function that checks two outputs and notes their largest difference."""

    def check(original, ours, what=''):
        assert original.shape == ours.shape and ours.dtype == np.float32
        scale = np.abs(original).max()
        difference = float(np.abs(original - ours).max() / scale)
        record_property(f'{request.node.name} {what}'.strip(), difference)
        print(f'{request.node.name} {what}: {difference:.1e} of {scale:.3g}')
        assert difference <= TOLERANCE
        # Networks that say the same of every picture would agree anyhow.
        assert original.std(axis=0).max() > 1e-3 * scale

    return check


def original_files(name: str) -> dict[str, bytes]:
    """Return an original's files; skip where they are not beside the checkout."""
    entry = originals.original(name)
    paths = [MODELS / file.path for file in entry.files]
    for path in paths:
        if not path.is_file():
            pytest.skip(f'no {path}')
    return {path.suffix: path.read_bytes() for path in paths}


def shared_file(name: str) -> Path:
    """Return a file beside the checkout; skip where it is not there."""
    if not (MODELS / name).is_file():
        pytest.skip(f'no {MODELS / name}')
    return MODELS / name


def run(model, batch: np.ndarray) -> tuple[np.ndarray, ...]:
    """Run a converted network."""
    return OnnxEngine(model.SerializeToString()).run(batch)


def of_keras(data: bytes, batch: np.ndarray, folder: Path) -> np.ndarray:
    """Run a file in Keras on TensorFlow."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    framework = pytest.importorskip('tensorflow')
    path = folder / 'model.hdf5'
    path.write_bytes(data)
    return framework.keras.models.load_model(path, compile=False).predict(batch, verbose=0)


def of_caffe(prototxt: bytes, weights: bytes, batch: np.ndarray, outputs: list[str]):
    """Run a network in OpenCV's reader of Caffe."""
    cv2 = pytest.importorskip('cv2')
    if not hasattr(cv2.dnn, 'readNetFromCaffe'):
        pytest.skip(f'OpenCV {cv2.__version__} has no Caffe reader; 4.x has')
    network = cv2.dnn.readNetFromCaffe(
        np.frombuffer(prototxt, np.uint8), np.frombuffer(weights, np.uint8)
    )
    exact(network).setInput(batch)
    return network.forward(outputs)


def exact(network):
    """Return an OpenCV network that computes its convolutions as they are.

    Winograd's quicker way is off by more than the tolerance: 1.3e-5 for P-Net on 61 pixels, where
    ours is off by 9e-7 from the same in double precision.
    """
    if hasattr(network, 'enableWinograd'):
        network.enableWinograd(False)
    return network


@pytest.mark.shared
@pytest.mark.parametrize('name', KERAS)
def test_mini_xception(name, note, tmp_path):
    """All seven files as they are published."""
    data = original_files(name)['.hdf5']
    entry = originals.original(name)
    batch = (grey(crops(entry.crop.size, entry.crop.factor))[..., None] / 255 - 0.5) * 2
    batch = batch.astype(np.float32)
    original = of_keras(data, batch, tmp_path)
    (ours,) = run(keras.convert(data), batch)
    note(original, ours)
    assert (original.argmax(1) == ours.argmax(1)).all()
    assert original.shape == (COUNT, len(entry.labels))


def test_simple_cnn(note, tmp_path):
    """A sequential model with average pools and dropout, as oarriaga's other networks."""
    data = original_formats.simple_cnn(classes=7, seed=3, listed=False)
    batch = (grey(crops(48))[..., None] / 127.5 - 1).astype(np.float32)
    original = of_keras(data, batch, tmp_path)
    (ours,) = run(keras.convert(data), batch)
    note(original, ours)
    assert (original.argmax(1) == ours.argmax(1)).all()
    (older,) = run(keras.convert(original_formats.simple_cnn(classes=7, seed=3)), batch)
    np.testing.assert_array_equal(older, ours)


@pytest.mark.shared
def test_opencv_ssd(note):
    """The 300x300 detector with its real weights, what it finds included."""
    cv2 = pytest.importorskip('cv2')
    files = original_files('opencv_ssd')
    network = cv2.dnn.readNetFromTensorflow(
        np.frombuffer(files['.pb'], np.uint8), np.frombuffer(files['.pbtxt'], np.uint8)
    )
    exact(network)
    model = tensorflow.convert(files['.pb'], files['.pbtxt'], (3, 300, 300))
    raw = tensorflow.convert(files['.pb'], files['.pbtxt'], (3, 300, 300))
    # OpenCV 5 gives a network's last output only.
    inner = ['mbox_loc', 'mbox_conf_flatten'] if hasattr(cv2.dnn, 'readNetFromCaffe') else []
    helper = pytest.importorskip('onnx').helper
    for name in inner:
        raw.graph.output.append(helper.make_tensor_value_info(name, 1, None))
    engine, found = OnnxEngine(raw.SerializeToString()), []
    for picture in crops(300, 2.5).astype(np.float32):
        batch = (picture - (104, 117, 123)).astype(np.float32).transpose(2, 0, 1)[None]
        network.setInput(batch)
        original = network.forward(['detection_out', *inner]) if inner else [network.forward()]
        found.append((original, engine.run(batch)))
    for place, name in enumerate(inner, 1):
        note(*(np.concatenate([pair[side][place] for pair in found]) for side in (0, 1)), name)
    boxes = [tuple(rows[0][0, 0][rows[0][0, 0, :, 2] > 0.5] for rows in pair) for pair in found]
    assert [len(one) for one, _ in boxes] == [len(other) for _, other in boxes]
    note(*(np.concatenate([pair[side] for pair in boxes]) for side in (0, 1)), 'faces')
    assert sum(map(len, next(zip(*boxes)))) > COUNT / 2
    batch = np.stack([crops(300, 2.5)[place] for place in (0, 50)]).astype(np.float32)
    (together,) = run(model, (batch - (104, 117, 123)).astype(np.float32).transpose(0, 3, 1, 2))
    for number, place in enumerate((0, 50)):
        rows = together[0, 0][together[0, 0, :, 0] == number]
        np.testing.assert_allclose(rows[:, 1:], found[place][1][0][0, 0][:, 1:], atol=1e-5)


@pytest.mark.shared
@pytest.mark.parametrize(('form', 'count'), [('legacy', COUNT), ('v2', 8)])
def test_moon(form, count, note, tmp_path):
    """The lightened CNN in MXNet, weights in the form of 2016 and of 1.x."""
    symbol = shared_file('lightened_moon/lightened_moon_fuse-symbol.json').read_bytes()
    python = os.environ.get(MXNET_PYTHON)
    if not python:
        pytest.skip(f'no MXNet: {MXNET_PYTHON} names no Python that has it')
    data = original_formats.params(original_formats.moon(symbol, seed=5), form)
    batch = (grey(crops(128, 1.5)[:count])[:, None] / 255).astype(np.float32)
    graph = json.loads(symbol)
    end = [node['name'] for node in graph['nodes']].index('fc2')
    cut = {
        'nodes': graph['nodes'][: end + 1],
        'heads': [[end, 0]],
        'arg_nodes': [place for place in graph['arg_nodes'] if place < end],
    }
    paths = [tmp_path / name for name in ('symbol.json', 'net.params', 'in.npy', 'out.npy')]
    paths[0].write_text(json.dumps(cut))
    paths[1].write_bytes(data)
    np.save(paths[2], batch)
    subprocess.run(
        [python, '-c', RUN_MXNET, *map(str, paths)],
        check=True,
        timeout=100,
        stdout=subprocess.DEVNULL,
    )
    original = np.load(paths[3])
    (ours,) = run(mxnet.convert(symbol, data, 'fc2', (1, 128, 128)), batch)
    assert original.shape == (count, 40)
    note(original, ours)
    assert ((original >= 0) == (ours >= 0)).all()


@pytest.mark.shared
@pytest.mark.parametrize('old', [True, False], ids=['old form', 'new form'])
@pytest.mark.parametrize(('name', 'classes'), [('age', 8), ('gender', 2)])
def test_levi_hassner(name, classes, old, note):
    """AgeNet and GenderNet in OpenCV, weights in both of Caffe's forms."""
    prototxt = shared_file(f'levi_hassner/{name}_deploy.prototxt').read_bytes()
    weights = original_formats.caffemodel(original_formats.levi_hassner(classes, seed=9), old)
    mean = originals.original(f'{name}_levi_hassner').input.mean
    count = COUNT if old else 8
    batch = (crops(227, 1.3)[:count] - np.array(mean)).astype(np.float32).transpose(0, 3, 1, 2)
    (original,) = of_caffe(prototxt, weights, batch, ['prob'])
    model = caffe.convert(prototxt, weights)
    (ours,) = run(model, batch)
    note(original, ours)
    assert (original.argmax(1) == ours.argmax(1)).all()
    (wrong,) = run(model, np.ascontiguousarray(batch[:8, ::-1]))
    assert np.abs(wrong - original[:8]).max() > 100 * TOLERANCE * np.abs(original).max()


@pytest.mark.shared
@pytest.mark.parametrize(
    ('name', 'size', 'outputs'),
    [
        ('mtcnn_pnet_caffe', 12, ['conv4-2', 'prob1']),
        ('mtcnn_pnet_caffe', 61, ['conv4-2', 'prob1']),
        ('mtcnn_rnet_caffe', 24, ['conv5-2', 'prob1']),
        ('mtcnn_onet_caffe', 48, ['conv6-2', 'conv6-3', 'prob1']),
    ],
)
def test_mtcnn(name, size, outputs, note):
    """The three networks of MTCNN in OpenCV, with their real weights; P-Net at two sizes."""
    files = original_files(name)
    batch = ((crops(size).astype(np.float32) - 127.5) / 128).transpose(0, 3, 2, 1)
    batch = np.ascontiguousarray(batch[:, ::-1])
    original = of_caffe(files['.prototxt'], files['.caffemodel'], batch, outputs)
    ours = run(caffe.convert(files['.prototxt'], files['.caffemodel']), batch)
    for one, other, output in zip(original, ours, outputs):
        note(one, other, output)
    assert ((original[-1] > 0.5) == (ours[-1] > 0.5)).all()
