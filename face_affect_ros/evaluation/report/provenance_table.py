# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a report was made of, as its last section."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table


def provenance_section(provenance: Mapping[str, Any]) -> Section:
    """Return a section that lists what a report was made of."""
    rows = [[name, value] for name, value in _flat(provenance)]
    return Section(
        'How this was made', tables=[Table('', ['what', 'which'], rows)] if rows else ()
    )


def _flat(value: Any, name: str = '') -> Iterator[tuple[str, str]]:
    """Yield the leaves of nested mappings by the names that lead to them."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f'{name} {key}'.strip())
    elif isinstance(value, (list, tuple)):
        yield name, ', '.join(map(str, value))
    else:
        yield name, '' if value is None else str(value)
