# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with pictures and their labels: everything at once, named and counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EXAMPLES = 3
"""How many places of each fault are named."""

MOST = 10
"""How many different things of each kind are named."""

UNREADABLE, NO_FILE = 'unreadable picture', 'no such file'
MISSING_COLUMN, NO_LABEL, EMPTY_CLASS = 'missing column', 'no label', 'empty class'
CONTRADICTION, NO_PICTURE = 'the same picture with different labels', 'no picture'

SKIPPED = (UNREADABLE, NO_FILE)
"""Kinds that can be left out."""


class DataError(Exception):
    """Data that cannot be trained on; the text says what, and what to do about it."""


@dataclass(frozen=True)
class DataIssue:
    """One thing that is wrong.

    :param kind: one of those above, or of ``labels``.
    :param what: what exactly; faults of one kind are counted by it.
    :param place: where: a path, or a table and its line.
    """

    kind: str
    what: str = ''
    place: str = ''


def lines(faults: Iterable[DataIssue]) -> list[str]:
    """Return faults for people: kinds, what they are of, counts and the first places."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, {}).setdefault(fault.what, []).append(fault.place)
    return [line for kind, whats in kinds.items() for line in _of_kind(kind, whats)]


def _of_kind(kind: str, whats: dict[str, list[str]]) -> list[str]:
    """Return the lines of one kind, the most frequent first."""
    total = sum(map(len, whats.values()))
    often = sorted(whats.items(), key=lambda item: -len(item[1]))
    told = [f'  {_counted(what, places)}' for what, places in often[:MOST]]
    more = len(often) - MOST
    return [f'{kind}: {total}', *told, *([f'  and {more} more'] if more > 0 else [])]


def _counted(what: str, places: list[str]) -> str:
    """Return one thing with its count and its first places."""
    named = [place for place in places if place]
    first = ', '.join(named[:EXAMPLES]) + (', ...' if len(named) > EXAMPLES else '')
    count = f'{len(places)}x ' if len(places) > 1 else ''
    return count + ': '.join(part for part in (what, first) if part)
