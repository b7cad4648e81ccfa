# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge what a network's smaller file costs: the same validation crops, as trained and as shipped.

    python -m training.judge_size age_gender_levi_hassner --data ../shared/data

A line a form: size, what the exported heads are worth on each validation set, and the time a
face on one thread.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from face_affect_ros.engines.onnx import OnnxEngine

from .batches import Crops
from .data import PictureSet
from .data import load_set
from .export import export
from .measures import attribute_accuracies
from .recipe import Recipe
from .recipe import load_recipe
from .recipe import recipe_parser

BATCH = 64


def forms_of(recipe: Recipe) -> dict[str, Recipe]:
    """Return what a recipe's file could be, from the largest to the one that ships."""
    whole = replace(recipe, rank=0, storage='float32', mirrored=False)
    forms = {'as trained': whole}
    if recipe.rank:
        forms[f'rank {recipe.rank}'] = replace(whole, rank=recipe.rank)
    forms['as shipped'] = recipe
    return forms


def judge(recipe: Recipe, data: Path) -> str:
    """Return the table of all forms."""
    sets = [load_set(name, data) for name in recipe.validation]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for form, changed in forms_of(recipe).items():
            file = Path(folder) / f'{form}.onnx'
            export(changed, file)
            worth, milliseconds = _worth(OnnxEngine(file), changed, sets)
            lines.append({'form': form, 'MB': f'{file.stat().st_size / 1e6:.2f}', **worth,
                          'ms a face': f'{milliseconds:.2f}'})
    rows = [lines[0].keys(), ['---'] * len(lines[0]), *(line.values() for line in lines)]
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def _worth(engine: OnnxEngine, recipe: Recipe,
           sets: list[PictureSet]) -> tuple[dict[str, str], float]:
    """Return the measures of all sets by name, and the milliseconds a face."""
    worth, spent, count = {}, 0.0, 0
    for pictures in sets:
        said = []
        for batch in tqdm(DataLoader(Crops(pictures, recipe, varied=False), BATCH),
                          desc=pictures.name, leave=False):
            crops = batch['image'].permute(0, 2, 3, 1).squeeze(3).numpy()
            started = time.perf_counter()
            said.append(engine.run(np.ascontiguousarray(crops)))
            spent += time.perf_counter() - started
            count += len(crops)
        heads = (np.concatenate(parts) for parts in zip(*said, strict=True))
        for head, probabilities in zip(recipe.exported, heads, strict=True):
            if head in pictures.labels:
                worth[f'{head} {pictures.name}'] = measure(head, probabilities, pictures)
    return worth, 1000 * spent / count


def measure(head: str, probabilities: np.ndarray, pictures: PictureSet) -> str:
    """Return a head's measure on (N, K) probabilities: percent right, or years of mean error."""
    labels = pictures.labels[head]
    if head == 'age':
        years = probabilities @ np.arange(probabilities.shape[1])
        return f'{np.abs(years - labels).mean():.2f} years'
    if head != 'attributes':
        return f'{100 * (probabilities.argmax(1) == labels).mean():.1f} %'
    known = (labels >= 0).all(0)
    plain, balanced = attribute_accuracies(probabilities[:, known] > 0.5, labels[:, known] > 0)
    return f'{100 * plain.mean():.2f} % (balanced {100 * balanced.mean():.2f} %)'


def main():
    """Judge from the command line."""
    arguments = recipe_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    print(judge(load_recipe(arguments.recipe), arguments.data))


if __name__ == '__main__':
    main()
