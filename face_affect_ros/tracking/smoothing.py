# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The emotion of a track: an exponential mean over the frames' probabilities.

A network's answer trembles from frame to frame, most label changes last less than 0.3 s. What is
told follows a lasting change within 0.3 to 0.5 s; a label once told stays until another is ahead
by a margin (``decision.labels.decide``). A mean over the logarithms, tried first, needs a
floor under the probabilities that either changes sure answers or makes them outlast a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from face_affect_ros.tracking.settings import EmotionSettings

Scores = Mapping[str, np.ndarray]
"""A network's probabilities of a face by output, (K,) each."""

SHORTEST_S = 1e-3
"""Half-life in place of 0: what was before counts for nothing as soon as smoothing begins."""

KEEP_S = 60.0
"""Seconds for which a track that is not seen is remembered: the longest ``track_timeout``."""


@dataclass(frozen=True)
class SmoothedEmotion:
    """The emotion of one face of a frame.

    :param scores: to decide by.
    :param frame: by this frame alone; empty: the network did not run for it.
    :param before: label that was told of the track before; empty: none was.
    """

    scores: Scores
    frame: Scores
    before: str = ''


@dataclass
class _Track:
    """A face over its time in view.

    :param frame: the frame's own scores that came last; the same object: there are no newer ones.
    :param mean: (K,) float64, by output.
    :param label: that was told last.
    """

    frame: Scores
    mean: dict[str, np.ndarray]
    time: float
    label: str = ''


class EmotionSmoother:
    """Smooths each track's emotion over time.

    :param half_life_s: seconds after which an answer counts half; 0: each frame's own counts.
    """

    def __init__(self, half_life_s: float = EmotionSettings.emotion_smoothing_s) -> None:
        """Begin without a track."""
        self.half_life_s = half_life_s
        self._tracks: dict[int, _Track] = {}

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks = {}

    def update(
        self, ids: Sequence[int], frame: Sequence[Scores], time: float
    ) -> list[SmoothedEmotion]:
        """Return each face's smoothed emotion; a new track's is its frame's own.

        :param ids: track ids; 0 is not tracked, and its scores stay as they are.
        :param frame: the faces' scores; empty: there are none yet. The same object as before is
            no new answer.
        :param time: of the frame in seconds, never before the last one's.
        """
        smoothed = [self._updated(*face, time) for face in zip(ids, frame)]
        self._tracks = {
            number: track
            for number, track in self._tracks.items()
            if number in ids or time - track.time <= KEEP_S
        }
        return smoothed

    def tell(self, number: int, label: str) -> None:
        """Take note of the label that is told of a track."""
        if number in self._tracks:
            self._tracks[number].label = label

    def _updated(self, number: int, scores: Scores, time: float) -> SmoothedEmotion:
        if not scores or not number:
            return SmoothedEmotion(scores, scores)
        track = self._tracks.get(number)
        if track is None:
            start = {name: values.astype(np.float64) for name, values in scores.items()}
            self._tracks[number] = _Track(scores, start, time)
            return SmoothedEmotion(scores, scores)
        is_new = scores is not track.frame
        if is_new:
            share = 1 - 0.5 ** ((time - track.time) / max(self.half_life_s, SHORTEST_S))
            for name, mean in track.mean.items():
                mean += share * (scores[name] - mean)
            track.frame, track.time = scores, time
        own = scores if is_new else {}
        if not self.half_life_s:
            return SmoothedEmotion(scores, own)
        smoothed = {name: mean.astype(np.float32) for name, mean in track.mean.items()}
        return SmoothedEmotion(smoothed, own, track.label)
