# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The report of a bag: of streams, of labels, of a live replay."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from face_affect_ros.evaluation import stream_metrics
from face_affect_ros.evaluation import task_figures
from face_affect_ros.evaluation.bags import summary
from face_affect_ros.evaluation.bags.labelled import Labelled
from face_affect_ros.evaluation.bags.live import LiveResult
from face_affect_ros.evaluation.bags.replay import Replayed
from face_affect_ros.evaluation.bags.rows import columns_of
from face_affect_ros.evaluation.data_report.sections import task_sections
from face_affect_ros.evaluation.intervals import SAMPLES
from face_affect_ros.evaluation.report import Report
from face_affect_ros.evaluation.report import Section


@dataclass(frozen=True)
class Findings:
    """What was found in a bag.

    :param topic: of the pictures.
    :param kind: its type.
    :param problems: what is wrong with the input, in words.
    :param labelled: answers beside labels by model; empty: there are no labels.
    :param live: what a graph answered; None: the bag was not played.
    """

    topic: str
    kind: str
    replayed: Replayed
    problems: Sequence[str] = ()
    labelled: Mapping[str, Labelled] = field(default_factory=dict)
    live: LiveResult | None = None


def report_of(
    findings: Findings,
    name: str,
    provenance: Mapping[str, Any],
    samples: int = SAMPLES,
    draws: bool = True,
) -> Report:
    """Return the report.

    :param name: of the bag.
    :param provenance: what it was made of.
    :param samples: resamplings of the bootstrap; 0: no intervals.
    :param draws: whether streams have plots, which take a while.
    """
    figures, streams = _streams(findings.replayed, samples, draws)
    sections = [summary.overview(findings.topic, findings.kind, findings.replayed)]
    if findings.problems:
        sections.append(summary.problems_section(findings.problems))
    sections += streams
    sections += _labels(figures, findings.labelled, samples)
    if findings.live is not None:
        sections.append(findings.live.section())
    return Report(
        f'{name}: {findings.topic}',
        provenance,
        figures,
        sections,
        columns_of([row for model in findings.replayed.models for row in model.rows]),
        extra=_facts(findings),
    )


def _streams(
    replayed: Replayed, samples: int, draws: bool
) -> tuple[dict[str, dict[str, Any]], list[Section]]:
    """Return figures and sections of each model's stream."""
    figures: dict[str, dict[str, Any]] = {}
    sections = []
    for model in replayed.models:
        tracks = summary.tracks_of(replayed, model)
        figures[model.model] = stream_metrics.figures(tracks, samples)
        sections += [
            summary.stream_section(model, tracks, figures[model.model]),
            summary.timeline_section(model.model, tracks, draws),
        ]
    return figures, sections


def _labels(
    figures: dict[str, dict[str, Any]], labelled: Mapping[str, Labelled], samples: int
) -> list[Section]:
    """Add figures of labels to those of streams; return their sections."""
    found = {name: task_figures.figures(each.judged, samples) for name, each in labelled.items()}
    for name, tasks in found.items():
        for task, estimates in tasks.items():
            figures[name].setdefault(task, {}).update(estimates)
        figures[name]['tracking'].update(labelled[name].tracking)
    sections = task_sections(found, {name: each.judged for name, each in labelled.items()})
    tracking = {name: each.tracking for name, each in labelled.items() if each.tracking}
    return [*sections, summary.tracking_section(tracking)] if tracking else sections


def _facts(findings: Findings) -> dict[str, Any]:
    """Return what ``report.json`` has beside figures."""
    return {
        'stream': {
            'topic': findings.topic,
            'type': findings.kind,
            **summary.stream_facts(findings.replayed),
        },
        'answers': {each.model: summary.model_facts(each) for each in findings.replayed.models},
        'problems': list(findings.problems),
        **({} if findings.live is None else {'live': findings.live.facts()}),
    }
