# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The layers that the originals are made of, with the shape of each output kept in mind."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from math import floor
from math import prod

import numpy as np

from face_affect_ros.originals.conversion.arrays import ConversionError
from face_affect_ros.originals.conversion.arrays import expect
from face_affect_ros.originals.conversion.graph import Graph

Pair = tuple[int, int]
Pads = tuple[int, int, int, int]
"""Top, left, bottom, right."""

NONE: Pads = (0, 0, 0, 0)


class Layers(Graph):
    """A graph whose methods add layers; ``shapes`` has every output's, without the batch.

    Maps are (channels, height, width). Arrays are checked against these shapes, so that a wrong
    one is refused by its name.
    """

    def __init__(self, source: str, shape: tuple[int, ...]):
        super().__init__()
        self.shapes: dict[str, tuple[int, ...]] = {source: shape}

    def convolution(
        self,
        source: str,
        name: str,
        kernel: np.ndarray | None,
        bias: np.ndarray | None,
        filters: int,
        size: Pair,
        *,
        strides: Pair = (1, 1),
        pads: Pads = NONE,
        dilations: Pair = (1, 1),
        group: int = 1,
        biased: bool = True,
    ) -> str:
        """Add a convolution.

        :param kernel: (filters, channels / group, height, width).
        :param bias: (filters,), where ``biased``.
        """
        channels, *lengths = self._map(source, name)
        inputs = [
            self.constant(
                f'{name}.weight',
                expect(kernel, (filters, channels // group, *size), f'{name} weights'),
            )
        ]
        if biased:
            inputs.append(
                self.constant(f'{name}.bias', expect(bias, (filters,), f'{name} biases'))
            )
        self.shapes[name] = (
            filters,
            *(
                _length(
                    length,
                    pads[axis] + pads[axis + 2],
                    (size[axis] - 1) * dilations[axis] + 1,
                    strides[axis],
                    floor,
                )
                for axis, length in enumerate(lengths)
            ),
        )
        return self.add(
            'Conv',
            source,
            *inputs,
            name=name,
            kernel_shape=size,
            strides=strides,
            pads=pads,
            dilations=dilations,
            group=group,
        )

    def pool(
        self,
        operator: str,
        source: str,
        name: str,
        size: Pair,
        strides: Pair,
        *,
        pads: Pads = NONE,
        ceiling: bool = False,
    ) -> str:
        """Add a MaxPool, or an AveragePool that leaves out the padding.

        :param ceiling: an incomplete last window counts.
        """
        channels, *lengths = self._map(source, name)
        rounded = ceil if ceiling else floor
        self.shapes[name] = (
            channels,
            *(
                _length(length, pads[axis] + pads[axis + 2], size[axis], strides[axis], rounded)
                for axis, length in enumerate(lengths)
            ),
        )
        return self.add(
            operator,
            source,
            name=name,
            kernel_shape=size,
            strides=strides,
            pads=pads,
            ceil_mode=int(ceiling),
        )

    def global_average(self, source: str, name: str) -> str:
        """Add the mean of each channel's map."""
        channels, *_ = self._map(source, name)
        self.shapes[name] = (channels,)
        pooled = self.add('GlobalAveragePool', source, name=f'{name}.map')
        return self.add('Flatten', pooled, name=name)

    def dense(
        self,
        source: str,
        name: str,
        weight: np.ndarray | None,
        bias: np.ndarray | None,
        units: int,
        *,
        biased: bool = True,
    ) -> str:
        """Add a dense layer; maps are flattened channels first.

        :param weight: (units, inputs).
        :param bias: (units,), where ``biased``.
        """
        count = prod(self.shapes[source])
        inputs = [
            self.constant(f'{name}.weight', expect(weight, (units, count), f'{name} weights'))
        ]
        if biased:
            inputs.append(self.constant(f'{name}.bias', expect(bias, (units,), f'{name} biases')))
        flat = source
        if len(self.shapes[source]) > 1:
            flat = self.add('Flatten', source, name=f'{name}.flat')
        self.shapes[name] = (units,)
        return self.add('Gemm', flat, *inputs, name=name, transB=1)

    def normalised(
        self,
        source: str,
        name: str,
        scale: np.ndarray | None,
        shift: np.ndarray | None,
        mean: np.ndarray | None,
        variance: np.ndarray | None,
        epsilon: float,
    ) -> str:
        """Add a batch normalisation; arrays (channels,), scale 1 and shift 0 where None."""
        channels = self.shapes[source][0]
        arrays = {
            'gamma': np.ones(channels) if scale is None else scale,
            'beta': np.zeros(channels) if shift is None else shift,
            'mean': mean,
            'variance': variance,
        }
        inputs = [
            self.constant(f'{name}.{part}', expect(array, (channels,), f'{name} {part}'))
            for part, array in arrays.items()
        ]
        return self.alike('BatchNormalization', source, *inputs, name=name, epsilon=epsilon)

    def prelu(self, source: str, name: str, slope: np.ndarray | None) -> str:
        """Add a PReLU; slopes (channels,)."""
        channels, *lengths = self.shapes[source]
        slope = expect(slope, (channels,), f'{name} slopes')
        return self.alike(
            'PRelu',
            source,
            self.constant(f'{name}.slope', slope.reshape(channels, *(1 for _ in lengths))),
            name=name,
        )

    def alike(self, operator: str, source: str, *inputs: str, name: str, **attributes) -> str:
        """Add an operator whose output has its first input's shape."""
        self.shapes[name] = self.shapes[source]
        return self.add(operator, source, *inputs, name=name, **attributes)

    def paired(self, operator: str, sources: Sequence[str], name: str) -> str:
        """Add an operator on inputs of equal shapes: Add, Max.

        :raises ConversionError: the shapes differ.
        """
        shapes = {self.shapes[source] for source in sources}
        if len(shapes) != 1:
            raise ConversionError(f'layer {name} joins maps of different shapes: {shapes}')
        return self.alike(operator, *sources, name=name)

    def split(self, source: str, name: str, count: int) -> list[str]:
        """Split channels into equal parts; return their names."""
        channels, *lengths = self.shapes[source]
        if channels % count:
            raise ConversionError(f'layer {name} splits {channels} channels into {count}')
        names = [f'{name}.{place}' for place in range(count)]
        self.add_many('Split', source, names=names, axis=1)
        self.shapes.update({part: (channels // count, *lengths) for part in names})
        return names

    def flatten(self, source: str, name: str) -> str:
        """Flatten all but the batch, channels first."""
        self.shapes[name] = (prod(self.shapes[source]),)
        return self.add('Flatten', source, name=name)

    def flatten_channels_last(self, source: str, name: str) -> str:
        """Flatten all but the batch, channels last, as TensorFlow lays them out."""
        turned = self.add('Transpose', source, name=f'{name}.turned', perm=[0, 2, 3, 1])
        self.shapes[name] = (prod(self.shapes[source]),)
        return self.add('Flatten', turned, name=name)

    def joined(self, sources: Sequence[str], name: str) -> str:
        """Concatenate on the first axis behind the batch."""
        first = [self.shapes[source][0] for source in sources]
        self.shapes[name] = (sum(first), *self.shapes[sources[0]][1:])
        return self.add('Concat', *sources, name=name, axis=1)

    def same(self, source: str, size: Pair, strides: Pair) -> Pads:
        """Return the padding that TensorFlow calls SAME: ceil(length / stride) windows."""
        missing = [
            max((-(-length // stride) - 1) * stride + width - length, 0)
            for length, width, stride in zip(self.shapes[source][1:], size, strides)
        ]
        top, left = (total // 2 for total in missing)
        return top, left, missing[0] - top, missing[1] - left

    def _map(self, source: str, name: str) -> tuple[int, ...]:
        """Return the shape of a map; raise ``ConversionError`` where it is none."""
        shape = self.shapes[source]
        if len(shape) != 3:
            raise ConversionError(f'layer {name} wants maps, but gets shape {shape}')
        return shape


def _length(length: int, padding: int, window: int, stride: int, rounded) -> int:
    """Return how many windows fit."""
    return rounded((length + padding - window) / stride) + 1
