# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tables as plain text."""

from __future__ import annotations

from collections.abc import Sequence


def text(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return rows as text in columns, the first row as headings.

    :param right: columns whose cells stand at their right edge.
    """
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [
        '  '.join(
            f'{cell:>{width}}' if index in right else f'{cell:<{width}}'
            for index, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, '  '.join('-' * width for width in widths))
    return '\n'.join(lines)
