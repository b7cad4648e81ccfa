# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A set of labelled pictures, wherever it lies."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.quoting import quoted


class DataSetError(Exception):
    """A data set cannot be used at all; the text says why, and what to do about it."""


@dataclass(frozen=True)
class DataSet:
    """Pictures and what a table, or their folders' names, say of them.

    :param name: of the file or folder, without ending.
    :param places: for people, where each picture is: its path, or the table's row.
    :param columns: cells by the name of their column (of ours, where the mapping has one), each
        as long as ``places``; ``None`` or an empty text: not given.
    :param read: returns the encoded picture of a row, or its path; raises ``OSError``.
    :param digest: SHA-256 of the files that were read: of a folder and of a CSV file also of the
        pictures' names, sizes and times.
    """

    name: str
    places: Sequence[str]
    columns: Mapping[str, Sequence[Any]]
    read: Callable[[int], bytes | Path] = field(compare=False)
    digest: str = ''

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.places)


def open_data_set(path: Path, mapping: ColumnMapping | None = None) -> DataSet:
    """Open a data set; its pictures are read one by one, later.

    :param mapping: its names of columns and classes, where they are not ours.
    :raises DataSetError: there is none that can be read.
    """
    from face_affect_ros.evaluation.data import folders
    from face_affect_ros.evaluation.data import tables

    mapping = mapping or ColumnMapping()
    if path.is_dir():
        return folders.open_folder(path, mapping)
    if not path.exists():
        raise DataSetError(f'{quoted(path)}: no such file or folder')
    readers = {'.csv': tables.open_csv, '.tsv': tables.open_csv, '.parquet': tables.open_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataSetError(
            f'{quoted(path)} is no data set: give a .parquet or .csv file, or a folder with a '
            'folder of pictures for each class'
        )
    return reader(path, mapping)
