# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Grad-CAM and guided back-propagation against what a small network's weights give by hand."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import samples

from face_affect_ros import crops
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.evaluation.explanation import Decision
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.registry import catalogue
from face_affect_ros.tasks import TASKS

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
EXTRA = 'gradients need the extra "train": pip install "face_affect_ros[train]"'
torch = pytest.importorskip('torch', reason=EXTRA)
onnx = pytest.importorskip('onnx', reason=EXTRA)

helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto
gradients = import_module('training.explaining.gradients')
gradients.methods(threads=1)
onnx_graph = import_module('training.explaining.onnx_graph')

SIDE = 8
NETWORKS = [name for name, entry in catalogue.networks().items() if entry.task in TASKS]
RANDOM = np.random.default_rng(3)
FIRST = RANDOM.normal(size=(3, 1, 1, 1)).astype(np.float32)
SECOND = RANDOM.normal(size=(4, 3, 1, 1)).astype(np.float32)
DENSE = RANDOM.normal(size=(4, 2)).astype(np.float32)
HAPPY = Decision('emotion', 'happy', 0, np.array([0, 1], np.float32))


def network(middle: list[onnx.NodeProto]) -> bytes:
    """Return a network: 1x1 convolutions, what is in the middle, the mean, a dense layer."""
    nodes = [
        helper.make_node('Cast', ['image'], ['pixels'], to=TensorProto.FLOAT),
        helper.make_node('Unsqueeze', ['pixels', 'one'], ['grey']),
        helper.make_node('Conv', ['grey', 'first'], ['a']),
        *middle,
        helper.make_node('ReduceMean', ['maps'], ['mean'], axes=[2, 3], keepdims=0),
        helper.make_node('Gemm', ['mean', 'dense'], ['logits']),
        helper.make_node('Softmax', ['logits'], ['probabilities'], axis=1),
    ]
    weights = {'first': FIRST, 'second': SECOND, 'third': -SECOND, 'dense': DENSE}
    graph = helper.make_graph(
        nodes,
        'small',
        [helper.make_tensor_value_info('image', TensorProto.UINT8, ['batch', SIDE, SIDE])],
        [helper.make_tensor_value_info('probabilities', TensorProto.FLOAT, ['batch', 2])],
        [
            *(numpy_helper.from_array(value, name) for name, value in weights.items()),
            numpy_helper.from_array(np.array([1]), 'one'),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    return made.SerializeToString()


RECTIFIED = network(
    [
        helper.make_node('Relu', ['a'], ['b']),
        helper.make_node('Conv', ['b', 'second'], ['c']),
        helper.make_node('Relu', ['c'], ['maps']),
    ]
)
"""Convolution, rectifier, convolution, rectifier."""

MAX_FEATURE_MAP = network(
    [
        helper.make_node('Conv', ['a', 'second'], ['difference']),
        helper.make_node('Conv', ['a', 'third'], ['smaller']),
        helper.make_node('Relu', ['difference'], ['more']),
        helper.make_node('Add', ['more', 'smaller'], ['maps']),
    ]
)
"""The larger of two convolutions, as the lightened CNN is exported."""


@pytest.fixture
def crop():
    """Return a crop of many grey levels."""
    return np.random.default_rng(5).integers(0, 256, (SIDE, SIDE), np.uint8)


def layers(crop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (3, S, S) and (4, S, S) maps of ``RECTIFIED``."""
    first = np.maximum(FIRST[:, :, 0, 0] @ crop.reshape(1, -1).astype(np.float32), 0)
    second = np.maximum(SECOND[:, :, 0, 0] @ first, 0)
    return first.reshape(-1, SIDE, SIDE), second.reshape(-1, SIDE, SIDE)


def test_grad_cam(crop):
    """Before a mean and a dense layer it is the class activation map: maps times the weights."""
    (found,) = gradients.GradCam(None, RECTIFIED).influences(crop, [HAPPY])
    _first, maps = layers(crop)
    expected = np.maximum(np.tensordot(DENSE[:, 1], maps, 1), 0)
    assert expected.max() > 0
    np.testing.assert_allclose(found, expected / expected.max(), atol=1e-5)


def test_guided_gradient(crop):
    """Positive gradients alone pass each rectifier, and only where it is open."""
    found = gradients.GuidedBackpropagation(None, RECTIFIED).gradient(crop, HAPPY)
    first, second = layers(crop)
    passed = np.maximum(DENSE[:, 1] / SIDE**2, 0)[:, None, None] * (second > 0)
    passed = np.maximum(np.tensordot(SECOND[:, :, 0, 0].T, passed, 1), 0) * (first > 0)
    expected = np.tensordot(FIRST[:, 0, 0, 0], passed, 1)
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(found[..., 0], expected, rtol=1e-4, atol=1e-9)


def test_a_max_feature_map_is_no_rectifier(crop):
    """Its guided gradient is the gradient: that of the larger half, whatever its sign."""
    found = gradients.GuidedBackpropagation(None, MAX_FEATURE_MAP).gradient(crop, HAPPY)
    slopes = SECOND[:, :, 0, 0] @ FIRST[:, 0, 0, 0]  # of "difference"; of "smaller" the negative
    expected = DENSE[:, 1] @ (np.maximum(slopes, 0) - slopes) / SIDE**2
    np.testing.assert_allclose(found[crop > 0], expected, rtol=1e-4)


def face_crop(name: str) -> np.ndarray:
    """Return the astronaut's face as a network sees it."""
    picture = samples.astronaut()
    faces = samples.model().align(picture, np.array([samples.ASTRONAUT_BOX]))
    (view,), (square,) = context_crops(picture, faces), face_squares(faces)
    return crops.cut(view, square, catalogue.network(name).crop)


def answers(name: str, batch: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return what ONNX Runtime gives."""
    return OnnxEngine(catalogue.checked_path(name)).run(batch)


@pytest.mark.parametrize('name', NETWORKS)
def test_parity_with_onnx_runtime(name):
    """Of each embedded network, on a face and on noise."""
    face = face_crop(name)
    noise = np.random.default_rng(0).integers(0, 256, face.shape, np.uint8)
    batch = np.stack([face, noise])
    graph = onnx_graph.OnnxGraph(catalogue.read_weights(name))
    with torch.no_grad():
        values = graph.run(torch.from_numpy(batch.astype(np.float32)))
    for output, expected in zip(graph.outputs, answers(name, batch)):
        np.testing.assert_allclose(values[output].numpy(), expected, atol=1e-4)


@pytest.mark.parametrize('method', gradients.METHODS.values())
@pytest.mark.parametrize('name', NETWORKS)
def test_maps_of_embedded_networks(name, method):
    """A value a pixel, the largest of them 1, and not all the same."""
    crop = face_crop(name)
    scores = answers(name, crop[None])[0][0]
    weights = np.eye(len(scores), dtype=np.float32)[scores.argmax()]
    best = Decision(catalogue.network(name).outputs[0], 'best', 0, weights)
    (found,) = method(None, catalogue.read_weights(name)).influences(crop, [best])
    assert found.shape == crop.shape[:2] and found.dtype == np.float32
    assert found.min() >= 0 and found.max() == 1 and found.std() > 0.01


def test_an_unknown_operator_is_named():
    """Before anything is computed."""
    strange = network([helper.make_node('Erf', ['a'], ['maps'])])
    with pytest.raises(onnx_graph.GraphError, match='Erf'):
        onnx_graph.OnnxGraph(strange)
