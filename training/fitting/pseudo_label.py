# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Write down what a trained teacher says of its training pictures, for students to learn from.

    python -m training.fitting.pseudo_label emotion_teacher --data ../shared/data
    python -m training.fitting.pseudo_label gender_mini_xception --data ../shared/data --embedded
    python -m training.fitting.pseudo_label emotion_vdcn --data DATA --sets celeba_train

For each set, the probabilities of every task, averaged over each crop and its mirror image:
`runs/NAME/SET.taught.npz`, (N, K) float16 by task. A recipe takes those of its own tasks with
`teachers: [NAME]`. A teacher tells of pictures without a label, too: the age of CelebA's, the
emotion of a set that it was not trained on. The embedded file teaches the tasks that ship,
calibrated, of the crops as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.registry import catalogue

from ..architectures.build import load_trained
from ..data.batches import Crops
from ..data.batches import soft_label_file
from ..data.sets import load_set
from ..recipe import Recipe
from ..recipe import load_recipe
from ..recipe import recipe_parser
from .losses import probabilities

Answers = dict[str, np.ndarray]
"""(N, K) probabilities by task."""


def teach(
    recipe: Recipe, data: Path, ask: Callable[[torch.Tensor], Answers], sets: Iterable[str] = ()
) -> list[Path]:
    """Write what a teacher says of training sets; return the files.

    :param ask: the teacher: (N, C, S, S) uint8 crops to its answers.
    :param sets: names; empty: those of the recipe.
    """
    files = []
    for name in sets or recipe.sets:
        crops = Crops(load_set(name, data), recipe, varied=False)
        batches = tqdm(DataLoader(crops, 128), desc=f'teach {name}', unit='batches')
        answers = [ask(batch['image']) for batch in batches]
        files.append(soft_label_file(recipe.name, name))
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            files[-1],
            **{
                task: np.concatenate([answer[task] for answer in answers]).astype(np.float16)
                for task in answers[0]
            },
        )
    return files


def trained(recipe: Recipe) -> Callable[[torch.Tensor], Answers]:
    """Return the teacher that a run's best weights are."""
    network = load_trained(recipe)

    @torch.no_grad()
    def ask(image: torch.Tensor) -> Answers:
        views = [network(view.float()) for view in (image, image.flip(3))]
        return {
            task: sum(probabilities(task, view[:, place], recipe) for view in views).div(2).numpy()
            for task, place in recipe.slices.items()
        }

    return ask


def embedded(recipe: Recipe, threads: int = 1) -> Callable[[torch.Tensor], Answers]:
    """Return the teacher that the embedded file of the recipe's name is."""
    engine = OnnxEngine(catalogue.checked_path(recipe.name), threads)

    def ask(image: torch.Tensor) -> Answers:
        crops = image[:, 0] if recipe.channels == 1 else image.permute(0, 2, 3, 1)
        return dict(zip(recipe.exported, engine.run(np.ascontiguousarray(crops))))

    return ask


def main():
    """Teach from the command line."""
    parser = recipe_parser(__doc__)
    parser.add_argument('--embedded', action='store_true', help='the teacher is the shipped file')
    parser.add_argument(
        '--sets', nargs='+', metavar='SET', default=(), help='(default: those of the recipe)'
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = load_recipe(arguments.recipe)
    ask = embedded(recipe, arguments.threads) if arguments.embedded else trained(recipe)
    for file in teach(recipe, arguments.data, ask, arguments.sets):
        print(file)


if __name__ == '__main__':
    main()
