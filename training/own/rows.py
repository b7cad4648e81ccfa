# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One picture of the user with its labels, wherever it was listed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.faces import GENDERS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS

from ..tasks import missing_labels
from .faults import DataIssue

TRAIN, VALIDATION = 'train', 'validation'

TEST = 'test'
"""A part that stands in for a validation part where there is none, and else is left alone."""

PARTS = {
    'train': TRAIN,
    'training': TRAIN,
    'val': VALIDATION,
    'valid': VALIDATION,
    'validation': VALIDATION,
    'test': TEST,
}
"""What people call the parts."""

MALE = 'Male'


@dataclass(frozen=True)
class Sample:
    """A picture.

    :param place: for people: its path, or its table's and its line.
    :param read: returns the encoded picture; raises ``OSError``.
    :param state: changes when the file does.
    :param labels: ``emotion`` and ``gender`` (indices), ``age`` (years) and ``attributes`` (1 or
        0 by name), as far as they are given.
    :param part: ``TRAIN``, ``VALIDATION``, ``TEST`` or, where nothing says, empty.
    :param person: who it is of, where that is told.
    """

    place: str
    read: Callable[[], bytes] = field(compare=False)
    state: str = ''
    labels: Mapping[str, Any] = field(default_factory=dict)
    part: str = ''
    person: str = ''


@dataclass(frozen=True)
class LabelSpec:
    """Which labels are looked for.

    :param tasks: of the recipe, those that can be given labels.
    :param needed: those without which there is nothing to train.
    """

    tasks: tuple[str, ...]
    needed: tuple[str, ...]


@dataclass
class SampleList:
    """What a folder or a table names.

    :param rows: its pictures, also those whose labels are at fault.
    :param faults: what is wrong.
    :param notes: what a user should know.
    """

    rows: list[Sample] = field(default_factory=list)
    faults: list[DataIssue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def digest(self) -> str:
        """Return what stays the same as long as no file, label or part changes."""
        text = '\n'.join(
            sorted(
                f'{row.place}|{row.state}|{row.labels}|{row.part}|{row.person}'
                for row in self.rows
            )
        )
        return hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()


def completed(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Return labels in which gender and the attribute "Male" tell each other."""
    found = dict(labels)
    attributes = found.get('attributes', {})
    if 'gender' not in found and MALE in attributes:
        found['gender'] = attributes[MALE]
    if 'gender' in found and MALE not in attributes:
        found['attributes'] = {**attributes, MALE: int(found['gender'] == GENDERS.index('male'))}
    return found


def label_arrays(rows: Sequence[Sample], tasks: Sequence[str]) -> dict[str, np.ndarray]:
    """Return each task's labels of all rows, as ``PictureSet`` has them: -1 or NaN: not given."""
    labels = [completed(row.labels) for row in rows]
    arrays = {task: missing_labels(TASKS[task], len(rows)) for task in tasks}
    for row, given in enumerate(labels):
        for task, array in arrays.items():
            if task not in given:
                continue
            if TASKS[task].kind == MULTILABEL:
                array[row] = [given[task].get(name, -1) for name in TASKS[task].labels]
            else:
                array[row] = given[task]
    return arrays


def row_of_file(
    path: Path, given: Mapping[str, Any], part: str, place: str = '', person: str = ''
) -> Sample:
    """Return a picture file's row."""
    try:
        status = path.stat()
        state = f'{status.st_size} {status.st_mtime_ns}'
    except OSError:
        state = ''
    return Sample(place or str(path), path.read_bytes, state, given, part, person)
