# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make a trained network's scores mean what they say, on pictures that were held out of training.

    python -m training.fitting.calibrate attributes_moon --data ../shared/data

A class head gets one temperature, each attribute a slope and an offset (Platt 1999; Guo et al.
2017): `runs/NAME/calibration.npz`, which `training.export` builds into the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader
from tqdm import tqdm

from ..architectures.build import load_trained
from ..architectures.moon import label_weights
from ..data.batches import Crops
from ..data.sets import load_set
from ..recipe import HEAD_SIZES
from ..recipe import Recipe
from ..recipe import load_recipe
from ..recipe import recipe_parser


def calibrate(recipe: Recipe, data: Path) -> dict[str, np.ndarray]:
    """Return (2, K) float32, slopes and offsets of the scores, for each exported head."""
    scores, labels = held_out_scores(recipe, data)
    balanced = recipe.attribute_target == 'balanced'
    return {
        head: fitted(head, scores[:, recipe.slices[head]], labels[head], balanced)
        for head in recipe.exported
    }


def held_out_scores(recipe: Recipe, data: Path) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Return the (N, outputs) scores of all held-out pictures and their labels by head."""
    network = load_trained(recipe)
    batches = [batch for name in recipe.sets for batch in _held_out_batches(name, recipe, data)]
    with torch.no_grad():
        scores = [
            network(batch['image'].float().contiguous(memory_format=torch.channels_last))
            for batch in tqdm(batches, desc='held-out pictures', unit='batches')
        ]
    labels = {head: torch.cat([batch[head] for batch in batches]) for head in recipe.heads}
    return torch.cat(scores), labels


def _held_out_batches(name: str, recipe: Recipe, data: Path) -> DataLoader:
    """Return the held-out pictures of a set, cut as at run time."""
    pictures = load_set(name, data)
    return DataLoader(Crops(pictures.take(pictures.held_out()), recipe, varied=False), 128)


def fitted(
    head: str, scores: torch.Tensor, labels: torch.Tensor, balanced: bool = False
) -> np.ndarray:
    """Return the (2, K) slopes and offsets that minimize a head's loss, by L-BFGS.

    Classes share one slope and have no offset; each attribute has its own pair.

    :param balanced: pictures with and without an attribute weigh the same, so that 0.5 is where
        the balanced accuracy is best.
    """
    alone = head == 'attributes'
    slope = torch.ones(HEAD_SIZES[head] if alone else 1, requires_grad=True)
    offset = torch.zeros(HEAD_SIZES[head], requires_grad=alone)
    optimizer = torch.optim.LBFGS(
        [slope, offset] if alone else [slope], max_iter=200, line_search_fn='strong_wolfe'
    )

    def closure():
        optimizer.zero_grad()
        loss = _loss(head, scores * slope + offset, labels, balanced)
        loss.backward()
        return loss

    optimizer.step(closure)
    return torch.stack([slope.expand(HEAD_SIZES[head]), offset]).detach().numpy()


def _loss(head: str, scores: torch.Tensor, labels: torch.Tensor, balanced: bool) -> torch.Tensor:
    """Return the negative log-likelihood of the labels."""
    if head in ('emotion', 'gender'):
        return functional.cross_entropy(scores, labels, ignore_index=-1)
    if head == 'age':
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
    for head, (slopes, offsets) in found.items():
        print(f'{head}: slopes {slopes.round(2)}, offsets {offsets.round(2)}')


if __name__ == '__main__':
    main()
