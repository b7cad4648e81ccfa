# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks that embed faces: a trunk, and the points of length 1 that it gives."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from ..architectures.build import start_from
from ..architectures.dlib_resnet import DlibResNet
from ..architectures.dlib_resnet import dlib_weights
from ..architectures.efficientnet import EfficientNetLite0
from ..recipe import RUNS
from .descriptors import RADIUS
from .descriptors import Sphere
from .recipe import IdentityRecipe

COLUMNS = 128


class Embedder(nn.Module):
    """(N, 3, S, S) BGR 0..255 to (N, 128), of length 1."""

    def __init__(self, recipe: IdentityRecipe):
        """Build the network: dlib's is lifted onto the sphere, others give 128 numbers."""
        super().__init__()
        self.lifted = recipe.trunk == 'dlib_resnet'
        if self.lifted:
            self.network = DlibResNet(COLUMNS - 1, recipe.window)
        else:
            self.network = EfficientNetLite0(COLUMNS, recipe.frozen)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the embeddings."""
        flat = self.network(x)
        if self.lifted:
            squared = flat.square().sum(1, keepdim=True)
            flat = torch.cat([flat, (RADIUS**2 - squared).clamp(min=1e-4).sqrt()], 1)
        return functional.normalize(flat, dim=1)


def build(recipe: IdentityRecipe, sphere: Sphere | None = None) -> Embedder:
    """Return a recipe's network with its start; ``sphere`` turns dlib's head onto it."""
    embedder = Embedder(recipe)
    if recipe.start == 'dlib':
        weights = dlib_weights()
        axes, center = (torch.from_numpy(part).float() for part in (sphere.axes, sphere.center))
        weights['head.weight'] = axes.T @ weights['head.weight']
        weights['head.bias'] = -axes.T @ center
        embedder.network.load_state_dict(weights)
    elif recipe.start:
        weights = torch.load(RUNS / recipe.start / 'best.pt')
        own = any(name.startswith('network.') for name in weights)
        start_from(embedder if own else embedder.network, weights)
    return embedder
