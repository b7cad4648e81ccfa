# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Results as a CSV file: the rows of ``schema.rows``, written as they come."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import schema
from face_affect_ros.quoting import quoted

_FORMULA = ('=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠')
"""How a cell begins that spreadsheets take for a formula."""

_PATH = 'path'


class CsvFile:
    """A table in the making: RFC 4180 in UTF-8; a context manager.

    A text cell that a spreadsheet would run as a formula gets ``'`` in front, a path ``./``, with
    which it is the same path.

    :param path: of the file, which is written anew.
    :raises UsageError: it has the ending of a picture or video.
    :raises CommandError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        """Begin with the headings."""
        self._path = path
        self._columns = schema.columns()
        _check_ending(path)
        try:
            self._file = path.open('w', encoding='utf-8', errors='backslashreplace', newline='')
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        self._writer = csv.writer(self._file)
        self._write([[column.name for column in self._columns]])

    def __enter__(self) -> CsvFile:
        """Return the file."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Finish the file."""
        try:
            self._file.close()
        except OSError as error:
            raise self._failure(error) from error

    def add(self, found: Mapping[str, Any]) -> None:
        """Write the rows of the object of a picture or frame (``schema.picture``).

        :raises CommandError: they cannot be written.
        """
        self._write([self._safe(row) for row in schema.rows(found, self._columns)])

    def _safe(self, row: list[Any]) -> list[Any]:
        return [safe_cell(column.name, value) for column, value in zip(self._columns, row)]

    def _write(self, rows: list[list[Any]]) -> None:
        try:
            self._writer.writerows(rows)
            self._file.flush()
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> CommandError:
        reason = getattr(error, 'strerror', None) or error
        return CommandError(f'--csv {quoted(self._path)} cannot be written: {reason}')


def safe_cell(column: str, value: Any) -> Any:
    """Return a value of a column as no spreadsheet takes it for a formula."""
    if not isinstance(value, str) or not value.startswith(_FORMULA) or value == '-':
        return value
    return f'./{value}' if column == _PATH else f"'{value}"


def _check_ending(path: Path) -> None:
    """Refuse a picture or video that stands where the table's name belongs."""
    from face_affect_ros import images
    from face_affect_ros.stream import video_file

    if path.name.lower().endswith((*images.endings(), *video_file.ENDINGS)):
        raise UsageError(
            f'--csv {quoted(path)} would be overwritten, and it is named as a picture or video: '
            'give the name of the table first (--csv faces.csv)'
        )
