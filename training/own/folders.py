# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures in folders that are named after their label."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from face_affect_ros import images
from face_affect_ros.cli import pictures
from face_affect_ros.evaluation import label_words as labels
from face_affect_ros.quoting import quoted

from . import faults
from .faults import DataError
from .faults import DataIssue
from .rows import PARTS
from .rows import LabelSpec
from .rows import SampleList
from .rows import row_of_file


def listing(folder: Path, wanted: LabelSpec) -> SampleList:
    """Return the pictures of folders that are named after their label."""
    if len(wanted.needed) > 1 or 'attributes' in wanted.needed:
        needed = [
            "CelebA's attributes" if task == 'attributes' else task for task in wanted.needed
        ]
        raise DataError(
            f"{quoted(folder)}: a folder's name tells one label, and this recipe "
            f'learns {" and ".join(needed)}: give a CSV file with columns for path '
            'and these'
        )
    (task,) = wanted.needed
    found = SampleList()
    parts = {
        path: part for path in _subfolders(folder) if (part := PARTS.get(path.name.casefold()))
    }
    for place, part in parts.items() or [(folder, '')]:
        _add_classes(found, place, part, task)
    if parts:
        rest = [path.name for path in _subfolders(folder) if path not in parts]
        found.notes += [f'not used: the folders {", ".join(rest)}'] if rest else []
    return found


def _add_classes(found: SampleList, folder: Path, part: str, task: str):
    """Add the pictures of all class folders in a folder."""
    for path in _subfolders(folder):
        given = {}
        try:
            given[task] = labels.PARSERS[task](path.name)
        except labels.LabelError as error:
            problem = DataIssue(error.kind, error.what)
        else:
            problem = None
        there = pictures.find([str(path)])
        sources = [source for source in there if not source.error]
        found.faults += [
            DataIssue(faults.UNREADABLE, source.error or '', source.path)
            for source in there
            if source.is_closed
        ]
        found.rows += [row_of_file(Path(source.path), given, part) for source in sources]
        if problem:
            found.faults += [replace(problem, place=source.path) for source in sources]
    endings = images.endings()
    loose = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix.lower() in endings
    ]
    found.faults += [
        DataIssue(faults.NO_LABEL, 'in no folder of a class', str(path)) for path in loose
    ]


def _subfolders(folder: Path) -> list[Path]:
    """Return the folders in a folder, nothing hidden."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_dir() and not path.name.startswith('.')
    ]
