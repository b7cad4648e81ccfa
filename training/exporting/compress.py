# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Smaller files for the same network: dense layers of low rank, weights in 16 or 8 bits.

Storage only: ONNX Runtime widens the weights once, at load, and computes in float32.
"""

from __future__ import annotations

import numpy as np
import onnx
import torch
from onnx import TensorProto
from onnx import helper
from onnx import numpy_helper
from torch import nn

MIN_ELEMENTS = 1024
"""Smaller arrays stay as they are."""


def factorize(network: nn.Module, rank: int):
    """Replace a network's dense layers on maps (``RESIZED``) by two of the given rank.

    The best approximation of the weights in the least-squares sense, by singular values.
    """
    for weight in network.RESIZED:
        name = weight.removesuffix('.weight')
        setattr(network, name, factorized(getattr(network, name), rank))


def factorized(layer: nn.Linear, rank: int) -> nn.Sequential:
    """Return two dense layers that do nearly what one does."""
    left, values, right = torch.linalg.svd(layer.weight.detach(), full_matrices=False)
    root = values[:rank].sqrt()
    first = nn.Linear(layer.in_features, rank, bias=False)
    second = nn.Linear(rank, layer.out_features)
    first.weight = nn.Parameter(root[:, None] * right[:rank])
    second.weight = nn.Parameter(left[:, :rank] * root)
    second.bias = nn.Parameter(layer.bias.detach().clone())
    return nn.Sequential(first, second)


def store(model: onnx.ModelProto, precision: str):
    """Store a model's larger weights as ``float16`` or ``int8`` with what widens them, in place.

    :raises ValueError: there is no such precision.
    """
    if precision not in STORED:
        raise ValueError(f'no precision {precision!r}; there are {sorted(STORED)}')
    kept, widening = [], []
    for initializer in model.graph.initializer:
        weight = numpy_helper.to_array(initializer)
        if weight.dtype != np.float32 or weight.ndim < 2 or weight.size < MIN_ELEMENTS:
            kept.append(initializer)
            continue
        arrays, node = STORED[precision](initializer.name, weight)
        kept += arrays
        widening.append(node)
    nodes = [*widening, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(kept)
    model.graph.node.extend(nodes)


def _float16(name: str, weight: np.ndarray):
    """Return a weight in half precision and the node that widens it."""
    stored = numpy_helper.from_array(weight.astype(np.float16), f'{name}.half')
    return [stored], helper.make_node('Cast', [stored.name], [name], to=TensorProto.FLOAT)


def _int8(name: str, weight: np.ndarray):
    """Return a weight in 8 bits, a scale an output, and the node that widens it."""
    highest = np.abs(weight.reshape(len(weight), -1)).max(1)
    scale = np.maximum(highest / 127, 1e-12).astype(np.float32)
    steps = np.round(weight / scale.reshape(-1, *[1] * (weight.ndim - 1)))
    arrays = [
        numpy_helper.from_array(steps.astype(np.int8), f'{name}.steps'),
        numpy_helper.from_array(scale, f'{name}.scale'),
        numpy_helper.from_array(np.zeros(len(weight), np.int8), f'{name}.zero'),
    ]
    return arrays, helper.make_node(
        'DequantizeLinear', [array.name for array in arrays], [name], axis=0
    )


STORED = {'float16': _float16, 'int8': _int8}
