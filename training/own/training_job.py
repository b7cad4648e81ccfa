# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a user asks for, and whether the pictures are fit for it; no training framework here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from face_affect_ros.registry import catalogue
from face_affect_ros.tasks import TASKS

from ..recipe import Recipe
from ..recipe import load_recipe
from . import preparation
from .faults import DataIssue
from .preparation import PrepareOptions
from .report import Report
from .rows import LabelSpec
from .rows import SampleList
from .sources import listing

EMBEDDED, SCRATCH = 'embedded', 'scratch'


@dataclass(frozen=True)
class TrainingJob:
    """A recipe on a user's pictures.

    :param name: of the recipe.
    :param data: folder or file that names the pictures.
    :param runs: folder of runs, one a recipe.
    :param validation: folder or file of pictures to judge by; None: some of ``data``.
    :param output: folder of weights to write to; None: ``weights`` in the run's folder.
    :param network: whose place the result takes; empty: that of the recipe's name.
    :param start: ``EMBEDDED``, ``SCRATCH`` or the folder of another run; empty: embedded, where
        there is such a network.
    :param epochs: in place of the recipe's; 0: the recipe's.
    :param rate: highest learning rate, in place of the recipe's; 0: the recipe's.
    :param threads: that compute.
    :param seed: of everything random.
    :param is_cut: pictures are cut faces.
    :param skip_bad: leave out what cannot be read.
    :param allow_empty: a class may be without pictures.
    :raises ValueError: there is no such recipe or network, or they do not go together.
    """

    name: str
    data: Path
    runs: Path
    validation: Path | None = None
    output: Path | None = None
    network: str = ''
    start: str = ''
    epochs: int = 0
    rate: float = 0.0
    threads: int = 1
    seed: int = 1
    is_cut: bool = False
    skip_bad: bool = False
    allow_empty: bool = False

    def __post_init__(self):
        """Check that the names are known and go together."""
        task, exported = catalogue.network(self.target).task, self.recipe.exported
        if task not in exported:
            raise ValueError(
                f'{self.target} is for {task}, and recipe {self.name} gives '
                f'{" and ".join(exported)}'
            )

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe as it is."""
        return load_recipe(self.name)

    @property
    def target(self) -> str:
        """The network whose place the result takes."""
        if self.network or self.name in catalogue.networks():
            return self.network or self.name
        fitting = [
            name
            for name, network in catalogue.networks().items()
            if network.task in self.recipe.exported
        ]
        raise ValueError(
            f'recipe {self.name} is of no network in the catalogue: say whose place '
            f'the result takes, --as {" or ".join(fitting)}'
        )

    @property
    def run(self) -> Path:
        """Folder of checkpoints, logs and prepared pictures."""
        return self.runs / self.name

    @property
    def weights(self) -> Path:
        """Folder that the result goes to."""
        return self.output or self.run / 'weights'

    @property
    def begin(self) -> str:
        """Where the training starts."""
        return self.start or (EMBEDDED if self.name == self.target else SCRATCH)

    @property
    def terms(self) -> PrepareOptions:
        """How the pictures are prepared."""
        return PrepareOptions(
            tasks=self.wanted.tasks,
            needed=self.wanted.needed,
            channels=self.recipe.channels,
            seed=self.seed,
            is_cut=self.is_cut,
            skip_bad=self.skip_bad,
            allow_empty=self.allow_empty,
            every_attribute='attributes' in self.wanted.needed and self.begin == SCRATCH,
        )

    @property
    def wanted(self) -> LabelSpec:
        """Which labels are looked for."""
        return LabelSpec(
            tuple(task for task in TASKS if task in self.recipe.tasks), self.recipe.exported
        )

    def listing(self) -> SampleList:
        """Return what the data names.

        :raises DataError: there is nothing to be read at all.
        """
        return listing(self.data, self.wanted, self.validation)


def check(order: TrainingJob) -> tuple[Report, list[DataIssue]]:
    """Look at all pictures and write nothing."""
    return preparation.prepare(order.listing(), order.terms, None)
