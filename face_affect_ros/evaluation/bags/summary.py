# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is told of a replay: figures for programs, tables and timelines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from face_affect_ros.evaluation import stream_metrics
from face_affect_ros.evaluation.bags import timeline
from face_affect_ros.evaluation.bags.replay import STAGES
from face_affect_ros.evaluation.bags.replay import ModelReplay
from face_affect_ros.evaluation.bags.replay import Replayed
from face_affect_ros.evaluation.intervals import Estimate
from face_affect_ros.evaluation.report import Plot
from face_affect_ros.evaluation.report import Section
from face_affect_ros.evaluation.report import Table
from face_affect_ros.evaluation.stream_metrics import Track

MOST_TRACKS = 100
"""Rows of the table of faces: those longest in view."""

METRICS = {
    'changes_per_s': 'label changes a second of track',
    'first_told_s': 'seconds until a new face is told',
    'never_told': 'share of tracks that end untold',
    'spread_years': 'standard deviation of the ages of a track, years',
    'tracks': 'track ids',
    'track_s': 'mean time of a track in view, s',
    'restarts_per_min': 'ids that begin where another was just lost, a minute of track',
    'id_switches': 'id switches of labelled persons',
    'shared_ids': 'ids of several labelled persons',
}
"""Metrics of streams in words."""

_PERCENTILES = (50, 95, 100)


def tracks_of(replayed: Replayed, model: ModelReplay) -> list[Track]:
    """Return the tracks of a model's answers."""
    times = replayed.times()
    return stream_metrics.tracks_of(model.rows, [times[row['frame']] for row in model.rows])


def stream_facts(replayed: Replayed) -> dict[str, Any]:
    """Return how many frames there are, how long and at which rate; of JSON's types."""
    times = replayed.times()
    seconds = float(times[-1]) if len(times) else 0.0
    return {
        'frames': len(replayed.frames),
        'decoded': sum(not frame.error for frame in replayed.frames),
        'seconds': seconds,
        'rate_hz': (len(times) - 1) / seconds if seconds > 0 else None,
        'sizes': {f'{width}x{height}': count for (width, height), count in replayed.sizes.items()},
    }


def model_facts(model: ModelReplay) -> dict[str, Any]:
    """Return what a model did with the frames; milliseconds are this machine's."""
    faces = Counter(row['frame'] for row in model.rows)
    return {
        'frames_answered': len(model.answered),
        'frames_with_faces': len(faces),
        'faces': len(model.rows),
        'most_faces': max(faces.values(), default=0),
        'milliseconds': {
            stage: {
                ('max' if share == 100 else f'p{share}'): float(np.percentile(values, share))
                for share in _PERCENTILES
            }
            for stage, values in model.milliseconds.items()
            if values
        },
    }


def overview(topic: str, kind: str, replayed: Replayed) -> Section:
    """Return what was evaluated."""
    facts = stream_facts(replayed)
    rate = facts['rate_hz']
    rows = [
        ['topic', f'{topic} ({kind})'],
        ['frames', f'{facts["frames"]}, {facts["decoded"]} decoded'],
        ['picture', ', '.join(f'{size} ({count})' for size, count in facts['sizes'].items())],
        ['length', f'{facts["seconds"]:.2f} s' + (f', {rate:.2f} Hz' if rate else '')],
    ]
    return Section('Recording', tables=[Table('', ['what', 'which'], rows)])


def problems_section(problems: Sequence[str]) -> Section:
    """Return what is wrong with the input."""
    return Section('What is wrong with the input', [f'- {problem}' for problem in problems])


def stream_section(
    model: ModelReplay, tracks: Sequence[Track], figures: dict[str, dict[str, Estimate]]
) -> Section:
    """Return a model's faces, ids, steadiness and computing time."""
    facts = model_facts(model)
    text = [
        f'{facts["faces"]} faces in {facts["frames_with_faces"]} of {facts["frames_answered"]} '
        f'frames, at most {facts["most_faces"]} at once; {len(tracks)} ids.'
    ]
    tables = [
        Table(
            'Streams, with 95 % intervals over tracks',
            ['task', 'metric', 'value', 'interval', 'tracks'],
            [
                [task, METRICS[name], f'{each.value:.3g}', _interval(each), str(each.n)]
                for task, metrics in figures.items()
                for name, each in metrics.items()
                if name in METRICS
            ],
        ),
        Table(
            'Computing time a frame on this machine, milliseconds',
            ['stage', 'median', '95 %', 'most'],
            [
                [stage, *(f'{facts["milliseconds"][stage][key]:.1f}' for key in _keys())]
                for stage in STAGES
                if stage in facts['milliseconds']
            ],
        ),
    ]
    return Section(f'Model {model.model}: streams', text, tables)


def tracking_section(tracking: Mapping[str, Mapping[str, Estimate]]) -> Section:
    """Return who keeps an id, by model."""
    rows = [
        [f'model {model}', METRICS[name], f'{each.value:g}', str(each.n)]
        for model, metrics in tracking.items()
        for name, each in metrics.items()
    ]
    return Section(
        'Labelled persons', tables=[Table('', ['model', 'figure', 'value', 'faces'], rows)]
    )


def timeline_section(model: str, tracks: Sequence[Track], draws: bool = True) -> Section:
    """Return what each face was told to be over time.

    :param draws: whether there are plots.
    """
    shown = sorted(tracks, key=lambda track: -track.seconds)[:MOST_TRACKS]
    rows = [_track_row(track) for track in sorted(shown, key=lambda track: track.number)]
    columns = ['face', 'from, s', 'to, s', 'emotions', 'gender', 'age, years', 'changes']
    drawn: list[Plot] = []
    if tracks and draws:
        drawn = [
            timeline.emotions(tracks, f'Model {model}: emotion of each face over time'),
            timeline.ages(tracks, f'Model {model}: age of each face over time'),
        ]
    return Section(
        f'Model {model}: timeline',
        [] if tracks else ['No face was found.'],
        [Table('Faces', columns, rows)] if rows else [],
        drawn,
    )


def _track_row(track: Track) -> list[str]:
    ages = np.asarray(track.columns['age'], float)
    ages = ages[np.isfinite(ages)]
    return [
        str(track.number),
        f'{track.times[0]:.2f}',
        f'{track.times[-1]:.2f}',
        _shares(track.columns['emotion']),
        _shares(track.columns['gender']),
        f'{ages.mean():.1f} ± {ages.std():.1f}' if len(ages) else 'not given',
        str(stream_metrics.changes_of(track.columns['emotion'])),
    ]


def _shares(labels: Sequence[str | None]) -> str:
    """Return the commonest labels with their shares of the frames."""
    counts = Counter(label or 'not given' for label in labels)
    return ', '.join(
        f'{label} {100 * count / len(labels):.0f} %' for label, count in counts.most_common(3)
    )


def _interval(estimate: Estimate) -> str:
    if not np.isfinite(estimate.low):
        return ''
    return f'{estimate.low:.3g} to {estimate.high:.3g}'


def _keys() -> list[str]:
    return ['max' if share == 100 else f'p{share}' for share in _PERCENTILES]
