# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The lightened CNN with max-feature-map activations and forty outputs.

Wu, He, Sun, Tan 2015 ("A Light CNN for deep face representation"), with the fusion of three
scales of the published MOON graph; Rudd, Guenther, Boult 2016 trained it for CelebA's attributes.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def label_weights(labels: np.ndarray, balanced: bool) -> np.ndarray:
    """Return MOON's (N, K) float32 weights of labels 1, 0 and -1 (unknown).

    The side of an attribute that the labels have more often than the target distribution weighs
    less, so that both sides weigh as in the target (Rudd, Guenther, Boult 2016, section 3). The
    labels' own distribution as the target leaves all weights 1.
    """
    known = labels >= 0
    if not balanced:
        return known.astype(np.float32)
    with_it = (labels > 0).sum(0) / np.maximum(known.sum(0), 1)
    odds = with_it / np.maximum(1 - with_it, 1e-9)
    weights = np.where(labels > 0, np.minimum(1, 1 / np.maximum(odds, 1e-9)), np.minimum(1, odds))
    return (weights * known).astype(np.float32)


class LargerHalf(torch.autograd.Function):
    """The maximum of two halves of the channels, whose gradient goes to the larger one.

    ``torch.maximum`` splits the gradient of equal values: a third of the training time.
    """

    @staticmethod
    def forward(context, x: torch.Tensor) -> torch.Tensor:
        """Compare the halves."""
        first, second = x.chunk(2, 1)
        context.save_for_backward((first >= second).to(x.dtype))
        return torch.maximum(first, second)

    @staticmethod
    def backward(context, gradient: torch.Tensor) -> torch.Tensor:
        """Hand the gradient to the half that was larger."""
        (is_first,) = context.saved_tensors
        to_first = gradient * is_first
        return torch.cat([to_first, gradient - to_first], 1)


class MaxFeatureMap(nn.Module):
    """The larger of two halves of the channels: (N, 2C, ...) to (N, C, ...)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Compare the halves."""
        if self.training:
            return LargerHalf.apply(x)
        return torch.maximum(*x.chunk(2, 1))


class RectifiedPair(nn.Module):
    """A convolution with its max feature map as ONNX Runtime computes it fastest.

    max(a, b) = relu(a - b) + b, and a - b is a convolution too: no operator leaves the blocked
    layout of the convolutions.
    """

    def __init__(self, convolution: nn.Conv2d, norm: nn.BatchNorm2d):
        """Fold the norm into the convolution and part its outputs."""
        super().__init__()
        folded = fuse_conv_bn_eval(convolution.eval(), norm.eval())
        weights, biases = folded.weight.detach().chunk(2), folded.bias.detach().chunk(2)
        self.difference = _like(folded, weights[0] - weights[1], biases[0] - biases[1])
        self.second = _like(folded, weights[1], biases[1])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the larger halves."""
        return torch.relu(self.difference(x)) + self.second(x)


def _like(layer: nn.Conv2d, weight: torch.Tensor, bias: torch.Tensor) -> nn.Conv2d:
    """Return a convolution of the same geometry with other weights."""
    copy = nn.Conv2d(
        layer.in_channels, len(weight), layer.kernel_size, layer.stride, layer.padding
    )
    copy.weight, copy.bias = nn.Parameter(weight), nn.Parameter(bias)
    return copy


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Return a convolution, a batch norm (folded into it at export) and a max feature map."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        MaxFeatureMap(),
    )


def reduced(inputs: int, middle: int, outputs: int) -> nn.Sequential:
    """Return a 1x1 convolution before a 3x3 one."""
    return nn.Sequential(convolution(inputs, middle, 1), convolution(middle // 2, outputs, 3))


class LightenedMoon(nn.Module):
    """(N, 1, S, S) grey 0..255 to (N, outputs); S a multiple of 32, 128 as published.

    :param outputs: numbers that the last layer gives.
    :param size: S; the first dense layer has (S / 32)^2 places.
    """

    RESIZED: ClassVar = {'fc1.weight': 256}
    """Dense layers on that many maps, which start from a smaller picture's by interpolation."""

    def __init__(self, outputs: int, size: int):
        """Build the layers; names are the published graph's."""
        super().__init__()
        if size % 32:
            raise ValueError(f'the side must be a multiple of 32, not {size}')
        self.conv1 = convolution(1, 96, 5)
        self.conv2 = reduced(48, 96, 192)
        self.conv3 = reduced(96, 192, 384)
        self.conv4 = reduced(192, 384, 256)
        self.conv5 = reduced(128, 256, 256)
        self.pool4_fuse = convolution(128, 256, 1)
        self.pool3_fuse = convolution(192, 256, 3, 2)
        self.pool2_fuse = nn.Sequential(convolution(96, 384, 3, 2), convolution(192, 256, 3, 2))
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(256 * (size // 32) ** 2, 512)
        self.feature = MaxFeatureMap()
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(256, outputs)

    def deploy(self):
        """Rewrite the convolutions for ONNX Runtime; the outputs stay."""
        for parent in list(self.modules()):
            for name, part in parent.named_children():
                if isinstance(part, nn.Sequential) and isinstance(part[-1], MaxFeatureMap):
                    setattr(parent, name, RectifiedPair(part[0], part[1]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the outputs; an attribute's lies near +1 or -1."""
        pool1 = self.pool(self.conv1(x / 255))
        pool2 = self.pool(self.conv2(pool1))
        pool3 = self.pool(self.conv3(pool2))
        pool4 = self.pool(self.conv4(pool3))
        pool5 = self.pool(self.conv5(pool4))
        fused = (
            self.pool(self.pool4_fuse(pool4))
            + self.pool(self.pool3_fuse(pool3))
            + self.pool(self.pool2_fuse(pool2))
        )
        maps = torch.cat([pool5.flatten(1), fused.flatten(1)], 1)
        return self.head(self.dropout(self.feature(self.fc1(maps))))
