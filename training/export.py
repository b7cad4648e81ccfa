# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Export a trained network's shipped head to ONNX, check parity, and embed it.

    python -m training.export emotion_mini_xception

The file takes uint8 crops (N, S, S) grey or (N, S, S, 3) BGR and gives probabilities (N, K): what
belongs to the network (scaling, softmax) travels inside it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from training.networks import build
from training.networks import keep_outputs
from training.recipe import Recipe
from training.recipe import load_recipe

WEIGHTS = Path(__file__).parent.parent / 'face_affect_ros' / 'registry' / 'weights'
OPSET, IR_VERSION = 17, 8
TOLERANCE = 1e-4


class Shipped(nn.Module):
    """A network as it ships: uint8 crops in, probabilities of one head out."""

    def __init__(self, recipe: Recipe, weights: Path):
        """Load the trained weights."""
        super().__init__()
        self.network = build(recipe.architecture, recipe.outputs, recipe.channels)
        self.network.load_state_dict(torch.load(weights))
        keep_outputs(self.network, recipe.slices[recipe.exported])
        self.recipe = recipe

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the head's probabilities; ``mirrored``: the mean of a face's and its image's."""
        image = image[:, None] if self.recipe.channels == 1 else image.permute(0, 3, 1, 2)
        image = image.float()
        if not self.recipe.mirrored:
            return self.network(image).softmax(1)
        both = torch.cat([image, image.flip(3)])
        return self.network(both).softmax(1).unflatten(0, (2, -1)).mean(0)


def export(recipe: Recipe, target: Path) -> str:
    """Write the ONNX file, compare it with PyTorch and return its sha256.

    :raises AssertionError: outputs differ by more than ``TOLERANCE``.
    """
    shipped = Shipped(recipe, recipe.run / 'best.pt').eval()
    shape = (3, recipe.size, recipe.size) + ((3,) if recipe.channels == 3 else ())
    sample = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        shipped, (sample,), target, opset_version=OPSET, dynamo=False,
        input_names=['image'], output_names=['probabilities'],
        dynamic_axes={'image': {0: 'batch'}, 'probabilities': {0: 'batch'}})
    model = onnx.load(target)
    model.ir_version, model.producer_name = IR_VERSION, 'face_affect_ros'
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)
    assert_parity(shipped, target, sample)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def assert_parity(shipped: nn.Module, path: Path, sample: torch.Tensor):
    """Raise ``AssertionError`` unless ONNX Runtime gives what PyTorch gives."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    found, = session.run(None, {'image': sample.numpy()})
    with torch.no_grad():
        expected = shipped(sample).numpy()
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)


def register(name: str, digest: str):
    """Put a file's new sha256 into its entry of the catalogue."""
    catalogue = WEIGHTS.parent / 'networks.yaml'
    entry = re.compile(rf'(^{name}:\n(?:  .*\n)*?  sha256: )\w+', re.MULTILINE)
    text, found = entry.subn(rf'\g<1>{digest}', catalogue.read_text())
    if not found:
        raise ValueError(f'{catalogue.name} has no entry {name!r} with a sha256')
    catalogue.write_text(text)


def main():
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('recipe')
    parser.add_argument('--to', type=Path, default=WEIGHTS, help='folder to write to')
    arguments = parser.parse_args()
    recipe = load_recipe(arguments.recipe)
    target = arguments.to / f'{recipe.name}.onnx'
    digest = export(recipe, target)
    if target.parent == WEIGHTS:
        register(recipe.name, digest)
    print(f'{target}: {target.stat().st_size / 1e6:.2f} MB\nsha256: {digest}')


if __name__ == '__main__':
    main()
