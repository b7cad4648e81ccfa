# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How much nodes write: lines of a kind in a minute, their length, and who wrote them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

LINES_A_MINUTE = 6
LONGEST = 800
"""Characters of a line: a text of 600, what was left out, and what rcutils puts in front."""

_LINE = re.compile(r'(?:\x1b\[\d*m)?\[(\w+)\] \[(\d+\.\d+)\] \[([\w./~-]+)\]: (.*)')
_VALUES = re.compile(r"'(?:[^'\\]|\\.)*'|\"[^\"]*\"|b'[^']*'|[\d.,]+|\([^)]*left out\)")
_TRACEBACK = re.compile(r'Traceback|  |after this error:|[\w.]+(?:Error|Exception|Interrupt)\b')
_THROTTLED = {'WARN', 'ERROR', 'FATAL'}
"""Levels with a budget; information is told of changes, which somebody asked for."""


def faults(text: str, own_names: Iterable[str]) -> list[str]:
    """Return what is wrong with a process's standard error, one text each.

    :param text: all of it.
    :param own_names: of its nodes and loggers, the beginning of each: lines of others are forged.
    """
    names = tuple(own_names)
    found = []
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    told_errors = 0
    for line in text.splitlines():
        if len(line) > LONGEST:
            found.append(f'a line of {len(line)} characters: {line[:100]!r}')
        match = _LINE.match(line)
        if match is None:
            if not (told_errors and _TRACEBACK.match(line)):
                found.append(f'a line of nobody: {line[:200]!r}')
            continue
        level, at, name, content = match.groups()
        if not name.startswith(names):
            found.append(f'a forged line: {line[:200]!r}')
        told_errors += level in ('ERROR', 'FATAL')
        if level in _THROTTLED:
            times[name, _VALUES.sub('#', content)].append(float(at))
    for (name, kind), at in times.items():
        most = most_in_a_minute(at)
        if most > LINES_A_MINUTE:
            found.append(f'{most} lines a minute of {name}: {kind[:200]}')
    return found


def kinds(text: str) -> set[str]:
    """Return the kinds of warnings and errors, values left out."""
    matches = filter(None, map(_LINE.match, text.splitlines()))
    return {_VALUES.sub('#', match[4]) for match in matches if match[1] in _THROTTLED}


def most_in_a_minute(times: list[float]) -> int:
    """Return how many of some times, in seconds, lie within a minute at most."""
    ordered = sorted(times)
    begin = most = 0
    for end, time in enumerate(ordered):
        while time - ordered[begin] >= 60:
            begin += 1
        most = max(most, end - begin + 1)
    return most
