# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tell what a network's smaller file costs: the same validation crops, as trained and as shipped.

    python -m training.exporting.compare_forms age_gender_levi_hassner --data ../shared/data
    python -m training.exporting.compare_forms emotion_vdcn --data ../shared/data --static-int8

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

from ..data.sets import PictureSet
from ..data.sets import load_set
from ..export import export
from ..recipe import Recipe
from ..recipe import load_recipe
from ..recipe import recipe_parser
from .file_figures import Run
from .file_figures import answers_of
from .file_figures import crops_of
from .file_figures import figures_of
from .static_int8 import quantize
from .static_int8 import runner

TIMED = 30
"""Faces in a row whose median time is told."""

MEASURED = 256
"""Pictures of each training set by which the ranges of activations are measured."""


def forms_of(recipe: Recipe) -> dict[str, Recipe]:
    """Return what a recipe's file could be, from the largest to the one that ships."""
    whole = replace(recipe, rank=0, storage='float32', mirrored=False)
    forms = {'as trained': whole}
    if recipe.rank:
        forms[f'rank {recipe.rank}'] = replace(whole, rank=recipe.rank)
    forms['as shipped'] = recipe
    return forms


def table(recipe: Recipe, data: Path, static_int8: bool = False) -> str:
    """Return the table of all forms.

    :param static_int8: also one that computes in 8 bits, which ships nowhere.
    """
    sets = [load_set(name, data) for name in recipe.validation]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for form, changed in tqdm(forms_of(recipe).items(), desc='forms', unit='form'):
            file = Path(folder) / f'{form}.onnx'
            export(changed, file)
            lines.append(_line(form, file, changed, sets, OnnxEngine(file).run))
        if static_int8:
            whole = forms_of(recipe)['as trained']
            source, file = Path(folder) / 'float32.onnx', Path(folder) / 'static int8.onnx'
            export(whole, source)
            quantize(source, file, _training_crops(whole, data))
            lines.append(_line('computes in 8 bits', file, whole, sets, runner(file)))
    rows = [lines[0].keys(), ['---'] * len(lines[0]), *(line.values() for line in lines)]
    return '\n'.join(f'| {" | ".join(row)} |' for row in rows)


def _line(
    form: str, file: Path, recipe: Recipe, sets: list[PictureSet], run: Run
) -> dict[str, str]:
    """Return a form's cells by heading."""
    worth = {
        f'{name}, {pictures.name}': f'{value}'
        for pictures in sets
        for name, value in figures_of(answers_of(run, recipe, pictures), pictures).items()
    }
    return {
        'form': form,
        'MB': f'{file.stat().st_size / 1e6:.2f}',
        **worth,
        'ms a face': f'{_milliseconds(run, recipe):.2f}',
    }


def _training_crops(recipe: Recipe, data: Path) -> np.ndarray:
    """Return some crops of each training set, as the file takes them."""
    return np.concatenate(
        [
            crops_of(
                pictures.take(np.linspace(0, len(pictures) - 1, MEASURED).astype(int)), recipe
            )
            for pictures in (load_set(name, data) for name in recipe.sets)
        ]
    )


def _milliseconds(run: Run, recipe: Recipe) -> float:
    """Return how long a face takes on one thread."""
    shape = (1, recipe.size, recipe.size) + ((3,) if recipe.channels == 3 else ())
    face = np.zeros(shape, np.uint8)
    run(face)
    return 1000 * float(np.median(timeit.repeat(lambda: run(face), number=1, repeat=TIMED)))


def main():
    """Print the table."""
    parser = recipe_parser(__doc__)
    parser.add_argument(
        '--static-int8', action='store_true', help='also as a network that computes in 8 bits'
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(table(load_recipe(arguments.recipe), arguments.data, arguments.static_int8))


if __name__ == '__main__':
    main()
