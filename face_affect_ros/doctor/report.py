# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Findings as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from face_affect_ros.doctor.finding import DOCUMENT
from face_affect_ros.doctor.finding import LEVELS
from face_affect_ros.doctor.finding import OK
from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import is_well

_LEVEL_WIDTH = max(map(len, LEVELS))
_SUBJECT_WIDTH = 9


def as_text(found: Sequence[Finding]) -> str:
    """Return a line a finding, and one that sums up."""
    problems = sum(not is_well([each]) for each in found)
    total = f'{problems} of {len(found)} findings are problems' if problems else 'all well'
    more = '' if all(each.level == OK for each in found) else f'; [words] are places in {DOCUMENT}'
    return '\n'.join((*map(_line, found), f'{total}{more}'))


def as_record(found: Sequence[Finding]) -> dict[str, Any]:
    """Return findings for JSON."""
    return {
        'well': is_well(found),
        'findings': [
            {
                'level': each.level,
                'subject': each.subject,
                'anchor': each.anchor,
                'text': each.text,
                'remedy': each.remedy,
                'values': dict(each.values),
            }
            for each in found
        ],
    }


def _line(each: Finding) -> str:
    remedy = f' -> {each.remedy}' if each.remedy else ''
    place = '' if each.level == OK else f' [{each.anchor}]'
    begin = f'{each.level:<{_LEVEL_WIDTH}}  {each.subject:<{_SUBJECT_WIDTH}}'
    return f'{begin}  {each.text}{remedy}{place}'
