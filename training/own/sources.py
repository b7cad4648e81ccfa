# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a user's pictures are named: folders by class, a CSV file, a Parquet file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from face_affect_ros.quoting import quoted

from . import folders
from . import tables
from .faults import DataError
from .rows import TEST
from .rows import TRAIN
from .rows import VALIDATION
from .rows import LabelSpec
from .rows import SampleList

READERS = {'.csv': tables.of_csv, '.tsv': tables.of_csv, '.parquet': tables.of_parquet}


def listing(data: Path, wanted: LabelSpec, validation: Path | None = None) -> SampleList:
    """Return what data names; with a ``validation`` of its own, all the rest is for training.

    :raises DataError: there is nothing to be read at all.
    """
    found = _with_parts(_named(data, wanted))
    if validation is None:
        return found
    seen = _named(validation, wanted)
    rows = [
        *(replace(row, part=TRAIN) for row in found.rows),
        *(replace(row, part=VALIDATION) for row in seen.rows),
    ]
    return SampleList(rows, [*found.faults, *seen.faults], [*found.notes, *seen.notes])


def _with_parts(found: SampleList) -> SampleList:
    """Return a listing whose rows are all for training or validation, or all without a part."""
    parts = {row.part for row in found.rows}
    if parts <= {''}:
        return found
    tested = VALIDATION if VALIDATION not in parts else None
    rows = [
        replace(row, part={TEST: tested, '': TRAIN}.get(row.part, row.part)) for row in found.rows
    ]
    kept = [row for row in rows if row.part]
    left = len(rows) - len(kept)
    notes = [f'{left} pictures of the test part are left alone'] if left else []
    return SampleList(kept, found.faults, [*found.notes, *notes])


def _named(data: Path, wanted: LabelSpec) -> SampleList:
    """Return what one folder or file names."""
    if data.is_dir():
        return folders.listing(data, wanted)
    if not data.exists():
        raise DataError(f'{quoted(data)}: no such file or folder')
    read = READERS.get(data.suffix.lower())
    if read is None:
        raise DataError(
            f'{quoted(data)} is neither a folder with a folder a class nor a .csv or .parquet file'
        )
    return read(data, wanted)
