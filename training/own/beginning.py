# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The weights that a training starts from, and the calibration that comes with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from face_affect_ros.registry import catalogue

from ..batches import Crops
from ..data import load_set
from ..from_onnx import StartError
from ..from_onnx import start_of
from ..recipe import HEAD_SIZES
from ..recipe import Recipe
from .faults import DataError
from .order import EMBEDDED
from .order import SCRATCH
from .order import Order
from .preparation import SETS
from .rows import TRAIN

SEEN = 256
"""Pictures, at most, by which norms learn their statistics."""


def start_folder(order: Order) -> Path | None:
    """Return the folder of the weights to start from; None: there are none.

    :raises DataError: the folder that was named has none.
    """
    if order.begin == SCRATCH:
        return None
    if order.begin == EMBEDDED:
        return order.run.resolve() / 'start'
    folder = Path(order.begin).resolve()
    if not (folder / 'best.pt').is_file():
        raise DataError(f'{order.begin} is no folder of a run: it has no best.pt (expected: '
                        f'{EMBEDDED}, {SCRATCH} or such a folder)')
    return folder


def write_embedded(order: Order, recipe: Recipe, prepared: Path):
    """Write the embedded network as weights to start from.

    :raises DataError: it is not of the recipe's architecture.
    """
    folder = Path(recipe.start)
    if (folder / 'best.pt').exists():
        return
    crops = Crops(load_set(SETS[TRAIN], prepared), recipe, varied=False)
    rows = np.unique(np.linspace(0, len(crops) - 1, SEEN).astype(int))
    images = torch.from_numpy(np.stack([crops[row]['image'] for row in rows]))
    try:
        start = start_of(catalogue.read_weights(order.target), recipe, images)
    except StartError as error:
        raise DataError(f'recipe {order.name} cannot start from the embedded {order.target} '
                        f'({error}): use --starting-from {SCRATCH}') from error
    folder.mkdir(parents=True, exist_ok=True)
    sizes = np.cumsum([HEAD_SIZES[head] for head in recipe.exported])[:-1]
    parts = np.split(np.stack([start.slopes, start.offsets]), sizes, axis=1)
    np.savez(folder / 'calibration.npz', **dict(zip(recipe.exported, parts)))
    torch.save(start.network.state_dict(), folder / 'best.pt')


def calibration(recipe: Recipe) -> dict[str, np.ndarray]:
    """Return (2, K) slopes and offsets by exported head for where none can be measured.

    Those of the start; else none but for MOON's scores, of which (1 + score) / 2 is nearly the
    probability.
    """
    file = Path(recipe.start) / 'calibration.npz'
    if recipe.start and file.exists():
        with np.load(file) as stored:
            return {head: stored[head] for head in recipe.exported}
    return {head: np.stack([np.full(HEAD_SIZES[head], slope, np.float32),
                            np.zeros(HEAD_SIZES[head], np.float32)])
            for head in recipe.exported
            for slope in [2.0 if head == 'attributes' and recipe.attribute_target else 1.0]}
