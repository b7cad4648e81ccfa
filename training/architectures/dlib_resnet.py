# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib's face recognition ResNet (29 layers), with or without dlib's weights.

Weights: `face-recognition-models` (CC0) from the Python package index, a file of dlib's own
format, whose arrays are read here; the package's dlib is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from face_affect_ros.evaluation.identity.dlib_descriptor import models_folder

FILE = 'dlib_face_recognition_resnet_model_v1.dat'

MEAN = (122.782, 117.001, 104.298)
"""Of red, green and blue, as dlib subtracts it before it divides by 256."""

LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Channels and number of blocks of each level, and whether its first block halves the maps."""

LEAST = 8
"""Side of the maps that the last level but one gets of a crop of 150 pixels. Those of a smaller
crop are filled up to it, so that its last two levels see what they were trained on."""

LAYER = re.compile(rb'\x01(.)(con_\d|affine_|fc_\d)', re.DOTALL)
"""A layer's name in the file, behind its length."""


class Block(nn.Module):
    """Two convolutions beside a shortcut; what differs in size is filled up with zeros."""

    def __init__(self, inputs: int, outputs: int, halves: bool, least: int = 0):
        """Build a block.

        :param halves: it halves the maps.
        :param least: side up to which smaller maps are filled with zeros.
        """
        super().__init__()
        self.halves, self.least = halves, least
        self.first = nn.Conv2d(inputs, outputs, 3, 2 if halves else 1, 0 if halves else 1)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the block's maps."""
        missing = self.least - int(x.shape[2])
        if missing > 0:
            x = functional.pad(x, (0, missing, 0, missing))
        y = self.second(functional.relu(self.first(x)))
        if self.halves:
            x = functional.avg_pool2d(x, 2, 2)
        more, larger = y.shape[1] - x.shape[1], int(x.shape[2]) - int(y.shape[2])
        if more:
            x = functional.pad(x, (0, 0, 0, 0, 0, more))
        if larger:
            y = functional.pad(y, (0, larger, 0, larger))
        return functional.relu(x + y)


class DlibResNet(nn.Module):
    """(N, 3, S, S) BGR 0..255 to (N, outputs).

    :param window: left, top and side of the part that is looked at, in sides of the crop; it is
        cut out by whole pixels.
    """

    FEATURES = 256

    def __init__(self, outputs: int, window: tuple[float, float, float] = (0.0, 0.0, 1.0)):
        """Build the network with random weights."""
        super().__init__()
        self.window = window
        self.stem = nn.Conv2d(3, 32, 7, 2)
        blocks, inputs = [], 32
        for channels, count, halves in LEVELS:
            for place in range(count):
                least = LEAST if halves and place == 0 and channels == inputs * 2 == 256 else 0
                blocks.append(Block(inputs, channels, halves and place == 0, least))
                inputs = channels
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(self.FEATURES, outputs)
        self.register_buffer('mean', torch.tensor(MEAN[::-1]).view(1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the embedding, of any length."""
        left, top, side = (round(part * int(x.shape[2])) for part in self.window)
        x = (x[:, :, top : top + side, left : left + side] - self.mean) / 256
        x = functional.max_pool2d(functional.relu(self.stem(x)), 3, 2)
        return self.head(self.blocks(x).mean((2, 3)))


def dlib_weights(path: Path | None = None) -> dict[str, torch.Tensor]:
    """Return dlib's weights as a ``DlibResNet(128)`` takes them; norms are folded in.

    :param path: of the file; None: that of the installed package.
    """
    layers = _layers((path or models_folder() / FILE).read_bytes())
    places = ['stem', *(f'blocks.{i}.{part}' for i in range(14) for part in ('first', 'second'))]
    found = {'mean': torch.tensor(MEAN[::-1]).view(1, 3, 1, 1)}
    inputs = 3
    for place in places:
        kernel, norm = next(layers), next(layers)
        outputs, side = len(norm) // 2, 7 if place == 'stem' else 3
        scale, shift = norm[:outputs], norm[outputs:]
        count = outputs * inputs * side * side
        weight = kernel[:count].reshape(outputs, inputs, side, side) * scale[:, None, None, None]
        bias = shift + (kernel[count:] * scale if len(kernel) > count else 0)
        if place == 'stem':
            weight = weight[:, ::-1]  # dlib's order of colours is red, green, blue
        found[f'{place}.weight'] = torch.from_numpy(np.ascontiguousarray(weight))
        found[f'{place}.bias'] = torch.from_numpy(np.ascontiguousarray(bias))
        inputs = outputs
    found['head.weight'] = torch.from_numpy(next(layers).reshape(256, -1).T.copy())
    found['head.bias'] = torch.zeros(len(found['head.weight']))
    return found


def _layers(data: bytes) -> Iterator[np.ndarray]:
    """Yield the parameters of each layer that has some, from the first to the last."""
    for name in LAYER.finditer(data):
        if name[1][0] != len(name[2]):
            continue
        place = name.end()
        if name[2].startswith(b'fc'):
            for _ in range(2):  # numbers of outputs and inputs
                _, place = _number(data, place)
        shape = []
        version, place = _number(data, place)
        if version != 2:
            raise ValueError(f'a layer of version {version}, where 2 is known: another file?')
        for _ in range(4):
            length, place = _number(data, place)
            shape.append(length)
        yield np.frombuffer(data, '<f4', int(np.prod(shape)), place)


def _number(data: bytes, place: int) -> tuple[int, int]:
    """Return a whole number of dlib's and the place behind it: its length, then its bytes."""
    length = data[place] & 0x0F
    return int.from_bytes(data[place + 1 : place + 1 + length], 'little'), place + 1 + length
