# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write down what a trained teacher says of its training pictures, for students to learn from.

    python -m training.teach emotion_teacher --data ../shared/data

For each set, the probabilities of every head, averaged over each crop and its mirror image:
`runs/NAME/SET.taught.npz`, (N, K) float16 by head. A recipe takes those of its own heads with
`teachers: [NAME]`. A teacher of faces tells the age of pictures without one, too.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from .batches import Crops
from .batches import taught_file
from .data import load_set
from .networks import load_trained
from .recipe import Recipe
from .recipe import load_recipe
from .recipe import recipe_parser


def teach(recipe: Recipe, data: Path) -> list[Path]:
    """Write what it says of all training sets; return the files."""
    network = load_trained(recipe)
    files = []
    for name in recipe.sets:
        crops = Crops(load_set(name, data), recipe, varied=False)
        batches = tqdm(DataLoader(crops, 128), desc=f'teach {name}', unit='batches')
        answers = [_answers(network, batch['image'], recipe) for batch in batches]
        files.append(taught_file(recipe.name, name))
        np.savez(files[-1], **{head: np.concatenate([answer[head] for answer in answers])
                               for head in recipe.heads})
    return files


@torch.no_grad()
def _answers(network, image: torch.Tensor, recipe: Recipe) -> dict[str, np.ndarray]:
    """Return the (N, K) float16 probabilities by head of (N, C, S, S) uint8 crops."""
    views = [network(view.float()) for view in (image, image.flip(3))]
    return {head: sum(probabilities(head, view[:, place], recipe) for view in views)
            .div(2).numpy().astype(np.float16) for head, place in recipe.slices.items()}


def probabilities(head: str, scores: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return a head's (N, K) probabilities; of MOON's scores, where between -1 and 1 they lie."""
    if head != 'attributes':
        return scores.softmax(1)
    if recipe.attribute_target:
        return (scores.clamp(-1, 1) + 1) / 2
    return scores.sigmoid()


def main():
    """Teach from the command line."""
    arguments = recipe_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    for file in teach(load_recipe(arguments.recipe), arguments.data):
        print(file)


if __name__ == '__main__':
    main()
