# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""TensorFlow graphs as OpenCV reads them: weights from a .pb, the graph from a .pbtxt beside it.

Such a .pbtxt names layers that TensorFlow itself has not (PriorBox, DetectionOutput), and stands
for the .pb's own graph. The ONNX network takes what OpenCV's takes: (N, channels, height, width).
Source: OpenCV, modules/dnn/src/tensorflow/tf_importer.cpp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.originals.conversion import prototext
from face_affect_ros.originals.conversion import tensorflow_weights
from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.arrays import expect
from face_affect_ros.originals.conversion.layers import NONE
from face_affect_ros.originals.conversion.layers import Layers
from face_affect_ros.originals.conversion.layers import Pads

if TYPE_CHECKING:
    import numpy as np
    import onnx

NORMALISATION_FLOOR = 1e-10
"""What OpenCV adds to the sum of squares before it divides by the root."""


@dataclass(frozen=True)
class Node:
    """One node of the .pbtxt."""

    name: str
    operator: str
    inputs: tuple[str, ...]
    attributes: dict[str, prototext.Message]

    def attribute(self, name: str, kind: str) -> str:
        """Return an attribute that is one number or text."""
        return prototext.one(self.attributes.get(name, {}), kind)

    def number(self, name: str, kind: str = 'f') -> float:
        """Return an attribute that is a number."""
        return prototext.decimal(self.attributes.get(name, {}), kind)

    def tensor(self, name: str) -> tuple[float, ...]:
        """Return an attribute that is a row of numbers."""
        tensor = prototext.one(self.attributes.get(name, {}), 'tensor')
        return tuple(float(text) for text in tensor.get('float_val', tensor.get('int_val', ())))

    def window(self, name: str) -> tuple[int, int]:
        """Return height and width of a size or stride in TensorFlow's order."""
        lengths = prototext.one(self.attributes.get(name, {}), 'list').get('i', ())
        if len(lengths) != 4:
            raise ConversionError(f'{name} of {self.name} has not four numbers')
        return int(lengths[1]), int(lengths[2])


@dataclass
class Network:
    """What is built: the layers, the arrays that they take, and what was found on the way.

    :param outputs: names of outputs by node.
    :param spread: padding and dilation that a SpaceToBatchND puts on the next convolution.
    :param priors: prior boxes by node.
    """

    layers: Layers
    arrays: dict[str, np.ndarray]
    outputs: dict[str, str]
    picture: tuple[int, int]
    spread: dict[str, tuple[Pads, tuple[int, int]]] = field(default_factory=dict)
    priors: dict[str, np.ndarray] = field(default_factory=dict)
    variances: set[tuple[float, ...]] = field(default_factory=set)

    def source(self, node: Node, place: int = 0) -> str:
        """Return the output that a node takes."""
        name = self.name(node, place)
        if name not in self.outputs:
            raise ConversionError(f'node {node.name} takes {name}, which does not come before it')
        return self.outputs[name]

    def name(self, node: Node, place: int) -> str:
        """Return the name of a node's input."""
        if place >= len(node.inputs):
            raise ConversionError(f'node {node.name} has only {len(node.inputs)} inputs')
        return node.inputs[place].partition(':')[0]

    def array(self, node: Node, place: int) -> np.ndarray | None:
        """Return an array that a node takes; None where the .pb has none."""
        return self.arrays.get(self.name(node, place))

    def channelwise(self, node: Node, operator: str, source: str) -> str:
        """Add an operator with a number a channel."""
        channels, *lengths = self.layers.shapes[source]
        numbers = expect(self.array(node, 1), (channels,), self.name(node, 1))
        constant = self.layers.constant(
            f'{node.name}.numbers', numbers.reshape(channels, *(1 for _ in lengths))
        )
        return self.layers.alike(operator, source, constant, name=node.name)


def convert(graph: bytes, topology: bytes, shape: tuple[int, int, int]) -> onnx.ModelProto:
    """Return a network as ONNX.

    :param graph: the .pb.
    :param topology: the .pbtxt.
    :param shape: of the input without the batch: channels, height, width.
    :raises ConversionError: a file is damaged, or has a node that is not known here.
    """
    nodes = [_node(message) for message in prototext.read(topology).get('node', ())]
    if not nodes or nodes[0].operator != 'Placeholder':
        raise ConversionError('the graph does not begin with its input')
    source = nodes[0].name
    network = Network(
        Layers(source, shape),
        {**tensorflow_weights.read(graph), **_constants(nodes)},
        {source: source},
        shape[1:],
    )
    last = source
    for node in nodes[1:]:
        if node.operator == 'Const':
            continue
        if node.operator not in OPERATORS:
            raise ConversionError(
                f'node {node.name} is of a kind that is not known: {node.operator}'
            )
        found = OPERATORS[node.operator](network, node)
        if found is not None:
            last = network.outputs[node.name] = found
    layers = network.layers
    output: list[int | str] = [1, 1, 'faces', 7]
    if last in layers.shapes:
        output = ['batch', *layers.shapes[last]]
    return layers.model('tensorflow', {source: ['batch', *shape]}, {last: output})


def _node(message: prototext.Message) -> Node:
    """Return a node."""
    attributes = {
        prototext.one(entry, 'key'): prototext.one(entry, 'value')
        for entry in message.get('attr', ())
    }
    return Node(
        prototext.one(message, 'name'),
        prototext.one(message, 'op'),
        tuple(message.get('input', ())),
        attributes,
    )


def _constants(nodes: list[Node]) -> dict[str, np.ndarray]:
    """Return the .pbtxt's own constants."""
    import numpy as np

    return {
        node.name: np.array(node.tensor('value')) for node in nodes if node.operator == 'Const'
    }


def _convolution(network: Network, node: Node) -> str:
    """Add a Conv2D; kernels (height, width, channels, filters)."""
    import numpy as np

    source = network.source(node)
    kernel = network.array(node, 1)
    if kernel is None or kernel.ndim != 4:
        raise ConversionError(f'array {network.name(node, 1)} is missing or has not four axes')
    kernel = np.transpose(kernel, (3, 2, 0, 1))
    size, strides = kernel.shape[2:], node.window('strides')
    if node.window('dilations') != (1, 1):
        raise ConversionError(f'node {node.name} is dilated by itself')
    pads, dilations = network.spread.get(network.name(node, 0), (NONE, (1, 1)))
    if node.attribute('padding', 's') == 'SAME':
        pads = network.layers.same(source, size, strides)
    return network.layers.convolution(
        source,
        node.name,
        kernel,
        None,
        kernel.shape[0],
        size,
        strides=strides,
        pads=pads,
        dilations=dilations,
        biased=False,
    )


def _spread(network: Network, node: Node) -> str:
    """Note what the next convolution's padding and dilation are.

    Laying every other pixel into pictures of their own and convolving these is a dilated
    convolution; the padding behind that only makes the division come out is no part of it.
    """
    blocks, paddings = network.array(node, 1), network.array(node, 2)
    if blocks is None or paddings is None or blocks.size != 2 or paddings.size != 4:
        raise ConversionError(f'node {node.name} has no block shape or paddings')
    height, width = (int(length) for length in blocks.reshape(-1))
    top, bottom, left, right = (int(length) for length in paddings.reshape(-1))
    if (height, width) != (1, 1):
        bottom, right = top, left
    network.spread[node.name] = ((top, left, bottom, right), (height, width))
    return network.source(node)


def _same(network: Network, node: Node) -> str:
    """Return the input."""
    return network.source(node)


def _normalisation(network: Network, node: Node) -> str:
    """Add a FusedBatchNorm."""
    scale, shift, mean, variance = (network.array(node, place) for place in range(1, 5))
    return network.layers.normalised(
        network.source(node), node.name, scale, shift, mean, variance, node.number('epsilon')
    )


def _bias(network: Network, node: Node) -> str:
    """Add a BiasAdd."""
    return network.channelwise(node, 'Add', network.source(node))


def _product(network: Network, node: Node) -> str:
    """Add a Mul with a factor a channel."""
    return network.channelwise(node, 'Mul', network.source(node))


def _sum(network: Network, node: Node) -> str:
    """Add an Add of two maps."""
    return network.layers.paired(
        'Add', [network.source(node, 0), network.source(node, 1)], node.name
    )


def _relu(network: Network, node: Node) -> str:
    """Add a Relu."""
    return network.layers.alike('Relu', network.source(node), name=node.name)


def _pool(network: Network, node: Node) -> str:
    """Add a MaxPool."""
    source, size, strides = network.source(node), node.window('ksize'), node.window('strides')
    pads = (
        network.layers.same(source, size, strides)
        if (node.attribute('padding', 's') == 'SAME')
        else NONE
    )
    return network.layers.pool('MaxPool', source, node.name, size, strides, pads=pads)


def _unit_length(network: Network, node: Node) -> str:
    """Add an L2Normalize over channels: x / sqrt(sum of squares)."""
    import numpy as np

    layers, source, name = network.layers, network.source(node), node.name
    squares = layers.add('Mul', source, source, name=f'{name}.squares')
    total = layers.add(
        'ReduceSum', squares, layers.constant(f'{name}.axis', np.array([1])), name=f'{name}.total'
    )
    floor = layers.constant(f'{name}.floor', np.array(NORMALISATION_FLOOR, np.float32))
    root = layers.add(
        'Sqrt', layers.add('Add', total, floor, name=f'{name}.sum'), name=f'{name}.root'
    )
    return layers.alike('Div', source, root, name=name)


def _flatten(network: Network, node: Node) -> str:
    """Add a Flatten, channels last."""
    source = network.source(node)
    if len(network.layers.shapes[source]) == 3:
        return network.layers.flatten_channels_last(source, node.name)
    return network.layers.flatten(source, node.name)


def _joined(network: Network, node: Node) -> str | None:
    """Add a ConcatV2, or join prior boxes; the last input is the axis."""
    import numpy as np

    names = [network.name(node, place) for place in range(len(node.inputs) - 1)]
    if names and all(name in network.priors for name in names):
        network.priors[node.name] = np.concatenate([network.priors[name] for name in names])
        return None
    return network.layers.joined(
        [network.source(node, place) for place in range(len(names))], node.name
    )


def _reshaped(network: Network, node: Node) -> str:
    """Add a Reshape of a row to rows of a length."""
    import numpy as np

    source, target = network.source(node), network.array(node, 1)
    if target is None or target.size != 3 or tuple(target[:2]) != (0, -1):
        raise ConversionError(f'node {node.name} reshapes in a way that is not known: {target}')
    count, length = network.layers.shapes[source][0], int(target[2])
    network.layers.shapes[node.name] = (count // length, length)
    shape = network.layers.constant(f'{node.name}.shape', target.astype(np.int64))
    return network.layers.add('Reshape', source, shape, name=node.name)


def _softmax(network: Network, node: Node) -> str:
    """Add a Softmax."""
    return network.layers.alike(
        'Softmax', network.source(node), name=node.name, axis=int(node.number('axis', 'i'))
    )


def _prior_boxes(network: Network, node: Node) -> None:
    """Work out prior boxes; they depend on the maps' sizes alone."""
    from face_affect_ros.originals.conversion import ssd

    if node.attribute('clip', 'b') != 'false' or node.attribute('flip', 'b') != 'true':
        raise ConversionError(f'node {node.name}: prior boxes that are clipped or not flipped')
    _, rows, columns = network.layers.shapes[network.source(node)]
    height, width = network.picture
    spec = ssd.PriorSpec(
        node.number('min_size', 'i'),
        node.number('max_size', 'i'),
        node.tensor('aspect_ratio'),
        node.number('step'),
        node.number('offset'),
    )
    network.priors[node.name] = ssd.priors(spec, rows, columns, width, height)
    network.variances.add(node.tensor('variance'))


def _detections(network: Network, node: Node) -> str:
    """Add a DetectionOutput of one class beside the background."""
    import numpy as np

    from face_affect_ros.originals.conversion import ssd

    name = network.name(node, 2)
    if node.number('num_classes', 'i') != 2 or name not in network.priors:
        raise ConversionError(f'node {node.name}: only one class beside the background is read')
    if len(network.variances) != 1:
        raise ConversionError(f'node {node.name}: prior boxes of different variances')
    suppression = ssd.Suppression(
        node.number('confidence_threshold'),
        node.number('nms_threshold'),
        int(node.number('top_k', 'i')),
        int(node.number('keep_top_k', 'i')),
    )
    (variances,) = network.variances
    return ssd.detections(
        network.layers,
        network.source(node, 0),
        network.source(node, 1),
        network.priors[name],
        np.array(variances),
        suppression,
        node.name,
    )


OPERATORS: dict[str, Callable[[Network, Node], Any]] = {
    'Add': _sum,
    'BatchToSpaceND': _same,
    'BiasAdd': _bias,
    'ConcatV2': _joined,
    'Conv2D': _convolution,
    'DetectionOutput': _detections,
    'Flatten': _flatten,
    'FusedBatchNorm': _normalisation,
    'L2Normalize': _unit_length,
    'MaxPool': _pool,
    'Mul': _product,
    'PriorBox': _prior_boxes,
    'Relu': _relu,
    'Reshape': _reshaped,
    'Softmax': _softmax,
    'SpaceToBatchND': _spread,
}
