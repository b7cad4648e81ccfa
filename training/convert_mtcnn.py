# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convert the original MTCNN weights (det1..3.npy) to ONNX, once.

    python -m training.convert_mtcnn --from ../shared/models/mtcnn

The originals were trained on transposed RGB pictures scaled by (x - 127.5) / 128. Here kernels
are transposed instead, the scaling and the order of colours are folded into the first
convolution, so that the networks take BGR pictures of 0..255: (N, H, W, 3) float32.
Outputs: face probability (N, ...), box offsets (N, 4, ...) and, from O-Net, landmarks (N, 10).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto
from onnx import helper
from onnx import numpy_helper

MEAN, SCALE = 127.5, 128.0
TARGET = Path(__file__).parent.parent / 'face_affect_ros' / 'registry' / 'weights'


class Graph:
    """An ONNX graph under construction; each method adds a layer and returns its output."""

    def __init__(self, weights: dict):
        """Start from the original's layers."""
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, name: str, outputs: int = 1, **attributes) -> str:
        """Add a node."""
        names = [name] if outputs == 1 else [f'{name}_{index}' for index in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, name, **attributes))
        return names[0]

    def constant(self, name: str, array: np.ndarray) -> str:
        """Add an initializer."""
        self.constants.append(numpy_helper.from_array(np.asarray(array, order='C'), name))
        return name

    def picture(self) -> str:
        """Take (N, H, W, 3) to (N, 3, H, W)."""
        return self.add('Transpose', 'image', name='channels_first', perm=[0, 3, 1, 2])

    def convolution(self, source: str, layer: str, first: bool = False) -> str:
        """Add a convolution, kernels transposed from (W, H, I, O) to (O, I, H, W)."""
        kernel = self.weights[layer]['weights'].astype(np.float64).transpose(3, 2, 1, 0)
        bias = self.weights[layer]['biases'].astype(np.float64)
        if first:
            bias = bias - kernel.sum(axis=(1, 2, 3)) * MEAN / SCALE
            kernel = kernel[:, ::-1] / SCALE
        return self.add(
            'Conv', source, self.constant(f'{layer}.weight', kernel.astype(np.float32)),
            self.constant(f'{layer}.bias', bias.astype(np.float32)), name=layer,
            kernel_shape=list(kernel.shape[2:]))

    def prelu(self, source: str, layer: str, spatial: bool = True) -> str:
        """Add a PReLU with a slope a channel."""
        slope = self.weights[layer]['alpha'].astype(np.float32)
        slope = slope.reshape(-1, 1, 1) if spatial else slope
        return self.add('PRelu', source, self.constant(f'{layer}.slope', slope), name=layer)

    def pool(self, source: str, name: str, size: int) -> str:
        """Add a max-pool of stride 2 that keeps the last, incomplete window, as Caffe does."""
        return self.add('MaxPool', source, name=name, kernel_shape=[size, size],
                        strides=[2, 2], ceil_mode=1)

    def dense(self, source: str, layer: str, spatial: tuple[int, int, int] | None = None) -> str:
        """Add a dense layer; ``spatial`` (C, H, W) is the shape that it flattens."""
        weight = self.weights[layer]['weights']
        if spatial is not None:
            channels, height, width = spatial
            weight = weight.reshape(width, height, channels, -1).transpose(2, 1, 0, 3)
            weight = weight.reshape(channels * height * width, -1)
            source = self.add('Flatten', source, name=f'{layer}_input')
        return self.add(
            'Gemm', source, self.constant(f'{layer}.weight', weight.astype(np.float32)),
            self.constant(f'{layer}.bias', self.weights[layer]['biases'].astype(np.float32)),
            name=layer)

    def probability(self, source: str) -> str:
        """Reduce two class scores (no face, face) on axis 1 to the probability of a face."""
        softmax = self.add('Softmax', source, name='softmax', axis=1)
        index = self.constant('face', np.array(1, np.int64))
        return self.add('Gather', softmax, index, name='probability', axis=1)

    def save(self, path: Path, shape: list, outputs: dict[str, list]):
        """Write the file, checked."""
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info('image', TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape_)
             for name, shape_ in outputs.items()], self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8,
            producer_name='face_affect_ros')
        onnx.checker.check_model(model, full_check=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path)
        print(f'{path.name}: {path.stat().st_size / 1e6:.2f} MB')


def proposal_network(weights: dict, path: Path):
    """Build P-Net: fully convolutional, a cell of 12 pixels every 2."""
    graph = Graph(weights)
    x = graph.prelu(graph.convolution(graph.picture(), 'conv1', first=True), 'PReLU1')
    x = graph.pool(x, 'pool1', 2)
    x = graph.prelu(graph.convolution(x, 'conv2'), 'PReLU2')
    x = graph.prelu(graph.convolution(x, 'conv3'), 'PReLU3')
    graph.probability(graph.convolution(x, 'conv4-1'))
    graph.add('Identity', graph.convolution(x, 'conv4-2'), name='offsets')
    graph.save(path, ['batch', 'height', 'width', 3], {
        'probability': ['batch', 'rows', 'columns'],
        'offsets': ['batch', 4, 'rows', 'columns']})


def refinement_network(weights: dict, path: Path):
    """Build R-Net on 24x24 patches."""
    graph = Graph(weights)
    x = graph.prelu(graph.convolution(graph.picture(), 'conv1', first=True), 'prelu1')
    x = graph.pool(x, 'pool1', 3)
    x = graph.pool(graph.prelu(graph.convolution(x, 'conv2'), 'prelu2'), 'pool2', 3)
    x = graph.prelu(graph.convolution(x, 'conv3'), 'prelu3')
    x = graph.prelu(graph.dense(x, 'conv4', (64, 3, 3)), 'prelu4', spatial=False)
    graph.probability(graph.dense(x, 'conv5-1'))
    graph.add('Identity', graph.dense(x, 'conv5-2'), name='offsets')
    graph.save(path, ['batch', 24, 24, 3], {'probability': ['batch'], 'offsets': ['batch', 4]})


def output_network(weights: dict, path: Path):
    """Build O-Net on 48x48 patches."""
    graph = Graph(weights)
    x = graph.prelu(graph.convolution(graph.picture(), 'conv1', first=True), 'prelu1')
    x = graph.pool(x, 'pool1', 3)
    x = graph.pool(graph.prelu(graph.convolution(x, 'conv2'), 'prelu2'), 'pool2', 3)
    x = graph.pool(graph.prelu(graph.convolution(x, 'conv3'), 'prelu3'), 'pool3', 2)
    x = graph.prelu(graph.convolution(x, 'conv4'), 'prelu4')
    x = graph.prelu(graph.dense(x, 'conv5', (128, 3, 3)), 'prelu5', spatial=False)
    graph.probability(graph.dense(x, 'conv6-1'))
    graph.add('Identity', graph.dense(x, 'conv6-2'), name='offsets')
    graph.add('Identity', graph.dense(x, 'conv6-3'), name='landmarks')
    graph.save(path, ['batch', 48, 48, 3], {
        'probability': ['batch'], 'offsets': ['batch', 4], 'landmarks': ['batch', 10]})


NETWORKS = {
    'det1.npy': ('mtcnn_pnet.onnx', proposal_network),
    'det2.npy': ('mtcnn_rnet.onnx', refinement_network),
    'det3.npy': ('mtcnn_onet.onnx', output_network),
}


def main():
    """Convert the three networks."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--from', dest='source', type=Path, required=True,
                        help='folder of det1.npy, det2.npy and det3.npy')
    parser.add_argument('--to', type=Path, default=TARGET, help='folder to write to')
    arguments = parser.parse_args()
    for source, (name, build) in NETWORKS.items():
        weights = np.load(arguments.source / source, allow_pickle=True, encoding='latin1').item()
        build(weights, arguments.to / name)


if __name__ == '__main__':
    main()
