# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A table of labels beside the answers of a replay."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.evaluation import stream_metrics
from face_affect_ros.evaluation.bags.labels import NOT_FOUND
from face_affect_ros.evaluation.bags.labels import ColumnsError
from face_affect_ros.evaluation.bags.labels import Faces
from face_affect_ros.evaluation.bags.labels import Matches
from face_affect_ros.evaluation.bags.labels import match
from face_affect_ros.evaluation.bags.replay import ModelReplay
from face_affect_ros.evaluation.bags.replay import Replayed
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.tables import csv_columns
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import likely_thresholds
from face_affect_ros.evaluation.label_words import is_given
from face_affect_ros.quoting import quoted
from face_affect_ros.tasks import TASKS

PERSON = 'person'


@dataclass(frozen=True)
class Labels:
    """A table of labels.

    :param name: of its file.
    :param columns: cells by column.
    :param truth: what they say.
    :param issues: what is wrong with some, with counts.
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    truth: Truth
    issues: Sequence[str]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.truth.age)


@dataclass(frozen=True)
class Labelled:
    """A model's answers beside the labels.

    :param judged: a row a label and frame; a face that was not found has no answer.
    :param tracking: figures of the ids of labelled persons; empty where none are.
    :param problems: labels that match nothing.
    """

    judged: Judged
    tracking: Mapping[str, Estimate]
    problems: Sequence[str]


def read_labels(path: Path) -> Labels:
    """Read a CSV file of labels.

    :raises DataSetError: there is none, or it says nothing that is known here.
    """
    columns = csv_columns(path)
    count = len(next(iter(columns.values())))
    places = [f'{path.name} line {row + 2}' for row in range(count)]
    truth, issues = read_truth(DataSet(path.name, places, columns, _no_picture), ColumnMapping())
    if not truth.tasks and not any(map(is_given, columns.get(PERSON, ()))):
        why = f'; {issues[0]}' if issues else ''
        raise DataSetError(
            f'{quoted(path)} has no label: a column of {", ".join(TASKS)}, of the 40 attributes '
            f'or {PERSON}{why}'
        )
    return Labels(path.name, columns, truth, [f'{path.name}: {each}' for each in issues])


def judge(labels: Labels, replayed: Replayed, model: ModelReplay) -> Labelled:
    """Put a model's answers beside labels.

    :raises DataSetError: the table does not say when.
    """
    faces = Faces(
        np.array([frame.stamp_ns for frame in replayed.frames], np.int64),
        np.array([row['frame'] for row in model.rows], int),
        np.array([row['track'] for row in model.rows], int),
        np.array([_box(row) for row in model.rows], float).reshape(-1, 4),
        frozenset(model.answered),
    )
    try:
        matches = match(labels.columns, labels.truth.boxes, faces)
    except ColumnsError as error:
        raise DataSetError(f'{quoted(labels.name)}: {error}') from error
    rows = [None if face == NOT_FOUND else model.rows[face] for face in matches.face]
    persons = _persons(labels, matches)
    truth = replace(labels.truth.take(matches.label), person=_groups(persons, rows))
    judged = Judged(_columns(rows), truth, {}, likely_thresholds())
    return Labelled(judged, _tracking(persons, rows, matches), matches.problems(*_told(labels)))


def _told(labels: Labels) -> tuple[str, int]:
    return labels.name, len(labels)


def _no_picture(row: int) -> bytes:
    raise FileNotFoundError('the pictures are in the bag')


def _box(row: Mapping[str, Any]) -> tuple[float, float, float, float]:
    return row['x'], row['y'], row['width'], row['height']


def _persons(labels: Labels, matches: Matches) -> list[str]:
    """Return the labelled person of each match; empty: not given."""
    cells = labels.columns.get(PERSON, [''] * len(labels))
    return [cells[row].strip() for row in matches.label]


def _groups(persons: Sequence[str], rows: Sequence[Mapping[str, Any] | None]) -> np.ndarray:
    """Return whom each match is of: the person, else the track, else somebody of its own."""
    names = [
        person or (f'\0track {row["track"]}' if row and row['track'] else f'\0row {place}')
        for place, (person, row) in enumerate(zip(persons, rows))
    ]
    return np.unique(names, return_inverse=True)[1]


def _columns(rows: Sequence[Mapping[str, Any] | None]) -> dict[str, Any]:
    """Return answers as ``Judged`` has them."""
    count = len(rows)
    return {
        'row': np.arange(count),
        'error': [None] * count,
        'found': np.array([row is not None for row in rows], bool),
        'emotion': [row and row['emotion'] for row in rows],
        'gender': [row and row['gender'] for row in rows],
        'age_range': [row and row['age_range'] for row in rows],
        'age': _numbers(rows, lambda row: row['age']),
        'age_deviation': _numbers(rows, lambda row: row['age_deviation']),
        'emotion_scores': _scores(rows, 'emotion_scores', len(TASKS['emotion'].labels)),
        'gender_scores': _scores(rows, 'gender_scores', len(TASKS['gender'].labels)),
        'attributes': _scores(rows, 'attribute_scores', len(TASKS['attributes'].labels)),
    }


def _numbers(
    rows: Sequence[Mapping[str, Any] | None], value: Callable[[Mapping[str, Any]], float]
) -> np.ndarray:
    return np.array([np.nan if row is None else value(row) for row in rows], np.float32)


def _scores(rows: Sequence[Mapping[str, Any] | None], name: str, count: int) -> np.ndarray:
    missing = np.full(count, np.nan, np.float32)
    return np.array([missing if row is None else row[name] for row in rows], np.float32).reshape(
        -1, count
    )


def _tracking(
    persons: Sequence[str], rows: Sequence[Mapping[str, Any] | None], matches: Matches
) -> dict[str, Estimate]:
    """Return how often labelled persons change their id, and ids their person."""
    order = np.argsort(matches.frame, kind='stable')
    known = [(persons[at], rows[at]) for at in order if persons[at] and rows[at] is not None]
    if not known:
        return {}
    switches, shared = stream_metrics.id_switches(
        [person for person, _ in known], [int(row['track']) for _, row in known if row]
    )
    nan = float('nan')
    return {
        'id_switches': Estimate(float(switches), nan, nan, len(known)),
        'shared_ids': Estimate(float(shared), nan, nan, len(known)),
    }
