# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write down what a trained teacher says of its training pictures, for students to learn from.

    python -m training.teach emotion_teacher --data ../shared/data

For each training set, the probabilities of the first exported head, averaged over each crop and
its mirror image: `runs/NAME/SET.scores.npy`, (N, K) float32. A recipe takes them with
`teachers: [NAME]`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from training.batches import Crops
from training.data import load_set
from training.networks import load_trained
from training.recipe import Recipe
from training.recipe import load_recipe
from training.recipe import recipe_parser


def teach(recipe: Recipe, data: Path) -> list[Path]:
    """Write the scores of all training sets; return the files."""
    network = load_trained(recipe)
    files = []
    for name in recipe.sets:
        crops = Crops(load_set(name, data), recipe, varied=False)
        batches = tqdm(DataLoader(crops, 128), desc=f'teach {name}', unit='batches')
        scores = np.concatenate([_scores(network, batch['image'], recipe) for batch in batches])
        files.append(recipe.run / f'{name}.scores.npy')
        np.save(files[-1], scores)
    return files


@torch.no_grad()
def _scores(network, image: torch.Tensor, recipe: Recipe) -> np.ndarray:
    """Return the (N, K) float32 probabilities of (N, C, S, S) uint8 crops."""
    place = recipe.slices[recipe.exported[0]]
    views = (image.float(), image.flip(3).float())
    return sum(network(view)[:, place].softmax(1) for view in views).div(2).numpy()


def main():
    """Teach from the command line."""
    arguments = recipe_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    for file in teach(load_recipe(arguments.recipe), arguments.data):
        print(file)


if __name__ == '__main__':
    main()
