# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make a trained network's scores mean what they say, on pictures that were held out of training.

    python -m training.fitting.calibrate attributes_moon --data ../shared/data

A class task gets one temperature, each attribute a slope and an offset (Platt 1999; Guo et al.
2017): `runs/NAME/calibration.npz`, which `training.export` builds into the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm

from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import YEARS

from ..architectures.build import load_trained
from ..architectures.moon import label_weights
from ..data.batches import Crops
from ..data.sets import load_set
from ..recipe import Recipe
from ..recipe import load_recipe
from ..recipe import recipe_parser
from ..tasks import LEARNED


def calibrate(recipe: Recipe, data: Path) -> dict[str, np.ndarray]:
    """Return (2, K) float32, slopes and offsets of the scores, for each exported task."""
    scores, labels = held_out_scores(recipe, data)
    balanced = recipe.attribute_target == 'balanced'
    return {
        task: fitted(task, scores[:, recipe.slices[task]], labels[task], balanced)
        for task in recipe.exported
    }


def held_out_scores(recipe: Recipe, data: Path) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return the (N, outputs) scores of all held-out pictures and their labels by task."""
    network = load_trained(recipe)
    batches = [batch for name in recipe.sets for batch in _held_out_batches(name, recipe, data)]
    with torch.no_grad():
        scores = [
            network(batch['image'].float().contiguous(memory_format=torch.channels_last))
            for batch in tqdm(batches, desc='held-out pictures', unit='batches')
        ]
    labels = {task: torch.cat([batch[task] for batch in batches]) for task in recipe.tasks}
    return torch.cat(scores), labels


def _held_out_batches(name: str, recipe: Recipe, data: Path) -> DataLoader:
    """Return the held-out pictures of a set, cut as at run time."""
    pictures = load_set(name, data)
    return DataLoader(Crops(pictures.take(pictures.held_out()), recipe, varied=False), 128)


def fitted(
    task: str, scores: torch.Tensor, labels: torch.Tensor, balanced: bool = False
) -> np.ndarray:
    """Return the (2, K) slopes and offsets that minimize a task's loss, by L-BFGS.

    Classes share one slope and have no offset; each attribute has its own pair.

    :param balanced: pictures with and without an attribute weigh the same, so that 0.5 is where
        the balanced accuracy is best.
    """
    alone = LEARNED[task].is_independent
    slope = torch.ones(LEARNED[task].columns if alone else 1, requires_grad=True)
    offset = torch.zeros(LEARNED[task].columns, requires_grad=alone)
    optimizer = torch.optim.LBFGS(
        [slope, offset] if alone else [slope], max_iter=200, line_search_fn='strong_wolfe'
    )

    def closure():
        optimizer.zero_grad()
        loss = _loss(task, scores * slope + offset, labels, balanced)
        loss.backward()
        return loss

    optimizer.step(closure)
    return torch.stack([slope.expand(LEARNED[task].columns), offset]).detach().numpy()


def _loss(task: str, scores: torch.Tensor, labels: torch.Tensor, balanced: bool) -> torch.Tensor:
    """Return the negative log-likelihood of the labels."""
    kind = LEARNED[task].kind
    if kind == MULTICLASS:
        return functional.cross_entropy(scores, labels, ignore_index=-1)
    if kind == YEARS:
        known = torch.isfinite(labels)
        years = labels[known].round().clamp(0, scores.shape[1] - 1).long()
        return functional.cross_entropy(scores[known], years)
    weights = torch.from_numpy(label_weights(labels.numpy(), balanced))
    return functional.binary_cross_entropy_with_logits(
        scores, labels.clamp(min=0).float(), weights
    )


def main():
    """Calibrate from the command line."""
    arguments = recipe_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = load_recipe(arguments.recipe)
    found = calibrate(recipe, arguments.data)
    np.savez(recipe.run / 'calibration.npz', **found)
    for task, (slopes, offsets) in found.items():
        print(f'{task}: slopes {slopes.round(2)}, offsets {offsets.round(2)}')


if __name__ == '__main__':
    main()
