# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The report of verification: tables for people, figures for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from face_affect_ros.evaluation.identity import figures
from face_affect_ros.evaluation.identity.embedded_set import EmbeddedSet
from face_affect_ros.evaluation.identity.pairs import Pairs
from face_affect_ros.evaluation.identity.pairs import all_pairs
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report import Report
from face_affect_ros.evaluation.report import plots
from face_affect_ros.evaluation.report.content import Plot
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table

WORDS = {
    'true_accepts_at_1_in_100': 'true accepts at one false in 100',
    'true_accepts_at_1_in_1000': 'true accepts at one false in 1,000',
    'equal_error_rate': 'equal error rate',
    'accuracy_at_other_threshold': 'balanced accuracy, threshold of the other set',
}
ROC_SHARES = np.logspace(-4, 0, 60)


def build(sets: tuple[EmbeddedSet, ...], provenance: Mapping[str, Any], samples: int) -> Report:
    """Return the report of one set, or of two, each with the thresholds of the other."""
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    sections, calibrated = [], {}
    pairs = [
        {name: all_pairs(points, each.people) for name, points in each.points.items()}
        for each in sets
    ]
    for place, each in enumerate(sets):
        others = pairs[1 - place] if len(sets) == 2 else {}
        own = {
            name: figures.with_intervals(own_pairs, samples, others.get(name))
            for name, own_pairs in pairs[place].items()
        }
        for name, estimates in own.items():
            found.setdefault(name, {})[each.name] = estimates
        held = {
            name: figures.calibration_on_other(pairs[place][name], other)
            for name, other in others.items()
        }
        calibrated[each.name] = held
        sections.append(_section(each, own, pairs[place], held))
    return Report('Verification', provenance, found, sections, extra={'calibration': calibrated})


def _section(
    each: EmbeddedSet,
    own: Mapping[str, Mapping[str, Estimate]],
    pairs: Mapping[str, Pairs],
    held: Mapping[str, Mapping[str, float]],
) -> Section:
    """Return the part of one set."""
    first = next(iter(pairs.values()))
    text = (
        f'{len(each.people):,} pictures of {len(np.unique(each.people)):,} people: '
        f'{int(first.same.sum()):,} pairs of one person, {int((~first.same).sum()):,} of two. '
        'Percent; 95 % intervals by drawing people anew.',
    )
    names = list(next(iter(own.values())))
    rows = [[WORDS[name], *(_percent(own[system][name]) for system in own)] for name in names]
    tables = [Table('Figures', ['', *own], rows)]
    if held:
        tables.append(_calibration_table(held))
    for grouping, groups in each.groups.items():
        for system, points in each.points.items():
            threshold = pairs[system].impostor.distance_at(0.01)
            by = figures.of_groups(points, each.people, groups, threshold)
            tables.append(_groups_table(f'{system}, by {grouping}', by))
    return Section(each.name, text, tables, [_roc(each.name, pairs)])


def _calibration_table(held: Mapping[str, Mapping[str, float]]) -> Table:
    rows = [
        [
            system,
            f'{values["threshold"]:.3f}',
            f'{100 * values["true_accepts"]:.1f}',
            f'{100 * values["false_accepts"]:.3f}',
            f'{values["calibration_error"]:.3f}',
        ]
        for system, values in held.items()
    ]
    return Table(
        'Threshold (one false accept in 1,000) and probabilities fitted to the other set',
        ['', 'distance', 'true accepts, %', 'false accepts, %', 'calibration error'],
        rows,
    )


def _groups_table(title: str, by: Mapping[str, Mapping[str, float]]) -> Table:
    rows = [
        [
            group,
            f'{values["pictures"]:.0f}',
            f'{100 * values["true_accepts"]:.1f}',
            f'{100 * values["false_accepts"]:.2f}',
            f'{100 * values["equal_error_rate"]:.1f}',
        ]
        for group, values in by.items()
    ]
    headings = ['', 'pictures', 'true accepts', 'false accepts', 'equal error rate']
    return Table(f'{title}: pairs within a group, threshold of one in 100 of all', headings, rows)


def _roc(name: str, pairs: Mapping[str, Pairs]) -> Plot:
    series = {
        system: (
            np.log10(ROC_SHARES),
            each.genuine.within(
                np.array([each.impostor.distance_at(share) for share in ROC_SHARES])
            ),
        )
        for system, each in pairs.items()
    }
    title = f'{name}: true accepts by false accepts'
    return plots.lines(title, series, ('false accepts, power of ten', 'true accepts'))


def _percent(value: Estimate) -> str:
    text = f'{100 * value.value:.1f}'
    if np.isfinite(value.low):
        text += f' ({100 * value.low:.1f} to {100 * value.high:.1f})'
    return text
