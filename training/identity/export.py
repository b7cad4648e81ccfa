# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Export a trained embedding to ONNX, check parity, and embed it.

    python -m training.identity.export identity_dlib_adapted --to-package

The file takes uint8 crops (N, S, S, 3) BGR and gives embeddings (N, 128) of length 1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..export import WEIGHTS
from ..export import register
from ..export import write
from .network import Embedder
from .recipe import IdentityRecipe
from .recipe import load_recipe

NETWORK = 'identity_embedding'
"""Name in the catalogue of what ships, whichever recipe it is from."""


class Shipped(nn.Module):
    """A network as it ships: uint8 crops in, embeddings out."""

    def __init__(self, network: Embedder):
        """Keep the network."""
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
        """Return (N, 128) of (N, S, S, 3)."""
        return (self.network(image.permute(0, 3, 1, 2).float()),)


def export(recipe: IdentityRecipe, network: Embedder, target: Path) -> str:
    """Write the ONNX file, compare it with PyTorch and return its sha256.

    :raises AssertionError: outputs differ by more than the recipe's storage allows.
    """
    shipped = Shipped(network).eval()
    shape = (3, recipe.size, recipe.size, 3)
    sample = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    return write(shipped, sample, target, ['embedding'], recipe.storage)


def main():
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('recipe')
    parser.add_argument('--to', type=Path, help='file to write (default: RUN/NAME.onnx)')
    parser.add_argument(
        '--to-package', action='store_true', help=f'write it as the embedded {NETWORK}'
    )
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    network = Embedder(recipe)
    network.load_state_dict(torch.load(recipe.run / 'best.pt'))
    target = arguments.to or recipe.run / f'{recipe.name}.onnx'
    if arguments.to_package:
        target = WEIGHTS / f'{NETWORK}.onnx'
    digest = export(recipe, network, target)
    if arguments.to_package:
        register(NETWORK, digest)
    print(f'{target}: {target.stat().st_size / 1e6:.2f} MB\nsha256: {digest}')


if __name__ == '__main__':
    main()
