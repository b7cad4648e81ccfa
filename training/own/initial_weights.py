# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The weights that a training starts from, and the calibration that comes with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from face_affect_ros.quoting import quoted

from ..data.sets import load_set
from ..exporting.from_onnx import StartError
from ..fitting.restore import restore
from ..recipe import Recipe
from ..tasks import LEARNED
from .faults import DataError
from .preparation import SETS
from .rows import TRAIN
from .training_job import EMBEDDED
from .training_job import SCRATCH
from .training_job import TrainingJob


def start_folder(order: TrainingJob) -> Path | None:
    """Return the folder of the weights to start from; None: there are none.

    :raises DataError: the folder that was named has none.
    """
    if order.begin == SCRATCH:
        return None
    if order.begin == EMBEDDED:
        return order.run.resolve() / 'start'
    folder = Path(order.begin).resolve()
    if not (folder / 'best.pt').is_file():
        raise DataError(
            f'{quoted(order.begin)} is no folder of a run: it has no best.pt '
            f'(expected: {EMBEDDED}, {SCRATCH} or such a folder)'
        )
    return folder


def write_embedded(order: TrainingJob, recipe: Recipe, prepared: Path):
    """Write the embedded network as weights to start from.

    :raises DataError: it is not of the recipe's architecture.
    """
    folder = Path(recipe.start)
    if (folder / 'best.pt').exists():
        return
    try:
        restore(recipe, order.target, load_set(SETS[TRAIN], prepared), folder)
    except StartError as error:
        raise DataError(
            f'recipe {order.name} cannot start from the embedded {order.target} '
            f'({error}): use --starting-from {SCRATCH}'
        ) from error


def calibration(recipe: Recipe) -> dict[str, np.ndarray]:
    """Return (2, K) slopes and offsets by exported task for where none can be measured.

    Those of the start; else none but for MOON's scores, of which (1 + score) / 2 is nearly the
    probability.
    """
    file = Path(recipe.start) / 'calibration.npz'
    if recipe.start and file.exists():
        with np.load(file) as stored:
            return {task: stored[task] for task in recipe.exported}
    return {
        task: np.stack([np.full(columns, slope, np.float32), np.zeros(columns, np.float32)])
        for task in recipe.exported
        for columns in [LEARNED[task].columns]
        for slope in [2.0 if LEARNED[task].is_independent and recipe.attribute_target else 1.0]
    }
