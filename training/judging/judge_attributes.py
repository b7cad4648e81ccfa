# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compare runs for the 40 attributes on CelebA's validation part, an attribute a line.

    python -m training.judging.judge_attributes attributes_moon attributes_moon_balanced \
        --data ../shared/data

Accuracy and balanced accuracy (the mean of the accuracies with and without an attribute) of each
run as its file would ship, on the crops of run time.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.faces import ATTRIBUTES

from ..data.sets import PictureSet
from ..data.sets import load_set
from ..export import export
from ..recipe import Recipe
from ..recipe import load_recipe
from . import measures
from .figures import answers_of

SET = 'celeba_val'


def judge(recipes: list[Recipe], pictures: PictureSet) -> str:
    """Return the table: means first, then each attribute in CelebA's order."""
    labels = pictures.labels['attributes'] > 0
    pairs = [
        measures.attribute_accuracies(_scores(recipe, pictures) > 0.5, labels)
        for recipe in recipes
    ]
    columns = np.stack([labels.mean(0), *(values for pair in pairs for values in pair)])
    heads = [
        'share',
        *(
            f'{recipe.name}, {measure}'
            for recipe in recipes
            for measure in ('accuracy', 'balanced')
        ),
    ]
    lines = [
        ['attribute', *heads],
        ['---'] * (len(heads) + 1),
        ['mean', *_cells(columns.mean(1))],
        *([name, *_cells(values)] for name, values in zip(ATTRIBUTES, columns.T)),
    ]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _scores(recipe: Recipe, pictures: PictureSet) -> np.ndarray:
    """Return the (N, 40) probabilities of the file that the run would ship."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'made.onnx'
        export(recipe, file)
        return answers_of(OnnxEngine(file).run, recipe, pictures)['attributes']


def _cells(shares: np.ndarray) -> list[str]:
    """Return shares in percent."""
    return [f'{100 * share:.1f}' for share in shares]


def main():
    """Judge from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('recipes', nargs='+', metavar='recipe')
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(judge([load_recipe(name) for name in arguments.recipes], load_set(SET, arguments.data)))


if __name__ == '__main__':
    main()
