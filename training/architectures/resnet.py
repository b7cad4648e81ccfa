# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ResNet with basic blocks and identity shortcuts (He, Zhang, Ren, Sun 2015, section 4.1)."""

from __future__ import annotations

import torch
from torch import nn

DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Blocks of the four stages by the number of layers."""


class Basic(nn.Module):
    """Two 3x3 convolutions beside a shortcut.

    The shortcut is the identity; where the size changes it is a strided 1x1 convolution.
    """

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add both ways."""
        return torch.relu(self.shortcut(x) + self.main(x))


class ResNet(nn.Module):
    """(N, C, S, S) pixels of 0..255 to (N, outputs).

    :param depth: 18 or 34 layers.
    :param outputs: numbers that the last layer gives.
    :param channels: C.
    :param width: channels of the first stage, 64 as published.
    """

    def __init__(self, depth: int, outputs: int, channels: int = 3, width: int = 64):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 7, 2, 3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
        )
        blocks, inputs = [], width
        for stage, count in enumerate(DEPTHS[depth]):
            for index in range(count):
                outputs_here = width * 2**stage
                blocks.append(Basic(inputs, outputs_here, 2 if stage and not index else 1))
                inputs = outputs_here
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(0.2)
        self.head = nn.Linear(inputs, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax."""
        return self.head(self.dropout(self.blocks(self.stem((x - 128) / 64)).mean((2, 3))))
