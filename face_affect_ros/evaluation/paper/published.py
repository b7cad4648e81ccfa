# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the paper printed: counts and averages of its four tables, as far as they are known here.

The cells of the gender tables follow from their sums and hits, and give its averages. The cells of
the emotion tables are not known here, only their sums and averages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

import numpy as np

from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS

SIX_EMOTIONS = tuple(emotion for emotion in EMOTIONS if emotion != 'disgust')
"""The emotions of the paper's test."""

STATED_PICTURES = 100
"""How many pictures its text says that there were."""


@dataclass(frozen=True)
class PublishedTable:
    """One of the paper's four tables.

    :param model: ``1`` or ``2``.
    :param task: ``emotion`` or ``gender``.
    :param labels: of rows and columns.
    :param truth: pictures of each class.
    :param right: pictures that the model had right.
    :param averages: by metric (``metrics.of_confusion``), of the counts.
    :param printed: averages that the paper printed otherwise.
    :param matrix: (K, K) counts, rows the truth; None: not known here.
    """

    model: str
    task: str
    labels: tuple[str, ...]
    truth: tuple[int, ...]
    right: int
    averages: Mapping[str, float]
    printed: Mapping[str, float] = field(default_factory=dict)
    matrix: np.ndarray | None = None

    @property
    def pictures(self) -> int:
        """How many pictures the table counts."""
        return sum(self.truth)


TABLES = (
    PublishedTable(
        '1',
        'gender',
        GENDERS,
        (54, 42),
        84,
        {'harmonic_f': 0.8846, 'macro_f1': 0.8749, 'accuracy': 0.875},
        matrix=np.array([[43, 11], [1, 41]]),
    ),
    PublishedTable(
        '2',
        'gender',
        GENDERS,
        (56, 40),
        90,
        {
            'macro_precision': 0.9348,
            'harmonic_f': 0.9406,
            'macro_f1': 0.9368,
            'accuracy': 0.9375,
        },
        {'macro_precision': 0.94},
        np.array([[50, 6], [0, 40]]),
    ),
    PublishedTable(
        '1',
        'emotion',
        SIX_EMOTIONS,
        (16,) * 6,
        61,
        {
            'macro_precision': 0.6535,
            'macro_recall': 0.6354,
            'harmonic_f': 0.6443,
            'macro_f1': 0.6349,
            'accuracy': 0.6354,
        },
    ),
    PublishedTable(
        '2',
        'emotion',
        SIX_EMOTIONS,
        (16,) * 6,
        47,
        {
            'macro_precision': 0.6109,
            'macro_recall': 0.4896,
            'harmonic_f': 0.5436,
            'macro_f1': 0.4508,
            'accuracy': 0.4896,
        },
    ),
)
