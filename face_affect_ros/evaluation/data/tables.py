# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets in a Parquet file, which holds its pictures, or a CSV file, which names them."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

IMAGE, PATH = 'image', 'path'
"""Columns with the picture: its bytes or its path, which either may hold."""


def csv_columns(path: Path, mapping: ColumnMapping | None = None) -> dict[str, list[str]]:
    """Return the cells of a CSV file by the names of its columns; lines may be too short.

    :raises DataSetError: it is none, or has no line.
    """
    try:
        text = path.read_text(encoding='utf-8-sig')
        delimiter = max(',;\t', key=text.partition('\n')[0].count)
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataSetError(f'{quoted(path)} is no CSV file: {shortened(str(error))}') from error
    if not lines:
        raise DataSetError(f'{quoted(path)} is empty')
    names = (mapping or ColumnMapping()).our_names([name.strip() for name in lines[0]])
    rows = [[*line, *[''] * (len(names) - len(line))] for line in lines[1:]]
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def open_csv(path: Path, mapping: ColumnMapping) -> DataSet:
    """Open a CSV file that names pictures, relative to its folder.

    :raises DataSetError: it is none.
    """
    columns = csv_columns(path, mapping)
    pictures = columns[_picture_column(path, list(columns))]
    return DataSet(
        path.stem,
        [f'{path} row {row}: {name}' for row, name in enumerate(pictures)],
        columns,
        partial(_file_of, path.parent, pictures),
        digest_of_files(path, (path.parent / name for name in pictures)),
    )


def open_parquet(path: Path, mapping: ColumnMapping) -> DataSet:
    """Open a Parquet file with a column of encoded pictures, or of their paths.

    :raises DataSetError: it is none.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        reason = shortened(str(error).partition('\n')[0])
        raise DataSetError(f'{quoted(path)} is no Parquet file: {reason}') from error
    names = mapping.our_names(table.column_names)
    image = table.column(names.index(_picture_column(path, names)))
    return DataSet(
        path.stem,
        [f'{path} row {row}' for row in range(table.num_rows)],
        {
            name: table.column(place).to_pylist()
            for place, name in enumerate(names)
            if name not in (IMAGE, PATH)
        },
        partial(_cell, path.parent, image),
        hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def digest_of_files(table: Path | None, files: Iterable[Path]) -> str:
    """Return a hash of a table's contents and of the names, sizes and times of files."""
    digest = hashlib.sha256(table.read_bytes() if table else b'')
    for file in files:
        try:
            status = file.stat()
            state = f'{file.name}|{status.st_size}|{status.st_mtime_ns}'
        except OSError:
            state = f'{file.name}|missing'
        digest.update(state.encode(errors='surrogateescape'))
    return digest.hexdigest()


def _picture_column(path: Path, names: list[str]) -> str:
    """Return the name of the column with the pictures."""
    found = next((name for name in (IMAGE, PATH) if name in names), None)
    if found is None:
        raise DataSetError(
            f'{quoted(path)} has no column {IMAGE} or {PATH}; it has '
            f'{shortened(", ".join(names), 120)}: name its own in a mapping (--mapping)'
        )
    return found


def _file_of(folder: Path, names: list[str], row: int) -> Path:
    if not names[row].strip():
        raise FileNotFoundError('no picture is named')
    return folder / names[row].strip()


def _cell(folder: Path, image: Any, row: int) -> bytes | Path:
    """Return a cell's picture, also one in a structure as Hugging Face's data sets have it."""
    value = image[row].as_py()
    if isinstance(value, dict):
        value = value.get('bytes') or value.get('path')
    if isinstance(value, str):
        return folder / value
    if not isinstance(value, bytes):
        raise FileNotFoundError('no picture in this row')
    return value
