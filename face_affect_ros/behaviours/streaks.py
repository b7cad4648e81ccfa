# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How long something has been true of each of several subjects."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Hashable

GAP_S = 0.3
"""Seconds for which observations may miss a subject and its streak goes on: a detector misses a
face now and then."""

PAUSE_S = 1.0
"""Seconds that may lie between two observations of one streak."""


class Streaks:
    """Counts from the first observation in which a statement was true to the newest one.

    :param pause_s: seconds without any observation after which all streaks end.
    """

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._spans: dict[Hashable, tuple[float, float]] = {}

    def observe(
        self, at: float, true_of: Collection[Hashable], false_of: Collection[Hashable] = ()
    ) -> None:
        """Take an observation.

        :param at: its time in seconds, of any clock that does not go back.
        :param true_of: subjects of which the statement is true.
        :param false_of: subjects of which it is false: their streaks end at once.
        """
        kept = {
            subject: span
            for subject, span in self._spans.items()
            if at - span[1] <= (self._pause_s if subject in true_of else GAP_S)
            and subject not in false_of
        }
        begun = {subject: (kept.get(subject, (at, at))[0], at) for subject in true_of}
        self._spans = {**kept, **begun}

    def seconds(self, subject: Hashable) -> float:
        """Return how long the statement has been true of a subject; -1: it is not."""
        if subject not in self._spans:
            return -1.0
        first, last = self._spans[subject]
        return last - first

    def clear(self) -> None:
        """End all streaks."""
        self._spans.clear()
