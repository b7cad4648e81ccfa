# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A finding: what is, whether it is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from face_affect_ros.quoting import printable

OK, NOTE, PROBLEM = LEVELS = ('ok', 'note', 'problem')

DOCUMENT = 'docs/troubleshooting.md'
"""Explains every finding under its anchor."""

LONGEST = 300
"""Characters of a finding's text, and of its remedy, at most."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    :param level: ``ok``; ``note``: worth knowing, nothing is wrong; ``problem``.
    :param anchor: place in ``DOCUMENT``; its first word is the subject.
    :param text: what is, in one line.
    :param remedy: what to do; empty where there is nothing to do.
    :param values: figures by name, units in the names.
    """

    level: str
    anchor: str
    text: str
    remedy: str = ''
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """What the finding is about, one word."""
        return self.anchor.partition('-')[0]


Check = Callable[[], Iterable[Finding]]


def ok(anchor: str, text: str, **values: Any) -> Finding:
    """Return that something is as it should be."""
    return Finding(OK, anchor, _line(text), values=values)


def note(anchor: str, text: str, remedy: str = '', **values: Any) -> Finding:
    """Return what is worth knowing."""
    return Finding(NOTE, anchor, _line(text), _line(remedy), values)


def problem(anchor: str, text: str, remedy: str, **values: Any) -> Finding:
    """Return what is wrong, and what to do."""
    return Finding(PROBLEM, anchor, _line(text), _line(remedy), values)


def findings(checks: Sequence[Check]) -> list[Finding]:
    """Return what checks find; one that breaks is a finding too."""
    found: list[Finding] = []
    for check in checks:
        try:
            found.extend(check())
        except Exception as error:
            name = getattr(check, '__module__', None) or getattr(check, 'func', check).__module__
            found.append(
                problem(
                    'doctor-failed',
                    f'{name.rpartition(".")[2]} could not be checked: '
                    f'{type(error).__name__}: {error}',
                    'report it, with this line',
                )
            )
    return found


def is_well(found: Iterable[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(each.level != PROBLEM for each in found)


def _line(text: str) -> str:
    text = printable(' '.join(text.split()))
    return text if len(text) <= LONGEST else f'{text[: LONGEST - 3]}...'
