# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe made for tens of thousands of pictures, fitted to what a user has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..data.sets import HELD_OUT
from ..recipe import Recipe
from .preparation import SETS
from .report import Report
from .rows import TRAIN
from .rows import VALIDATION
from .training_job import TrainingJob

CALIBRATED = 200
"""Pictures that are held out at least where scores are calibrated on them."""

AVERAGED = 0.1
"""Share of the steps, at most, over which the weights are averaged."""


def adapted(order: TrainingJob, report: Report, start: Path | None) -> Recipe:
    """Return the recipe for the prepared pictures of a user.

    Heads without labels, which do not ship, are left out, as are teachers and second framings;
    a batch is not larger than the training part, and weights are averaged over no more than a
    tenth of the training.

    :param start: folder of the weights to start from; None: from nothing.
    """
    recipe, count = order.recipe, report.used[TRAIN]
    epochs, batch = order.epochs or recipe.epochs, min(recipe.batch, count)
    steps = epochs * (count // batch)
    return replace(
        recipe,
        tasks={task: weight for task, weight in recipe.tasks.items() if task in report.classes},
        sets=[SETS[TRAIN]],
        validation=[SETS[VALIDATION]],
        start=str(start or ''),
        teachers={},
        consistency=0.0,
        held_out=recipe.held_out and count >= CALIBRATED * HELD_OUT,
        epochs=epochs,
        batch=batch,
        rate=order.rate or recipe.rate,
        average=max(0.0, min(recipe.average, 1 - 1 / (AVERAGED * steps))),
        draws={},
        seed=order.seed,
        jitter=replace(recipe.jitter, framed=0.0),
        folder=order.run.resolve(),
    )
