# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Architectures by name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from ..recipe import Recipe
from ..recipe import load_recipe
from .efficientnet import EfficientNetLite0
from .levi_hassner import LeviHassner
from .mini_xception import MiniXception
from .moon import LightenedMoon
from .resnet import ResNet
from .vdcn import COLUMNS
from .vdcn import Vdcn
from .vdcn import start_deeper

ARCHITECTURES = {
    'efficientnet_lite0': lambda recipe: EfficientNetLite0(recipe.outputs, recipe.frozen),
    'levi_hassner': lambda recipe: LeviHassner(recipe.outputs, recipe.size),
    'levi_hassner_faithful': lambda recipe: LeviHassner(recipe.outputs, recipe.size, True),
    'lightened_moon': lambda recipe: LightenedMoon(recipe.outputs, recipe.size),
    'mini_xception': lambda recipe: MiniXception(recipe.outputs),
    'resnet18': lambda recipe: ResNet(
        18, recipe.outputs, recipe.channels, round(64 * recipe.width)
    ),
    **{
        f'vdcn_{column.lower()}': lambda recipe, column=column: Vdcn(
            column, recipe.outputs, recipe.size, recipe.channels, recipe.width, recipe.norm
        )
        for column in COLUMNS
    },
}


def build(recipe: Recipe) -> nn.Module:
    """Build a recipe's network; raise ``ValueError`` on an unknown architecture."""
    if recipe.architecture not in ARCHITECTURES:
        raise ValueError(
            f'no architecture {recipe.architecture!r}; there are {sorted(ARCHITECTURES)}'
        )
    return ARCHITECTURES[recipe.architecture](recipe)


def load_trained(recipe: Recipe) -> nn.Module:
    """Return a recipe's best network, ready to be asked."""
    network = build(recipe)
    network.load_state_dict(torch.load(recipe.run / 'best.pt'))
    return network.eval().to(memory_format=torch.channels_last)


def keep_outputs(network: nn.Module, places: Sequence[slice]):
    """Cut a network's last layer, ``head``, down to some of its outputs, in that order."""
    head = network.head
    head.weight = nn.Parameter(torch.cat([head.weight[place].detach() for place in places]))
    head.bias = nn.Parameter(torch.cat([head.bias[place].detach() for place in places]))


def start(network: nn.Module, recipe: Recipe) -> list[str]:
    """Start a network from the recipe's ``start``; return the names of what stays random.

    A deeper VDCN starts from a shallower one as ``vdcn.start_deeper`` says. An absolute path is
    the folder of a run of the same architecture.
    """
    if Path(recipe.start).is_absolute():
        return start_from(network, torch.load(Path(recipe.start) / 'best.pt'))
    before = load_recipe(recipe.start)
    if before.architecture == recipe.architecture:
        return start_from(network, torch.load(before.run / 'best.pt'))
    start_deeper(network, load_trained(before))
    return []


def start_from(network: nn.Module, weights: dict[str, torch.Tensor]) -> list[str]:
    """Copy all weights of the same name and shape; return the names left as they were.

    A dense layer on maps (``RESIZED``) of another size is interpolated.
    """
    own = network.state_dict()
    resized = {
        name: _resized(weights[name], own[name], maps)
        for name, maps in getattr(network, 'RESIZED', {}).items()
        if name in weights
    }
    fitting = {
        name: value
        for name, value in {**weights, **resized}.items()
        if name in own and own[name].shape == value.shape
    }
    own.update(fitting)
    network.load_state_dict(own)
    return sorted(own.keys() - fitting.keys())


def _resized(weight: torch.Tensor, like: torch.Tensor, maps: int) -> torch.Tensor:
    """Interpolate a dense layer's (O, maps * S * S) weights from one S to another's.

    The sum over the maps' places stays.
    """
    old, new = (math.isqrt(layer.shape[1] // maps) for layer in (weight, like))
    squares = weight.view(len(weight), maps, old, old)
    wide = functional.interpolate(squares, (new, new), mode='bilinear', align_corners=False)
    return wide.reshape(len(weight), -1) * (old / new) ** 2
