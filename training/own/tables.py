# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures that a CSV file names, or that a Parquet file holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

from . import faults
from .columns import PATH
from .columns import PICTURE
from .columns import Columns
from .faults import DataError
from .faults import DataIssue
from .rows import LabelSpec
from .rows import Sample
from .rows import SampleList
from .rows import row_of_file


def of_csv(path: Path, wanted: LabelSpec) -> SampleList:
    """Return the pictures that a CSV file names, relative to its folder."""
    try:
        text = path.read_text(encoding='utf-8-sig')
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f'{quoted(path)} cannot be read as UTF-8 text: {error}') from error
    head = text.partition('\n')[0]
    delimiter = max(',;\t', key=head.count)
    reader = csv.reader(io.StringIO(text, newline=''), delimiter=delimiter)
    try:
        lines = [(f'{path} line {reader.line_num}', line) for line in reader if any(line)]
    except csv.Error as error:
        raise DataError(f'{quoted(path)} line {reader.line_num}: {error}') from error
    names = [name.strip() for name in lines[0][1]] if lines else []
    columns = Columns.of(names, wanted)
    found = SampleList(faults=columns.missing(PATH, wanted), notes=columns.notes(PATH))
    if PATH not in columns.places:
        return found
    for place, line in lines[1:]:
        _add_line(found, path, place, dict(zip(names, line)), columns)
    return found


def _add_line(
    found: SampleList, table: Path, place: str, cells: Mapping[str, Any], columns: Columns
):
    """Add the picture of one line."""
    given, problems = columns.labels(cells, place)
    found.faults += problems
    name = str(cells.get(columns.places[PATH], '')).strip()
    if not name:
        found.faults.append(DataIssue(faults.NO_FILE, 'no path', place))
        return
    file = table.parent / name
    if not file.is_file():
        found.faults.append(DataIssue(faults.NO_FILE, name, place))
        return
    part, person = columns.part(cells), columns.person(cells)
    found.rows.append(row_of_file(file, given, part, f'{name} ({place})', person))


def of_parquet(path: Path, wanted: LabelSpec) -> SampleList:
    """Return the pictures in a Parquet file's column ``image``."""
    table = _parquet_table(path)
    columns = Columns.of(table.column_names, wanted)
    found = SampleList(faults=columns.missing(PICTURE, wanted), notes=columns.notes(PICTURE))
    if PICTURE not in columns.places:
        return found
    image = table[columns.places[PICTURE]]
    others = table.drop_columns([columns.places[PICTURE]]).to_pylist()
    status = path.stat()
    state = f'{status.st_size} {status.st_mtime_ns}'
    for index in range(table.num_rows):
        cells = others[index] if others else {}
        place = f'{path} row {index}'
        given, problems = columns.labels(cells, place)
        found.faults += problems
        found.rows.append(
            Sample(
                place,
                partial(_cell, image, index),
                state,
                given,
                columns.part(cells),
                columns.person(cells),
            )
        )
    return found


def _parquet_table(path: Path):
    """Return a Parquet file's table."""
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise DataError(
            'Parquet files need pyarrow: pip install "face_affect_ros[train]"'
        ) from error
    try:
        return parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        reason = str(error).partition('\n')[0]
        raise DataError(
            f'{quoted(path)} is no Parquet file that can be read: {shortened(reason)}'
        ) from error


def _cell(image: Any, index: int) -> bytes:
    """Return an encoded picture, also one that lies in a structure with its path.

    :raises OSError: there is none.
    """
    value = image[index].as_py()
    if isinstance(value, dict):
        value = value.get('bytes')
    if not isinstance(value, bytes):
        raise OSError('no encoded picture')
    return value
