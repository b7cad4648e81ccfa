# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Weights of a frozen TensorFlow graph (.pb), also those quantised to eight bits.

Source: https://github.com/tensorflow/tensorflow, tensorflow/core/framework: graph.proto,
node_def.proto, attr_value.proto, tensor.proto.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING

from face_affect_ros.originals.conversion import protobuf
from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.protobuf import Field

if TYPE_CHECKING:
    import numpy as np

_SHAPE = {2: Field('dim', {1: Field('size', 'int')})}
_TENSOR = {
    1: Field('dtype', 'int'), 2: Field('shape', _SHAPE), 4: Field('content', 'bytes'),
    5: Field('float_val', '<f4'), 7: Field('int_val', 'int')}
_VALUE = {8: Field('tensor', _TENSOR), 2: Field('text', 'bytes')}
_ATTRIBUTE = {1: Field('key', 'text'), 2: Field('value', _VALUE)}
_NODE = {1: Field('name', 'text'), 2: Field('op', 'text'), 3: Field('input', 'text'),
         5: Field('attr', _ATTRIBUTE)}
_GRAPH = {1: Field('node', _NODE)}

TYPES = {1: '<f4', 3: '<i4', 12: 'u1'}
"""NumPy types of TensorFlow's: float, int32, quint8."""

LEVELS = 255


def read(graph: bytes) -> dict[str, np.ndarray]:
    """Return the constants by name; quantised ones as the numbers that they stand for.

    :raises ConversionError: the file is damaged, or quantised in another way.
    """
    nodes = {node['name'][0]: node for node in protobuf.read(graph, _GRAPH)['node']
             if node['name'] and node['op']}
    arrays = {name: _array(node, name) for name, node in nodes.items()
              if node['op'][0] == 'Const'}
    if not arrays:
        raise ConversionError('no frozen TensorFlow graph: it has no constants')
    arrays.update({name: _widened(node, name, arrays) for name, node in nodes.items()
                   if node['op'][0] == 'Dequantize'})
    return arrays


def _array(node: protobuf.Message, name: str) -> np.ndarray:
    """Return a constant."""
    import numpy as np
    value = _attribute(node, 'value', 'tensor', name)
    dtype = (value['dtype'] or [0])[0]
    if dtype not in TYPES:
        raise ConversionError(f'constant {name} has a type that is not known: {dtype}')
    shape = [(axis['size'] or [0])[0] for part in value['shape'] for axis in part['dim']]
    if value['content'] and value['content'][0]:
        raw = value['content'][0]
        kind = np.dtype(TYPES[dtype])
        if len(raw) != prod(shape) * kind.itemsize:
            raise ConversionError(f'constant {name} has {len(raw)} bytes, its shape '
                                  f'{tuple(shape)} wants {prod(shape) * kind.itemsize}')
        return np.frombuffer(raw, kind).reshape(shape)
    numbers = np.concatenate(value['float_val']) if value['float_val'] else np.array(
        value['int_val'] or [0])
    if numbers.size not in (1, prod(shape)):
        raise ConversionError(f'constant {name} has {numbers.size} numbers, its shape '
                              f'{tuple(shape)} wants {prod(shape)}')
    return np.broadcast_to(numbers.astype(TYPES[dtype]), (prod(shape),)).reshape(shape)


def _widened(node: protobuf.Message, name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what a Dequantize gives: eight bits spread evenly from about a least to a most.

    The least is rounded to a multiple of the step, so that 0 is one of the levels.
    """
    import numpy as np
    if _attribute(node, 'mode', 'text', name) != b'MIN_FIRST':
        raise ConversionError(f'{name} is quantised in a way that is not known')
    missing = [part for part in node['input'] if part not in arrays]
    if missing or len(node['input']) != 3:
        raise ConversionError(f'array {name} is missing: {", ".join(missing)}')
    levels, least, most = (arrays[part] for part in node['input'])
    step = (np.float32(most) - np.float32(least)) / np.float32(LEVELS)
    lowest = np.rint(np.float32(least) / step) * step if step else np.float32(least)
    return levels.astype(np.float32) * step + lowest


def _attribute(node: protobuf.Message, key: str, kind: str, name: str):
    """Return an attribute's value."""
    for entry in node['attr']:
        if entry['key'] == [key] and entry['value'] and entry['value'][0][kind]:
            return entry['value'][0][kind][0]
    raise ConversionError(f'node {name} has no {key}')
