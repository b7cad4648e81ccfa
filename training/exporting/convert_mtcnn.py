# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convert the original MTCNN weights (det1..3.npy) to ONNX, once.

    python -m training.exporting.convert_mtcnn --from ../shared/models/mtcnn

The originals were trained on transposed RGB pictures scaled by (x - 127.5) / 128. P-Net still
takes a transposed picture (1, 3, W, H), as the pyramid makes it. R- and O-Net, whose kernels are
transposed instead, take a picture (1, 3, H, W) and (N, 4) squares (left, top, right, bottom in
pixels), which they sample themselves. The division and the order of colours are folded into the
first convolution, so that all take centred BGR pixels, x - 127.5 in float32. Outputs: face
probability, box offsets and, from O-Net, landmarks.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import TensorProto
from onnx import numpy_helper

from face_affect_ros.originals.conversion import graph

SCALE = 128.0
CLASSES = 2
SAMPLED = {'picture': [1, 3, 'height', 'width'], 'squares': ['batch', 4]}
BLOCK = 16
"""Channels are filled up to multiples of this with zeros: what ONNX Runtime works in."""

TARGET = Path(__file__).parents[1].parent / 'face_affect_ros' / 'registry' / 'weights'


class Graph(graph.Graph):
    """An ONNX graph under construction; each method adds a layer and returns its output."""

    def __init__(self, weights: dict, turned: bool = False):
        """Start from the original's layers.

        :param turned: pictures come transposed, as the originals want them.
        """
        super().__init__()
        self.weights = weights
        self.axes = (3, 2, 0, 1) if turned else (3, 2, 1, 0)

    def patches(self, size: int) -> str:
        """Sample squares of the picture to (N, 3, size, size): bilinear, one sample a pixel.

        Up to a pixel beyond the picture its edge is repeated; farther out samples are 0, the grey
        of centred pixels.
        """
        first = self.add('Shape', 'squares', name='count', start=0, end=1)
        pictures = self.add(
            'ConstantOfShape',
            first,
            name='pictures',
            value=numpy_helper.from_array(np.zeros(1, np.int64)),
        )
        return self.add(
            'RoiAlign',
            'picture',
            'squares',
            pictures,
            name='sampled',
            mode='avg',
            output_height=size,
            output_width=size,
            sampling_ratio=1,
            spatial_scale=1.0,
            coordinate_transformation_mode='half_pixel',
        )

    def convolution(
        self, source: str, layer: str, first: bool = False, pooled: str = '', behind: str = ''
    ) -> str:
        """Add a convolution, kernels (W, H, I, O) taken to (O, I, H, W) or (O, I, W, H).

        :param first: takes the picture: BGR, not divided.
        :param pooled: the PReLU behind it, where that is a ``pooled_prelu``.
        :param behind: the PReLU before it, where ``sign_of`` tells its signs.
        """
        kernel = self.weights[layer]['weights'].astype(np.float64).transpose(self.axes)
        bias = self.weights[layer]['biases'].astype(np.float64)
        if behind:
            kernel = kernel * self.sign_of(behind)[:, None, None]
        kernel = kernel[:, ::-1] / SCALE if first else _padded(kernel, 1)
        if pooled:
            slope = self.weights[pooled]['alpha'].astype(np.float64)
            falling = slope < 0
            kernel = np.concatenate([kernel, kernel[falling] * slope[falling, None, None, None]])
            bias = np.concatenate([bias, bias[falling] * slope[falling]])
        return self._convolve(source, layer, _padded(kernel, 0), _padded(bias, 0))

    def heads(self, source: str, layers: Sequence[str]) -> str:
        """Add 1x1 convolutions as one; the first gives two class scores, taken as a difference."""
        kernels, biases = zip(*(self._head(layer) for layer in layers))
        kernel = np.concatenate(kernels)[:, :, None, None]
        return self._convolve(source, 'heads', kernel, np.concatenate(biases))

    def _head(self, layer: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights (O, I) and biases (O) of a head."""
        weight = self.weights[layer]['weights'].astype(np.float64)
        weight = weight.reshape(-1, weight.shape[-1]).T
        bias = self.weights[layer]['biases'].astype(np.float64)
        if len(bias) == CLASSES:
            return weight[1:] - weight[:1], bias[1:] - bias[:1]
        return weight, bias

    def _convolve(self, source, name, kernel, bias) -> str:
        """Add a convolution of given weights."""
        return self.add(
            'Conv',
            source,
            self.constant(f'{name}.weight', kernel.astype(np.float32)),
            self.constant(f'{name}.bias', bias.astype(np.float32)),
            name=name,
            kernel_shape=list(kernel.shape[2:]),
        )

    def prelu(self, source: str, layer: str) -> str:
        """Add a PReLU with a slope a channel.

        ONNX Runtime's own PRelu is slower than the convolutions around it and leaves their
        blocked layout. The same function is made of operators that stay in it (there, a
        BatchNormalization is one multiplication): x + relu((slope - 1) x). That needs a slope of
        at most 1; a channel whose slope is above goes through as it is, for ``steep_prelu``.
        """
        slope = _padded(self.weights[layer]['alpha'].astype(np.float64), 0)
        fall = self.scale(source, f'{layer}_fall', np.minimum(slope - 1, 0))
        rise = self.add('Relu', fall, name=f'{layer}_rise')
        return self.add('Add', source, rise, name=layer)

    def steep_prelu(self, pooled: str, layer: str) -> str:
        """Add what ``prelu`` left out, behind a max-pool, where there are fewer pixels.

        A rising function and the pool may change places. A slope above 1 takes x negated,
        -x + relu((1 - slope) x), which ``sign_of`` hands on to the next convolution.
        """
        slope = _padded(self.weights[layer]['alpha'].astype(np.float64), 0)
        fall = self.scale(pooled, f'{layer}_steep_fall', np.minimum(1 - slope, 0))
        rise = self.add('Relu', fall, name=f'{layer}_steep_rise')
        kept = self.scale(pooled, f'{layer}_steep_keep', np.where(slope > 1, -1, 1))
        return self.add('Add', kept, rise, name=f'{layer}_steep')

    def pooled_prelu(self, source: str, layer: str, pool: str, size: int) -> str:
        """Add a PReLU before a max-pool, worked out behind it, on a quarter of the pixels.

        The convolution ``source`` (``convolution(..., pooled=layer)``) also gives slope x of the
        channels whose slope is negative, in channels that would be filling. With both pooled,
        to p and q, PReLU then pool is max(p, q) there and PReLU(p) where the slope is not
        negative; both are p + relu(difference). A slope above 1 takes it negated, which
        ``sign_of`` hands on to the next convolution.
        """
        slope = self.weights[layer]['alpha'].astype(np.float64)
        sign, falling = self.sign_of(layer), np.flatnonzero(slope < 0)
        fall = np.diag(_padded(np.where(slope < 0, -1, sign * (slope - 1)), 0))
        fall[falling, len(slope) + np.arange(len(falling))] = 1
        pooled = self.pool(source, pool, size)
        rise = self.add(
            'Relu',
            self._convolve(pooled, f'{layer}_fall', fall[:, :, None, None], np.zeros(len(fall))),
            name=f'{layer}_rise',
        )
        kept = self.scale(pooled, f'{layer}_keep', _padded(sign, 0))
        return self.add('Add', kept, rise, name=layer)

    def sign_of(self, layer: str) -> np.ndarray:
        """Return with which sign ``pooled_prelu`` and ``steep_prelu`` give each channel."""
        return np.where(self.weights[layer]['alpha'] > 1, -1.0, 1.0)

    def scale(self, source: str, name: str, factor: np.ndarray) -> str:
        """Multiply each channel by a factor."""
        none = np.zeros(len(factor), np.float32)
        return self.add(
            'BatchNormalization',
            source,
            self.constant(f'{name}.factor', factor.astype(np.float32)),
            self.constant(f'{name}.shift', none),
            self.constant(f'{name}.mean', none),
            self.constant(f'{name}.variance', none + 1),
            name=name,
            epsilon=0.0,
        )

    def dense_prelu(self, source: str, layer: str) -> str:
        """Add a PReLU behind a dense layer."""
        slope = self.weights[layer]['alpha'].astype(np.float32)
        return self.add('PRelu', source, self.constant(f'{layer}.slope', slope), name=layer)

    def pool(self, source: str, name: str, size: int) -> str:
        """Add a max-pool of stride 2 that keeps the last, incomplete window, as Caffe does."""
        return self.add(
            'MaxPool', source, name=name, kernel_shape=[size, size], strides=[2, 2], ceil_mode=1
        )

    def dense(self, source: str, layer: str, spatial: tuple[int, int, int]) -> str:
        """Add a dense layer that flattens (C, H, W)."""
        channels, height, width = spatial
        weight = self.weights[layer]['weights']
        weight = weight.reshape(width, height, channels, -1).transpose(2, 1, 0, 3)
        flat = self.add('Flatten', source, name=f'{layer}_input')
        return self._multiply(
            flat,
            layer,
            weight.reshape(channels * height * width, -1),
            self.weights[layer]['biases'],
        )

    def dense_heads(self, source: str, layers: Sequence[str]) -> str:
        """Add dense heads as one; the first gives two class scores, taken as a difference."""
        weights, biases = zip(*(self._head(layer) for layer in layers))
        return self._multiply(source, 'heads', np.concatenate(weights).T, np.concatenate(biases))

    def _multiply(self, source, name, weight, bias) -> str:
        """Add a matrix multiplication with a bias.

        The weights are stored in half precision, which ONNX Runtime widens once, at load: they are
        most of R- and O-Net, and rounding them moves probabilities by less than 0.001.
        """
        stored = self.constant(f'{name}.weight', weight.astype(np.float16))
        return self.add(
            'Gemm',
            source,
            self.add('Cast', stored, name=f'{name}.wide', to=TensorProto.FLOAT),
            self.constant(f'{name}.bias', bias.astype(np.float32)),
            name=name,
        )

    def outputs(self, source: str, names: dict[str, int]):
        """Split heads on axis 1 into the probability of a face and the other outputs.

        The softmax of two scores is the logistic function of their difference.
        """
        sizes = self.constant('sizes', np.array([1, *names.values()], np.int64))
        self.add_many('Split', source, sizes, names=['logit', *names], name='split', axis=1)
        chance = self.add('Sigmoid', 'logit', name='chance')
        self.add(
            'Squeeze', chance, self.constant('axis', np.array([1], np.int64)), name='probability'
        )

    def save(self, path: Path, inputs: dict[str, list], outputs: dict[str, list]):
        """Write the file, checked."""
        graph.write(self.model(path.stem, inputs, outputs), path)
        print(f'{path.name}: {path.stat().st_size / 1e6:.2f} MB')


def _padded(array: np.ndarray, axis: int) -> np.ndarray:
    """Fill an axis of channels up to a multiple of BLOCK with zeros."""
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, -array.shape[axis] % BLOCK)
    return np.pad(array, widths)


def proposal_network(weights: dict, path: Path):
    """Build P-Net: fully convolutional, a cell of 12 pixels every 2."""
    net = Graph(weights, turned=True)
    x = net.convolution('picture', 'conv1', first=True, pooled='PReLU1')
    x = net.pooled_prelu(x, 'PReLU1', 'pool1', 2)
    x = net.prelu(net.convolution(x, 'conv2', behind='PReLU1'), 'PReLU2')
    x = net.prelu(net.convolution(x, 'conv3'), 'PReLU3')
    net.outputs(net.heads(x, ['conv4-1', 'conv4-2']), {'offsets': 4})
    net.save(
        path,
        {'picture': ['batch', 3, 'width', 'height']},
        {'probability': ['batch', 'columns', 'rows'], 'offsets': ['batch', 4, 'columns', 'rows']},
    )


def refinement_network(weights: dict, path: Path):
    """Build R-Net on 24x24 patches sampled from a picture."""
    net = Graph(weights)
    x = net.prelu(net.convolution(net.patches(24), 'conv1', first=True), 'prelu1')
    x = net.steep_prelu(net.pool(x, 'pool1', 3), 'prelu1')
    x = net.prelu(net.convolution(x, 'conv2', behind='prelu1'), 'prelu2')
    x = net.pool(x, 'pool2', 3)
    x = net.prelu(net.convolution(x, 'conv3'), 'prelu3')
    x = net.dense_prelu(net.dense(x, 'conv4', (64, 3, 3)), 'prelu4')
    net.outputs(net.dense_heads(x, ['conv5-1', 'conv5-2']), {'offsets': 4})
    net.save(path, SAMPLED, {'probability': ['batch'], 'offsets': ['batch', 4]})


def output_network(weights: dict, path: Path):
    """Build O-Net on 48x48 patches sampled from a picture."""
    net = Graph(weights)
    x = net.prelu(net.convolution(net.patches(48), 'conv1', first=True), 'prelu1')
    x = net.pool(x, 'pool1', 3)
    x = net.pool(net.prelu(net.convolution(x, 'conv2'), 'prelu2'), 'pool2', 3)
    x = net.pool(net.prelu(net.convolution(x, 'conv3'), 'prelu3'), 'pool3', 2)
    x = net.prelu(net.convolution(x, 'conv4'), 'prelu4')
    x = net.dense_prelu(net.dense(x, 'conv5', (128, 3, 3)), 'prelu5')
    net.outputs(
        net.dense_heads(x, ['conv6-1', 'conv6-2', 'conv6-3']), {'offsets': 4, 'landmarks': 10}
    )
    net.save(
        path,
        SAMPLED,
        {'probability': ['batch'], 'offsets': ['batch', 4], 'landmarks': ['batch', 10]},
    )


NETWORKS = {
    'det1.npy': ('mtcnn_pnet.onnx', proposal_network),
    'det2.npy': ('mtcnn_rnet.onnx', refinement_network),
    'det3.npy': ('mtcnn_onet.onnx', output_network),
}


def main():
    """Convert the three networks."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument(
        '--from',
        dest='source',
        type=Path,
        required=True,
        help='folder of det1.npy, det2.npy and det3.npy',
    )
    parser.add_argument('--to', type=Path, default=TARGET, help='folder to write to')
    arguments = parser.parse_args()
    for source, (name, build) in NETWORKS.items():
        weights = np.load(arguments.source / source, allow_pickle=True, encoding='latin1').item()
        build(weights, arguments.to / name)


if __name__ == '__main__':
    main()
