# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several answers about one face become one: weighted mean of their logarithms, fading with time.

Each answer weighs as much as its picture is good and as it is sure of itself. What a person keeps
(gender, age, most attributes) is remembered for long, what comes and goes (a smile) hardly; so a
person who takes off glasses, or a track that goes over to somebody else, is noticed after a while.
"""

from __future__ import annotations

import numpy as np

from face_affect_ros.tasks import TASKS

LASTING_S = 10.0
"""Seconds after which an answer counts half."""

PASSING_S = 0.2
"""The same for labels that change from moment to moment (``Task.passing``)."""

MIN_PROBABILITY = 1e-6
"""A probability nearer to 0 or 1 counts as this: no answer rules anything out for good."""

LEAST_WEIGHT = 0.02
"""Quality and confidence count at least this much, so that poor pictures are better than none."""


class Fusion:
    """One output of a network, over a track.

    :param output: its name; how it is combined depends on it.
    """

    def __init__(self, output: str) -> None:
        task = TASKS[output]
        self._independent = task.is_independent
        self._half_life: np.ndarray | float = LASTING_S
        if task.passing:
            self._half_life = np.array(
                [PASSING_S if label in task.passing else LASTING_S for label in task.labels]
            )
        self._sum: np.ndarray | float = 0.0
        self._weight: np.ndarray | float = 0.0
        self._time: float | None = None
        self._result: np.ndarray | None = None

    def add(self, scores: np.ndarray, quality: float, time: float) -> None:
        """Take an answer.

        :param scores: (K,) probabilities.
        :param quality: of the picture, 0..1.
        :param time: of the picture in seconds, not before the last one's.
        """
        bounded = np.clip(np.asarray(scores, np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
        weight = max(quality, LEAST_WEIGHT) * np.maximum(
            _confidence(bounded, self._independent), LEAST_WEIGHT
        )
        kept = 1.0 if self._time is None else 0.5 ** ((time - self._time) / self._half_life)
        logs = np.log(bounded) - np.log1p(-bounded) if self._independent else np.log(bounded)
        self._sum = kept * self._sum + weight * logs
        self._weight = kept * self._weight + weight
        self._time = time
        self._result = None

    def result(self) -> np.ndarray:
        """Return the (K,) float64 probabilities by all answers; there must be one."""
        if self._result is None:
            self._result = self._combined()
        return self._result

    def _combined(self) -> np.ndarray:
        mean = self._sum / self._weight
        if self._independent:
            return 1 / (1 + np.exp(-mean))
        shares = np.exp(mean - np.max(mean))
        return shares / shares.sum()


def _confidence(scores: np.ndarray, independent: bool) -> np.ndarray | float:
    """Return how sure an answer is, 0 (all alike) to 1 (certain): 1 - entropy / its maximum."""
    if independent:
        return 1 + (scores * np.log2(scores) + (1 - scores) * np.log2(1 - scores))
    shares = scores / scores.sum()
    return 1 + float(shares @ np.log(shares)) / np.log(len(shares))
