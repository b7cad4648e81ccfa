# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From which figures on a stage of a stream is not well (docs/troubleshooting.md has them too)."""

from __future__ import annotations

from dataclasses import dataclass

from face_affect_ros.stream.counters import StageStats


@dataclass(frozen=True)
class Limit:
    """From where on a figure is a warning, and an error."""

    warning: float
    error: float


LATENCY_MS = Limit(500.0, 2000.0)
"""95th percentile from the camera's callback to the end of a stage."""

LEAST_HZ = Limit(5.0, 1.0)
"""Frames a second below which a stage is too slow, where it leaves out more than ``LEFT_OUT``."""

LEFT_OUT = Limit(0.5, 0.9)
"""Share of the frames that come to a stage and are replaced by newer ones."""

SILENCE_S = Limit(5.0, 30.0)
"""Seconds without an image from a camera that is subscribed to."""


BUSY_S = 3.0
"""Seconds of frames before a stage is judged: its first ones take long."""


@dataclass(frozen=True)
class Judgement:
    """What is wrong, in words; empty texts where nothing is."""

    warning: str = ''
    error: str = ''


def of_stage(stats: StageStats, leaves_out: bool = False) -> Judgement:
    """Return whether a stage keeps up with the frames that come to it.

    :param leaves_out: it leaves frames out on purpose.
    """
    if stats.busy_s < BUSY_S:
        return Judgement()
    late, slow = _lateness(stats), Judgement() if leaves_out else _slowness(stats)
    return Judgement(late.warning or slow.warning, late.error or slow.error)


def _lateness(stats: StageStats) -> Judgement:
    p95 = stats.latency_ms.p95
    if p95 is None or p95 <= LATENCY_MS.warning:
        return Judgement()
    return _judged(
        f'results come {p95:.0f} ms after their frames (95th percentile, limit '
        f'{LATENCY_MS.warning:.0f}): {_RELIEF}',
        p95 > LATENCY_MS.error,
    )


def _slowness(stats: StageStats) -> Judgement:
    came, done = stats.input_rate, stats.output_rate
    if not came or done >= LEAST_HZ.warning or done >= (1 - LEFT_OUT.warning) * came:
        return Judgement()
    return _judged(
        f'{done:.1f} of {came:.0f} frames a second are worked on: {_RELIEF}',
        done < LEAST_HZ.error and done < (1 - LEFT_OUT.error) * came,
    )


def _judged(text: str, is_error: bool) -> Judgement:
    return Judgement(error=text) if is_error else Judgement(warning=text)


_RELIEF = 'raise min_face_size, lower max_faces or trait_rate, or free the processor'
