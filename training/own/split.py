# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which pictures are trained on and which are kept to judge the result."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.tasks import AGE_CUTS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

from .rows import TRAIN
from .rows import VALIDATION
from .rows import Sample

SHARE = 0.1
"""Of the pictures of each class that are kept for validation."""


def parts_of(
    rows: Sequence[Sample], digests: Sequence[str], tasks: Sequence[str], seed: int
) -> list[str]:
    """Return the part of each row: its own where rows have one, else a tenth of each class.

    A person's pictures all go the same way. A picture's way depends on itself, on the seed and on
    how many there are, so that a picture more does not shuffle all others.

    :param digests: of the files.
    :param tasks: whose classes are parted evenly.
    """
    if any(row.part for row in rows):
        return [row.part or TRAIN for row in rows]
    groups: dict[str, list[int]] = {}
    for index, (row, digest) in enumerate(zip(rows, digests)):
        groups.setdefault(f'person {row.person}' if row.person else digest, []).append(index)
    classes: dict[Any, list[str]] = {}
    for key in sorted(groups, key=lambda key: hashlib.sha256(f'{seed} {key}'.encode()).digest()):
        classes.setdefault(class_of(rows[groups[key][0]].labels, tasks), []).append(key)
    kept = {key for keys in classes.values() for key in keys[: _share_of(len(keys))]}
    parts = [TRAIN] * len(rows)
    for key in kept:
        for index in groups[key]:
            parts[index] = VALIDATION
    return parts


def class_of(labels: Mapping[str, Any], tasks: Sequence[str]) -> tuple[Any, ...]:
    """Return what is to be parted evenly: the classes of each task, ages by their range."""
    return tuple(
        int(np.searchsorted(AGE_CUTS, labels[task], side='right'))
        if TASKS[task].kind == YEARS and task in labels
        else labels.get(task)
        for task in tasks
        if TASKS[task].kind != MULTILABEL
    )


def _share_of(count: int) -> int:
    """Return how many of a class are kept: a tenth, one at least where there are two."""
    return max(math.floor(SHARE * count + 0.5), 1 if count > 1 else 0)
