# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Export a trained network's shipped tasks to ONNX, check parity, and embed it.

    python -m training.export emotion_mini_xception

The file takes uint8 crops (N, S, S) grey or (N, S, S, 3) BGR and gives probabilities (N, K): what
belongs to the network (scaling, calibration, softmax) travels inside it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.originals.conversion.graph import IR_VERSION
from face_affect_ros.originals.conversion.graph import OPERATOR_SET

from .architectures.build import build
from .architectures.build import keep_outputs
from .exporting.compress import factorize
from .exporting.compress import store
from .recipe import Recipe
from .recipe import load_recipe
from .tasks import LEARNED

WEIGHTS = Path(__file__).parent.parent / 'face_affect_ros' / 'registry' / 'weights'
TOLERANCES = {'float32': 1e-4, 'float16': 5e-3, 'int8': 5e-2}
"""Largest difference of a probability from PyTorch's, by how the weights are stored."""


class Shipped(nn.Module):
    """A network as it ships: uint8 crops in, probabilities of the exported tasks out."""

    def __init__(self, recipe: Recipe, weights: Path):
        """Load the trained weights and the calibration that there is."""
        super().__init__()
        self.network = build(recipe)
        self.network.load_state_dict(torch.load(weights))
        if recipe.rank:
            factorize(self.network, recipe.rank)
        if hasattr(self.network, 'deploy'):
            self.network.deploy()
        places = [recipe.slices[task] for task in recipe.exported]
        keep_outputs(self.network, places)
        sizes = [place.stop - place.start for place in places]
        slopes, offsets = _calibration(recipe, weights.with_name('calibration.npz'))
        self.register_buffer('slopes', slopes)
        self.register_buffer('offsets', offsets)
        self.recipe, self.sizes = recipe, sizes

    @property
    def sides(self) -> dict[int, str]:
        """The axes of crops that may be of any size."""
        return {1: 'height', 2: 'width'} if getattr(self.network, 'ANY_SIZE', False) else {}

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return each task's probabilities; ``mirrored``: of a face's and its image's mean."""
        image = image[:, None] if self.recipe.channels == 1 else image.permute(0, 3, 1, 2)
        image = image.float()
        if not self.recipe.mirrored:
            return self._probabilities(image)
        both = self._probabilities(torch.cat([image, image.flip(3)]))
        return tuple(part.unflatten(0, (2, -1)).mean(0) for part in both)

    def _probabilities(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the calibrated probabilities of each task."""
        scores = self.network(image) * self.slopes + self.offsets
        return tuple(
            part.sigmoid() if LEARNED[task].is_independent else part.softmax(1)
            for task, part in zip(self.recipe.exported, scores.split(self.sizes, 1))
        )


def _calibration(recipe: Recipe, path: Path) -> torch.Tensor:
    """Return the (2, outputs) slopes and offsets of the exported tasks.

    :raises FileNotFoundError: the recipe held pictures out to calibrate on, and nobody did.
    """
    if not recipe.held_out and not path.exists():
        size = sum(LEARNED[task].columns for task in recipe.exported)
        return torch.stack([torch.ones(size), torch.zeros(size)])
    if not path.exists():
        raise FileNotFoundError(
            f'{path} is missing; run python -m training.fitting.calibrate {recipe.name} '
            '--data ... first'
        )
    with np.load(path) as stored:
        return torch.from_numpy(np.concatenate([stored[task] for task in recipe.exported], 1))


def export(recipe: Recipe, target: Path) -> str:
    """Write the ONNX file, compare it with PyTorch and return its sha256.

    :raises AssertionError: outputs differ by more than ``TOLERANCES`` allows.
    """
    shipped = Shipped(recipe, recipe.run / 'best.pt').eval()
    shape = (3, recipe.size, recipe.size) + ((3,) if recipe.channels == 3 else ())
    sample = torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    names = ['probabilities'] if len(recipe.exported) == 1 else list(recipe.exported)
    return write(shipped, sample, target, names, recipe.storage, shipped.sides)


def write(
    shipped: nn.Module,
    sample: torch.Tensor,
    target: Path,
    names: Sequence[str],
    storage: str,
    sides: Mapping[int, str] | None = None,
) -> str:
    """Write a network as an ONNX file, compare it with PyTorch and return its sha256.

    :param sample: uint8 crops, by which it is traced and compared.
    :param names: of its outputs.
    :param storage: how its weights are stored, of ``TOLERANCES``.
    :param sides: axes of the crops that may have any length, besides the first.
    :raises AssertionError: outputs differ by more than ``TOLERANCES`` allows.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        shipped,
        (sample,),
        target,
        opset_version=OPERATOR_SET,
        dynamo=False,
        input_names=['image'],
        output_names=names,
        dynamic_axes={
            'image': {0: 'batch', **(sides or {})},
            **{name: {0: 'batch'} for name in names},
        },
    )
    model = onnx.load(target)
    model.ir_version, model.producer_name = IR_VERSION, 'face_affect_ros'
    if storage != 'float32':
        store(model, storage)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)
    assert_parity(shipped, target, sample, TOLERANCES[storage])
    return hashlib.sha256(target.read_bytes()).hexdigest()


def assert_parity(shipped: nn.Module, path: Path, sample: torch.Tensor, tolerance: float):
    """Raise ``AssertionError`` unless the package's engine gives what PyTorch gives."""
    found = OnnxEngine(path).run(sample.numpy())
    with torch.no_grad():
        expected = shipped(sample)
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=tolerance)


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
