# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An ONNX file computed by PyTorch, so that it has gradients."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

import onnx
import torch
from onnx import helper
from onnx import numpy_helper

from .operators import OPERATORS

RECTIFIERS = ('Relu', 'Clip', 'LeakyRelu', 'PRelu')
"""Operators through whose outputs guided back-propagation lets only positive gradients."""

Values = dict[str, Any]
"""Tensors by name."""


class GraphError(ValueError):
    """A file has what is not known here; the text names it."""


class Node(NamedTuple):
    """One operator: names of inputs (empty: not given) and outputs."""

    kind: str
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class OnnxGraph:
    """A network of one input.

    :param data: the file's bytes.
    :raises GraphError: an operator is not known.
    """

    def __init__(self, data: bytes):
        """Read the weights; compute what depends on them alone."""
        model = onnx.load_from_string(data)
        self._constants: Values = {
            each.name: torch.from_numpy(numpy_helper.to_array(each).copy())
            for each in model.graph.initializer
        }
        nodes = [_node(node) for node in model.graph.node]
        unknown = sorted({node.kind for node in nodes} - OPERATORS.keys())
        if unknown:
            raise GraphError(f'gradients of {", ".join(unknown)} are not known here')
        self._nodes = list(self._folded(nodes))
        self._producers = {name: node for node in self._nodes for name in node.outputs}
        (self.input,) = (
            each.name for each in model.graph.input if each.name not in self._constants
        )
        self.outputs = [each.name for each in model.graph.output]

    def _folded(self, nodes: list[Node]) -> Iterator[Node]:
        """Yield the nodes that depend on the input; others become constants."""
        for node in nodes:
            if all(name in self._constants for name in node.inputs if name):
                self._constants |= _outputs(node, self._constants)
            else:
                yield node

    def run(
        self, x: torch.Tensor, leaves: Collection[str] = (), is_guided: bool = False
    ) -> Values:
        """Return all tensors for an input.

        :param x: float32 where the file takes uint8, so that it may have a gradient.
        :param leaves: names of tensors whose gradients are wanted, of what comes after them.
        :param is_guided: whether rectifiers let through positive gradients only.
        """
        values = {**self._constants, self.input: x}
        for node in self._nodes:
            found = _outputs(node, values)
            if is_guided and node.kind in RECTIFIERS and not self._is_feature_map(node):
                found = {name: _Guided.apply(value) for name, value in found.items()}
            for name in leaves & found.keys():
                found[name] = found[name].detach().requires_grad_()
            values |= found
        return values

    def scores_of(self, output: str) -> str:
        """Return the tensor behind which an output is made probabilities; else the output."""
        name = output
        while name in self._producers:
            node = self._producers[name]
            if node.kind in ('Softmax', 'Sigmoid'):
                return node.inputs[0]
            name = node.inputs[0]
        return output

    def maps_before(self, name: str, values: Values, side: int) -> set[str]:
        """Return the last feature maps of at least a side before a tensor: one on each way."""
        found, waiting = set(), [name]
        while waiting:
            tensor = waiting.pop()
            value = values[tensor]
            if value.ndim == 4 and min(value.shape[2:]) >= side:
                found.add(tensor)
            elif tensor in self._producers:
                waiting += [name for name in self._producers[tensor].inputs if name]
        return found - self._constants.keys()

    def _is_feature_map(self, node: Node) -> bool:
        """Return whether a Relu is half of a max feature map, relu(a - b) + b, not a rectifier."""
        producers = self._producers
        source = producers.get(node.inputs[0])
        for other in self._nodes:
            if other.kind == 'Add' and node.outputs[0] in other.inputs:
                (name, *_) = (n for n in other.inputs if n != node.outputs[0])
                second = producers.get(name)
                pair = source is not None and second is not None
                return (
                    pair
                    and source.kind == second.kind == 'Conv'
                    and (source.inputs[0] == second.inputs[0])
                )
        return False


class _Guided(torch.autograd.Function):
    """Passes values on as they are, and back only what is positive.

    Springenberg, Dosovitskiy, Brox, Riedmiller 2014, section 3.4; the rectifier before it does
    the rest.
    """

    @staticmethod
    def forward(_context, x: torch.Tensor) -> torch.Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(_context, gradient: torch.Tensor) -> torch.Tensor:
        return gradient.clamp(min=0)


def _node(node: onnx.NodeProto) -> Node:
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if node.op_type == 'Constant':
        attributes = {'value': _constant(attributes)}
    if node.op_type == 'Split':
        attributes['outputs'] = len(node.output)
    return Node(node.op_type, attributes, tuple(node.input), tuple(node.output))


def _constant(attributes: Mapping[str, Any]) -> torch.Tensor:
    """Return a constant's value, which is a tensor, a number or a list of numbers."""
    (value,) = attributes.values()
    if isinstance(value, onnx.TensorProto):
        return torch.from_numpy(numpy_helper.to_array(value).copy())
    return torch.tensor(value)


def _outputs(node: Node, values: Values) -> Values:
    """Return what a node computes, by name."""
    inputs = [values[name] if name else None for name in node.inputs]
    try:
        found = OPERATORS[node.kind](node.attributes, *inputs)
    except (ValueError, TypeError) as error:
        raise GraphError(f'{node.kind}: {error}') from error
    return dict(zip(node.outputs, found if isinstance(found, tuple) else (found,)))
