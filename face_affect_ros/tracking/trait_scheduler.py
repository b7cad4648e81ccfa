# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Traits are not recomputed with every frame: who is due, within which time, and what is known.

Traits (gender, age, attributes) of a face are computed at once when its track appears, and from
then on ``rate`` times a second; all answers of a track are combined (trait_fusion.py).

Refreshes share a budget of milliseconds a frame, by what each network has taken for a face so far.
Those that have waited longest come first. A network that takes longer than a frame's budget runs
all the same, and the frames after it save up for it: so a frame takes at most the budget or one
network more, and the mean of frames never more than the budget. Faces that are new do not wait for
that, but one a frame: of ten that appear together the largest is complete in that frame, one more
in each of the next, and refreshes save up for them afterwards. Of a crowd one network runs a
frame, the largest face's first, and none in a frame whose detection has taken long already. Nobody
waits for ever: no more is saved up for than ``MAX_DEBT_FRAMES`` frames can pay.

Times are those of the frames (``StreamTime``), so that the same frames give the same answers
where the budget sets no bound (``budget_ms`` 0, or ``rate`` 0, to which no budget applies).
"""

from __future__ import annotations

import time as steady
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from face_affect_ros.tracking.emotion_turns import Answers
from face_affect_ros.tracking.settings import TraitSettings
from face_affect_ros.tracking.trait_fusion import Fusion

MAX_DEBT_FRAMES = 30
"""Frames after which refreshes go on, whatever was spent before."""

KEEP_S = 60.0
"""Seconds after which a track that is not seen is forgotten: as long as a face may be missed at
most and keep its id (the parameter ``track_timeout``)."""

EARLY = 0.05
"""Share of a period by which traits may be early: frames do not come on the dot."""

NEWEST_COST = 0.25
"""Weight of the newest measurement in what a network takes for a face."""

Compute = Callable[[Sequence[str], Sequence[int]], Sequence[Answers]]
"""Runs the network of some tasks for the faces in some rows."""


@dataclass(frozen=True)
class Traits:
    """What is known of one face.

    :param scores: (K,) probabilities by task and output.
    :param age: seconds since the oldest of them was computed; None: there are none.
    """

    scores: Answers
    age: float | None


@dataclass
class _Track:
    """A face over its time in view: its answers by task and output, and when they were given."""

    seen_at: float = 0.0
    answers: dict[str, dict[str, Fusion]] = field(default_factory=dict)
    given_at: dict[str, float] = field(default_factory=dict)

    def add(self, given: Answers, quality: float, time: float):
        for task, scores in given.items():
            answers = self.answers.setdefault(task, {name: Fusion(name) for name in scores})
            for name, fusion in answers.items():
                fusion.add(scores[name], quality, time)
            self.given_at[task] = time

    def given_to(self, tasks: Iterable[str]) -> float | None:
        """Return when the oldest of some tasks was given; None: one never was."""
        times = [self.given_at.get(task) for task in tasks]
        return None if None in times else min(times)  # type: ignore[type-var]

    def known(self, tasks: Collection[str], time: float) -> Traits:
        scores = {
            task: {name: fusion.result() for name, fusion in answers.items()}
            for task, answers in self.answers.items()
            if task in tasks
        }
        oldest = min((self.given_at[task] for task in scores), default=None)
        return Traits(scores, None if oldest is None else time - oldest)


FEW = 10
"""Faces up to which they are no crowd: each frame completes one that is new, however late."""


@dataclass(frozen=True)
class _Job:
    """A network that should run for a face; ``given_at`` is None where it never did.

    :param tasks: that it tells.
    """

    row: int
    tasks: tuple[str, ...]
    given_at: float | None


class TraitScheduler:
    """Says which networks run for which faces, and keeps what they said.

    :param tasks: the tasks that are known of a face; may be set to others.
    :param rate: refreshes a second, Hz; 0: with every frame, whatever it takes.
    :param budget_ms: milliseconds a frame that refreshes may take in the mean; 0: any number.
    :param clock: steady time in seconds, by which networks are measured.

    ``runs`` are the tasks that are refreshed by need, those of one network together; a task of
    ``tasks`` that is in none is given with the frame (``update``).
    """

    def __init__(
        self,
        tasks: Iterable[str],
        rate: float = TraitSettings.trait_rate,
        budget_ms: float = TraitSettings.trait_budget_ms,
        clock: Callable[[], float] = steady.perf_counter,
    ) -> None:
        self.tasks = tuple(tasks)
        self.runs: Sequence[tuple[str, ...]] = [(task,) for task in self.tasks]
        self.rate = rate
        self.budget_ms = budget_ms
        self._clock = clock
        self._costs_ms: dict[tuple[str, ...], float] = {}
        self._left_ms = 0.0
        self._tracks: dict[int, _Track] = {}

    def update(
        self,
        ids: Sequence[int],
        qualities: Sequence[float],
        time: float,
        compute: Compute,
        given: Sequence[Answers] = (),
        is_late: bool = False,
    ) -> list[Traits]:
        """Compute what is due in one frame; return what is known of each of its faces.

        :param ids: track ids; 0 is not tracked: everything is computed, nothing kept.
        :param qualities: of the faces' pictures, 0..1.
        :param time: of the frame in seconds, never before the last one's.
        :param compute: runs a network.
        :param given: of each face what has been computed with this frame already.
        :param is_late: the frame has taken longer so far than others: a crowd's traits wait.
        """
        self._advance(time)
        tracks = [self._track(int(number), time) for number in ids]
        for row, answers in enumerate(given):
            tracks[row].add(answers, qualities[row], time)
        for tasks, rows in self._plan(tracks, ids, time, is_late).items():
            begin = self._clock()
            found = compute(tasks, rows)
            self._spend(tasks, (self._clock() - begin) * 1e3, len(rows))
            for row, answers in zip(rows, found):
                tracks[row].add(answers, qualities[row], time)
        return [track.known(self.tasks, time) for track in tracks]

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks = {}

    def __len__(self) -> int:
        """Return the number of tracks that are remembered."""
        return len(self._tracks)

    def _advance(self, time: float) -> None:
        self._left_ms = min(self._left_ms + self.budget_ms, self.budget_ms)
        self._tracks = {
            number: track
            for number, track in self._tracks.items()
            if time - track.seen_at <= KEEP_S
        }

    def _track(self, number: int, time: float) -> _Track:
        """Return the track of a face that is seen now; that of number 0 is not kept."""
        track = self._tracks.setdefault(number, _Track()) if number else _Track()
        track.seen_at = time
        return track

    def _plan(
        self, tracks: Sequence[_Track], ids: Sequence[int], time: float, is_late: bool
    ) -> dict[tuple[str, ...], list[int]]:
        """Return the rows to compute by tasks of one network."""
        jobs = [job for job in self._jobs(tracks) if self._is_due(job, time)]
        jobs.sort(key=_waiting_since)
        untracked = [job for job in jobs if not ids[job.row]]
        tracked = [job for job in jobs if ids[job.row]]
        chosen = untracked + self._within_budget(tracked, is_late and len(tracks) > FEW)
        plan = {
            tasks: sorted(job.row for job in chosen if job.tasks == tasks) for tasks in self.runs
        }
        return {tasks: rows for tasks, rows in plan.items() if rows}

    def _jobs(self, tracks: Sequence[_Track]) -> list[_Job]:
        return [
            _Job(row, tasks, track.given_to(tasks))
            for row, track in enumerate(tracks)
            for tasks in self.runs
        ]

    def _is_due(self, job: _Job, time: float) -> bool:
        if job.given_at is None or self.rate == 0:
            return True
        return time - job.given_at >= (1 - EARLY) / self.rate

    def _within_budget(self, jobs: list[_Job], must_wait: bool) -> list[_Job]:
        """Return what is done in this frame of jobs in the order of their waiting."""
        if not jobs or self.rate == 0 or self.budget_ms == 0:
            return jobs
        if must_wait:
            return []
        new = [job for job in jobs if job.row == jobs[0].row and job.given_at is None]
        if len({job.row for job in jobs if job.given_at is None}) > FEW:
            new = new[:1]
        chosen = new or (jobs[:1] if self._left_ms > 0 else [])
        left = self._left_ms - sum(self._cost(job) for job in chosen)
        for job in jobs[len(chosen) :]:
            if self._cost(job) <= left:
                chosen.append(job)
                left -= self._cost(job)
        return chosen

    def _cost(self, job: _Job) -> float:
        """Return the milliseconds that a job takes; what never ran may take for ever."""
        return self._costs_ms.get(job.tasks, float('inf'))

    def _spend(self, tasks: tuple[str, ...], milliseconds: float, faces: int) -> None:
        """Take a run off the budget and learn from it what the network takes for a face."""
        self._left_ms = max(self._left_ms - milliseconds, -MAX_DEBT_FRAMES * self.budget_ms)
        cost = milliseconds / faces
        last = self._costs_ms.get(tasks, cost)
        self._costs_ms[tasks] = last + NEWEST_COST * (cost - last)


def _waiting_since(job: _Job) -> tuple[float, int]:
    """Return a sorting key: what was never given first, larger faces before smaller ones."""
    return (float('-inf') if job.given_at is None else job.given_at), job.row
