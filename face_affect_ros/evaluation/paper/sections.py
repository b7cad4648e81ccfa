# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The paper's tables as sections of a report, with what they contradict and what they can show."""

from __future__ import annotations

import numpy as np

from face_affect_ros.evaluation import metrics
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.intervals import share_interval
from face_affect_ros.evaluation.paper.published import STATED_PICTURES
from face_affect_ros.evaluation.paper.published import TABLES
from face_affect_ros.evaluation.paper.published import PublishedTable
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table

NAMES = {
    'accuracy': 'accuracy',
    'macro_precision': 'macro precision (its "average precision")',
    'macro_recall': 'macro recall (its "average recall")',
    'harmonic_f': 'its F: harmonic mean of macro precision and macro recall',
    'macro_f1': "macro-F1: mean of the classes' F1",
}


def published_figures() -> dict[str, dict[str, dict[str, Estimate]]]:
    """Return the paper's figures by model and task; accuracy with its exact interval."""
    found: dict[str, dict[str, dict[str, Estimate]]] = {}
    for table in TABLES:
        figures = {
            name: Estimate(value, float('nan'), float('nan'), table.pictures)
            for name, value in averages(table).items()
        }
        figures['accuracy'] = share_interval(table.right, table.pictures)
        found.setdefault(f'paper {table.model}', {})[table.task] = figures
    return found


def averages(table: PublishedTable) -> dict[str, float]:
    """Return a table's averages: of its counts where they are known, else as they were printed."""
    if table.matrix is None:
        return dict(table.averages)
    computed = metrics.of_confusion(table.matrix)
    return {name: computed[name] for name in NAMES}


def published_sections() -> list[Section]:
    """Return the paper's four tables, what contradicts itself, and what the sample can show."""
    return [
        *map(_table_section, TABLES),
        Section('What contradicts itself in the paper', contradictions()),
        Section('What its sample can and cannot show', conclusions()),
    ]


def matrix_table(title: str, matrix: np.ndarray, labels: tuple[str, ...]) -> Table:
    """Return a confusion matrix in the paper's form, the axes named rightly.

    Cells are counts with their percentage of the column, that is, of what the model answered so:
    on the diagonal the precision. The last column is the recall.
    """
    answered = np.maximum(matrix[:, : len(labels)].sum(0), 1)
    precision, recall, _ = metrics.by_class(matrix)
    rows = [
        [
            f'truth: {label}',
            *(
                f'{matrix[row, column]:.0f} ({100 * matrix[row, column] / answered[column]:.0f} %)'
                for column in range(len(labels))
            ),
            f'{100 * recall[row]:.1f} %',
        ]
        for row, label in enumerate(labels)
    ]
    rows.append(['precision', *(f'{100 * value:.1f} %' for value in precision), ''])
    return Table(title, ['', *(f'prediction: {label}' for label in labels), 'recall'], rows)


def _table_section(table: PublishedTable) -> Section:
    tables = [_averages_table(table)]
    text = []
    if table.matrix is None:
        text.append(
            f'The {len(table.labels) ** 2} cells of this table are not part of this package: only '
            f'the sums ({table.truth[0]} pictures of each of {", ".join(table.labels)}), the '
            f'{table.right} hits and the averages are, which therefore cannot be recomputed.'
        )
    else:
        text.append(
            'The cells follow from the sums of rows and columns and from the number of hits.'
        )
        tables.insert(
            0, matrix_table('counts (percentage of the column)', table.matrix, table.labels)
        )
    return Section(f'Paper, Model {table.model}, {table.task}', text, tables)


def _averages_table(table: PublishedTable) -> Table:
    exact = share_interval(table.right, table.pictures)
    rows = [
        [
            NAMES[name],
            f'{value:.4f}',
            f'{table.printed.get(name, table.averages.get(name, value)):g}',
        ]
        for name, value in averages(table).items()
    ]
    rows.append(['95 % interval of the accuracy', f'{exact.low:.3f} to {exact.high:.3f}', 'none'])
    source = 'printed' if table.matrix is None else 'recomputed'
    return Table('averages', ['', source, 'printed'], rows)


def contradictions() -> list[str]:
    """Return what the paper says that its own numbers deny, a paragraph each."""
    first, second = (table for table in TABLES if table.task == 'gender')
    pictures = {table.pictures for table in TABLES}
    precision = averages(second)['macro_precision']
    return [
        f'"{STATED_PICTURES} random images" are {pictures.pop()}: that is what every matrix '
        'sums to. They are not random by class: there are 16 of each of six emotions, and '
        'disgust, which both networks can answer, is missing.',
        'The printed axes are swapped. The rows that are called output sum to 16 each in both '
        'emotion tables, so rows are the truth; only so do the printed averages come out. The '
        'percentages are of columns: they are precision.',
        f'The two gender tables have different truths: {first.truth[1]} men and {first.truth[0]} '
        f'women for Model 1, {second.truth[1]} and {second.truth[0]} for Model 2. They cannot be '
        'the same pictures with the same labels, whichever axis is believed.',
        f'The printed average precision {second.printed["macro_precision"]:g} of Model 2 for '
        f'gender is {precision:.4f}: it is the mean of rounded percentages.',
        'Its F is the harmonic mean of macro precision and macro recall, not the mean of the '
        "classes' F1; for Model 2 and emotion the two are "
        f'{TABLES[3].averages["harmonic_f"]:.4f} and {TABLES[3].averages["macro_f1"]:.4f}.',
    ]


def conclusions() -> list[str]:
    """Return which of the paper's conclusions its sample supports, a paragraph each."""
    return [_compared(task) for task in ('emotion', 'gender')] + [
        'Both tests take the two samples as independent: which pictures each model had right, '
        'which a paired test needs, the paper does not say.'
    ]


def _compared(task: str) -> str:
    """Return whether the difference of the two models is more than chance."""
    from scipy.stats import boschloo_exact

    first, second = (table for table in TABLES if table.task == task)
    counts = [[table.right, table.pictures - table.right] for table in (first, second)]
    p = float(boschloo_exact(counts).pvalue)
    words = [
        f'Model {table.model} is right on {table.right} of {table.pictures} '
        f'({100 * exact.value:.1f} %, 95 % interval {100 * exact.low:.1f} to '
        f'{100 * exact.high:.1f})'
        for table, exact in (
            (table, share_interval(table.right, table.pictures)) for table in (first, second)
        )
    ]
    better = max((first, second), key=lambda table: table.right).model
    verdict = 'holds' if p < 0.05 else 'is not established'
    return (
        f'{task.capitalize()}: {words[0]}, {words[1]}. That Model {better} is better {verdict} '
        f"(Boschloo's exact test, p = {p:.3f})."
    )
