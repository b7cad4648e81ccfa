# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the demo tells: a line a second, and the summary at its end."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from face_affect_ros.faces import EMOTIONS


@dataclass(frozen=True)
class Sample:
    """One result as it arrived.

    :param arrived: system clock in nanoseconds.
    :param transit_ms: from the camera's stamp to here.
    :param latency_ms: from the frame's reception to the result's publication, by the nodes.
    :param received: frames that the nodes received so far; likewise processed and dropped.
    :param face: words on the largest face, empty without one.
    :param emotion: emotion of the largest face, empty without one.
    """

    arrived: int
    transit_ms: float
    latency_ms: float
    detection_ms: float
    attributes_ms: float
    received: int
    processed: int
    dropped: int
    faces: int
    face: str
    emotion: str


def sample_of(message: Any, arrived: int) -> Sample:
    """Return what there is to know of a ``FaceAttributesArray`` that came just now."""
    way = message.processing
    stamp = message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
    largest = message.faces[0] if message.faces else None
    emotion = _emotion(largest) if largest is not None else ''
    return Sample(
        arrived,
        (arrived - stamp) / 1e6,
        way.latency_ms,
        way.detection_ms,
        way.attributes_ms,
        way.frames_received,
        way.frames_processed,
        way.frames_dropped,
        len(message.faces),
        _words(largest, emotion) if largest is not None else '',
        emotion,
    )


def live_line(second: int, samples: Sequence[Sample]) -> str:
    """Return the line on the last second."""
    newest = samples[-1]
    recent = [sample for sample in samples if sample.arrived > newest.arrived - 10**9]
    rates = rates_of(recent)
    latency = statistics.median(sample.latency_ms for sample in recent)
    return (
        f'{second:3d} s   in {rates[0]:4.1f} fps   out {rates[1]:4.1f} fps   '
        f'{newest.faces} {"face " if newest.faces == 1 else "faces"}   {newest.face:<28}   '
        f'latency {latency:5.1f} ms'
    )


def rates_of(samples: Sequence[Sample]) -> tuple[float, float]:
    """Return frames a second that the nodes received and answered; 0 for less than two."""
    first, last = samples[0], samples[-1]
    seconds = (last.arrived - first.arrived) / 1e9
    if seconds <= 0:
        return 0.0, 0.0
    return (last.received - first.received) / seconds, (len(samples) - 1) / seconds


def summary(samples: Sequence[Sample], sent: int) -> list[str]:
    """Return the summary's lines.

    :param samples: at least one.
    :param sent: frames that the camera published.
    """
    last = samples[-1]
    into, out = rates_of(samples)
    faces = statistics.mean(sample.faces for sample in samples)
    emotions = Counter(sample.emotion for sample in samples if sample.emotion).most_common(3)
    shares = ', '.join(f'{name} {count / len(samples):.0%}' for name, count in emotions)
    rest = [sample.latency_ms - sample.detection_ms - sample.attributes_ms for sample in samples]
    return [
        f'frames     sent {sent}, received {last.received}, processed {last.processed}, '
        f'dropped {last.dropped} ({last.dropped / max(last.received, 1):.1%})',
        f'rate       {into:.1f} fps in, {out:.1f} fps out',
        f'faces      {faces:.2f} a frame; the largest: {shares or "none"}',
        f'latency    {_spread(samples, lambda sample: sample.latency_ms)}, frame received to '
        'result published',
        f'           {_spread(samples, lambda sample: sample.transit_ms)}, frame stamped to '
        'result here',
        f'stages     detection {_mean(sample.detection_ms for sample in samples)} ms, '
        f'attributes {_mean(sample.attributes_ms for sample in samples)} ms, '
        f'everything else {_mean(rest)} ms (means)',
    ]


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _spread(samples: Sequence[Sample], value: Callable[[Sample], float]) -> str:
    values = [value(sample) for sample in samples]
    return f'median {statistics.median(values):.1f} ms, p95 {percentile(values, 95):.1f} ms'


def _mean(values: Iterable[float]) -> str:
    return f'{statistics.mean(values):.1f}'


def _emotion(face: Any) -> str:
    """Return a message's emotion as its label."""
    return EMOTIONS[face.emotion] if face.emotion < len(EMOTIONS) else 'unknown'


def _words(face: Any, emotion: str) -> str:
    """Return emotion and gender of a message in words."""
    genders = {face.GENDER_FEMALE: 'female', face.GENDER_MALE: 'male'}
    gender = genders.get(face.gender, 'unknown')
    return f'{emotion} {face.emotion_confidence:.0%}, {gender} {face.gender_confidence:.0%}'
