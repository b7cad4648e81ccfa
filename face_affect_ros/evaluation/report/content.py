# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a report says, whatever the file it is written to."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np

from face_affect_ros.evaluation.intervals import Estimate

Figures = Mapping[str, Mapping[str, Mapping[str, Estimate]]]
"""Estimates by model, task and metric."""


@dataclass(frozen=True)
class Table:
    """A table.

    :param title: one line above it.
    :param headings: of the columns.
    :param rows: cells as text, as many a row as there are headings.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Plot:
    """A plot.

    :param title: one line above it, which also describes it where it is not seen.
    :param svg: an ``<svg>`` element (``plots.svg``), without XML declaration.
    """

    title: str
    svg: str


@dataclass(frozen=True)
class Picture:
    """A picture, for ``report.html`` alone.

    :param caption: one line below it.
    :param jpeg: the encoded picture.
    """

    caption: str
    jpeg: bytes


@dataclass(frozen=True)
class Section:
    """A part of a report.

    :param title: its heading.
    :param text: paragraphs.
    :param tables: shown after the text.
    :param plots: shown after the tables.
    :param pictures: shown last.
    """

    title: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    plots: Sequence[Plot] = ()
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class Report:
    """All that an evaluation found.

    :param title: of the report.
    :param provenance: what it was made of: version, command, weights, data, hardware; of JSON's
        types.
    :param figures: for ``report.json`` and for programs.
    :param sections: for people.
    :param predictions: columns of ``predictions.parquet`` by name: (N,) arrays or lists, or (N, K)
        arrays, which become lists.
    :param subgroups: figures by grouping (``age``, ``age*gender``), then by group.
    :param extra: what else ``report.json`` has, by key; of JSON's types and ``Estimate``.
    """

    title: str
    provenance: Mapping[str, Any]
    figures: Figures
    sections: Sequence[Section]
    predictions: Mapping[str, Sequence[Any] | np.ndarray] = field(default_factory=dict)
    subgroups: Mapping[str, Mapping[str, Figures]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
