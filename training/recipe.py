# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe: everything that decides how a network is trained, as data (``recipes/NAME.yaml``)."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from pathlib import Path

import yaml

from face_affect_ros.registry import catalogue

from .data.augment import Jitter
from .tasks import LEARNED

RECIPES = Path(__file__).parent / 'recipes'
RUNS = Path(__file__).parent / 'runs'


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    :param name: of the recipe and of the network.
    :param architecture: key of ``networks.ARCHITECTURES``.
    :param width: factor of the channels, of architectures that have one.
    :param frozen: blocks at the front that keep their weights, in architectures that have some.
    :param norm: batch norm, in architectures published without.
    :param tasks: tasks with the weights of their losses, of ``tasks.LEARNED``.
    :param exported: the tasks that ship, an output each.
    :param sets: training sets.
    :param validation: validation sets.
    :param start: recipe, or folder of a run, whose best weights this one starts from, or empty.
    :param teachers: recipes whose scores, averaged, are learned too (``pseudo_label``), with the
        sets that each tells of; as a list: of all sets.
    :param teacher_weight: share of the teachers in the loss of each task that they have, 0..1.
    :param consistency: weight of the loss where two framings of a picture, each varied at random,
        get two answers; 0: one framing a picture, half the work.
    :param held_out: keep a twentieth of the training pictures out, to calibrate on
        (``training.fitting.calibrate``).
    :param mirrored: whether the exported network averages a face and its mirror image.
    :param rank: of the dense layers on maps in the shipped file; 0: full.
    :param storage: of the weights in the shipped file: ``float32``, ``float16``, ``int8``.
    :param size: side of the input in pixels.
    :param channels: 1 for grey, 3 for BGR.
    :param factor: crop factor (``crops.cut_face``).
    :param epochs: passes through the sets.
    :param batch: pictures a step.
    :param rate: highest learning rate.
    :param schedule: of the rate: ``cosine``, after a rise of ``warmup`` epochs; or ``plateau``,
        a tenth whenever the validation score stops improving, three times.
    :param optimizer: ``adamw``, or ``sgd`` with momentum 0.9.
    :param weight_decay: of the weights, not of norms and biases.
    :param attribute_target: distribution that MOON's objective aims at, ``data`` or ``balanced``;
        empty: cross-entropy instead.
    :param smoothing: label smoothing of classes.
    :param children: how often a picture of somebody under 13 is drawn, others being 1.
    :param draws: how often a picture of a set is drawn in an epoch, where not once.
    :param average: decay of the moving average of the weights, a step.
    :param bfloat16: compute in bfloat16 where the machine is faster that way.
    :param seed: of everything random.
    :param jitter: variation of the crops.
    :param folder: of checkpoints and logs; None: ``RUNS``/NAME.
    """

    name: str
    architecture: str
    tasks: dict[str, float]
    exported: tuple[str, ...]
    sets: list[str]
    validation: list[str]
    start: str = ''
    teachers: dict[str, list[str]] = field(default_factory=dict)
    teacher_weight: float = 0.5
    consistency: float = 0.0
    width: float = 1.0
    frozen: int = 0
    norm: bool = False
    held_out: bool = False
    mirrored: bool = False
    rank: int = 0
    storage: str = 'float32'
    size: int = 64
    channels: int = 1
    factor: float = 1.0
    epochs: int = 60
    batch: int = 64
    rate: float = 2e-3
    schedule: str = 'cosine'
    warmup: float = 1.0
    optimizer: str = 'adamw'
    weight_decay: float = 1e-3
    attribute_target: str = ''
    smoothing: float = 0.05
    children: int = 1
    draws: dict[str, float] = field(default_factory=dict)
    average: float = 0.999
    bfloat16: bool = True
    seed: int = 1
    jitter: Jitter = field(default_factory=Jitter)
    folder: Path | None = None

    @property
    def run(self) -> Path:
        """Folder of checkpoints and logs."""
        return self.folder or RUNS / self.name

    @property
    def outputs(self) -> int:
        """Outputs of all tasks together."""
        return sum(LEARNED[task].columns for task in self.tasks)

    @property
    def slices(self) -> dict[str, slice]:
        """Where each task's outputs lie."""
        start, places = 0, {}
        for task in self.tasks:
            places[task] = slice(start, start + LEARNED[task].columns)
            start += LEARNED[task].columns
        return places


def recipe_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of what each command on a recipe and its data takes.

    :param description: the command's module docstring; its first line is shown.
    """
    parser = argparse.ArgumentParser(description=description.partition('\n')[0])
    parser.add_argument('recipe')
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--threads', type=int, default=2)
    return parser


def load_recipe(name: str, **changes) -> Recipe:
    """Read a recipe by name; raise ``ValueError`` on an unknown name or field."""
    path = RECIPES / f'{name}.yaml'
    if not path.exists():
        known = sorted(file.stem for file in RECIPES.glob('*.yaml'))
        shipped = [each for each in known if each in catalogue.networks()]
        near = dict.fromkeys([*difflib.get_close_matches(name, known), *shipped])
        raise ValueError(f'no recipe {name!r}; there are {len(known)}, such as {", ".join(near)}')
    values = {**yaml.safe_load(path.read_text()), **changes}
    unknown = values.keys() - {entry.name for entry in fields(Recipe)}
    if unknown:
        raise ValueError(f'{path.name}: unknown fields {sorted(unknown)}')
    jitter = values.pop('jitter', {})
    unknown = jitter.keys() - {entry.name for entry in fields(Jitter)}
    if unknown:
        raise ValueError(f'{path.name}: unknown fields of jitter {sorted(unknown)}')
    if isinstance(values['exported'], str):
        values['exported'] = (values['exported'],)
    values['exported'] = tuple(values['exported'])
    if isinstance(values.get('teachers'), list):
        values['teachers'] = {teacher: values['sets'] for teacher in values['teachers']}
    if 'scale' in jitter:
        jitter['scale'] = tuple(jitter['scale'])
    return Recipe(name=name, jitter=Jitter(**jitter), **values)
