# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""AgeNet and GenderNet (Levi and Hassner 2015): three convolutions, two dense layers of 512.

The published networks read 227 pixels with a stride of 4; the first convolution here has a stride
of 2 on 117, which gives the same maps from half the pixels, and batch norm instead of local
response normalization, unless the faithful network is asked for.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import nn

MEAN_BGR = (78.4263377603, 87.7689143744, 114.895847746)
"""Of the published networks' training pictures, grey levels."""


class LeviHassner(nn.Module):
    """(N, 3, S, S) BGR 0..255 to (N, outputs).

    :param outputs: numbers that the last layer gives.
    :param size: S; 117 has the published network's maps, 61 those of half the size.
    :param faithful: stride 4 (for S = 227) and local response normalization.
    """

    RESIZED: ClassVar = {'fc6.weight': 384}
    """Dense layers on that many maps, which start from a smaller picture's by interpolation."""

    def __init__(self, outputs: int, size: int, faithful: bool = False):
        """Build the layers; names are the published graph's."""
        super().__init__()
        self.register_buffer('mean', torch.tensor(MEAN_BGR).view(1, 3, 1, 1))
        self.scale = 1.0 if faithful else 1 / 64
        stride = 4 if faithful else 2
        self.stage1 = _stage(nn.Conv2d(3, 96, 7, stride, bias=faithful), faithful)
        self.stage2 = _stage(nn.Conv2d(96, 256, 5, padding=2, bias=faithful), faithful)
        self.stage3 = _stage(nn.Conv2d(256, 384, 3, padding=1, bias=faithful), faithful, last=True)
        side = (size - 7) // stride + 1
        for _pool in range(3):
            side = -(-(side - 3) // 2) + 1
        self.fc6 = nn.Linear(384 * side * side, 512)
        self.fc7 = nn.Linear(512, 512)
        self.head = nn.Linear(512, outputs)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax."""
        x = self.stage3(self.stage2(self.stage1((x - self.mean) * self.scale)))
        x = self.dropout(torch.relu(self.fc6(x.flatten(1))))
        return self.head(self.dropout(torch.relu(self.fc7(x))))


def _stage(layer: nn.Conv2d, faithful: bool, last: bool = False) -> nn.Sequential:
    """Return a convolution with its pool and norm, in the order of each kind."""
    pool = nn.MaxPool2d(3, 2, ceil_mode=True)
    if not faithful:
        return nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU(), pool)
    norm = [] if last else [nn.LocalResponseNorm(5, 1e-4, 0.75)]
    return nn.Sequential(layer, nn.ReLU(), pool, *norm)
