# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MXNet networks: the graph from a symbol's JSON, the weights from a .params file.

The ONNX network takes what MXNet's takes: (N, channels, height, width) float32.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.originals.conversion import mxnet_params
from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.layers import Layers

if TYPE_CHECKING:
    import numpy as np
    import onnx


@dataclass(frozen=True)
class Node:
    """One node of the graph.

    :param operator: MXNet's name; ``null`` for what comes from outside.
    :param inputs: nodes before it, by number, each with which of its outputs is taken.
    """

    name: str
    operator: str
    parameters: Mapping[str, str]
    inputs: tuple[tuple[int, int], ...]

    def pair(self, name: str, default: int) -> tuple[int, int]:
        """Return a size, stride or padding: height, width."""
        numbers = re.findall(r'-?\d+', self.parameters.get(name, ''))
        if len(numbers) not in (0, 2):
            raise ConversionError(f'{name} of {self.name} is no pair: {self.parameters[name]}')
        return (int(numbers[0]), int(numbers[1])) if numbers else (default, default)

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        text = self.parameters.get(name, default)
        try:
            return int(text)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise ConversionError(f'{name} of {self.name} is no number: {text}') from error

    def true(self, name: str) -> bool:
        """Return whether an option is given and on."""
        return self.parameters.get(name, 'False') in ('True', 'true', '1')


def convert(
    symbol: bytes, params: bytes, output: str, shape: tuple[int, int, int]
) -> onnx.ModelProto:
    """Return a network as ONNX.

    :param output: node that it ends in; what comes behind is left out.
    :param shape: of the input without the batch: channels, height, width.
    :raises ConversionError: a file is damaged, or has an operator that is not known here.
    """
    nodes = _until(_read(symbol), output)
    arrays = mxnet_params.read(params)
    source, *others = (node.name for node in nodes if node.operator == 'null')
    missing = [name for name in others if name not in arrays]
    if missing:
        raise ConversionError(f'arrays are missing: {", ".join(missing)}')
    layers = Layers(source, shape)
    outputs: list[list[str]] = []
    for node in nodes:
        outputs.append(
            [node.name] if node.operator == 'null' else _add(layers, node, outputs, arrays)
        )
    (last,) = outputs[-1]
    return layers.model(
        'mxnet', {source: ['batch', *shape]}, {last: ['batch', *layers.shapes[last]]}
    )


def _read(symbol: bytes) -> list[Node]:
    """Return a symbol's nodes."""
    try:
        return [_node(entry) for entry in json.loads(symbol)['nodes']]
    except (KeyError, TypeError, ValueError) as error:
        raise ConversionError(f'no MXNet symbol: {error!r}') from error


def _node(entry: Mapping[str, Any]) -> Node:
    """Return a node; its parameters' key changed over the years."""
    keys = [key for key in ('attrs', 'attr', 'param') if key in entry]
    parameters = entry[keys[0]] if keys else {}
    return Node(
        entry['name'],
        entry['op'],
        parameters,
        tuple((int(number), int(place)) for number, place, *_ in entry['inputs']),
    )


def _until(nodes: list[Node], output: str) -> list[Node]:
    """Return the nodes up to one, which is the last; each comes behind its inputs."""
    for place, node in enumerate(nodes):
        if any(not 0 <= number < place for number, _ in node.inputs):
            raise ConversionError(f'node {node.name} takes what does not come before it')
        if node.name == output:
            return nodes[: place + 1]
    raise ConversionError(f'the symbol has no node {output}')


def _add(
    layers: Layers, node: Node, outputs: list[list[str]], arrays: Mapping[str, np.ndarray]
) -> list[str]:
    """Add an operator; return its outputs."""
    if node.operator not in OPERATORS:
        raise ConversionError(f'node {node.name} is of a kind that is not known: {node.operator}')
    try:
        inputs = [outputs[number][place] for number, place in node.inputs]
    except IndexError as error:
        raise ConversionError(f'node {node.name} takes an output that does not exist') from error
    found = OPERATORS[node.operator](layers, node, inputs, arrays)
    return found if isinstance(found, list) else [found]


def _convolution(layers, node: Node, inputs, arrays) -> str:
    """Add a Convolution; kernels (filters, channels, height, width)."""
    source, *names = inputs
    kernel, bias = ([arrays.get(name) for name in names] + [None])[:2]
    return layers.convolution(
        source,
        node.name,
        kernel,
        bias,
        node.number('num_filter'),
        node.pair('kernel', 1),
        strides=node.pair('stride', 1),
        pads=node.pair('pad', 0) * 2,
        dilations=node.pair('dilate', 1),
        group=node.number('num_group', 1),
        biased=not node.true('no_bias'),
    )


def _dense(layers, node: Node, inputs, arrays) -> str:
    """Add a FullyConnected."""
    source, *names = inputs
    weight, bias = ([arrays.get(name) for name in names] + [None])[:2]
    return layers.dense(
        source, node.name, weight, bias, node.number('num_hidden'), biased=not node.true('no_bias')
    )


def _pool(layers, node: Node, inputs, _arrays) -> str:
    """Add a max-pool."""
    if node.parameters.get('pool_type', 'max') != 'max' or node.true('global_pool'):
        raise ConversionError(f'node {node.name}: only max-pools are read')
    return layers.pool(
        'MaxPool',
        inputs[0],
        node.name,
        node.pair('kernel', 1),
        node.pair('stride', 1),
        pads=node.pair('pad', 0) * 2,
        ceiling=node.parameters.get('pooling_convention', 'valid') == 'full',
    )


def _split(layers, node: Node, inputs, _arrays) -> list[str]:
    """Add a SliceChannel."""
    if node.number('axis', 1) != 1 or node.true('squeeze_axis'):
        raise ConversionError(f'node {node.name}: only channels are split, and stay an axis')
    return layers.split(inputs[0], node.name, node.number('num_outputs'))


def _joined(layers, node: Node, inputs, _arrays) -> str:
    """Add a Concat."""
    if node.number('dim', 1) != 1:
        raise ConversionError(f'node {node.name}: only channels are joined')
    return layers.joined(inputs, node.name)


def _flatten(layers, node: Node, inputs, _arrays) -> str:
    """Add a Flatten."""
    return layers.flatten(inputs[0], node.name)


def _same(_layers, _node: Node, inputs, _arrays) -> str:
    """Return the input: the node acts in training only."""
    return inputs[0]


def _paired(operator: str) -> Callable[..., str]:
    """Return what adds an operator on two maps of one shape."""

    def add(layers, node: Node, inputs, _arrays) -> str:
        return layers.paired(operator, inputs, node.name)

    return add


OPERATORS: dict[str, Callable[..., Any]] = {
    'Concat': _joined,
    'Convolution': _convolution,
    'Dropout': _same,
    'Flatten': _flatten,
    'FullyConnected': _dense,
    'Pooling': _pool,
    'SliceChannel': _split,
    '_Maximum': _paired('Max'),
    '_Plus': _paired('Add'),
    '_maximum': _paired('Max'),
    '_plus': _paired('Add'),
    'elemwise_add': _paired('Add'),
}
