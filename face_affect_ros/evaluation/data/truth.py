# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The labels of a data set as arrays, and what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from typing import Any

import numpy as np

from face_affect_ros.evaluation import label_words
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import OWN_FIELDS
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS
from face_affect_ros.tasks import Task

BOX = 'box'
BOX_COLUMNS = ('x', 'y', 'width', 'height')

PERSON_COLUMNS = ('person', 'identity', 'track')
"""Columns that say whose picture it is, the first that there is."""


@dataclass(frozen=True)
class Truth:
    """Labels of N pictures.

    :param emotion: (N,) indices, -1: not given.
    :param gender: (N,) indices, -1: not given.
    :param age: (N,) years, NaN: not given.
    :param attributes: (N, 40), 1 yes, 0 no, -1: not given.
    :param boxes: (N, 4) x, y, width, height in pixels, NaN: not given.
    :param person: (N,) numbers, the same for the same person; None: nobody says.
    :param own: labels of tasks of one's own by name: (N,) indices, -1: not given, or years, NaN:
        not given.
    """

    emotion: np.ndarray
    gender: np.ndarray
    age: np.ndarray
    attributes: np.ndarray
    boxes: np.ndarray
    person: np.ndarray | None = None
    own: Mapping[str, np.ndarray] = field(default_factory=dict)

    def labels(self, task: str) -> np.ndarray:
        """Return the labels of a task."""
        return self.own[task] if task in self.own else getattr(self, task)

    def is_given(self, task: str) -> np.ndarray:
        """Return the (N,) mask of pictures that have a label of a task."""
        labels = self.labels(task)
        known = np.isfinite(labels) if TASKS[task].kind == YEARS else labels >= 0
        return np.asarray(known if known.ndim == 1 else known.any(axis=1))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that any picture has a label of."""
        names = (*OWN_FIELDS, *self.own)
        return tuple(task for task in names if self.is_given(task).any())

    def take(self, rows: np.ndarray) -> Truth:
        """Return the labels of some rows."""
        return Truth(
            self.emotion[rows],
            self.gender[rows],
            self.age[rows],
            self.attributes[rows],
            self.boxes[rows],
            None if self.person is None else self.person[rows],
            {task: labels[rows] for task, labels in self.own.items()},
        )

    def as_columns(self) -> dict[str, Any]:
        """Return the labels that are given as columns for people: ``truth_emotion``."""
        found: dict[str, Any] = {}
        for task in self.tasks:
            given: Any = self.labels(task)
            known = TASKS[task]
            if known.kind == MULTICLASS:
                given = [known.labels[i] if i >= 0 else None for i in given]
            elif known.kind != YEARS:
                given = given.astype(np.int8)
            found[f'truth_{task}'] = given
        return found


def read_truth(data: DataSet, mapping: ColumnMapping) -> tuple[Truth, list[str]]:
    """Return the labels of a data set, and what is wrong with some, with counts.

    Gender and the attribute "Male" tell each other.
    """
    issues: Counter[str] = Counter()
    read = partial(_labels, data, mapping, issues)
    emotion = read('emotion', label_words.emotion, -1).astype(int)
    gender = read('gender', label_words.gender, -1).astype(int)
    attributes = _attributes(data, issues)
    male = attributes[:, ATTRIBUTES.index('Male')]
    gender = np.where(gender < 0, male, gender)
    return (
        Truth(
            emotion,
            gender,
            read('age', label_words.age, np.nan),
            attributes,
            _boxes(data, issues),
            _person(data),
            {task.name: _own_labels(task, read) for task in own_tasks()},
        ),
        [f'{count} x {words}' for words, count in issues.most_common()],
    )


def own_tasks() -> list[Task]:
    """Return the tasks of one's own that can be evaluated: of one label each, or of years."""
    return [
        task
        for task in TASKS.values()
        if task.name not in OWN_FIELDS and task.kind in (MULTICLASS, YEARS)
    ]


def _own_labels(task: Task, read: Callable[..., np.ndarray]) -> np.ndarray:
    if task.kind == YEARS:
        return read(task.name, label_words.age, np.nan)
    return read(task.name, partial(label_words.one_of, task.name, task.labels), -1).astype(int)


def _labels(
    data: DataSet,
    mapping: ColumnMapping,
    issues: Counter[str],
    task: str,
    parse: Callable[[Any], float],
    missing: float,
) -> np.ndarray:
    """Return a task's labels; count what is none of its classes."""
    found = np.full(len(data), missing, float)
    for row, value in enumerate(data.columns.get(task, ())):
        if not label_words.is_given(value):
            continue
        if mapping.knows(task, value):
            value = mapping.our_class(task, value)
            if value is None:
                continue
        try:
            found[row] = parse(value)
        except label_words.LabelError as error:
            issues[str(error)] += 1
    return found


def _attributes(data: DataSet, issues: Counter[str]) -> np.ndarray:
    """Return the (N, 40) attributes."""
    found = np.full((len(data), len(ATTRIBUTES)), -1)
    for name, values in data.columns.items():
        attribute = label_words.attribute(name)
        if attribute is None:
            continue
        column = ATTRIBUTES.index(attribute)
        for row, value in enumerate(values):
            if label_words.is_given(value):
                try:
                    found[row, column] = label_words.answer(attribute, value)
                except label_words.LabelError as error:
                    issues[str(error)] += 1
    return found


def _boxes(data: DataSet, issues: Counter[str]) -> np.ndarray:
    """Return the (N, 4) boxes: of a column ``box`` (a list, or numbers in a text) or of four."""
    found = np.full((len(data), 4), np.nan)
    if BOX in data.columns:
        cells: Sequence[Any] = data.columns[BOX]
    elif all(name in data.columns for name in BOX_COLUMNS):
        cells = list(zip(*(data.columns[name] for name in BOX_COLUMNS)))
    else:
        return found
    for row, value in enumerate(cells):
        given = _numbers(value)
        if given is None:
            continue
        if len(given) == 4 and np.isfinite(given).all() and min(given[2:]) > 0:
            found[row] = given
        else:
            issues['a box that is none (expected: x, y, width, height in pixels)'] += 1
    return found


def _numbers(value: Any) -> list[float] | None:
    """Return the numbers of a cell; None: it is empty."""
    if isinstance(value, str):
        value = value.strip('[]() ').replace(',', ' ').replace(';', ' ').split()
    if value is None or len(value) == 0 or not any(map(label_words.is_given, value)):
        return None
    try:
        return [float(number) for number in value]
    except (TypeError, ValueError):
        return []


def _person(data: DataSet) -> np.ndarray | None:
    """Return whose picture each is, as numbers; a picture without a name is its own person."""
    name = next((name for name in PERSON_COLUMNS if name in data.columns), None)
    if name is None:
        return None
    cells = [
        str(value) if label_words.is_given(value) else f'\0{row}'
        for row, value in enumerate(data.columns[name])
    ]
    return np.unique(cells, return_inverse=True)[1]


def labelled(truth: Truth, tasks: Sequence[str]) -> np.ndarray:
    """Return the (N,) mask of pictures with a label of any of some tasks."""
    return (
        np.any([truth.is_given(task) for task in tasks], axis=0)
        if tasks
        else np.zeros(len(truth.age), bool)
    )
