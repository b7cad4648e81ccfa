# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Architectures by name."""

from __future__ import annotations

from torch import nn

from training.efficientnet import EfficientNetLite0
from training.mini_xception import MiniXception

ARCHITECTURES = {
    'efficientnet_lite0': lambda outputs, channels: EfficientNetLite0(outputs),
    'mini_xception': lambda outputs, channels: MiniXception(outputs),
}


def build(architecture: str, outputs: int, channels: int) -> nn.Module:
    """Build a network by name; raise ``ValueError`` on an unknown one."""
    if architecture not in ARCHITECTURES:
        raise ValueError(f'no architecture {architecture!r}; there are {sorted(ARCHITECTURES)}')
    return ARCHITECTURES[architecture](outputs, channels)


def keep_outputs(network: nn.Module, place: slice):
    """Cut a network's last layer, ``head``, down to some of its outputs."""
    head = network.head
    head.weight = nn.Parameter(head.weight[place].detach().clone())
    head.bias = nn.Parameter(head.bias[place].detach().clone())
