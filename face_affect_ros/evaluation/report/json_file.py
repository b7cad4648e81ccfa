# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``report.json``: every figure for programs; ``null`` where there is none, never NaN.

``models.NAME.TASK.METRIC`` and ``subgroups.GROUPING.GROUP.NAME.TASK.METRIC`` are
``{"value", "low", "high", "n"}``; docs/evaluation.md describes the whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report.content import Report

SCHEMA = 1
"""Goes up when a reader of older reports would no longer understand a newer one."""

DIGITS = 6


def text(report: Report) -> str:
    """Return the file's text."""
    content = {
        'schema': SCHEMA,
        'title': report.title,
        'provenance': report.provenance,
        'models': report.figures,
        'subgroups': report.subgroups,
        **report.extra,
    }
    return json.dumps(_plain(content), indent=1, allow_nan=False, ensure_ascii=False) + '\n'


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types, numbers rounded."""
    if isinstance(value, Estimate):
        return {name: _plain(getattr(value, name)) for name in ('value', 'low', 'high', 'n')}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return round(float(value), DIGITS) if math.isfinite(value) else None
    return value
