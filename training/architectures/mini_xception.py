# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""mini-XCEPTION (Arriaga, Valdenegro-Toro, Ploeger 2017, figure 3).

Two 3x3 convolutions, four blocks of two depthwise separable convolutions beside a strided 1x1
shortcut, a last 3x3 convolution with one map a class, global average pooling; no dense layer.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

WIDTHS = (8, 16, 32, 64, 128)


class Standardize(nn.Module):
    """Take (N, 1, H, W) grey levels of 0..255 to zero mean and unit deviation a picture.

    Light and exposure then reach the network only as noise.
    """

    FLOOR = 8.0
    """Grey levels added to the deviation, so that an even picture stays even."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Standardize a batch."""
        centered = x - x.mean((1, 2, 3), keepdim=True)
        deviation = centered.square().mean((1, 2, 3), keepdim=True).sqrt()
        return centered / (deviation + self.FLOOR)


class Separable(nn.Sequential):
    """A depthwise 3x3, a pointwise 1x1 convolution and batch norm."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(
            nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )


class Block(nn.Module):
    """Two separable convolutions and a max-pool beside a strided 1x1 shortcut."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        )
        self.main = nn.Sequential(
            Separable(inputs, outputs),
            nn.ReLU(),
            Separable(outputs, outputs),
            nn.MaxPool2d(3, 2, 1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Halve the picture.

        The stride of the shortcut is taken by slicing: a strided 1x1 convolution on eight
        channels in channels_last order crashes in oneDNN (PyTorch 2.13, float32).
        """
        return self.shortcut(x[:, :, ::2, ::2]) + self.main(x)


class MiniXception(nn.Module):
    """The network up to the averaged class maps: (N, 1, 64, 64) grey 0..255 to (N, outputs)."""

    def __init__(self, outputs: int):
        super().__init__()
        first = WIDTHS[0]
        self.standardize = Standardize()
        self.stem = nn.Sequential(
            nn.Conv2d(1, first, 3, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
            nn.Conv2d(first, first, 3, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
        )
        self.blocks = nn.Sequential(*(Block(*widths) for widths in pairwise(WIDTHS)))
        self.head = nn.Conv2d(WIDTHS[-1], outputs, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax."""
        return self.head(self.blocks(self.stem(self.standardize(x)))).mean((2, 3))
