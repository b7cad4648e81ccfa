# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The columns of a table, and the labels in its lines."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from face_affect_ros.evaluation import label_words as labels

from . import faults
from .faults import DataIssue
from .rows import MALE
from .rows import PARTS
from .rows import LabelSpec

PATH, PICTURE = 'path', 'image'
PART_COLUMN, PERSON_COLUMN = 'part', 'person'
PERSON_COLUMNS = (PERSON_COLUMN, 'identity')


@dataclass(frozen=True)
class Columns:
    """The columns of a table.

    :param places: their names as the table has them, by the name that we know.
    :param attributes: the table's names of attributes, by CelebA's.
    :param tasks: that are given labels by a column of their own.
    :param unused: the rest.
    """

    places: Mapping[str, str]
    attributes: Mapping[str, str]
    tasks: tuple[str, ...]
    unused: tuple[str, ...]

    @classmethod
    def of(cls, names: Sequence[str], wanted: LabelSpec) -> Columns:
        """Find out what each column is."""
        tasks = tuple(task for task in labels.PARSERS if task in wanted.tasks)
        known = {*tasks, PATH, PICTURE, PART_COLUMN, *PERSON_COLUMNS}
        places = {name.casefold(): name for name in names if name.casefold() in known}
        useful = {'attributes', 'gender'} & {*wanted.tasks}
        attributes = {
            found: name for name in names if useful and (found := labels.attribute(name))
        }
        used = {*places.values(), *attributes.values()}
        return cls(
            places,
            attributes,
            tuple(task for task in tasks if task in places),
            tuple(name for name in names if name not in used),
        )

    def missing(self, picture: str, wanted: LabelSpec) -> list[DataIssue]:
        """Return the columns that are not there."""
        there = {
            *self.places,
            *(['attributes'] if self.attributes else []),
            *(['gender'] if MALE in self.attributes else []),
        }
        says = ', '.join([*self.places.values(), *self.attributes.values(), *self.unused])
        return [
            DataIssue(faults.MISSING_COLUMN, f'{name} (there are: {says or "none"})')
            for name in (picture, *wanted.needed)
            if name not in there
        ]

    def notes(self, picture: str) -> list[str]:
        """Return what a user should know about the columns."""
        idle = [
            *self.unused,
            *(
                name
                for key, name in self.places.items()
                if key in (PATH, PICTURE) and key != picture
            ),
        ]
        return [f'columns not used: {", ".join(idle)}'] if idle else []

    def labels(
        self, cells: Mapping[str, Any], place: str
    ) -> tuple[dict[str, Any], list[DataIssue]]:
        """Return a line's labels and what is wrong with them."""
        problems: list[DataIssue] = []
        given = _read(
            ((task, cells.get(self.places[task]), labels.PARSERS[task]) for task in self.tasks),
            place,
            problems,
        )
        problems += self._part_faults(cells, place)
        answers = _read(
            (
                (name, cells.get(column), partial(labels.answer, name))
                for name, column in self.attributes.items()
            ),
            place,
            problems,
        )
        if answers:
            given['attributes'] = answers
        if not given and not problems and (self.tasks or self.attributes):
            problems.append(DataIssue(faults.NO_LABEL, 'a line without any', place))
        return given, problems

    def part(self, cells: Mapping[str, Any]) -> str:
        """Return what a line is for."""
        return PARTS.get(self._part_word(cells), '')

    def _part_word(self, cells: Mapping[str, Any]) -> str:
        """Return the word that stands for a part."""
        value = cells.get(self.places.get(PART_COLUMN, ''))
        return str(value).strip().casefold() if labels.is_given(value) else ''

    def _part_faults(self, cells: Mapping[str, Any], place: str) -> list[DataIssue]:
        """Return what is wrong with a line's part."""
        word = self._part_word(cells)
        if not word or word in PARTS:
            return []
        return [DataIssue(labels.UNKNOWN, f'part {word!r} (known: {", ".join(PARTS)})', place)]

    def person(self, cells: Mapping[str, Any]) -> str:
        """Return whose picture a line names, or nothing."""
        values = [cells.get(self.places[name]) for name in PERSON_COLUMNS if name in self.places]
        return next((str(value).strip() for value in values if labels.is_given(value)), '')


def _read(
    cells: Iterable[tuple[str, Any, Any]], place: str, problems: list[DataIssue]
) -> dict[str, Any]:
    """Return the labels of (name, value, parser) cells that are given; note what is wrong."""
    found = {}
    for name, value, parse in cells:
        if not labels.is_given(value):
            continue
        try:
            found[name] = parse(value)
        except labels.LabelError as error:
            problems.append(DataIssue(error.kind, error.what, place))
    return found
