# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Train an embedding; called again, it goes on from its last checkpoint.

python -m training.identity.train identity_student --data ../shared/data
"""

from __future__ import annotations

import argparse
from pathlib import Path

import lightning
import torch

from ..train import fit
from .batches import held_out_batches
from .batches import sphere_of_training
from .batches import training_batches
from .module import IdentityModule
from .network import build
from .recipe import IdentityRecipe
from .recipe import load_recipe


def train(
    recipe: IdentityRecipe,
    data: Path,
    workers: int = 1,
    limit: int | None = None,
    minutes: float = 3,
) -> Path:
    """Train; return the folder with ``best.pt`` (the averaged network of the best epoch).

    Best is what tells the held-out people of celeba_train apart.

    :param limit: steps an epoch at most (for trying a recipe out).
    :param minutes: from one checkpoint to the next.
    """
    lightning.seed_everything(recipe.seed, workers=True)
    batches, people = training_batches(recipe, data, workers)
    steps = len(batches)
    network = build(recipe, sphere_of_training() if recipe.start == 'dlib' else None)
    network.to(memory_format=torch.channels_last)
    module = IdentityModule(recipe, network, recipe.epochs * min(steps, limit or steps), people)
    return fit(
        recipe,
        module,
        batches,
        held_out_batches(recipe, data),
        minutes,
        log_every_n_steps=1 if 'triplet' in recipe.losses else 20,
        limit_train_batches=limit,
    )


def main():
    """Train from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('recipe', help='of training/recipes/identity')
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--workers', type=int, default=1, help='processes that cut crops')
    parser.add_argument('--limit', type=int, help='steps an epoch at most, to try a recipe')
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = load_recipe(arguments.recipe)
    print(train(recipe, arguments.data, arguments.workers, arguments.limit))


if __name__ == '__main__':
    main()
