# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX operators (operator set 17) in PyTorch: those of the networks that describe faces.

https://onnx.ai/onnx/operators says what each of them does.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from onnx import TensorProto
from torch.nn import functional

Attributes = Mapping[str, Any]
Operator = Callable[..., Any]
"""Takes a node's attributes and inputs (None: not given), returns its output, or a tuple."""

TYPES = {
    TensorProto.FLOAT: torch.float32,
    TensorProto.FLOAT16: torch.float16,
    TensorProto.DOUBLE: torch.float64,
    TensorProto.INT32: torch.int32,
    TensorProto.INT64: torch.int64,
    TensorProto.UINT8: torch.uint8,
    TensorProto.BOOL: torch.bool,
}


def _cast(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    return x.to(TYPES[attributes['to']])


def _dequantize(
    attributes: Attributes, x: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor | None = None
) -> torch.Tensor:
    axis = attributes.get('axis', 1) % max(x.ndim, 1)
    shape = [-1 if place == axis else 1 for place in range(x.ndim)] if scale.ndim else []
    steps = x.float() if zero is None else x.float() - zero.float().reshape(shape)
    return steps * scale.reshape(shape)


def _padded(attributes: Attributes, x: torch.Tensor, value: float) -> tuple[torch.Tensor, Any]:
    """Return a picture padded by what convolution and pools cannot pad, and what they can."""
    if attributes.get('auto_pad', b'NOTSET') != b'NOTSET':
        raise ValueError(f'auto_pad {attributes["auto_pad"].decode()} is not supported')
    top, left, bottom, right = attributes.get('pads', (0, 0, 0, 0))
    if (top, left) == (bottom, right):
        return x, (top, left)
    return functional.pad(x, (left, right, top, bottom), value=value), 0


def _convolution(
    attributes: Attributes,
    x: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    x, padding = _padded(attributes, x, 0.0)
    return functional.conv2d(
        x,
        weight,
        bias,
        attributes.get('strides', 1),
        padding,
        attributes.get('dilations', 1),
        attributes.get('group', 1),
    )


def _max_pool(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    x, padding = _padded(attributes, x, -torch.inf)
    return functional.max_pool2d(
        x,
        attributes['kernel_shape'],
        attributes.get('strides', 1),
        padding,
        attributes.get('dilations', 1),
        bool(attributes.get('ceil_mode', 0)),
    )


def _average_pool(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    includes = bool(attributes.get('count_include_pad', 0))
    pads = attributes.get('pads', (0, 0, 0, 0))
    if tuple(pads[:2]) != tuple(pads[2:]) and not includes:
        raise ValueError('an AveragePool of uneven pads is not supported')
    x, padding = _padded(attributes, x, 0.0)
    return functional.avg_pool2d(
        x,
        attributes['kernel_shape'],
        attributes.get('strides', 1),
        padding,
        bool(attributes.get('ceil_mode', 0)),
        includes,
    )


def _gemm(
    attributes: Attributes, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor | None = None
) -> torch.Tensor:
    a = a.T if attributes.get('transA') else a
    b = b.T if attributes.get('transB') else b
    product = attributes.get('alpha', 1.0) * (a @ b)
    return product if c is None else product + attributes.get('beta', 1.0) * c


def _normalized(
    attributes: Attributes,
    x: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
) -> torch.Tensor:
    epsilon = attributes.get('epsilon', 1e-5)
    return functional.batch_norm(x, mean, variance, scale, bias, eps=epsilon)


def _slice(
    _attributes: Attributes,
    x: torch.Tensor,
    starts: torch.Tensor,
    ends: torch.Tensor,
    axes: torch.Tensor | None = None,
    steps: torch.Tensor | None = None,
) -> torch.Tensor:
    places = range(len(starts)) if axes is None else axes.tolist()
    strides = [1] * len(starts) if steps is None else steps.tolist()
    for axis, start, end, step in zip(places, starts.tolist(), ends.tolist(), strides):
        length = x.shape[axis]
        if step < 0 and end < -length:
            end = None  # to the first one; to Python -1 would be the last
        chosen = list(range(length))[start:end:step]
        x = x.index_select(axis, torch.tensor(chosen, dtype=torch.int64))
    return x


def _split(attributes: Attributes, x: torch.Tensor, sizes: torch.Tensor | None = None) -> Any:
    axis = attributes.get('axis', 0)
    if sizes is None:
        return tuple(x.chunk(attributes['outputs'], axis))
    return tuple(x.split(sizes.tolist(), axis))


def _gather(attributes: Attributes, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    axis = attributes.get('axis', 0) % x.ndim
    chosen = x.index_select(axis, places.reshape(-1).long() % x.shape[axis])
    return chosen.reshape(*x.shape[:axis], *places.shape, *x.shape[axis + 1 :])


def _reshape(_attributes: Attributes, x: torch.Tensor, shape: torch.Tensor) -> torch.Tensor:
    sizes = [x.shape[place] if size == 0 else size for place, size in enumerate(shape.tolist())]
    return x.reshape(sizes)


def _shape(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    return torch.tensor(x.shape[attributes.get('start', 0) : attributes.get('end')])


def _squeezed(_attributes: Attributes, x: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    return x.squeeze(tuple(axes.tolist()))


def _unsqueezed(_attributes: Attributes, x: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    for axis in sorted(axes.tolist()):
        x = x.unsqueeze(axis)
    return x


def _mean(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    return x.mean(tuple(attributes['axes']), keepdim=bool(attributes.get('keepdims', 1)))


def _flat(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    axis = attributes.get('axis', 1)
    return x.reshape(*([-1] if axis else [1]), x[(0,) * axis].numel())


def _local_response(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    alpha, beta = attributes.get('alpha', 1e-4), attributes.get('beta', 0.75)
    return functional.local_response_norm(
        x, attributes['size'], alpha, beta, attributes.get('bias', 1.0)
    )


def _divided(_attributes: Attributes, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if a.is_floating_point():
        return a / b
    return torch.div(a, b, rounding_mode='trunc')


def _remainder(attributes: Attributes, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.fmod(a, b) if attributes.get('fmod') else torch.remainder(a, b)


def _slope(_attributes: Attributes, x: torch.Tensor, slope: torch.Tensor) -> torch.Tensor:
    return torch.where(x < 0, x * slope, x)


def _clip(
    _attributes: Attributes,
    x: torch.Tensor,
    low: torch.Tensor | None = None,
    high: torch.Tensor | None = None,
) -> torch.Tensor:
    return x if low is None and high is None else x.clip(low, high)


def _concatenated(attributes: Attributes, *parts: torch.Tensor) -> torch.Tensor:
    return torch.cat(parts, attributes['axis'])


def _largest(_attributes: Attributes, *parts: torch.Tensor) -> torch.Tensor:
    return reduce(torch.maximum, parts)


def _plain(function: Callable[..., Any]) -> Operator:
    """Return an operator without attributes."""
    return lambda _attributes, *inputs: function(*inputs)


def _along(function: Callable[[torch.Tensor, int], torch.Tensor], axis: int) -> Operator:
    """Return an operator along an axis, which is this one where none is named."""
    return lambda attributes, x: function(x, attributes.get('axis', axis))


def _transposed(attributes: Attributes, x: torch.Tensor) -> torch.Tensor:
    order: Sequence[int] = attributes.get('perm', range(x.ndim)[::-1])
    return x.permute(*order)


OPERATORS: Mapping[str, Operator] = {
    'Add': _plain(torch.add),
    'AveragePool': _average_pool,
    'BatchNormalization': _normalized,
    'Cast': _cast,
    'Clip': _clip,
    'Concat': _concatenated,
    'Constant': lambda attributes: attributes['value'],
    'Conv': _convolution,
    'DequantizeLinear': _dequantize,
    'Div': _divided,
    'Dropout': lambda _attributes, x, *_more: x,
    'Exp': _plain(torch.exp),
    'Flatten': _flat,
    'Gather': _gather,
    'Gemm': _gemm,
    'GlobalAveragePool': _plain(lambda x: x.mean((2, 3), keepdim=True)),
    'Identity': _plain(lambda x: x),
    'LRN': _local_response,
    'LeakyRelu': lambda attributes, x: functional.leaky_relu(x, attributes.get('alpha', 0.01)),
    'MatMul': _plain(torch.matmul),
    'Max': _largest,
    'MaxPool': _max_pool,
    'Mod': _remainder,
    'Mul': _plain(torch.mul),
    'PRelu': _slope,
    'Pow': _plain(torch.pow),
    'ReduceMean': _mean,
    'Relu': _plain(torch.relu),
    'Reshape': _reshape,
    'Shape': _shape,
    'Sigmoid': _plain(torch.sigmoid),
    'Slice': _slice,
    'Softmax': _along(torch.softmax, -1),
    'Split': _split,
    'Sqrt': _plain(torch.sqrt),
    'Squeeze': _squeezed,
    'Sub': _plain(torch.sub),
    'Tanh': _plain(torch.tanh),
    'Transpose': _transposed,
    'Unsqueeze': _unsqueezed,
}
"""Operators by their ONNX names."""
