# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge what a network's smaller file costs: the same validation crops, as trained and as shipped.

    python -m training.judge_size age_gender_levi_hassner --data ../shared/data

A line a form: size, what the exported heads are worth on each validation set, and the time a
face on one thread.
"""

from __future__ import annotations

import tempfile
import timeit
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from face_affect_ros.engines.onnx import OnnxEngine

from .data import load_set
from .export import export
from .figures import figures
from .recipe import Recipe
from .recipe import load_recipe
from .recipe import recipe_parser

TIMED = 10
"""Faces in a row whose median time is told."""


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
        for form, changed in tqdm(forms_of(recipe).items(), desc='forms', unit='form'):
            file = Path(folder) / f'{form}.onnx'
            export(changed, file)
            worth = {f'{name}, {pictures.name}': f'{value}' for pictures in sets
                     for name, value in figures(file.read_bytes(), changed, pictures).items()}
            lines.append({'form': form, 'MB': f'{file.stat().st_size / 1e6:.2f}', **worth,
                          'ms a face': f'{_milliseconds(file, changed):.2f}'})
    rows = [lines[0].keys(), ['---'] * len(lines[0]), *(line.values() for line in lines)]
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def _milliseconds(file: Path, recipe: Recipe) -> float:
    """Return how long a face takes on one thread."""
    shape = (1, recipe.size, recipe.size) + ((3,) if recipe.channels == 3 else ())
    engine, face = OnnxEngine(file), np.zeros(shape, np.uint8)
    engine.run(face)
    return 1000 * float(np.median(timeit.repeat(lambda: engine.run(face), number=1, repeat=TIMED)))


def main():
    """Judge from the command line."""
    arguments = recipe_parser(__doc__).parse_args()
    torch.set_num_threads(arguments.threads)
    print(judge(load_recipe(arguments.recipe), arguments.data))


if __name__ == '__main__':
    main()
