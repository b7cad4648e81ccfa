# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A topic's frames through the stages of one or several models, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from face_affect_ros.evaluation.bags.frames import BagFrame
from face_affect_ros.evaluation.bags.offline import Answer
from face_affect_ros.evaluation.bags.offline import OfflineStages
from face_affect_ros.evaluation.bags.rows import rows_of
from face_affect_ros.quoting import shortened

STAGES = ('decoding', 'detection', 'attributes')

MOST_REASONS = 5
"""Reasons of one kind that are named one by one."""

Sink = Callable[[Answer], object]
"""Takes the answers in order: writes them to a bag or a video."""


@dataclass
class ModelReplay:
    """What a model answered.

    :param rows: one a face and frame (``rows.rows_of``).
    :param milliseconds: of each frame by stage.
    :param answered: numbers of the frames with an answer, with or without faces.
    :param failures: what the stages raised, by the frame's number.
    """

    model: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: dict[str, list[float]] = field(
        default_factory=lambda: {stage: [] for stage in STAGES}
    )
    answered: list[int] = field(default_factory=list)
    failures: dict[int, str] = field(default_factory=dict)

    def add(self, answer: Answer) -> None:
        """Take an answer."""
        timing = answer.described.timing
        for stage, value in zip(
            STAGES, (answer.frame.decode_ms, timing.detection_ms, timing.attributes_ms)
        ):
            self.milliseconds[stage].append(value)
        self.answered.append(answer.frame.number)
        self.rows += rows_of(answer)


@dataclass(frozen=True)
class Replayed:
    """All frames of a topic, evaluated.

    :param frames: all, without their pictures, by number.
    :param sizes: width and height in pixels with how many frames have them.
    :param models: what each model answered.
    """

    frames: Sequence[BagFrame]
    sizes: Mapping[tuple[int, int], int]
    models: Sequence[ModelReplay]

    def times(self) -> np.ndarray:
        """Return the (N,) seconds of each frame since the first, never decreasing.

        They are those of the stamps where all frames have one and none goes back, else those of
        the recording.
        """
        stamps = np.array([frame.stamp_ns for frame in self.frames], np.int64)
        if not len(stamps):
            return np.empty(0)
        if (stamps <= 0).any() or (np.diff(stamps) < 0).any():
            stamps = np.array([frame.recorded_ns for frame in self.frames], np.int64)
        return (stamps - stamps[0]) * 1e-9

    def problems(self) -> list[str]:
        """Return in words what is wrong with the frames."""
        return [
            *_counted('cannot be decoded', {f.number: f.error for f in self.frames if f.error}),
            *_stamp_problems(self.frames),
            *(
                problem
                for each in self.models
                for problem in _counted(f'failed in model {each.model}', each.failures)
            ),
        ]


def replay(
    frames: Iterable[BagFrame],
    stages: Sequence[OfflineStages],
    sinks: Mapping[str, Sequence[Sink]],
) -> Replayed:
    """Evaluate frames one after the other.

    What a stage raises costs its frame and nothing else, as in the nodes.

    :param stages: one a model.
    :param sinks: what takes each answer, by the model's name.
    """
    seen: list[BagFrame] = []
    sizes: dict[tuple[int, int], int] = {}
    models = [ModelReplay(each.model) for each in stages]
    for frame in frames:
        seen.append(replace(frame, image=None, header=None))
        if frame.image is None:
            continue
        size = frame.image.shape[1], frame.image.shape[0]
        sizes[size] = sizes.get(size, 0) + 1
        for stage, model in zip(stages, models):
            try:
                answer = stage(frame)
            except Exception as error:
                model.failures[frame.number] = shortened(f'{type(error).__name__}: {error}')
                continue
            model.add(answer)
            for sink in sinks.get(model.model, ()):
                sink(answer)
    return Replayed(seen, sizes, models)


def _counted(what: str, errors: Mapping[int, str]) -> list[str]:
    """Return one line a reason with how many frames it is of."""
    by_reason: dict[str, list[int]] = {}
    for number, reason in errors.items():
        by_reason.setdefault(reason, []).append(number)
    commonest = sorted(by_reason.items(), key=lambda each: -len(each[1]))
    told = [
        f'{_frames(len(numbers))} {what}: {reason} (the first: frame {numbers[0]})'
        for reason, numbers in commonest[:MOST_REASONS]
    ]
    others = sum(len(numbers) for _, numbers in commonest[MOST_REASONS:])
    return [*told, f'{_frames(others)} {what} for other reasons'] if others else told


def _stamp_problems(frames: Sequence[BagFrame]) -> list[str]:
    read = [frame for frame in frames if frame.header is not None or frame.stamp_ns]
    problems = []
    back = [
        (after.number, (before.stamp_ns - after.stamp_ns) * 1e-9)
        for before, after in pairwise(read)
        if 0 < after.stamp_ns < before.stamp_ns
    ]
    if back:
        number, seconds = back[0]
        times = 'once' if len(back) == 1 else f'{len(back)} times'
        problems.append(f'stamps go back {times}: first at frame {number} by {seconds:.3f} s')
    without = [frame.number for frame in frames if frame.stamp_ns <= 0 and not frame.error]
    if without:
        problems.append(
            f'{_frames(len(without))} without a stamp: the time of the recording counts'
        )
    return problems


def _frames(count: int) -> str:
    return '1 frame' if count == 1 else f'{count} frames'
