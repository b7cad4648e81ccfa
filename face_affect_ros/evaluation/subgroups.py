# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Subgroups of pictures: by age band, gender, any column of the labels, or two of them crossed."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.evaluation import label_words
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.selection import as_text
from face_affect_ros.evaluation.data.truth import PERSON_COLUMNS
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

AGE_BANDS = ((0, 3), (4, 8), (9, 12), (13, 18), (19, 60), (61, 120))
"""Years, both ends included."""

MOST_VALUES = 12
"""Most values of a column by which pictures are grouped without being asked to."""

NOT_GROUPED = ('image', 'path', 'box', 'x', 'y', 'width', 'height', *PERSON_COLUMNS)

CROSS = '*'

Groups = dict[str, np.ndarray]
"""(N,) masks by group."""


def default_groupings(truth: Truth, columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return by what pictures are grouped where nobody says: age, gender, both, small columns."""
    found: list[str] = [name for name in ('age', 'gender') if name in truth.tasks]
    if len(found) == 2:
        found.append(CROSS.join(found))
    for name, values in columns.items():
        is_label = name in ('emotion', 'gender', 'age') or label_words.attribute(name)
        if is_label or name in NOT_GROUPED or any(isinstance(v, (list, dict)) for v in values):
            continue
        if 1 < len(set(map(as_text, values))) <= MOST_VALUES:
            found.append(name)
    return found


def groups(grouping: str, truth: Truth, columns: Mapping[str, Sequence[Any]]) -> Groups:
    """Return the masks of a grouping's groups; of pictures whose value is not given, none.

    :param grouping: ``age``, ``gender``, ``emotion``, a column, or two with ``*`` between.
    :raises DataSetError: there is no such column.
    """
    names = grouping.split(CROSS)
    if len(names) > 2:
        raise DataSetError(f'--by {quoted(grouping)}: at most two columns can be crossed')
    first, *rest = (_single(name.strip(), truth, columns) for name in names)
    if not rest:
        return first
    return {
        f'{one}, {other}': mask & mask_of_other
        for one, mask in first.items()
        for other, mask_of_other in rest[0].items()
        if (mask & mask_of_other).any()
    }


def _single(name: str, truth: Truth, columns: Mapping[str, Sequence[Any]]) -> Groups:
    if name == 'age' and 'age' in truth.tasks:
        found = {
            f'{low} to {high} years': (truth.age >= low) & (truth.age < high + 1)
            for low, high in AGE_BANDS
        }
    elif name in ('gender', 'emotion') and name in truth.tasks:
        labels = GENDERS if name == 'gender' else EMOTIONS
        found = {label: getattr(truth, name) == i for i, label in enumerate(labels)}
    elif name in columns:
        values = [as_text(value) if label_words.is_given(value) else '' for value in columns[name]]
        found = {
            f'{name} {value}': np.array([each == value for each in values], bool)
            for value in sorted(set(values) - {''})
        }
    else:
        raise DataSetError(
            f'--by {quoted(name)}: no such column; there are '
            f'{shortened(", ".join(dict.fromkeys([*truth.tasks, *columns])), 160)}'
        )
    return {group: mask for group, mask in found.items() if mask.any()}
