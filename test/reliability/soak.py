# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Hours of ordinary work: what the nodes take must not grow."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import mean
from statistics import median

from robot import astronaut
from robot import wall

from face_affect_ros.srv import ClassifyImage
from reliability import resources
from reliability.nodes import NoAnswer
from reliability.nodes import Nodes

SAMPLE_S = 2.0

GROWTH_MB = 5.0
"""Growth in an hour that is a fault; of a run below ``LONG_H``, from its third quarter to its
last, as a few MB are a matter of chance."""

LONG_H = 0.5

PARTS = 10
"""Parts of the second half whose least memory is compared."""

MORE_THREADS, MORE_FILES, MORE_SHARED = 3, 8, 4
"""More than before that are no fault: a request and a decoder may be on their way."""


@dataclass(frozen=True)
class Sample:
    """What is taken at a time.

    :param at_s: since the beginning.
    :param taken: by the nodes' processes.
    :param shared: files of the middleware in shared memory.
    """

    at_s: float
    taken: resources.Taken
    shared: int


@dataclass(frozen=True)
class Soak:
    """What came of it.

    :param samples: in their order.
    :param calls: of the service.
    :param failed: of these without success or an answer.
    """

    samples: list[Sample]
    calls: int
    failed: int

    @property
    def hours(self) -> float:
        """Length of the half that counts, the second."""
        half = self._half(1)
        return (half[-1].at_s - half[0].at_s) / 3600

    @property
    def growth_mb(self) -> float:
        """Least memory of the last quarter against that of the one before, MB."""
        quarter = len(self.samples) // 4
        before, after = self.samples[2 * quarter : 3 * quarter], self.samples[3 * quarter :]
        return min(map(_memory, after)) - min(map(_memory, before))

    @property
    def growth_mb_an_hour(self) -> float:
        """Slope of the least memory of parts of the second half, MB/h (least squares).

        Pictures come and go by tens of MB; what is never given back shows in the least.
        """
        half = self._half(1)
        size = max(1, len(half) // PARTS)
        parts = [half[begin : begin + size] for begin in range(0, len(half) - size + 1, size)]
        times = [part[len(part) // 2].at_s / 3600 for part in parts]
        memory = [min(map(_memory, part)) for part in parts]
        mean_t, mean_m = mean(times), mean(memory)
        spread = sum((t - mean_t) ** 2 for t in times)
        return sum((t - mean_t) * (m - mean_m) for t, m in zip(times, memory)) / spread

    def faults(self) -> list[str]:
        """Return what grew."""
        found = []
        is_long = self.samples[-1].at_s >= 3600 * LONG_H
        growth = self.growth_mb_an_hour if is_long else self.growth_mb
        if growth > GROWTH_MB:
            found.append(f'memory grew by {growth:.1f} MB{" an hour" if is_long else ""}')
        for name, more, value in (
            ('threads', MORE_THREADS, lambda each: each.taken.threads),
            ('open files', MORE_FILES, lambda each: each.taken.files),
            ('files in /dev/shm', MORE_SHARED, lambda each: each.shared),
        ):
            before, after = (self._median(half, value) for half in (0, 1))
            if after > before + more:
                found.append(f'{name} grew from {before:.0f} to {after:.0f}')
        if self.failed:
            found.append(f'{self.failed} of {self.calls} calls failed')
        return found

    def _half(self, number: int) -> list[Sample]:
        half = len(self.samples) // 2
        return self.samples[half:] if number else self.samples[:half]

    def _median(self, half: int, value: Callable[[Sample], float]) -> float:
        return median(map(value, self._half(half)))


def soak(
    nodes: Nodes, seconds: float, chance: random.Random, tick: Callable[[float], object]
) -> Soak:
    """Let the nodes work for some seconds: a stream, and callers with and without pictures.

    :param tick: called with the seconds that have passed since its last call.
    """
    samples: list[Sample] = []
    calls = failed = 0
    begin = told = time.monotonic()
    while (now := time.monotonic()) - begin < seconds:
        samples.append(Sample(now - begin, nodes.taken(), resources.shared_files()))
        for picture in (None, chance.choice([astronaut(), wall(), astronaut(400, 300)])):
            calls += 1
            failed += not _answered(nodes, picture)
        del nodes.attributes[:-10]
        time.sleep(max(0.0, SAMPLE_S - (time.monotonic() - now)))
        tick(time.monotonic() - told)
        told = time.monotonic()
    return Soak(samples, calls, failed)


def _answered(nodes: Nodes, picture: object) -> bool:
    try:
        answer: ClassifyImage.Response = nodes.ask(picture, 10.0)
    except NoAnswer:
        return False
    return answer.success


def _memory(sample: Sample) -> float:
    return sample.taken.memory_mb
