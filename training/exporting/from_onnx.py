# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A shipped file as the start of a training: what export folded and packed, taken apart again.

Export folds batch norms into convolutions, rewrites max feature maps, keeps a low rank of dense
layers and stores weights in few bits; it keeps the order of the layers. So the file's layers are
those of the recipe's network as it ships, one by one. A norm that was folded away starts with the
statistics of the pictures at hand, and with the scale and offset by which it changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from ..architectures.build import build
from ..architectures.build import keep_outputs
from ..recipe import Recipe
from ..tasks import LEARNED
from .compress import factorize

LAYERS = (nn.Conv2d, nn.Linear)
WIDENING = ('Cast', 'DequantizeLinear')

Weights = tuple[torch.Tensor, 'torch.Tensor | None']
"""Of a layer, with its bias."""


class StartError(Exception):
    """A file is not of the recipe's architecture."""


@dataclass(frozen=True)
class Start:
    """Where a training starts.

    :param network: the recipe's.
    :param slopes: (K,) float32, of the exported tasks' calibration.
    :param offsets: (K,) float32.
    """

    network: nn.Module
    slopes: np.ndarray
    offsets: np.ndarray


def start_of(data: bytes, recipe: Recipe, crops: torch.Tensor) -> Start:
    """Return a recipe's network as it is in a shipped file.

    :param data: the file.
    :param recipe: tasks that were not shipped start afresh.
    :param crops: (N, C, S, S) uint8, by which norms learn their statistics.
    :raises StartError: the file is not of the recipe's architecture.
    """
    model = onnx.load_from_string(data)
    arrays = _arrays(model)
    network = build(recipe).eval()
    blank = torch.zeros(1, recipe.channels, recipe.size, recipe.size)
    pieces = _unpacked(_pieces(model, arrays, _shipped(network, recipe), blank))
    norms = _norms(network, blank)
    for name, layer in network.named_modules():
        if isinstance(layer, LAYERS):
            if name not in pieces:
                raise StartError(f'it has no layer {name}')
            if name == 'head':
                _fill_head(layer, *pieces[name], recipe)
            else:
                _fill(layer, *pieces[name], norms.get(name))
    _learn_statistics(network, crops)
    count = sum(LEARNED[task].columns for task in recipe.exported)
    return Start(
        network,
        arrays.get('slopes', np.ones(count, np.float32)),
        arrays.get('offsets', np.zeros(count, np.float32)),
    )


def _arrays(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """Return all weights by name, as float32 where they are stored in less."""
    arrays = {entry.name: numpy_helper.to_array(entry) for entry in model.graph.initializer}
    for node in model.graph.node:
        stored = [arrays.get(name) for name in node.input]
        if node.op_type == 'Identity' and stored[0] is not None:  # equal weights are stored once
            arrays[node.output[0]] = stored[0]
        if node.op_type not in WIDENING or any(array is None for array in stored):
            continue
        value = stored[0].astype(np.float32)
        if node.op_type == 'DequantizeLinear':
            value *= stored[1].reshape(-1, *[1] * (value.ndim - 1))
        arrays[node.output[0]] = value
    return arrays


def _shipped(network: nn.Module, recipe: Recipe) -> nn.Module:
    """Return a copy of the layers that the file has."""
    shipped = copy.deepcopy(network)
    if recipe.rank:
        factorize(shipped, recipe.rank)
    if hasattr(shipped, 'deploy'):
        shipped.deploy()
    keep_outputs(shipped, [recipe.slices[task] for task in recipe.exported])
    return shipped.eval()


def _pieces(
    model: onnx.ModelProto, arrays: dict[str, np.ndarray], shipped: nn.Module, blank: torch.Tensor
) -> dict[str, Weights]:
    """Return the file's weights and biases by the names of the shipped network's layers."""
    stored = [_weights(node, arrays) for node in model.graph.node if _is_layer(node, arrays)]
    names = [name for name, layer in _called(shipped, blank) if isinstance(layer, LAYERS)]
    layers = dict(shipped.named_modules())
    if len(stored) != len(names):
        raise StartError(f'it has {len(stored)} layers, not {len(names)}')
    for name, (weight, _bias) in zip(names, stored):
        if weight.shape != layers[name].weight.shape:
            raise StartError(
                f'its layer {name} is {tuple(weight.shape)}, not '
                f'{tuple(layers[name].weight.shape)}'
            )
    return dict(zip(names, stored))


def _is_layer(node: onnx.NodeProto, arrays: dict[str, np.ndarray]) -> bool:
    """Return whether a node is a convolution or a dense layer."""
    return node.op_type in ('Conv', 'Gemm', 'MatMul') and node.input[1] in arrays


def _weights(node: onnx.NodeProto, arrays: dict[str, np.ndarray]) -> Weights:
    """Return a node's weight and bias as PyTorch has them."""
    weight = torch.from_numpy(np.array(arrays[node.input[1]]))
    bias = torch.from_numpy(np.array(arrays[node.input[2]])) if len(node.input) > 2 else None
    return weight.T if node.op_type == 'MatMul' else weight, bias


def _called(network: nn.Module, blank: torch.Tensor) -> list[tuple[str, nn.Module]]:
    """Return the layers and norms of a network in the order in which it calls them."""
    order: list[tuple[str, nn.Module]] = []

    def note(name: str) -> Callable[[nn.Module, tuple], None]:
        return lambda layer, _inputs: order.append((name, layer))

    with _hooked(network, note, (*LAYERS, nn.BatchNorm2d)), torch.no_grad():
        network(blank)
    return order


@contextmanager
def _hooked(
    network: nn.Module, hook: Callable[[str], Callable], kinds: tuple[type[nn.Module], ...]
) -> Iterator[None]:
    """Call a hook of its own before each module of some kinds."""
    handles = [
        layer.register_forward_pre_hook(hook(name))
        for name, layer in network.named_modules()
        if isinstance(layer, kinds)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _unpacked(pieces: dict[str, Weights]) -> dict[str, Weights]:
    """Return the weights by the names that the layers have in training."""
    found = dict(pieces)
    for name, (weight, bias) in pieces.items():
        base, _dot, last = name.rpartition('.')
        if last == 'difference':  # of the halves of a max feature map
            second, second_bias = pieces[f'{base}.second']
            found[f'{base}.0'] = (
                torch.cat([weight + second, second]),
                torch.cat([bias + second_bias, second_bias]),
            )
        if last == '0' and bias is None and f'{base}.1' in pieces:  # of a low rank
            after, after_bias = pieces[f'{base}.1']
            if after.ndim == weight.ndim == 2:
                found[base] = after @ weight, after_bias
    return found


def _norms(network: nn.Module, blank: torch.Tensor) -> dict[str, nn.BatchNorm2d]:
    """Return the norms by the names of the layers that they follow."""
    order = _called(network, blank)
    return {
        name: norm
        for (name, layer), (_, norm) in pairwise(order)
        if isinstance(layer, LAYERS) and isinstance(norm, nn.BatchNorm2d)
    }


@torch.no_grad()
def _fill(
    layer: nn.Module, weight: torch.Tensor, bias: torch.Tensor | None, norm: nn.BatchNorm2d | None
):
    """Put a layer's weights in their place, its bias into its norm where it has one."""
    layer.weight.copy_(weight.reshape(layer.weight.shape))
    if norm is not None:
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
        norm.weight.fill_(1)
        norm.bias.copy_(bias)
    if layer.bias is not None:
        layer.bias.copy_(bias if norm is None and bias is not None else torch.zeros(()))


@torch.no_grad()
def _fill_head(layer: nn.Module, weight: torch.Tensor, bias: torch.Tensor, recipe: Recipe):
    """Put the shipped outputs in their places among those of all tasks."""
    start = 0
    for task in recipe.exported:
        place = recipe.slices[task]
        rows = slice(start, start + place.stop - place.start)
        layer.weight[place] = weight[rows].reshape(layer.weight[place].shape)
        layer.bias[place] = bias[rows]
        start = rows.stop


@torch.no_grad()
def _learn_statistics(network: nn.Module, crops: torch.Tensor):
    """Give norms that do nothing yet the statistics of what they see; they still do nothing."""
    seen: dict[str, list[torch.Tensor]] = {}

    def note(name: str) -> Callable[[nn.Module, tuple], None]:
        return lambda _layer, inputs: seen.setdefault(name, []).append(
            torch.stack([inputs[0].mean((0, 2, 3)), inputs[0].square().mean((0, 2, 3))])
        )

    with _hooked(network, note, (nn.BatchNorm2d,)):
        for part in crops.split(32):
            network(part.float())
    for name, norm in network.named_modules():
        if name in seen:
            mean, square = torch.stack(seen[name]).mean(0)
            variance = (square - mean.square()).clamp(min=0)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.add_(mean)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
