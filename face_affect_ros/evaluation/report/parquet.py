# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``predictions.parquet``: one row a prediction, the same bytes for the same predictions."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROWS_A_GROUP = 16_384


def write(columns: Mapping[str, Sequence[Any] | np.ndarray], file: Path) -> None:
    """Write columns by name; (N, K) arrays become lists, floats keep their width."""
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.table({name: _column(values) for name, values in columns.items()})
    part = file.with_name(f'{file.name}.part')
    parquet.write_table(table, part, row_group_size=ROWS_A_GROUP, compression='zstd')
    part.replace(file)


def _column(values: Sequence[Any] | np.ndarray) -> Any:
    import pyarrow

    if isinstance(values, np.ndarray) and values.ndim == 2:
        flat = pyarrow.array(values.reshape(-1))
        return pyarrow.FixedSizeListArray.from_arrays(flat, values.shape[1])
    return pyarrow.array(values)
