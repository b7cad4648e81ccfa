# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make a run's best weights again from the embedded file, where its folder was lost.

    python -m training.fitting.restore attributes_moon --data ../shared/data

Writes `runs/NAME/best.pt` and `calibration.npz`, from which a recipe with `start: NAME` begins
(`training.train`). Heads that do not ship are random again: let the embedded file itself teach
(`training.fitting.pseudo_label --embedded`), not this.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from face_affect_ros.registry import catalogue

from ..data.batches import Crops
from ..data.sets import PictureSet
from ..data.sets import load_set
from ..exporting.from_onnx import start_of
from ..recipe import Recipe
from ..recipe import load_recipe
from ..recipe import recipe_parser
from ..tasks import LEARNED

SEEN = 256
"""Pictures, at most, by which norms learn their statistics."""


def restore(recipe: Recipe, network: str, pictures: PictureSet, folder: Path):
    """Write an embedded network as a run's best weights and their calibration.

    :param network: its name in the catalogue.
    :param pictures: by which norms that were folded away learn their statistics.
    :raises StartError: the network is not of the recipe's architecture.
    """
    crops = Crops(pictures, recipe, varied=False)
    rows = np.unique(np.linspace(0, len(crops) - 1, SEEN).astype(int))
    images = torch.from_numpy(np.stack([crops[row]['image'] for row in rows]))
    start = start_of(catalogue.read_weights(network), recipe, images)
    folder.mkdir(parents=True, exist_ok=True)
    sizes = np.cumsum([LEARNED[task].columns for task in recipe.exported])[:-1]
    parts = np.split(np.stack([start.slopes, start.offsets]), sizes, axis=1)
    np.savez(folder / 'calibration.npz', **dict(zip(recipe.exported, parts)))
    torch.save(start.network.state_dict(), folder / 'best.pt')


def main():
    """Restore from the command line."""
    parser = recipe_parser(__doc__)
    parser.add_argument('--network', help="embedded network (default: of the recipe's name)")
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    if (recipe.run / 'best.pt').exists():
        parser.error(f'{recipe.run} has a best.pt: take it away first')
    restore(
        recipe,
        arguments.network or recipe.name,
        load_set(recipe.sets[0], arguments.data),
        recipe.run,
    )
    print(recipe.run)


if __name__ == '__main__':
    main()
