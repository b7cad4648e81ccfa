# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Optimizers and learning rates by name, as recipes choose them."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from ..recipe import Recipe

MOMENTUM = 0.9
PATIENCE = 3
"""Epochs without a better validation score after which a plateau ends."""

DIVISIONS = 3
"""How often the rate is divided by ten at a plateau (Simonyan and Zisserman 2014, 3.1)."""


def optimizer_of(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    """Return a recipe's optimizer; norms and biases do not decay.

    :raises ValueError: there is no such optimizer.
    """
    if recipe.optimizer not in OPTIMIZERS:
        raise ValueError(
            f'no optimizer {recipe.optimizer!r}; there are {", ".join(sorted(OPTIMIZERS))}'
        )
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return OPTIMIZERS[recipe.optimizer](
        [
            {'params': decayed, 'weight_decay': recipe.weight_decay},
            {'params': others, 'weight_decay': 0.0},
        ],
        recipe.rate,
    )


def schedule_of(recipe: Recipe, optimizer: torch.optim.Optimizer, steps: int) -> dict[str, Any]:
    """Return a recipe's learning rate as Lightning takes it.

    :param steps: length of the whole training.
    :raises ValueError: there is no such schedule.
    """
    if recipe.schedule not in SCHEDULES:
        raise ValueError(
            f'no schedule {recipe.schedule!r}; there are {", ".join(sorted(SCHEDULES))}'
        )
    return SCHEDULES[recipe.schedule](recipe, optimizer, steps)


def _adamw(groups: list[dict], rate: float) -> torch.optim.Optimizer:
    """Return AdamW."""
    return torch.optim.AdamW(groups, rate)


def _sgd(groups: list[dict], rate: float) -> torch.optim.Optimizer:
    """Return stochastic gradient descent with momentum."""
    return torch.optim.SGD(groups, rate, momentum=MOMENTUM)


def _cosine(recipe: Recipe, optimizer: torch.optim.Optimizer, steps: int) -> dict[str, Any]:
    """Rise for ``warmup`` epochs, then fall as a cosine."""
    warmup = max(1, round(recipe.warmup * steps / recipe.epochs))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    return {'scheduler': schedule, 'interval': 'step'}


def _plateau(recipe: Recipe, optimizer: torch.optim.Optimizer, _steps: int) -> dict[str, Any]:
    """Divide by ten, three times, whenever the validation score stops improving."""
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        'max',
        0.1,
        PATIENCE,
        threshold=1e-4,
        threshold_mode='abs',
        min_lr=recipe.rate * 0.1**DIVISIONS,
    )
    return {'scheduler': schedule, 'interval': 'epoch', 'monitor': 'score'}


OPTIMIZERS = {'adamw': _adamw, 'sgd': _sgd}
SCHEDULES = {'cosine': _cosine, 'plateau': _plateau}
