# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where results go: words or JSON on stdout, rows to a CSV file, errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from face_affect_ros.cli import words
from face_affect_ros.quoting import printable

if TYPE_CHECKING:
    from face_affect_ros.cli.csv_file import CsvFile
    from face_affect_ros.cli.picture_classifier import Classified
    from face_affect_ros.stream.types import DescribedFaces
    from face_affect_ros.stream.video_file import VideoFrame


class Outputs:
    """Takes the results of one run, in their order.

    :param model: name of the model.
    :param as_json: JSON in place of words.
    :param table: takes the rows too.
    :param show: as ``print``.
    """

    def __init__(
        self,
        model: str,
        as_json: bool,
        table: CsvFile | None,
        show: Callable[..., None],
    ) -> None:
        self._model, self._as_json, self._table, self._show = model, as_json, table, show
        self.failed = False

    def picture(self, found: Classified) -> None:
        """Show what was found in a picture, and what went wrong."""
        for warning in found.warnings:
            self.complain(f'warning: {warning}')
        if self._as_json or self._table:
            from face_affect_ros.cli import schema

            self._record(
                schema.picture(found.path, self._model, found.size, found.faces, found.error)
            )
        if found.size and not self._as_json:
            self._tell(words.describe(found.path, found.faces))
        if found.error:
            self.failed = True
            self.complain(found.error)

    def frame(self, path: str, frame: VideoFrame, found: DescribedFaces) -> None:
        """Show what was found in a frame of a video."""
        if self._as_json or self._table:
            from face_affect_ros.cli import schema

            self._record(
                schema.video_frame(
                    path, self._model, found.size, found.faces, frame.number, frame.time_s
                )
            )
        if not self._as_json:
            self._tell(words.describe(path, found.faces, f' {frame.time_s:.2f} s'))

    def complain(self, text: str) -> None:
        """Name on stderr what is wrong."""
        self._show(f'face-affect classify: {printable(text)}', file=sys.stderr)

    def _tell(self, lines: list[str]) -> None:
        for line in lines:
            self._show(line)

    def _record(self, value: dict) -> None:
        """Show or write an object of ``schema``."""
        from face_affect_ros.cli import schema

        if self._as_json:
            self._show(schema.line(value))
        if self._table:
            self._table.add(value)
