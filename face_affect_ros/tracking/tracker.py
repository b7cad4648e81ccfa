# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One number a face while it stays in view: IoU between frames and the Hungarian method.

A face that does not look like the one before at its place is somebody else: after a scene cut, or
in front of the other.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.faces import Detections
from face_affect_ros.tracking import appearance
from face_affect_ros.tracking.assignment import best_pairs
from face_affect_ros.tracking.settings import TrackingSettings

GROWTH = 1.5
"""Boxes are compared grown by this factor: a face may move by most of its size between frames."""

MIN_IOU = 0.3
"""Least IoU of two grown boxes of one face; about 0.8 of a side of movement."""

MIN_LIKENESS, MIN_LIKENESS_LATER = 0.45, 0.3
"""Least ``appearance.likeness`` of one person within ``SOON_S``, and later: who has turned looks
otherwise, too."""

SOON_S = 0.12
"""Seconds between neighbouring frames at most."""

MAX_ID = 2**32 - 1


@dataclass
class _Track:
    """A face: its number and how it was seen last.

    :param grown: (4,) float64 edges of its grown box.
    :param look: its thumbnail (``appearance``); None: nobody looked.
    :param numbered_at: when it got its number.
    """

    number: int
    grown: np.ndarray
    look: np.ndarray | None
    seen_at: float
    numbered_at: float


class Tracker:
    """Gives detections their track ids.

    Ids begin at a random number, count up, are never 0 and never used twice in a tracker's life.
    A face that is missed keeps its id for ``timeout`` seconds.

    :param timeout: seconds that a face may be missed, 0 and up.
    :param deterministic: begin at 1, for replay.
    :param lifetime_s: seconds after which a face that stays gets another id.
    """

    def __init__(
        self,
        timeout: float = TrackingSettings.track_timeout,
        deterministic: bool = False,
        lifetime_s: float = math.inf,
    ) -> None:
        self.timeout = timeout
        self._lifetime_s = lifetime_s
        self._next = 1 if deterministic else 1 + secrets.randbelow(MAX_ID)
        self._tracks: list[_Track] = []

    def update(
        self, detections: Detections, time: float, image: np.ndarray | None = None
    ) -> Detections:
        """Return one frame's detections with their ids.

        :param detections: the faces of the frame.
        :param time: of the frame in seconds, never before the last one's (``StreamTime``).
        :param image: the frame, (H, W, 3) uint8 BGR; None: places alone say who is who.
        """
        self._tracks = [track for track in self._tracks if time - track.seen_at <= self.timeout]
        grown = _grown(detections.boxes)
        looks = None if image is None else appearance.thumbnails(image, detections.boxes)
        ids = [0] * len(detections)
        for row, track in self._match(grown, looks, time):
            track.grown, track.seen_at = grown[row], time
            track.look = None if looks is None else looks[row]
            if time - track.numbered_at >= self._lifetime_s:
                track.number, track.numbered_at = self._take_id(), time
            ids[row] = track.number
        for row, number in enumerate(ids):
            if not number:
                ids[row] = self._take_id()
                look = None if looks is None else looks[row]
                self._tracks.append(_Track(ids[row], grown[row], look, time, time))
        return replace(detections, track_ids=np.array(ids, np.uint32))

    def clear(self) -> None:
        """Forget all tracks; their ids are not used again."""
        self._tracks = []

    def _match(
        self, grown: np.ndarray, looks: np.ndarray | None, time: float
    ) -> list[tuple[int, _Track]]:
        """Return rows of grown boxes with their tracks: most overlap in all, at most one each."""
        if not self._tracks or not len(grown):
            return []
        overlap = boxes.iou(grown, np.array([track.grown for track in self._tracks]))
        overlap[overlap < MIN_IOU] = 0
        if looks is not None:
            overlap[self._are_others(looks, time)] = 0
        return [(row, self._tracks[column]) for row, column in best_pairs(overlap)]

    def _are_others(self, looks: np.ndarray, time: float) -> np.ndarray:
        """Return where faces do not look like tracks, (N, M) bool."""
        known = np.array([track.look is not None for track in self._tracks])
        soon = np.array([time - track.seen_at <= SOON_S for track in self._tracks])
        before = np.stack(
            [looks[0] if track.look is None else track.look for track in self._tracks]
        )
        least = np.where(soon, MIN_LIKENESS, MIN_LIKENESS_LATER)
        return known & (appearance.likeness(looks, before) < least)

    def _take_id(self) -> int:
        number = self._next
        self._next = number % MAX_ID + 1
        return number


def _grown(xywh: np.ndarray) -> np.ndarray:
    """Return left, top, right, bottom of boxes grown about their centres, in float64."""
    box = xywh.astype(np.float64)
    center, half = box[:, :2] + box[:, 2:] / 2, box[:, 2:] * (GROWTH / 2)
    return np.concatenate([center - half, center + half], axis=1)
