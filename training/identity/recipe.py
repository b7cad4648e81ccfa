# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How an embedding is trained, as data (``recipes/identity/NAME.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from pathlib import Path

import yaml

from ..data.augment import Jitter
from ..recipe import RECIPES
from ..recipe import RUNS

FOLDER = RECIPES / 'identity'
LOSSES = ('descriptor', 'margin', 'triplet')


@dataclass(frozen=True)
class IdentityRecipe:
    """How an embedding is trained.

    :param name: of the recipe and of its run.
    :param trunk: ``efficientnet_lite0`` or ``dlib_resnet``.
    :param losses: weights of the losses: ``descriptor`` (as the teacher's), ``margin`` (CosFace
        with sub-centres), ``triplet`` (FaceNet's).
    :param sets: training sets, with the share of each that is drawn in an epoch.
    :param start: recipe, of this kind or of ``training.train``, whose best weights this one starts
        from; ``dlib``: dlib's own; empty: ImageNet's.
    :param window: of ``DlibResNet``: left, top and side in sides of the crop.
    :param frozen: of ``EfficientNetLite0``: blocks that keep their weights.
    :param size: side of the crop in pixels.
    :param factor: side of the crop in sides of the face's square.
    :param epochs: passes through the sets.
    :param batch: pictures a step.
    :param chunk: pictures that are computed at a time in a batch with cached gradients.
    :param rate: highest learning rate.
    :param margin: of the loss: 0.2 for triplets (squared distance), 0.25 for CosFace.
    :param scale: of CosFace.
    :param centres: sub-centres a person in CosFace.
    :param average: decay of the moving average of the weights, a step.
    :param storage: of the weights in the shipped file.
    :param jitter: variation of the crops.
    """

    name: str
    trunk: str
    losses: dict[str, float]
    sets: dict[str, float]
    start: str = ''
    window: tuple[float, float, float] = (0.0, 0.0, 1.0)
    frozen: int = 1
    size: int = 96
    factor: float = 1.1
    epochs: int = 3
    batch: int = 64
    chunk: int = 60
    rate: float = 1e-3
    warmup: float = 0.1
    weight_decay: float = 1e-3
    margin: float = 0.25
    scale: float = 32.0
    centres: int = 2
    average: float = 0.99
    storage: str = 'float16'
    seed: int = 1
    jitter: Jitter = field(default_factory=Jitter)

    @property
    def run(self) -> Path:
        """Folder of checkpoints and logs."""
        return RUNS / self.name


def load_recipe(name: str, **changes) -> IdentityRecipe:
    """Read a recipe by name; raise ``ValueError`` on an unknown name, field or loss."""
    path = FOLDER / f'{name}.yaml'
    if not path.exists():
        known = sorted(file.stem for file in FOLDER.glob('*.yaml'))
        raise ValueError(f'no recipe {name!r} of an embedding; there are {", ".join(known)}')
    values = {**yaml.safe_load(path.read_text()), **changes}
    jitter = values.pop('jitter', {})
    _check(path, values, IdentityRecipe)
    _check(path, jitter, Jitter)
    unknown = values['losses'].keys() - {*LOSSES}
    if unknown:
        raise ValueError(f'{path.name}: unknown losses {sorted(unknown)}; there are {LOSSES}')
    for given, key in ((values, 'window'), (jitter, 'scale')):
        if key in given:
            given[key] = tuple(given[key])
    return IdentityRecipe(name=name, jitter=Jitter(**jitter), **values)


def _check(path: Path, values: dict, of: type):
    unknown = values.keys() - {entry.name for entry in fields(of)}
    if unknown:
        raise ValueError(f'{path.name}: unknown fields of {of.__name__} {sorted(unknown)}')
