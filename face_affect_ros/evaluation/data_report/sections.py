# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The sections of a report on labelled pictures."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros.evaluation.data_report import charts
from face_affect_ros.evaluation.data_report import tables
from face_affect_ros.evaluation.data_report import wording
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import class_labels
from face_affect_ros.evaluation.report.content import Figures
from face_affect_ros.evaluation.report.content import Plot
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.evaluation.report.content import Table
from face_affect_ros.evaluation.task_figures import evaluated_tasks
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

Subgroups = Mapping[str, Mapping[str, Figures]]

MOST_NAMED = 10
"""Most issues that are named one by one."""


def task_sections(figures: Figures, judged: Mapping[str, Judged]) -> list[Section]:
    """Return a section a task that any model tells and that has labels.

    :param judged: by model.
    """
    names = ('detection', *evaluated_tasks())
    tasks = [task for task in names if any(task in each for each in figures.values())]
    return [_task_section(task, figures, judged) for task in tasks]


def _task_section(task: str, figures: Figures, judged: Mapping[str, Judged]) -> Section:
    told = {model: each for model, each in judged.items() if task in figures[model]}
    found = [tables.summary(figures, task)]
    plots: list[Plot] = []
    labels = class_labels().get(task)
    if labels:
        found += [
            Table(f'{wording.model_words(model)}, {table.title}', table.headings, table.rows)
            for model in told
            for table in [tables.by_class(figures[model][task], labels)]
        ]
        plots = [charts.confusion(task, model, each) for model, each in told.items()]
        plots += [make(task, told) for make in (charts.reliability, charts.roc, charts.answered)]
    elif task in TASKS and TASKS[task].kind == YEARS:
        plots = [charts.ages(task, told)]
    elif task == 'attributes':
        found.append(tables.by_attribute(figures, _shares(next(iter(told.values())))))
    return Section(wording.task_words(task), tables=found, plots=plots)


def _shares(judged: Judged) -> dict[str, float]:
    """Return the share of the pictures that have each attribute."""
    part = judged.take(judged.labelled('attributes'))
    known = np.maximum((part.truth.attributes >= 0).sum(0), 1)
    return dict(zip(ATTRIBUTES, (part.truth.attributes == 1).sum(0) / known))


def subgroup_sections(subgroups: Subgroups, models: Sequence[str]) -> list[Section]:
    """Return a section a grouping: tables and bars of each task's main figure."""
    sections = []
    for grouping, groups in subgroups.items():
        found = [(task, tables.of_groups(groups, task, models)) for task in evaluated_tasks()]
        told = [(task, table) for task, table in found if table]
        sections.append(
            Section(
                f'By {grouping.replace("*", " and ")}',
                tables=[table for _, table in told],
                plots=[charts.of_groups(grouping, groups, task) for task, _ in told],
            )
        )
    return sections


def degradation_section(conditions: Mapping[str, Figures]) -> Section:
    """Return how the figures fall."""
    found = [(task, tables.of_conditions(conditions, task)) for task in evaluated_tasks()]
    told = [(task, table) for task, table in found if table]
    return Section(
        'Spoilt pictures',
        ['What is done to a picture is seeded by its row: every model sees the same pixels.'],
        [table for _, table in told],
        [plot for task, _ in told for plot in charts.of_conditions(conditions, task)],
    )


def threshold_section(
    criterion: str,
    thresholds: np.ndarray,
    likely: Mapping[str, Estimate],
    chosen: Mapping[str, Estimate],
    model: str,
) -> Section:
    """Return what thresholds of attributes that were chosen are worth, and which they are.

    :param likely: figures at 0.5.
    :param chosen: figures at thresholds that were picked on other people.
    """
    names = ('accuracy', 'balanced_accuracy', 'macro_f1')
    rows = [
        [
            wording.heading(wording.METRICS[name]),
            *(wording.estimate(each[name], wording.METRICS[name]) for each in (likely, chosen)),
        ]
        for name in names
    ]
    listed = [[name, f'{value:.3f}'] for name, value in zip(ATTRIBUTES, thresholds)]
    return Section(
        f'Thresholds of attributes, {wording.model_words(model)}',
        [
            f'Picked for {criterion}. The figures are of thresholds that were picked on the other '
            'half of the people; the list is of thresholds that were picked on all of them.'
        ],
        [
            Table('', ['', 'not chosen', 'chosen'], rows),
            Table('thresholds', ['attribute', 'probability'], listed),
        ],
    )


def issue_section(issues: Sequence[str]) -> Section:
    """Return what is wrong with the data."""
    more = len(issues) - MOST_NAMED
    named = [*issues[:MOST_NAMED], *([f'and {more} more'] if more > 0 else [])]
    return Section(
        'What is wrong with the data', tables=[Table('', ['issue'], [[i] for i in named])]
    )
