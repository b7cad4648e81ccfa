# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the pictures are: counted, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from face_affect_ros.cli import tables
from face_affect_ros.faces import AGE_CUTS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

from .rows import TRAIN
from .rows import VALIDATION

Counts = dict[str, dict[str, int]]
"""Pictures by class and part."""


@dataclass
class Report:
    """Counts of a user's pictures.

    :param found: listed pictures.
    :param used: pictures in each part.
    :param classes: pictures by task, class and part.
    :param left_out: pictures that are not used, by the reason.
    :param notes: what else a user should know.
    """

    found: int = 0
    used: dict[str, int] = field(default_factory=dict)
    classes: dict[str, Counts] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def counts(labels: Mapping[str, np.ndarray], parts: Sequence[str]) -> dict[str, Counts]:
    """Return the pictures by task, class and part.

    :param labels: arrays by task (``rows.label_arrays``).
    :param parts: of each picture.
    """
    masks = {part: np.array([own == part for own in parts], bool) for part in (TRAIN, VALIDATION)}
    return {
        task: _counts_of(task, values, masks)
        for task, values in labels.items()
        if _is_given(values)
    }


def _is_given(values: np.ndarray) -> bool:
    """Return whether any label is given."""
    return bool((values >= 0).any())


def _counts_of(task: str, values: np.ndarray, masks: Mapping[str, np.ndarray]) -> Counts:
    """Return the pictures of a task by class and part."""
    kind, labels = TASKS[task].kind, TASKS[task].labels
    if kind == MULTILABEL:
        return {
            name if side else f'no {name}': _in_parts(column == side, masks)
            for name, column in zip(labels, values.T)
            if (column >= 0).any()
            for side in (1, 0)
        }
    if kind == YEARS:
        given = values >= 0
        values = np.where(given, np.searchsorted(AGE_CUTS, values, side='right'), -1)
    return {name: _in_parts(values == index, masks) for index, name in enumerate(labels)}


def _in_parts(chosen: np.ndarray, masks: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Return how many of the chosen pictures are in each part."""
    return {part: int((chosen & mask).sum()) for part, mask in masks.items()}


def text(report: Report) -> str:
    """Return a report for people."""
    blocks = [_table(task, report.classes[task]) for task in report.classes]
    used = ', '.join(f'{count} for {part}' for part, count in report.used.items())
    lines = [f'{report.found} pictures, used: {used or "none"}']
    lines += [f'left out: {count} {reason}' for reason, count in report.left_out.items() if count]
    return '\n\n'.join([*blocks, '\n'.join([*lines, *report.notes])])


def _table(task: str, found: Counts) -> str:
    """Return a task's table."""
    rows = [
        (name, *(str(parts[part]) for part in (TRAIN, VALIDATION)))
        for name, parts in found.items()
    ]
    return tables.text([(task, TRAIN, VALIDATION), *rows], right=(1, 2))
