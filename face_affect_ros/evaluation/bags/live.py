# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A live replay: what a running graph published meanwhile, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.evaluation.bags.comparison import Comparison
from face_affect_ros.evaluation.bags.comparison import LiveAnswers
from face_affect_ros.evaluation.bags.message_types import ATTRIBUTES
from face_affect_ros.evaluation.bags.message_types import FACES
from face_affect_ros.evaluation.bags.outputs import write_bag
from face_affect_ros.evaluation.report import Section
from face_affect_ros.evaluation.report import Table

ALL, TAKEN = 'all_frames', 'taken_frames'
"""Offline answers on all frames of the bag, and on those alone that the graph took."""

IN_WORDS = {ALL: 'offline, all frames', TAKEN: 'offline, the frames that the graph took'}

Stored = Sequence[tuple[int, bytes]]
"""Messages: system clock of their reception in nanoseconds, and serialised data."""


@dataclass(frozen=True)
class LiveRecording:
    """A bag played into a graph.

    :param namespace: of the graph.
    :param is_own: whether it was started for this, with ids that count from 1 and no budget of
        computing time for traits.
    :param rate: seconds of the recording a second.
    :param published: frames that were played.
    :param most_behind_s: longest time by which one was later than it should have been.
    :param faces: what came on ``faces``.
    :param attributes: what came on ``attributes``.
    """

    namespace: str
    is_own: bool
    rate: float
    published: int
    most_behind_s: float
    faces: Stored
    attributes: Stored

    def write(self, path: Path, storage: str) -> None:
        """Write what came into a bag."""
        write_bag(
            path,
            storage,
            {
                f'{self.namespace}/faces': (FACES, self.faces),
                f'{self.namespace}/attributes': (ATTRIBUTES, self.attributes),
            },
        )


@dataclass(frozen=True)
class LiveResult:
    """A live replay, judged.

    :param comparisons: with the offline answers, by ``ALL`` and ``TAKEN``.
    :param period_ms: time between two frames as they were played.
    """

    recording: LiveRecording
    answers: LiveAnswers
    comparisons: Mapping[str, Comparison]
    period_ms: float

    def facts(self) -> dict[str, Any]:
        """Return all that is known; of JSON's types."""
        recording, answers = self.recording, self.answers
        latency = np.array(list(answers.latency_ms.values()))
        return {
            'namespace': recording.namespace,
            'own_graph': recording.is_own,
            'rate': recording.rate,
            'published': recording.published,
            'answered': len(answers.rows),
            'dropped': recording.published - len(answers.rows),
            'late': int((latency > self.period_ms).sum()),
            'strangers': answers.strangers,
            'player_behind_ms': 1e3 * recording.most_behind_s,
            'latency_ms': {
                name: float(np.percentile(latency, share))
                for name, share in (('p50', 50), ('p95', 95), ('max', 100))
                if len(latency)
            },
            'compared': {name: asdict(each) for name, each in self.comparisons.items()},
        }

    def problems(self) -> list[str]:
        """Return in words what makes the comparison worthless."""
        if not self.answers.rows:
            return [f'the graph in {self.recording.namespace} answered none of the frames']
        if self.answers.strangers:
            return [
                f'{self.answers.strangers} messages in {self.recording.namespace} are of no frame '
                'of the bag: is another camera playing?'
            ]
        return []

    def section(self) -> Section:
        """Return what happened for people."""
        facts = self.facts()
        latency = facts['latency_ms']
        graph = 'started for this' if facts['own_graph'] else 'that was running'
        return Section(
            'Live replay',
            [
                f'Played into the graph in {facts["namespace"]} {graph}, at {facts["rate"]:g} '
                'times the speed of the recording. A frame is late where its answer came after '
                'the next frame. "The frames that the graph took" leaves the differences of '
                'dropped frames out: what remains is of the graph itself.'
            ],
            [
                Table(
                    'Frames',
                    ['published', 'answered', 'dropped', 'late', 'latency ms, median', '95 %'],
                    [
                        [
                            *(str(facts[n]) for n in ('published', 'answered', 'dropped', 'late')),
                            *(f'{latency[n]:.0f}' if n in latency else '' for n in ('p50', 'p95')),
                        ]
                    ],
                ),
                Table(
                    'Live answers beside offline answers',
                    [
                        'compared with',
                        'frames',
                        'the same',
                        'other faces',
                        'other ids',
                        'other labels',
                        'box, pixels',
                        'age, years',
                        'emotion, probability',
                    ],
                    [_row(name, each) for name, each in self.comparisons.items()],
                ),
            ],
        )


def _row(name: str, each: Comparison) -> list[str]:
    box = max((each.most.get(side, 0.0) for side in ('x', 'y', 'width', 'height')), default=0.0)
    labels = ', '.join(f'{label} {count}' for label, count in each.other_labels.items() if count)
    return [
        IN_WORDS[name],
        str(each.frames),
        str(each.same),
        str(each.other_faces),
        str(each.other_ids),
        labels or '0',
        f'{box:.3g}',
        f'{each.most.get("age", 0.0):.3g}',
        f'{each.most.get("emotion_scores", 0.0):.3g}',
    ]
