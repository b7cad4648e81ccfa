# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Keras models in HDF5 files: the graph from their ``model_config``, the weights beside it.

The ONNX network takes what the Keras model takes: (N, height, width, channels) float32.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.layers import NONE
from face_affect_ros.originals.conversion.layers import Layers
from face_affect_ros.originals.conversion.layers import Pads

if TYPE_CHECKING:
    import numpy as np
    import onnx


@dataclass(frozen=True)
class Layer:
    """One layer as the file has it.

    :param kind: Keras's class name.
    :param sources: names of the layers before it.
    :param weights: arrays by their last name, such as ``kernel``.
    """

    kind: str
    name: str
    config: Mapping[str, Any]
    sources: tuple[str, ...]
    weights: Mapping[str, np.ndarray]


def convert(data: bytes) -> onnx.ModelProto:
    """Return an HDF5 file's model as ONNX.

    :raises ConversionError: the file is damaged, or has a layer that is not known here.
    """
    first, *others = _read(data)
    if first.kind != 'InputLayer':
        raise ConversionError(f'the first layer is {first.kind}, not an input')
    height, width, channels = _input_shape(first)
    source = f'{first.name}.picture'
    layers = Layers(source, (channels, height, width))
    layers.add('Transpose', first.name, name=source, perm=[0, 3, 1, 2])
    outputs = {first.name: source}
    for layer in others:
        if layer.kind not in KINDS:
            raise ConversionError(
                f'layer {layer.name} is of a kind that is not known: {layer.kind}'
            )
        inputs = [_known(outputs, name, layer) for name in layer.sources]
        outputs[layer.name] = KINDS[layer.kind](layers, inputs, layer)
    last = outputs[others[-1].name]
    return layers.model(
        'keras',
        {first.name: ['batch', height, width, channels]},
        {last: ['batch', *layers.shapes[last]]},
    )


def _read(data: bytes) -> list[Layer]:
    """Return the layers in their order, the input first."""
    import h5py

    try:
        with h5py.File(io.BytesIO(data), 'r') as file:
            config = json.loads(file.attrs['model_config'])
            weights = file['model_weights'] if 'model_weights' in file else file
            return [_layer(entry, before, weights) for entry, before in _entries(config)]
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        if isinstance(error, ConversionError):
            raise
        raise ConversionError(f'no whole HDF5 file of a Keras model: {error}') from error


def _entries(config: Mapping[str, Any]) -> list[tuple[dict[str, Any], tuple[str, ...]]]:
    """Return the layers' configurations, each with the names of the layers before it."""
    if config['class_name'] != 'Sequential':
        return [(entry, _sources(entry)) for entry in config['config']['layers']]
    entries = config['config']
    if isinstance(entries, dict):  # since Keras 2.2.3
        entries = entries['layers']
    if entries[0]['class_name'] != 'InputLayer':
        entries = [_input_of(entries[0]['config']), *entries]
    names = [entry['config']['name'] for entry in entries]
    return [(entry, (before,) if before else ()) for entry, before in zip(entries, ['', *names])]


def _input_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return an input layer for a sequential model whose first layer has the picture's shape."""
    return {
        'class_name': 'InputLayer',
        'config': {'name': 'input', 'batch_input_shape': config['batch_input_shape']},
    }


def _sources(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the layers before one; it is used once."""
    nodes = entry['inbound_nodes']
    if len(nodes) > 1:
        raise ConversionError(f'layer {entry["name"]} is used {len(nodes)} times')
    return tuple(name for node in nodes for name, *_ in node)


def _layer(entry: Mapping[str, Any], sources: tuple[str, ...], groups: Any) -> Layer:
    """Return a layer with its weights."""
    config = entry['config']
    name = config['name']
    if config.get('data_format', 'channels_last') != 'channels_last':
        raise ConversionError(f'layer {name} has its channels first')
    return Layer(entry['class_name'], name, config, sources, _weights(groups, name))


def _weights(groups: Any, name: str) -> dict[str, np.ndarray]:
    """Return a layer's arrays by their last name."""
    import numpy as np

    if name not in groups:
        return {}
    group = groups[name]
    paths = [
        path if isinstance(path, str) else bytes(path).decode()
        for path in group.attrs.get('weight_names', ())
    ]
    return {
        path.rpartition('/')[2].partition(':')[0]: np.asarray(group[path])
        for path in paths
        if path in group
    }


def _input_shape(layer: Layer) -> tuple[int, int, int]:
    """Return height, width, channels."""
    shape = layer.config.get('batch_input_shape') or ()
    if len(shape) != 4 or not all(isinstance(length, int) for length in shape[1:]):
        raise ConversionError(f'input {layer.name} has no fixed picture size: {shape}')
    return tuple(shape[1:])


def _known(outputs: Mapping[str, str], name: str, layer: Layer) -> str:
    """Return the output of a layer that came before."""
    if name not in outputs:
        raise ConversionError(f'layer {layer.name} takes {name}, which does not come before it')
    return outputs[name]


def _input(layers: Layers, inputs: list[str], layer: Layer) -> str:
    raise ConversionError(f'a second input: {layer.name}')


def _same_as_before(_layers: Layers, inputs: list[str], _layer: Layer) -> str:
    """Return the input: the layer acts in training only."""
    return inputs[0]


def _convolution(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add a Conv2D; kernels (height, width, channels, filters)."""
    size, strides = tuple(layer.config['kernel_size']), tuple(layer.config['strides'])
    output = layers.convolution(
        inputs[0],
        layer.name,
        _turned(layer.weights.get('kernel'), (3, 2, 0, 1)),
        layer.weights.get('bias'),
        layer.config['filters'],
        size,
        strides=strides,
        pads=_pads(layers, inputs[0], layer, size, strides),
        dilations=_undilated(layer),
        biased=layer.config['use_bias'],
    )
    return _activated(layers, output, layer)


def _separable(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add a SeparableConv2D: each channel's own kernels, then a 1x1 convolution."""
    size, strides = tuple(layer.config['kernel_size']), tuple(layer.config['strides'])
    channels, multiplier = layers.shapes[inputs[0]][0], layer.config['depth_multiplier']
    kernel = _turned(layer.weights.get('depthwise_kernel'), (2, 3, 0, 1))
    if kernel is not None:
        kernel = kernel.reshape(-1, 1, *kernel.shape[2:])
    depthwise = layers.convolution(
        inputs[0],
        f'{layer.name}.depthwise',
        kernel,
        None,
        channels * multiplier,
        size,
        strides=strides,
        pads=_pads(layers, inputs[0], layer, size, strides),
        dilations=_undilated(layer),
        group=channels,
        biased=False,
    )
    output = layers.convolution(
        depthwise,
        layer.name,
        _turned(layer.weights.get('pointwise_kernel'), (3, 2, 0, 1)),
        layer.weights.get('bias'),
        layer.config['filters'],
        (1, 1),
        biased=layer.config['use_bias'],
    )
    return _activated(layers, output, layer)


def _normalisation(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add a BatchNormalization over channels."""
    if layer.config['axis'] not in (-1, 3):
        raise ConversionError(f'layer {layer.name} normalises axis {layer.config["axis"]}')
    parts = layer.weights
    return layers.normalised(
        inputs[0],
        layer.name,
        _demanded(layer, 'gamma', 'scale'),
        _demanded(layer, 'beta', 'center'),
        parts.get('moving_mean'),
        parts.get('moving_variance'),
        layer.config['epsilon'],
    )


def _demanded(layer: Layer, part: str, option: str) -> np.ndarray | None:
    """Return an array that an option of the layer asks for."""
    if not layer.config[option]:
        return None
    if part not in layer.weights:
        raise ConversionError(f'array {layer.name} {part} is missing')
    return layer.weights[part]


def _activation(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add an activation as a layer of its own."""
    return _activate(layers, inputs[0], layer.name, layer)


def _activated(layers: Layers, output: str, layer: Layer) -> str:
    """Add the activation that a layer ends in."""
    if layer.config.get('activation', 'linear') == 'linear':
        return output
    return _activate(layers, output, f'{layer.name}.activated', layer)


def _activate(layers: Layers, source: str, name: str, layer: Layer) -> str:
    """Add an activation; softmax goes over channels."""
    activation = layer.config['activation']
    if activation not in ACTIVATIONS:
        raise ConversionError(f'layer {layer.name} has an unknown activation: {activation}')
    operator, attributes = ACTIVATIONS[activation]
    return layers.alike(operator, source, name=name, **attributes)


def _pooling(operator: str) -> Callable[[Layers, list[str], Layer], str]:
    """Return what adds a pooling layer."""

    def add(layers: Layers, inputs: list[str], layer: Layer) -> str:
        size, strides = tuple(layer.config['pool_size']), tuple(layer.config['strides'])
        return layers.pool(
            operator,
            inputs[0],
            layer.name,
            size,
            strides,
            pads=_pads(layers, inputs[0], layer, size, strides),
        )

    return add


def _global_average(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add a GlobalAveragePooling2D."""
    return layers.global_average(inputs[0], layer.name)


def _sum(layers: Layers, inputs: list[str], layer: Layer) -> str:
    """Add an Add."""
    return layers.paired('Add', inputs, layer.name)


def _pads(layers: Layers, source: str, layer: Layer, size: Any, strides: Any) -> Pads:
    """Return a layer's padding."""
    padding = layer.config['padding']
    if padding not in ('same', 'valid'):
        raise ConversionError(f'layer {layer.name} has an unknown padding: {padding}')
    return layers.same(source, size, strides) if padding == 'same' else NONE


def _undilated(layer: Layer) -> tuple[int, int]:
    """Return the dilation, which must be none."""
    if tuple(layer.config.get('dilation_rate', (1, 1))) != (1, 1):
        raise ConversionError(f'layer {layer.name} is dilated')
    return (1, 1)


def _turned(array: np.ndarray | None, axes: tuple[int, ...]) -> np.ndarray | None:
    """Return an array with its axes in another order; as it is where it has too few or many."""
    if array is None or array.ndim != len(axes):
        return array
    return array.transpose(axes)


ACTIVATIONS: dict[str, tuple[str, dict[str, int]]] = {
    'linear': ('Identity', {}),
    'relu': ('Relu', {}),
    'sigmoid': ('Sigmoid', {}),
    'softmax': ('Softmax', {'axis': 1}),
}

KINDS: dict[str, Callable[[Layers, list[str], Layer], str]] = {
    'Activation': _activation,
    'Add': _sum,
    'AveragePooling2D': _pooling('AveragePool'),
    'BatchNormalization': _normalisation,
    'Conv2D': _convolution,
    'Dropout': _same_as_before,
    'GlobalAveragePooling2D': _global_average,
    'InputLayer': _input,
    'MaxPooling2D': _pooling('MaxPool'),
    'SeparableConv2D': _separable,
}
