# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Plots of predictions: confusion matrices, calibration, ROC, ages, groups, degradations."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from face_affect_ros.evaluation import metrics
from face_affect_ros.evaluation.data_report import wording
from face_affect_ros.evaluation.degradations import CLEAN
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import class_labels
from face_affect_ros.evaluation.report import plots
from face_affect_ros.evaluation.report.content import Figures
from face_affect_ros.evaluation.report.content import Plot

ROC_POINTS = 60
"""Most points that a ROC curve is drawn with."""

ANSWERED_THRESHOLDS = tuple(np.linspace(0, 0.99, 34).round(2))


def confusion(task: str, model: str, judged: Judged) -> Plot:
    """Return a model's confusion matrix; a column for no answer where there are such."""
    labels = class_labels()[task]
    part = judged.take(judged.labelled(task))
    matrix = metrics.confusion_matrix(part.truth.labels(task), part.answers(task), len(labels))
    answers = list(labels)
    if matrix[:, -1].any():
        answers.append('no answer')
    rows = matrix.sum(1) > 0
    return plots.confusion(
        f'{wording.task_words(task)}, {wording.model_words(model)}: confusion matrix, counts and '
        'percentages of the truth',
        matrix[rows][:, : len(answers)],
        [label for label, is_there in zip(labels, rows) if is_there],
        answers,
    )


def reliability(task: str, judged: Mapping[str, Judged]) -> Plot:
    """Return the share that is right by what the models' confidence says."""
    series = {}
    for model, each in judged.items():
        confidence, hits = _confidence_and_hits(task, each)
        told, right, share = metrics.reliability(confidence, hits)
        known = share > 0
        series[wording.model_words(model)] = (told[known], right[known])
    title = f'{wording.task_words(task)}: reliability diagram'
    return plots.lines(title, series, ('confidence', 'share right'), diagonal=True)


def roc(task: str, judged: Mapping[str, Judged]) -> Plot:
    """Return ROC curves: of two classes one a model, of more one a class of the first model."""
    labels = class_labels()[task]
    series = {}
    for model, each in judged.items():
        part = each.take(each.labelled(task) & each.found)
        truth, scores = part.truth.labels(task), part.scores(task)
        shown = labels[1:] if len(labels) == 2 else labels
        if len(labels) > 2 and model != next(iter(judged)):
            continue
        for label in shown:
            index = labels.index(label)
            if 0 < (truth == index).sum() < len(truth):
                name = label if len(labels) > 2 else wording.model_words(model)
                series[name] = _thinned(*metrics.roc_points(scores[:, index], truth == index))
    whose = '' if len(labels) == 2 else f', {wording.model_words(next(iter(judged)))}'
    return plots.lines(
        f'{wording.task_words(task)}{whose}: ROC curves',
        series,
        ('false positive rate', 'true positive rate'),
        diagonal=True,
        marker='',
    )


def answered(task: str, judged: Mapping[str, Judged]) -> Plot:
    """Return accuracy against the share answered where a model may leave unsure answers open."""
    series: dict[str, tuple[plots.Points, plots.Points]] = {}
    for model, each in judged.items():
        confidence, hits = _confidence_and_hits(task, each)
        found = metrics.answered(confidence, hits, ANSWERED_THRESHOLDS)
        points = sorted({(share, right) for _, share, right in found if share > 0})
        series[wording.model_words(model)] = (
            [share for share, _ in points],
            [right for _, right in points],
        )
    title = f'{wording.task_words(task)}: accuracy against the share answered'
    return plots.lines(title, series, ('share answered', 'share right of these'))


def ages(task: str, judged: Mapping[str, Judged]) -> Plot:
    """Return the mean answered age by the true one, in bands of five years."""
    series = {}
    for model, each in judged.items():
        part = each.take(each.labelled(task) & each.found)
        truth = part.truth.labels(task)
        bands = (truth // 5).astype(int)
        places = np.unique(bands)
        means = [part.columns[task][bands == place].mean() for place in places]
        true = [truth[bands == place].mean() for place in places]
        series[wording.model_words(model)] = (true, means)
    title = f'{wording.task_words(task)}: mean answer by true age, in bands of five years'
    longest = max((max(x) for x, _ in series.values()), default=1)
    series['truth'] = ([0, longest], [0, longest])
    return plots.lines(title, series, ('true age, years', 'mean answer, years'))


def of_groups(grouping: str, subgroups: Mapping[str, Figures], task: str) -> Plot:
    """Return a task's main figure in every group."""
    name = wording.main_metric(task)
    metric = wording.METRICS[name]
    series: dict[str, dict] = {}
    for group, figures in subgroups.items():
        for model, tasks in figures.items():
            if name in tasks.get(task, {}):
                found = tasks[task][name]
                series.setdefault(wording.model_words(model), {})[f'{group} ({found.n})'] = found
    title = f'{wording.task_words(task)} by {grouping.replace("*", " and ")}'
    return plots.bars(title, series, wording.heading(metric), metric.factor)


def of_conditions(conditions: Mapping[str, Figures], task: str) -> list[Plot]:
    """Return how a task's main figure falls, a plot a kind of degradation of several strengths.

    Degradations of one strength share a plot of bars.
    """
    name = wording.main_metric(task)
    metric = wording.METRICS[name]
    strengths: dict[str, list[str]] = {}
    for condition in conditions:
        kind, equals, value = condition.rpartition('=')
        if equals and _is_number(value):
            strengths.setdefault(kind, []).append(condition)
    models = [model for model in conditions[CLEAN] if task in conditions[CLEAN][model]]
    curves = []
    for kind, names in strengths.items():
        if len(names) < 2:
            continue
        names = sorted(names, key=lambda each: float(each.rpartition('=')[2]))
        series = {
            wording.model_words(model): (
                [float(each.rpartition('=')[2]) for each in names],
                [conditions[each][model][task][name].value * metric.factor for each in names],
            )
            for model in models
        }
        title = f'{wording.task_words(task)} by {kind}'
        curves.append(plots.lines(title, series, (kind, wording.heading(metric))))
    bars = {
        wording.model_words(model): {
            condition: figures[model][task][name]
            for condition, figures in conditions.items()
            if task in figures.get(model, {})
        }
        for model in models
    }
    title = f'{wording.task_words(task)} under degradations'
    return [plots.bars(title, bars, wording.heading(metric), metric.factor), *curves]


def _confidence_and_hits(task: str, judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest class's probability and whether it is right, of faces found."""
    part = judged.take(judged.labelled(task) & judged.found)
    scores = part.scores(task).astype(float)
    return scores.max(1), (scores.argmax(1) == part.truth.labels(task)).astype(float)


def _thinned(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return at most ``ROC_POINTS`` points of a curve, its ends among them."""
    if len(x) <= ROC_POINTS:
        return x, y
    kept = np.unique(np.linspace(0, len(x) - 1, ROC_POINTS).round().astype(int))
    return x[kept], y[kept]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
