# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Very deep convolutional networks ("VGG", Simonyan and Zisserman 2014, table 1).

Columns A to E: 3x3 convolutions of stride 1 and padding 1, five 2x2 max-pools, two dense layers of
4,096 with dropout 0.5. At test time the dense layers can be applied as convolutions over a larger
picture and their scores averaged over space (section 3.2 there).
"""

from __future__ import annotations

import torch
from torch import nn

LRN = 'lrn'
COLUMNS = {
    'A': ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    'A-LRN': ((64, LRN), (128,), (256, 256), (512, 512), (512, 512)),
    'B': ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    'C': ((64, 64), (128, 128), (256, 256, -256), (512, 512, -512), (512, 512, -512)),
    'D': ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    'E': ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4),
}
"""Channels of the convolutions before each pool; a negative number: a 1x1 convolution."""

DENSE = 4096
MIN_SIZE = 48


class Vdcn(nn.Module):
    """(N, C, S, S) pixels of 0..255 to (N, outputs).

    :param column: of table 1: ``A``, ``A-LRN``, ``B``, ``C``, ``D`` or ``E``.
    :param outputs: numbers that the last layer gives.
    :param size: S, at least 48; each pool halves it and rounds up, so that nothing is cut off.
    :param channels: C.
    :param width: factor of all channels and dense layers.
    :param norm: a batch norm after each convolution, which the paper does not have.
    :raises ValueError: there is no such column, or the size is too small.
    """

    RESIZED: dict[str, int]
    ANY_SIZE = True

    def __init__(
        self,
        column: str,
        outputs: int,
        size: int,
        channels: int = 3,
        width: float = 1.0,
        norm: bool = False,
    ):
        super().__init__()
        if column not in COLUMNS:
            raise ValueError(f'no column {column!r}; there are {", ".join(COLUMNS)}')
        if size < MIN_SIZE:
            raise ValueError(f'the side is {size} pixels, must be at least {MIN_SIZE}')
        layers: list[nn.Module] = []
        for group in COLUMNS[column]:
            for entry in group:
                layers += _layers(channels, entry, width, norm)
                channels = channels if entry == LRN else round(abs(entry) * width)
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
            size = -(-size // 2)
        dense = round(DENSE * width)
        self.features = nn.Sequential(*layers)
        self.fc6 = nn.Linear(channels * size * size, dense)
        self.fc7 = nn.Linear(dense, dense)
        self.head = nn.Linear(dense, outputs)
        self.dropout = nn.Dropout(0.5)
        self.side = size
        self.RESIZED = {'fc6.weight': channels}
        if not norm:
            self._start_lively()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax; of larger pictures once deployed."""
        maps = self.features((x - 128) / 64)
        x = maps.flatten(1) if isinstance(self.fc6, nn.Linear) else maps
        x = self.dropout(torch.relu(self.fc6(x)))
        scores = self.head(self.dropout(torch.relu(self.fc7(x))))
        return scores.mean((2, 3)) if scores.ndim == 4 else scores

    def _start_lively(self):
        """Draw weights that keep the signal's size through all layers (He et al. 2015, 2.2).

        PyTorch's own draw makes it less than a thousandth of that in A, too little for plain
        descent; Simonyan and Zisserman name Glorot and Bengio's way in place of theirs.
        """
        for layer in self.modules():
            if isinstance(layer, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.head.weight, std=0.01)

    def deploy(self):
        """Turn the dense layers into convolutions (section 3.2 of the paper), in place.

        The network then takes pictures of any larger side, too, and averages the class scores
        over all places.
        """
        self.fc6 = _as_convolution(self.fc6, self.side)
        self.fc7, self.head = _as_convolution(self.fc7, 1), _as_convolution(self.head, 1)


def _layers(inputs: int, entry: int | str, width: float, norm: bool) -> list[nn.Module]:
    """Return the layers of one entry of ``COLUMNS``."""
    if entry == LRN:
        return [nn.LocalResponseNorm(5, 1e-4, 0.75, 2.0)]
    outputs = round(abs(entry) * width)
    kernel = 1 if entry < 0 else 3
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=not norm)
    return [convolution, *([nn.BatchNorm2d(outputs)] if norm else []), nn.ReLU()]


def _as_convolution(layer: nn.Linear, side: int) -> nn.Conv2d:
    """Return a dense layer on maps of some side as a convolution."""
    maps = layer.in_features // side**2
    convolution = nn.Conv2d(maps, layer.out_features, side)
    convolution.weight = nn.Parameter(layer.weight.detach().unflatten(1, (maps, side, side)))
    convolution.bias = layer.bias
    return convolution


def start_deeper(network: Vdcn, trained: Vdcn):
    """Start a deeper network from a trained A: its first four convolutions and its dense layers.

    Section 3.1 of the paper; the layers between keep their random weights, and so does the last
    one where the outputs are others.
    """
    names = [
        'fc6',
        'fc7',
        *(['head'] if network.head.weight.shape == trained.head.weight.shape else []),
    ]
    pairs = [
        *zip(_firsts(network), _firsts(trained)),
        *((getattr(network, name), getattr(trained, name)) for name in names),
    ]
    for mine, theirs in pairs:
        mine.load_state_dict(theirs.state_dict())


def _firsts(network: Vdcn) -> list[nn.Conv2d]:
    """Return the convolutions that are A's first four, of 64, 128, 256 and 256 channels."""
    groups: list[list[nn.Conv2d]] = [[]]
    for layer in network.features:
        if isinstance(layer, nn.MaxPool2d):
            groups.append([])
        if isinstance(layer, nn.Conv2d):
            groups[-1].append(layer)
    return [groups[0][0], groups[1][0], *groups[2][:2]]
