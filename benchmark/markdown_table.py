# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Figures as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any


def markdown_table(
    rows: Sequence[Mapping[str, Any]], digits: int = 1, names: Sequence[str] = ()
) -> str:
    """Return rows of figures by name as a table.

    :param digits: behind the point of numbers that are not whole.
    :param names: columns, in their order; empty: those of the first row. What a row does not have
        stays empty.
    """
    names = list(names or rows[0])
    lines = [names, ['---'] * len(names)]
    for row in rows:
        lines.append(
            [
                f'{value:.{digits}f}' if isinstance(value, float) else str(value)
                for value in (row.get(name, '') for name in names)
            ]
        )
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)
