# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Data sets in folders: a folder a class."""

from __future__ import annotations

from pathlib import Path

from face_affect_ros import images
from face_affect_ros.evaluation import label_words
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.tables import digest_of_files
from face_affect_ros.quoting import quoted

PARTS = ('train', 'training', 'val', 'valid', 'validation', 'test')
"""Folders of these names are parts, with a folder a class each: the column ``part``."""


def open_folder(path: Path, mapping: ColumnMapping) -> DataSet:
    """Open a folder with a folder a class, or with a folder a part that has those.

    The classes' names tell the task: emotions, genders or ages in years.

    :raises DataSetError: there are no pictures in folders of classes.
    """
    endings = images.endings()
    files = [
        file
        for file in sorted(path.rglob('*'))
        if file.suffix.lower() in endings
        and not any(part.startswith('.') for part in file.relative_to(path).parts)
        and file.is_file()
    ]
    found = [(file, *_part_and_class(file.relative_to(path))) for file in files]
    found = [entry for entry in found if entry[2]]
    if not found:
        raise DataSetError(
            f'{quoted(path)}: no pictures in folders named after a class '
            f'(looked for {", ".join(endings)})'
        )
    task = _task_of({name for _, _, name in found}, mapping)
    columns: dict[str, list[str]] = {task: [name for _, _, name in found]}
    if any(part for _, part, _ in found):
        columns['part'] = [part for _, part, _ in found]
    pictures = [file for file, _, _ in found]
    return DataSet(
        path.name,
        list(map(str, pictures)),
        columns,
        pictures.__getitem__,
        digest_of_files(None, pictures),
    )


def _part_and_class(inside: Path) -> tuple[str, str]:
    """Return part and class of a picture by its path in the folder; empty: it has none."""
    folders = list(inside.parts[:-1])
    part = folders.pop(0) if folders and folders[0].casefold() in PARTS else ''
    return part, folders[0] if folders else ''


def _task_of(names: set[str], mapping: ColumnMapping) -> str:
    """Return the task that most classes are of."""
    return max(
        label_words.PARSERS, key=lambda task: sum(_is_class(task, name, mapping) for name in names)
    )


def _is_class(task: str, name: str, mapping: ColumnMapping) -> bool:
    if mapping.knows(task, name):
        return True
    if task == 'emotion' and name.isdigit():
        return False  # a folder of a number is an age
    try:
        label_words.PARSERS[task](name)
    except label_words.LabelError:
        return False
    return True
