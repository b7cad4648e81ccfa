# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A timeline of a replay: what each face was told to be, over time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from face_affect_ros import drawing
from face_affect_ros.evaluation.report import Plot
from face_affect_ros.evaluation.report import plots
from face_affect_ros.evaluation.stream_metrics import Track
from face_affect_ros.faces import EMOTIONS

MOST_TRACKS = 24
"""Tracks that a timeline shows: those that were longest in view."""

LEAST_YEARS = 10.0
"""Years that an axis of ages shows at least: less is no change."""

_LEAST_S = 1e-3


def emotions(tracks: Sequence[Track], title: str) -> Plot:
    """Return a bar a track, in the colours of its emotions."""
    shown = _longest(tracks)

    def draw(axes: Any) -> None:
        from matplotlib.patches import Patch

        seen = set()
        for place, track in enumerate(shown):
            for label, begin, end in _runs(track, 'emotion'):
                seen.add(label)
                axes.barh(
                    place, max(end - begin, _LEAST_S), left=begin, height=0.8, color=_colour(label)
                )
        _name_axes(axes, shown)
        labels = [label for label in (*EMOTIONS, None) if label in seen]
        axes.legend(
            handles=[Patch(color=_colour(label), label=label or 'not given') for label in labels],
            loc='lower center',
            bbox_to_anchor=(0.5, 1.0),
            ncol=4,
        )

    return plots.plot(title, draw, 7.2, 1.5 + 0.32 * len(shown))


def ages(tracks: Sequence[Track], title: str) -> Plot:
    """Return the told age of each track over time."""
    shown = _longest(tracks)

    def draw(axes: Any) -> None:
        for index, track in enumerate(shown):
            axes.plot(
                track.times,
                np.asarray(track.columns['age'], float),
                color=plots.COLOURS[index % len(plots.COLOURS)],
                linewidth=1.2,
                label=_name(track),
            )
        low, high = axes.get_ylim()
        spare = max(0.0, LEAST_YEARS - (high - low)) / 2
        axes.set_ylim(low - spare, high + spare)
        axes.set_xlabel('seconds')
        axes.set_ylabel('age in years')
        if len(shown) > 1:
            axes.legend(loc='lower center', bbox_to_anchor=(0.5, 1.0), ncol=4)  # ncols is of 3.6

    return plots.plot(title, draw, 7.2, 3.2)


def _longest(tracks: Sequence[Track]) -> list[Track]:
    longest = sorted(tracks, key=lambda track: -track.seconds)[:MOST_TRACKS]
    return sorted(longest, key=lambda track: track.number)


def _runs(track: Track, column: str) -> list[tuple[str | None, float, float]]:
    """Return label, begin and end of each time in which it stays the same; gaps stay empty."""
    places = range(len(track.times))
    period = float(np.median(np.diff(track.times))) if len(track.times) > 1 else 0.0
    gaps = np.cumsum(np.diff(track.times, prepend=track.times[0]) > max(4 * period, 0.5))
    labels = track.columns[column]
    runs = []
    for (_, label), members in groupby(places, key=lambda place: (gaps[place], labels[place])):
        own = list(members)
        runs.append((label, float(track.times[own[0]]), float(track.times[own[-1]]) + period))
    return runs


def _name_axes(axes: Any, shown: Sequence[Track]) -> None:
    axes.set_yticks(range(len(shown)), [_name(track) for track in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel('seconds')
    axes.grid(False, axis='y')


def _name(track: Track) -> str:
    """Return a track's name with the gender that was told last."""
    gender = next((each for each in reversed(track.columns['gender']) if each), '')
    return f'face {track.number} {gender}'.strip()


def _colour(label: str | None) -> str:
    """Return an emotion's colour in annotated pictures, as CSS has it."""
    blue, green, red = drawing.COLORS.get(label or '', drawing.NOT_GIVEN)
    return f'#{red:02x}{green:02x}{blue:02x}'
