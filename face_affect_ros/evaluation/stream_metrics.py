# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics of streams: how steady answers are over a track, how soon they come, who keeps an id.

Everything is computed from one row a face and frame. Intervals resample whole tracks: the frames
of one track are no independent samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from face_affect_ros.evaluation.intervals import SAMPLES
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.intervals import bootstrap

LABELS = {'emotion': 'emotion', 'gender': 'gender', 'age': 'age_range'}
"""Tasks with the column of their label."""

TOLD = {**LABELS, 'attributes': 'attribute_scores'}
"""Tasks with the column that tells whether there is an answer."""

RESTART_S = 2.0
"""Seconds within which a new id at the place of a lost one counts as a restart."""

RESTART_IOU = 0.3
"""Least IoU of the two boxes."""


@dataclass(frozen=True)
class Track:
    """One id over its time in view.

    :param number: the id.
    :param times: (N,) seconds, increasing.
    :param boxes: (N, 4) x, y, width, height in pixels.
    :param columns: N values by column: ``emotion``, ``gender``, ``age_range`` (None: not given),
        ``age`` (NaN: not given), ``attribute_scores``.
    """

    number: int
    times: np.ndarray
    boxes: np.ndarray
    columns: Mapping[str, Sequence[Any]]

    @property
    def seconds(self) -> float:
        """How long it was in view."""
        return float(self.times[-1] - self.times[0])


@dataclass(frozen=True)
class _Ratio:
    """A sum over tracks, divided by another; called with weights, as ``bootstrap`` wants it.

    :param above: (N,) what each track adds above the line.
    :param below: (N,) below it.
    """

    above: np.ndarray
    below: np.ndarray

    def __call__(self, weights: np.ndarray | None) -> dict[str, float]:
        counted = np.ones(len(self.above)) if weights is None else weights
        total = float(counted @ self.below)
        return {'ratio': float(counted @ self.above) / total if total else float('nan')}


def tracks_of(rows: Sequence[Mapping[str, Any]], times: Sequence[float]) -> list[Track]:
    """Return the tracks of rows, by their ids; faces without one (0) belong to none.

    :param rows: one a face and frame, in order, with ``track``, ``x``, ``y``, ``width``,
        ``height`` and the columns of ``Track``.
    :param times: seconds of each row's frame, never decreasing.
    """
    places: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        if row['track']:
            places.setdefault(int(row['track']), []).append(place)
    return [
        Track(
            number,
            np.array([times[place] for place in own], float),
            np.array(
                [[rows[place][side] for side in ('x', 'y', 'width', 'height')] for place in own],
                float,
            ),
            {name: [rows[place][name] for place in own] for name in (*TOLD.values(), 'age')},
        )
        for number, own in sorted(places.items())
    ]


def figures(tracks: Sequence[Track], samples: int = SAMPLES) -> dict[str, dict[str, Estimate]]:
    """Return figures by task and metric, with intervals over tracks.

    - ``changes_per_s`` (emotion, gender, age): label changes a second of track in view.
    - ``first_told_s`` (all tasks): mean seconds from a track's first frame to its first answer;
      ``never_told``: share of tracks that end without one.
    - ``spread_years`` (age): mean standard deviation of a track's ages.
    - ``tracks``, ``track_s``, ``restarts_per_min`` (tracking): how many, their mean time in view,
      new ids a minute of track that begin where another was just lost.

    :param samples: resamplings of the bootstrap; 0: no intervals.
    """
    ratios = {
        task: {**_changes(tracks, column), **_first_told(tracks, TOLD[task])}
        for task, column in LABELS.items()
    }
    ratios['attributes'] = _first_told(tracks, TOLD['attributes'])
    ratios['age'] |= _spread(tracks)
    ratios['tracking'] = _tracking(tracks)
    found = {
        task: {name: _estimate(each, samples) for name, each in metrics.items()}
        for task, metrics in ratios.items()
    }
    count = Estimate(float(len(tracks)), float('nan'), float('nan'), len(tracks))
    found['tracking'] = {'tracks': count, **found['tracking']}
    return {task: metrics for task, metrics in found.items() if metrics}


def id_switches(persons: Sequence[str], ids: Sequence[int]) -> tuple[int, int]:
    """Return how often a person's id changed, and how many ids were of several persons.

    :param persons: the true person of each row, in order of time.
    :param ids: the track id of each row.
    """
    last: dict[str, int] = {}
    owners: dict[int, set[str]] = {}
    switches = 0
    for person, number in zip(persons, ids):
        switches += last.get(person, number) != number
        last[person] = number
        owners.setdefault(number, set()).add(person)
    return switches, sum(len(each) > 1 for each in owners.values())


def changes_of(labels: Sequence[str | None]) -> int:
    """Return how often a label differs from the one told before; what is not given is skipped."""
    told = [label for label in labels if label is not None]
    return sum(label != before for before, label in pairwise(told))


def _changes(tracks: Sequence[Track], column: str) -> dict[str, _Ratio]:
    told = [track for track in tracks if any(label is not None for label in track.columns[column])]
    return _ratio(
        'changes_per_s',
        [changes_of(track.columns[column]) for track in told],
        [track.seconds for track in told],
    )


def _first_told(tracks: Sequence[Track], column: str) -> dict[str, _Ratio]:
    waits = [
        next(
            (
                time - track.times[0]
                for time, value in zip(track.times, track.columns[column])
                if _is_given(value)
            ),
            None,
        )
        for track in tracks
    ]
    given = [wait for wait in waits if wait is not None]
    if not given:
        return {}
    return {
        **_ratio('first_told_s', given, [1.0] * len(given)),
        **_ratio('never_told', [float(wait is None) for wait in waits], [1.0] * len(waits)),
    }


def _spread(tracks: Sequence[Track]) -> dict[str, _Ratio]:
    spreads = [
        float(np.std(ages))
        for ages in (_finite(track.columns['age']) for track in tracks)
        if len(ages) > 1
    ]
    return _ratio('spread_years', spreads, [1.0] * len(spreads))


def _tracking(tracks: Sequence[Track]) -> dict[str, _Ratio]:
    return {
        **_ratio('track_s', [track.seconds for track in tracks], [1.0] * len(tracks)),
        **_ratio(
            'restarts_per_min',
            [float(_restarts(track, tracks)) for track in tracks],
            [track.seconds / 60 for track in tracks],
        ),
    }


def _restarts(track: Track, tracks: Sequence[Track]) -> bool:
    """Return whether a track begins where another was lost shortly before."""
    return any(
        0 < track.times[0] - other.times[-1] <= RESTART_S
        and _iou(track.boxes[0], other.boxes[-1]) >= RESTART_IOU
        for other in tracks
    )


def _ratio(name: str, above: Sequence[float], below: Sequence[float]) -> dict[str, _Ratio]:
    """Return sum(above) / sum(below) of tracks; nothing without any."""
    ratio = _Ratio(np.asarray(above, float), np.asarray(below, float))
    return {name: ratio} if ratio.below.sum() > 0 else {}


def _estimate(ratio: _Ratio, samples: int) -> Estimate:
    """Return a ratio with its interval; of one track nobody knows how tracks differ."""
    count = len(ratio.above)
    return bootstrap(ratio, count, samples=samples if count > 1 else 0)['ratio']


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    from face_affect_ros.detection import boxes

    return float(boxes.iou(boxes.to_xyxy(one[None]), boxes.to_xyxy(other[None]))[0, 0])


def _finite(values: Sequence[float]) -> np.ndarray:
    ages = np.asarray(values, float)
    return ages[np.isfinite(ages)]


def _is_given(value: Any) -> bool:
    """Return whether a label is told, or a list of probabilities."""
    if value is None:
        return False
    return isinstance(value, str) or bool(np.isfinite(value).all())
