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
from typing import Any

from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.protobuf import Field
from face_affect_ros.originals.conversion.protobuf import Schema
from face_affect_ros.originals.conversion.protobuf import text

if TYPE_CHECKING:
    import numpy as np
    from google.protobuf.message import Message

TENSORFLOW = Schema(
    'tensorflow',
    {
        'Dim': {'size': Field(1, 'int64')},
        'TensorShapeProto': {'dim': Field(2, 'Dim', repeated=True)},
        'TensorProto': {
            'dtype': Field(1, 'int64'),
            'tensor_shape': Field(2, 'TensorShapeProto'),
            'tensor_content': Field(4, 'bytes'),
            'float_val': Field(5, 'float', repeated=True),
            'int_val': Field(7, 'int64', repeated=True),
        },
        'AttrValue': {'s': Field(2, 'bytes'), 'tensor': Field(8, 'TensorProto')},
        'AttrEntry': {'key': Field(1, 'bytes'), 'value': Field(2, 'AttrValue')},
        'NodeDef': {
            'name': Field(1, 'bytes'),
            'op': Field(2, 'bytes'),
            'input': Field(3, 'bytes', repeated=True),
            'attr': Field(5, 'AttrEntry', repeated=True),
        },
        'GraphDef': {'node': Field(1, 'NodeDef', repeated=True)},
    },
)

TYPES = {1: '<f4', 3: '<i4', 12: 'u1'}
"""NumPy types of TensorFlow's: float, int32, quint8."""

LEVELS = 255


def read(graph: bytes) -> dict[str, np.ndarray]:
    """Return the constants by name; quantised ones as the numbers that they stand for.

    :raises ConversionError: the file is damaged, or quantised in another way.
    """
    nodes = {
        text('the name of a node', node.name): node
        for node in TENSORFLOW.read('GraphDef', graph).node
    }
    arrays = {name: _array(node, name) for name, node in nodes.items() if node.op == b'Const'}
    if not arrays:
        raise ConversionError('no frozen TensorFlow graph: it has no constants')
    arrays.update(
        {
            name: _widened(node, name, arrays)
            for name, node in nodes.items()
            if node.op == b'Dequantize'
        }
    )
    return arrays


def _array(node: Message, name: str) -> np.ndarray:
    """Return a constant."""
    import numpy as np

    value = _attribute(node, 'value', 'tensor', name)
    if value.dtype not in TYPES:
        raise ConversionError(f'constant {name} has a type that is not known: {value.dtype}')
    kind = np.dtype(TYPES[value.dtype])
    shape = [axis.size for axis in value.tensor_shape.dim]
    if value.tensor_content:
        raw = value.tensor_content
        if len(raw) != prod(shape) * kind.itemsize:
            raise ConversionError(
                f'constant {name} has {len(raw)} bytes, its shape '
                f'{tuple(shape)} wants {prod(shape) * kind.itemsize}'
            )
        return np.frombuffer(raw, kind).reshape(shape)
    numbers = np.array(value.float_val or value.int_val or [0])
    if numbers.size not in (1, prod(shape)):
        raise ConversionError(
            f'constant {name} has {numbers.size} numbers, its shape '
            f'{tuple(shape)} wants {prod(shape)}'
        )
    return np.broadcast_to(numbers.astype(kind), (prod(shape),)).reshape(shape)


def _widened(node: Message, name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what a Dequantize gives: eight bits spread evenly from about a least to a most.

    The least is rounded to a multiple of the step, so that 0 is one of the levels.
    """
    import numpy as np

    if _attribute(node, 'mode', 's', name) != b'MIN_FIRST':
        raise ConversionError(f'{name} is quantised in a way that is not known')
    inputs = [text('the name of an input', part) for part in node.input]
    missing = [part for part in inputs if part not in arrays]
    if missing or len(inputs) != 3:
        raise ConversionError(f'array {name} is missing: {", ".join(missing)}')
    levels, least, most = (arrays[part] for part in inputs)
    step = (np.float32(most) - np.float32(least)) / np.float32(LEVELS)
    lowest = np.rint(np.float32(least) / step) * step if step else np.float32(least)
    return levels.astype(np.float32) * step + lowest


def _attribute(node: Message, key: str, kind: str, name: str) -> Any:
    """Return an attribute's value."""
    for entry in node.attr:
        if entry.key == key.encode() and entry.value.HasField(kind):
            return getattr(entry.value, kind)
    raise ConversionError(f'node {name} has no {key}')
