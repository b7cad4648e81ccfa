# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a data set calls its columns and classes, where that is not what we call them.

columns: {emotion: expression, image: jpeg}
classes:
  emotion: {happiness: happy, contempt: null}    # null: leave these pictures out
  gender: {1: male, 2: female}
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import yaml

from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

KEYS = ('columns', 'classes')

OUR_COLUMNS = ('image', 'path', 'emotion', 'gender', 'age', 'box', 'person')

MAX_BYTES = 1_000_000


class MappingError(ValueError):
    """A mapping that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class ColumnMapping:
    """Names of a data set by ours, and ours of its classes.

    :param columns: the data set's name of a column by ours.
    :param classes: our class, or ``None`` for pictures to be left out, by the data set's, by task.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)

    def our_names(self, names: Sequence[str]) -> list[str]:
        """Return our names of a data set's columns, its own where the mapping has none.

        :raises MappingError: the mapping names a column that the data set has not.
        """
        for ours, theirs in self.columns.items():
            if theirs not in names:
                raise MappingError(
                    f'the mapping names the column {quoted(theirs)} for {ours}, which is not '
                    f'there; there are {shortened(", ".join(names), 160)}'
                )
        ours_of = {theirs: ours for ours, theirs in self.columns.items()}
        taken = {*names, *self.columns}
        return [
            ours_of.get(name, f'{name} (unmapped)' if name in self.columns else _ours(name, taken))
            for name in names
        ]

    def knows(self, task: str, value: Any) -> bool:
        """Return whether the mapping says what a class is."""
        return _key(value) in self.classes.get(task, {})

    def our_class(self, task: str, value: Any) -> str | None:
        """Return our class for one of the data set's; ``None``: leave it out."""
        return self.classes[task][_key(value)]


def _ours(name: str, taken: Collection[str]) -> str:
    """Return our name of a column that is ours but for capitals and blanks, else its own."""
    plain = name.strip().casefold()
    return plain if plain in OUR_COLUMNS and plain not in taken else name


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a YAML file.

    :raises MappingError: it cannot be read, or is none.
    """
    try:
        data = path.read_bytes()
        content = yaml.safe_load(data[:MAX_BYTES]) or {}
    except OSError as error:
        raise MappingError(f'{quoted(path)}: {error.strerror or error}') from error
    except yaml.YAMLError as error:
        reason = shortened(' '.join(str(error).split()), 120)
        raise MappingError(f'{quoted(path)} is no YAML: {reason}') from error
    if not isinstance(content, dict) or not set(content) <= set(KEYS):
        raise MappingError(f'{quoted(path)} must have only the keys {" and ".join(KEYS)}')
    columns, classes = (_mapping(path, key, content.get(key)) for key in KEYS)
    return ColumnMapping(
        {str(ours): str(theirs) for ours, theirs in columns.items()},
        {
            str(task): {
                _key(theirs): None if ours is None else str(ours)
                for theirs, ours in _mapping(path, f'classes.{task}', some).items()
            }
            for task, some in classes.items()
        },
    )


def _mapping(path: Path, where: str, value: Any) -> Mapping[Any, Any]:
    if value is not None and not isinstance(value, dict):
        raise MappingError(f'{quoted(path)}: {where} is {quoted(value)}, must be a mapping')
    return value or {}


def _key(value: Any) -> str:
    """Return a class as text: 1, 1.0 and '1' are one, as YAML, CSV and Parquet write it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
