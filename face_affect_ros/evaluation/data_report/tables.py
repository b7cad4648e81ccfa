# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of figures, a column a model."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from face_affect_ros.evaluation.data_report import wording
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report.content import Figures
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table
from face_affect_ros.faces import ATTRIBUTES


def summary(figures: Figures, task: str) -> Table:
    """Return the figures of a task that are of all classes, a line a metric."""
    models = [name for name in figures if task in figures[name]]
    rows = [
        [
            wording.heading(metric),
            *(wording.estimate(figures[model][task][name], metric) for model in models),
        ]
        for name, metric in wording.METRICS.items()
        if all(name in figures[model][task] for model in models)
    ]
    rows.append(['pictures', *(str(_count(figures[model][task])) for model in models)])
    return Table('95 % intervals in brackets', ['', *map(wording.model_words, models)], rows)


def by_class(figures: Mapping[str, Estimate], labels: Sequence[str]) -> Table:
    """Return precision, recall and F1 of each class that occurs."""
    percent = wording.METRICS['accuracy']
    rows = [
        [
            label,
            *(
                wording.estimate(figures[f'{name}_{label}'], percent)
                for name in ('precision', 'recall', 'f1')
            ),
        ]
        for label in labels
        if f'recall_{label}' in figures
    ]
    return Table('by class, %', ['class', 'precision', 'recall', 'F1'], rows)


def by_attribute(figures: Figures, shares: Mapping[str, float]) -> Table:
    """Return accuracy and balanced accuracy of each attribute, a pair of columns a model.

    :param shares: of the pictures that have each attribute.
    """
    models = [name for name in figures if 'attributes' in figures[name]]
    percent = wording.METRICS['accuracy']
    rows = [
        [
            attribute,
            wording.number(shares[attribute], percent),
            *(
                wording.number(figures[model]['attributes'][f'{name}_{attribute}'].value, percent)
                for model in models
                for name in ('accuracy', 'balanced_accuracy')
            ),
        ]
        for attribute in ATTRIBUTES
    ]
    headings = [
        f'{wording.model_words(model)} {words}'
        for model in models
        for words in ('accuracy', 'balanced')
    ]
    return Table('by attribute, %', ['attribute', 'share', *headings], rows)


def of_groups(subgroups: Mapping[str, Figures], task: str, models: Iterable[str]) -> Table | None:
    """Return a task's main figure in every group of a grouping."""
    name = wording.main_metric(task)
    metric = wording.METRICS[name]
    told = [
        model
        for model in models
        if any(name in each.get(model, {}).get(task, {}) for each in subgroups.values())
    ]
    rows = []
    for group, figures in subgroups.items():
        found = [figures.get(model, {}).get(task, {}).get(name) for model in told]
        if any(found):
            rows.append(
                [
                    group,
                    str(max(each.n for each in found if each)),
                    *(wording.estimate(each, metric) if each else '-' for each in found),
                ]
            )
    if not rows:
        return None
    title = f'{wording.task_words(task)}: {wording.heading(metric)}'
    return Table(title, ['group', 'pictures', *map(wording.model_words, told)], rows)


def of_conditions(conditions: Mapping[str, Figures], task: str) -> Table | None:
    """Return a task's main figure under every degradation."""
    name = wording.main_metric(task)
    metric = wording.METRICS[name]
    models = list(dict.fromkeys(model for each in conditions.values() for model in each))
    told = [model for model in models if task in conditions['clean'].get(model, {})]
    if not told:
        return None
    rows = [
        [
            condition,
            *(
                wording.estimate(figures[model][task][name], metric)
                if task in figures.get(model, {})
                else '-'
                for model in told
            ),
        ]
        for condition, figures in conditions.items()
    ]
    title = f'{wording.task_words(task)}: {wording.heading(metric)}'
    return Table(title, ['pictures', *map(wording.model_words, told)], rows)


def comparison_section(compared: Sequence[Mapping[str, Any]]) -> Section:
    """Return the differences of models."""
    rows = []
    for each in compared:
        metric = wording.METRICS[each['metric']]
        p = each['mcnemar_p']
        rows.append(
            [
                f'{wording.task_words(each["task"])}: {wording.heading(metric)}',
                ' minus '.join(wording.model_words(each[name]) for name in ('first', 'second')),
                wording.estimate(each['difference'], metric),
                '' if p is None else f'{p:.2g}',
            ]
        )
    return Section(
        'One model against the other',
        ['A difference is more than chance where its interval does not hold 0.'],
        [Table('', ['figure', 'models', 'difference', "p (McNemar's exact test)"], rows)],
    )


def _count(figures: Mapping[str, Estimate]) -> int:
    return max(each.n for each in figures.values())
