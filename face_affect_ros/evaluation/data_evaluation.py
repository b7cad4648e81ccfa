# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The evaluation of a data set: from pictures with labels to a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.evaluation import provenance
from face_affect_ros.evaluation import subgroups
from face_affect_ros.evaluation import task_figures
from face_affect_ros.evaluation import thresholds
from face_affect_ros.evaluation.comparison import compare
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.evaluation.data.truth import labelled
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.data_report import sections
from face_affect_ros.evaluation.data_report.tables import comparison_section
from face_affect_ros.evaluation.data_report.worst import worst_section
from face_affect_ros.evaluation.degradations import CLEAN
from face_affect_ros.evaluation.intervals import SAMPLES
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.judged import Judged
from face_affect_ros.evaluation.judged import likely_thresholds
from face_affect_ros.evaluation.judged import thresholds_of
from face_affect_ros.evaluation.prediction_run import Columns
from face_affect_ros.evaluation.prediction_run import Source
from face_affect_ros.evaluation.prediction_run import predict
from face_affect_ros.evaluation.predictor import ModelLoader
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.report.content import Report
from face_affect_ros.evaluation.report.content import Section
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.pipeline import load_model
from face_affect_ros.pipeline import threshold_sources
from face_affect_ros.quoting import quoted
from face_affect_ros.tasks import TASKS

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DataJob:
    """What is evaluated on which pictures.

    :param path: of the data set.
    :param job: how pictures are looked at; tasks without labels are switched off.
    :param mapping: of the data set's names.
    :param where: conditions on rows (``selection.select``).
    :param limit: most rows; None: all.
    :param by: groupings (``subgroups.groups``); None: the default ones.
    :param criterion: of ``THRESHOLD_CRITERIA``, by which thresholds of attributes are chosen;
        empty: none are.
    :param samples: resamplings of the bootstrap; 0: no intervals.
    :param shows_faces: whether the report shows the worst errors.
    :param command: as a reader can repeat it.
    """

    path: Path
    job: PredictionJob
    mapping: ColumnMapping = field(default_factory=ColumnMapping)
    where: tuple[str, ...] = ()
    limit: int | None = None
    by: tuple[str, ...] | None = None
    criterion: str = ''
    samples: int = SAMPLES
    shows_faces: bool = False
    command: str = ''


@dataclass(frozen=True)
class Evaluated:
    """What came out of an evaluation.

    :param report: ready to be written.
    :param issues: what is wrong with the data, with counts.
    :param judged: predictions beside the truth by model, of the pictures as they are.
    """

    report: Report
    issues: list[str]
    judged: Mapping[str, Judged]


def evaluate(
    wanted: DataJob,
    folder: Path,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
    cluster: str = '',
    load: ModelLoader = load_model,
) -> Evaluated:
    """Look at the pictures and make the report.

    :param folder: where parts of the predictions are kept until they are complete.
    :param workers: processes.
    :param progress: is told how many pictures of how many are done.
    :param cluster: address of a Dask scheduler whose workers look at the pictures; empty: none.
    :param load: loads each model, in one process; another than ours for models of one's own.
    :raises DataSetError: there is nothing that can be evaluated.
    """
    data = open_data_set(wanted.path, wanted.mapping)
    truth, issues = read_truth(data, wanted.mapping)
    rows = _rows(data, truth, issues, wanted)
    job = replace(wanted.job, settings=_with_needed_tasks(wanted.job, truth.take(rows)))
    source = Source(wanted.path, wanted.mapping, truth.boxes)
    _check_groupings(wanted, data, truth)
    columns = predict(source, data, rows, job, folder, workers, progress, cluster, load)
    issues = [*issues, *_failures(columns, data, job)]
    judged = _judged(columns, data, truth, rows, job)
    report = _report(wanted, data, truth.take(rows), columns, judged, issues)
    return Evaluated(report, issues, judged[CLEAN])


def _rows(data: DataSet, truth: Truth, issues: Sequence[str], wanted: DataJob) -> np.ndarray:
    """Return the rows that are wanted and have a label.

    :raises DataSetError: there are none.
    """
    if not len(data):
        raise DataSetError(f'{quoted(data.name)} has no row')
    told = labelled(truth, truth.tasks)
    if not told.any():
        why = f'; {issues[0]}' if issues else ''
        raise DataSetError(
            f'{quoted(data.name)} has no label that is known here: a column of {", ".join(TASKS)} '
            f'or of the 40 attributes, or their names in a mapping{why}'
        )
    rows = select(data, wanted.where)
    rows = rows[told[rows]]
    if not len(rows):
        raise DataSetError(f'{quoted(data.name)}: no picture that is left has a label')
    if wanted.limit is not None and wanted.limit < len(rows):
        rows = rows[np.linspace(0, len(rows) - 1, wanted.limit).round().astype(int)]
    return rows


def _check_groupings(wanted: DataJob, data: DataSet, truth: Truth) -> None:
    """Raise ``DataSetError`` where a grouping is none, before anything takes long."""
    for grouping in wanted.by or ():
        subgroups.groups(grouping, truth, data.columns)


def _with_needed_tasks(job: PredictionJob, truth: Truth) -> Any:
    """Return settings with the tasks that have labels, and those that have a say in gender."""
    tasks = set(truth.tasks)
    if 'gender' in tasks:
        tasks |= {name for name, task in TASKS.items() if task.is_trait}
    return replace(job.settings, tasks=tuple(task for task in job.settings.tasks if task in tasks))


def _failures(columns: Columns, data: DataSet, job: PredictionJob) -> list[str]:
    """Return the pictures that could not be read, each once, with the reason."""
    failed = {
        int(row): error
        for row, error in zip(columns['row'], columns['error'])
        if error is not None
    }
    return [f'{data.places[row]}: {error}' for row, error in failed.items()]


def _judged(
    columns: Columns, data: DataSet, truth: Truth, rows: np.ndarray, job: PredictionJob
) -> dict[str, dict[str, Judged]]:
    """Return predictions beside the truth by degradation and model."""
    names, conditions = np.array(columns['model']), np.array(columns['condition'])
    everything = Judged(columns, truth.take(columns['row']), {}, likely_thresholds())
    others = {name: [values[row] for row in rows] for name, values in data.columns.items()}
    return {
        each.name: {
            model: replace(
                everything.take((names == model) & (conditions == each.name)),
                others=others,
                thresholds=thresholds_of(model, job.settings),
            )
            for model in job.models
        }
        for each in job.degradations
    }


def _report(
    wanted: DataJob,
    data: DataSet,
    truth: Truth,
    columns: Columns,
    judged: Mapping[str, Mapping[str, Judged]],
    issues: Sequence[str],
) -> Report:
    """Return the report of all predictions."""
    clean = judged[CLEAN]
    others = next(iter(clean.values())).others
    conditions = _figures(wanted, judged)
    figures = conditions[CLEAN]
    grouped = {
        grouping: _of_groups(grouping, clean, truth, others, wanted.samples)
        for grouping in (
            subgroups.default_groupings(truth, others) if wanted.by is None else wanted.by
        )
    }
    compared = compare(clean)
    chosen, threshold_sections = _thresholds(wanted, clean, figures)
    told = [
        *sections.task_sections(figures, clean),
        *([comparison_section(compared)] if compared else []),
        *([sections.degradation_section(conditions)] if len(conditions) > 1 else []),
        *sections.subgroup_sections(grouped, list(figures)),
        *threshold_sections,
        *([worst_section(clean, data)] if wanted.shows_faces else []),
        *([sections.issue_section(issues)] if issues else []),
    ]
    return Report(
        f'Evaluation on {data.name}',
        _provenance(wanted, data, truth),
        figures,
        [_overview(wanted, data, truth, issues), *told],
        {**columns, **_truth_columns(truth, columns)},
        grouped,
        {
            'degradations': {name: each for name, each in conditions.items() if name != CLEAN},
            'comparisons': compared,
            'thresholds': chosen,
            'issues': dict(Counter(issues)),
        },
    )


def _figures(
    wanted: DataJob, judged: Mapping[str, Mapping[str, Judged]]
) -> dict[str, dict[str, dict[str, dict[str, Estimate]]]]:
    """Return the figures by degradation, model and task; cut faces are not searched for."""
    return {
        name: {
            model: {
                task: found
                for task, found in task_figures.figures(
                    one, wanted.samples, by_class=name == CLEAN
                ).items()
                if not (task == 'detection' and wanted.job.is_crops)
            }
            for model, one in each.items()
        }
        for name, each in judged.items()
    }


def _of_groups(
    grouping: str,
    judged: Mapping[str, Judged],
    truth: Truth,
    others: Mapping[str, Sequence[Any]],
    samples: int,
) -> dict[str, dict[str, dict[str, dict[str, Estimate]]]]:
    """Return the figures of all models in each group."""
    return {
        group: {
            model: task_figures.figures(each.take(mask), samples, by_class=False)
            for model, each in judged.items()
        }
        for group, mask in subgroups.groups(grouping, truth, others).items()
    }


def _thresholds(
    wanted: DataJob, judged: Mapping[str, Judged], figures: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Section]]:
    """Return chosen thresholds by model, for JSON, and their sections."""
    chosen: dict[str, Any] = {}
    told = []
    for model, each in judged.items() if wanted.criterion else ():
        if 'attributes' not in figures[model]:
            continue
        values, found = thresholds.chosen_figures(each, wanted.criterion, wanted.samples)
        chosen[model] = {
            'criterion': wanted.criterion,
            'thresholds': dict(zip(ATTRIBUTES, values.round(3))),
            'figures': found,
        }
        told.append(
            sections.threshold_section(
                wanted.criterion, values, figures[model]['attributes'], found, model
            )
        )
    return chosen, told


def _truth_columns(truth: Truth, columns: Columns) -> dict[str, Any]:
    """Return the labels as columns, repeated for every model and degradation."""
    times = len(columns['row']) // len(truth.age)
    return {
        name: np.concatenate([values] * times)
        if isinstance(values, np.ndarray)
        else list(values) * times
        for name, values in truth.as_columns().items()
    }


def _provenance(wanted: DataJob, data: DataSet, truth: Truth) -> dict[str, Any]:
    job = wanted.job
    return {
        'command': wanted.command,
        'data': {'name': data.name, 'sha256': data.digest, 'pictures': len(truth.age)},
        'where': list(wanted.where),
        'limit': wanted.limit,
        'pictures are': 'cut faces' if job.is_crops else 'searched for faces',
        'box_factor': job.box_factor,
        'landmarks': job.landmarks,
        'bootstrap_samples': wanted.samples,
        'weights': provenance.weights_of(job.models, job.settings),
        'software': provenance.software(),
        'hardware': provenance.hardware(),
    }


def _overview(wanted: DataJob, data: DataSet, truth: Truth, issues: Sequence[str]) -> Section:
    """Return what was looked at, in words."""
    people = '' if truth.person is None else f' of {len(np.unique(truth.person))} people'
    looked = (
        'Each picture is one cut face, its frame the box.'
        if wanted.job.is_crops
        else 'Faces are searched for; one that is not found is a wrong answer.'
    )
    where = f' where {" and ".join(wanted.where)}' if wanted.where else ''
    wrong = f' {len(issues)} issues are listed below.' if issues else ''
    return Section(
        'What was evaluated',
        [
            f'{len(truth.age)} pictures{people} of {data.name}{where}, with labels of '
            f'{", ".join(truth.tasks)}. {looked}{wrong}',
            'Intervals are 95 % intervals of a bootstrap of '
            f'{"pictures" if truth.person is None else "people"}: how much figures would vary on '
            'other samples of the same kind, not on other kinds of pictures.',
            *_threshold_notes(wanted.job),
        ],
    )


def _threshold_notes(job: PredictionJob) -> list[str]:
    """Return on what the thresholds were chosen by which attributes are told, if any."""
    if job.settings.attribute_decision != 'balanced':
        return []
    return [
        f'Attributes are told by the thresholds of {network}, chosen on '
        f'{source or "pictures that its entry does not name"}; on those pictures they flatter.'
        for model in job.models
        for network, source in threshold_sources(model, job.settings).items()
    ]
