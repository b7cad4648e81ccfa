# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A report of an evaluation: what it says, and the files that say it.

``write_report`` is the one door: ``report.json``, ``predictions.parquet``, ``report.md`` and
``report.html`` of a ``Report``, which any evaluation fills.
"""

from __future__ import annotations

from pathlib import Path

from face_affect_ros.evaluation.report.content import Picture
from face_affect_ros.evaluation.report.content import Plot
from face_affect_ros.evaluation.report.content import Report
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table

__all__ = ['Picture', 'Plot', 'Report', 'Section', 'Table', 'write_report']


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write a report into a folder, which is made where there is none; return the files.

    The same report gives the same bytes.

    :raises OSError: the folder or a file cannot be written.
    """
    from face_affect_ros.evaluation.report import html
    from face_affect_ros.evaluation.report import json_file
    from face_affect_ros.evaluation.report import markdown
    from face_affect_ros.evaluation.report import parquet

    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / 'report.json', folder / 'report.md', folder / 'report.html']
    texts = [json_file.text(report), markdown.text(report), html.text(report)]
    for file, text in zip(files, texts):
        file.write_text(text, encoding='utf-8')
    if report.predictions:
        files.append(folder / 'predictions.parquet')
        parquet.write(report.predictions, files[-1])
    return files
