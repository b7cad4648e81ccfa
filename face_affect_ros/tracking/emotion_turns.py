# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whose emotion is computed where a frame has no time for all: known faces take turns.

What the emotion's network tells besides is computed with it.

By what the network has taken for a face so far, as many run as fit the budget, at least one: new
faces first, then those that have waited longest. The others keep their last answer.
"""

from __future__ import annotations

import time as steady
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

BUDGET_MS = 10.0
"""Milliseconds a frame for emotions."""

FIRST_FACES = 8
"""Faces in the first run, when nobody knows yet what the network takes."""

NEWEST_COST = 0.25
"""Weight of the newest measurement in what the network takes for a face."""

Answers = Mapping[str, Mapping[str, np.ndarray]]
"""One face's (K,) probabilities by task and output."""

Compute = Callable[[Sequence[int]], Sequence[Answers]]
"""Runs the network for the faces in some rows."""


class EmotionTurns:
    """Keeps each track's last answer; ``rows`` are those that were computed last.

    :param clock: steady time in seconds, by which the network is measured.
    """

    def __init__(self, clock: Callable[[], float] = steady.perf_counter) -> None:
        self._clock = clock
        self._cost_ms = 0.0
        self._answers: dict[int, tuple[int, Answers]] = {}
        self.rows: list[int] = []
        self._frame = 0

    def clear(self) -> None:
        """Forget all tracks."""
        self._answers = {}

    def update(self, ids: Sequence[int], budget_ms: float, compute: Compute) -> list[Answers]:
        """Return the newest answer for each face of a frame; empty: there is none yet.

        :param ids: track ids, largest face first; 0 is not tracked and always computed.
        :param budget_ms: milliseconds; 0: as long as it takes.
        """
        self._frame += 1
        self.rows = rows = self._chosen(ids, budget_ms)
        begin = self._clock()
        answers = compute(rows) if rows else ()
        if rows:
            cost = (self._clock() - begin) * 1e3 / len(rows)
            self._cost_ms += (NEWEST_COST if self._cost_ms else 1) * (cost - self._cost_ms)
        new = dict(zip(rows, answers))
        known = {
            number: (self._frame, new[row]) if row in new else self._answers[number]
            for row, number in enumerate(ids)
            if number and (row in new or number in self._answers)
        }
        self._answers = known
        return [
            new[row] if row in new else known.get(number, (0, {}))[1]
            for row, number in enumerate(ids)
        ]

    def _most(self, budget_ms: float) -> int:
        """Return how many known faces fit the budget; 0: any number."""
        if not budget_ms:
            return 0
        return max(1, int(budget_ms / self._cost_ms)) if self._cost_ms else FIRST_FACES

    def _chosen(self, ids: Sequence[int], budget_ms: float) -> list[int]:
        """Return the rows to compute, in order."""
        rows = list(range(len(ids)))
        most = self._most(budget_ms) or len(rows)
        if most >= len(rows):
            return rows
        free = [row for row in rows if not ids[row]]
        waiting = sorted(
            (row for row in rows if ids[row]),
            key=lambda row: self._answers.get(ids[row], (-1,))[0],
        )
        return sorted(free + waiting[:most])
