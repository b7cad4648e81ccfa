# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which rows of a data set are evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened


def select(data: DataSet, where: Sequence[str], limit: int | None = None) -> np.ndarray:
    """Return the rows that fulfil all conditions, in their order.

    :param where: ``COLUMN=VALUE`` each; several values, of which one must hold, with commas.
    :param limit: at most so many, spread evenly over those that fulfil them; None: all.
    :raises DataSetError: a condition is none, or no row fulfils them.
    """
    kept = np.ones(len(data), bool)
    for condition in where:
        name, equals, values = condition.partition('=')
        if not equals or name not in data.columns:
            raise DataSetError(
                f'--where {quoted(condition)}: give COLUMN=VALUE, where the columns are '
                f'{shortened(", ".join(data.columns), 160)}'
            )
        wanted = {as_text(value) for value in values.split(',')}
        kept &= np.array([as_text(value) in wanted for value in data.columns[name]], bool)
    rows = np.flatnonzero(kept)
    if not len(rows):
        raise DataSetError(
            f'no picture of {quoted(data.name)} is left'
            + (f' by --where {" ".join(where)}' if where else ': there are none')
        )
    if limit is not None and limit < len(rows):
        rows = rows[np.linspace(0, len(rows) - 1, limit).round().astype(int)]
    return rows


def as_text(value: Any) -> str:
    """Return a cell as people write it: 1 for 1.0, true for True."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()
