# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Caffe networks: the graph from a prototxt, the weights from a caffemodel, old and new form.

The ONNX network takes what Caffe's takes, (N, channels, height, width) float32, and gives the
blobs that no layer takes. Height and width may vary where no layer has a fixed number of inputs.
Source: https://github.com/BVLC/caffe, src/caffe/proto/caffe.proto.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.originals.conversion import prototext
from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.layers import Layers
from face_affect_ros.originals.conversion.protobuf import Field
from face_affect_ros.originals.conversion.protobuf import Schema
from face_affect_ros.originals.conversion.protobuf import text

if TYPE_CHECKING:
    import numpy as np
    import onnx
    from google.protobuf.message import Message

CAFFE = Schema(
    'caffe',
    {
        'BlobShape': {'dim': Field(1, 'int64', repeated=True)},
        'BlobProto': {
            'num': Field(1, 'int64'),
            'channels': Field(2, 'int64'),
            'height': Field(3, 'int64'),
            'width': Field(4, 'int64'),
            'data': Field(5, 'float', repeated=True),
            'shape': Field(7, 'BlobShape'),
            'double_data': Field(8, 'double', repeated=True),
        },
        'V1LayerParameter': {
            'layer': Field(1, 'bytes'),
            'name': Field(4, 'bytes'),
            'blobs': Field(6, 'BlobProto', repeated=True),
        },
        'LayerParameter': {
            'name': Field(1, 'bytes'),
            'blobs': Field(7, 'BlobProto', repeated=True),
        },
        'NetParameter': {
            'layers': Field(2, 'V1LayerParameter', repeated=True),
            'layer': Field(100, 'LayerParameter', repeated=True),
        },
    },
)
"""What is read of a caffemodel. Source: https://github.com/BVLC/caffe, caffe.proto."""

Blobs = list['np.ndarray']


@dataclass(frozen=True)
class Layer:
    """One layer: what the prototxt says, and its arrays."""

    name: str
    kind: str
    message: prototext.Message
    blobs: Blobs

    def blob(self, place: int) -> np.ndarray | None:
        """Return an array; None where there are fewer."""
        return self.blobs[place] if place < len(self.blobs) else None

    def parameters(self, name: str) -> prototext.Message:
        """Return the parameters of a kind; empty where there are none."""
        return prototext.one(self.message, name, {})


def convert(prototxt: bytes, caffemodel: bytes) -> onnx.ModelProto:
    """Return a network as ONNX.

    :raises ConversionError: a file is damaged, or has a layer that is not known here.
    """
    network = prototext.read(prototxt)
    weights = read_weights(caffemodel)
    source, shape = _input(network)
    layers = Layers(source, shape)
    blobs = {source: source}
    free: dict[str, str] = {}
    kinds = set()
    for message in [*network.get('layer', ()), *network.get('layers', ())]:
        layer = _layer(message, weights)
        kinds.add(layer.kind)
        inputs = [_known(blobs, name, layer) for name in message.get('bottom', ())]
        for name in message.get('bottom', ()):
            free.pop(name, None)
        top = prototext.one(message, 'top')
        blobs[top] = free[top] = KINDS[layer.kind](layers, inputs[0], layer)
    varying = ['height', 'width'] if 'InnerProduct' not in kinds else shape[1:]
    outputs = [_named(layers, name, top) for top, name in free.items()]
    return layers.model(
        prototext.one(network, 'name', 'caffe'),
        {source: ['batch', shape[0], *varying]},
        {name: _output_shape(layers.shapes[free[name]], varying == shape[1:]) for name in outputs},
    )


def read_weights(caffemodel: bytes) -> dict[str, Blobs]:
    """Return the arrays by layer.

    :raises ConversionError: the file is damaged.
    """
    network = CAFFE.read('NetParameter', caffemodel)
    if any(layer.layer for layer in network.layers):
        raise ConversionError('a caffemodel of the oldest form (V0), which is not read')
    weights = {}
    for layer in (*network.layers, *network.layer):
        name = text('the name of a layer', layer.name)
        if name:
            weights[name] = [_array(blob, name) for blob in layer.blobs]
    if not any(weights.values()):
        raise ConversionError('no caffemodel: no layer has weights')
    return weights


def _array(blob: Message, name: str) -> np.ndarray:
    """Return a blob as an array."""
    import numpy as np

    values = np.array(blob.data, np.float32) if blob.data else np.array(blob.double_data)
    if blob.HasField('shape'):
        shape = list(blob.shape.dim)
    else:
        shape = [
            getattr(blob, side) if blob.HasField(side) else 1
            for side in ('num', 'channels', 'height', 'width')
        ]
    if prod(shape) != values.size:
        raise ConversionError(
            f'array of {name} has {values.size} numbers, its shape {tuple(shape)} wants '
            f'{prod(shape)}'
        )
    return values.reshape(shape)


def _input(network: prototext.Message) -> tuple[str, tuple[int, ...]]:
    """Return the input's name and shape without the batch."""
    name = prototext.one(network, 'input')
    dimensions = network.get('input_dim') or prototext.one(network, 'input_shape', {}).get('dim')
    try:
        _, *shape = (int(text) for text in dimensions or ())
    except ValueError as error:
        raise ConversionError(f'input {name} has no shape') from error
    if len(shape) != 3:
        raise ConversionError(f'input {name} is no picture: {dimensions}')
    return name, tuple(shape)


def _layer(message: prototext.Message, weights: Mapping[str, Blobs]) -> Layer:
    """Return a layer; the old form writes kinds in capitals."""
    name, kind = prototext.one(message, 'name'), prototext.one(message, 'type')
    kind = OLD_KINDS.get(kind, kind)
    if kind not in KINDS:
        raise ConversionError(f'layer {name} is of a kind that is not known: {kind}')
    return Layer(name, kind, message, weights.get(name, []))


def _known(blobs: Mapping[str, str], name: str, layer: Layer) -> str:
    """Return the output that a blob's name stands for now."""
    if name not in blobs:
        raise ConversionError(f'layer {layer.name} takes {name}, which does not come before it')
    return blobs[name]


def _named(layers: Layers, output: str, top: str) -> str:
    """Give an output its blob's name, which the layer before one in place may have; return it."""
    if output == top:
        return top
    layers.rename(top, f'{top}.before')
    return layers.add('Identity', output, name=top)


def _output_shape(shape: tuple[int, ...], fixed: bool) -> list[int | str]:
    """Return an output's shape with the batch."""
    return ['batch', *shape] if fixed else ['batch', shape[0], 'rows', 'columns']


def _square(parameters: prototext.Message, name: str, default: int) -> tuple[int, int]:
    """Return a size, stride or padding, which is the same in both directions."""
    for side in ('h', 'w'):
        if f'{name.removesuffix("_size")}_{side}' in parameters:
            raise ConversionError(f'{name} is given for height and width apart: not read')
    length = prototext.number(parameters, name, default)
    return length, length


def _convolution(layers: Layers, source: str, layer: Layer) -> str:
    """Add a Convolution."""
    parameters = layer.parameters('convolution_param')
    pad, _ = _square(parameters, 'pad', 0)
    return layers.convolution(
        source,
        layer.name,
        layer.blob(0),
        layer.blob(1),
        prototext.number(parameters, 'num_output'),
        _square(parameters, 'kernel_size', 0),
        strides=_square(parameters, 'stride', 1),
        pads=(pad,) * 4,
        dilations=_square(parameters, 'dilation', 1),
        group=prototext.number(parameters, 'group', 1),
        biased=prototext.one(parameters, 'bias_term', 'true') == 'true',
    )


def _dense(layers: Layers, source: str, layer: Layer) -> str:
    """Add an InnerProduct."""
    parameters = layer.parameters('inner_product_param')
    return layers.dense(
        source,
        layer.name,
        layer.blob(0),
        layer.blob(1),
        prototext.number(parameters, 'num_output'),
        biased=prototext.one(parameters, 'bias_term', 'true') == 'true',
    )


def _pool(layers: Layers, source: str, layer: Layer) -> str:
    """Add a max-pool; Caffe keeps the last, incomplete window."""
    parameters = layer.parameters('pooling_param')
    method = prototext.one(parameters, 'pool', 'MAX')
    size, strides = _square(parameters, 'kernel_size', 0), _square(parameters, 'stride', 1)
    if method != 'MAX' or _square(parameters, 'pad', 0) != (0, 0) or strides > size:
        raise ConversionError(f'layer {layer.name}: only max-pools without padding are read')
    return layers.pool('MaxPool', source, layer.name, size, strides, ceiling=True)


def _lrn(layers: Layers, source: str, layer: Layer) -> str:
    """Add a local response normalisation across channels."""
    parameters = layer.parameters('lrn_param')
    if prototext.one(parameters, 'norm_region', 'ACROSS_CHANNELS') != 'ACROSS_CHANNELS':
        raise ConversionError(f'layer {layer.name} normalises within channels: not read')
    return layers.alike(
        'LRN',
        source,
        name=layer.name,
        size=prototext.number(parameters, 'local_size', 5),
        alpha=prototext.decimal(parameters, 'alpha', 1.0),
        beta=prototext.decimal(parameters, 'beta', 0.75),
        bias=prototext.decimal(parameters, 'k', 1.0),
    )


def _prelu(layers: Layers, source: str, layer: Layer) -> str:
    """Add a PReLU with a slope a channel."""
    return layers.prelu(source, layer.name, layer.blob(0))


def _relu(layers: Layers, source: str, layer: Layer) -> str:
    """Add a ReLU."""
    slope = prototext.decimal(layer.parameters('relu_param'), 'negative_slope', 0.0)
    return (
        layers.alike('LeakyRelu', source, name=layer.name, alpha=slope)
        if slope
        else (layers.alike('Relu', source, name=layer.name))
    )


def _softmax(layers: Layers, source: str, layer: Layer) -> str:
    """Add a Softmax over channels."""
    axis = prototext.number(layer.parameters('softmax_param'), 'axis', 1)
    return layers.alike('Softmax', source, name=layer.name, axis=axis)


def _dropout(_layers: Layers, source: str, _layer: Layer) -> str:
    """Return the input: the layer acts in training only."""
    return source


KINDS: dict[str, Callable[[Layers, str, Layer], Any]] = {
    'Convolution': _convolution,
    'Dropout': _dropout,
    'InnerProduct': _dense,
    'LRN': _lrn,
    'PReLU': _prelu,
    'Pooling': _pool,
    'ReLU': _relu,
    'Softmax': _softmax,
}

OLD_KINDS = {
    'CONVOLUTION': 'Convolution',
    'DROPOUT': 'Dropout',
    'INNER_PRODUCT': 'InnerProduct',
    'POOLING': 'Pooling',
    'RELU': 'ReLU',
    'SOFTMAX': 'Softmax',
}
