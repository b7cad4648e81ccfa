# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The faces of a stream: whole frames are searched now and then, known faces followed in between.

Most of a search goes into the places where there is no face. Between two searches only the known
faces are looked at, each where it was in the frame before. As soon as one of them is not there any
more, and as long as none is known, every frame is searched: what following can miss is a face that
comes to others, until the next search. A scene that stands still is not searched
(``SceneChanges``).

A search that takes long, of a crowd or of a large frame, does not hold frames up: it ends in
the background, the known faces are followed meanwhile, and what it finds is followed from its
frame to the newest one.
"""

from __future__ import annotations

from concurrent.futures import Executor
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.measured_run import MeasuredRun
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.detection.scene_changes import SceneChanges
from face_affect_ros.faces import Detections

LONG_SEARCH_MS = 50.0
"""Processor time, milliseconds, for which a frame waits for its search. After two longer searches
in a row (the first one of a process takes longer than those after it) no frame waits."""

MAX_BACKGROUND_SHARE = 0.5
"""Share of a core that background searches take at most while somebody is known."""

EARLY = 0.15
"""Share of a period by which a search may be early: frames do not come on the dot."""

MOST_GROWTH = 1.5
"""A face that is larger or smaller by more than this in the next frame is another one."""

MOST_SHARED = 0.7
"""Two faces that share more of the smaller box than this may be one."""

SAME_IOU = 0.4
"""Overlap from which a face that a search found is one that was known in the searched frame."""


@dataclass(frozen=True)
class _Known:
    """The known faces of a frame.

    :param squares: (N, 4) in which their landmarks were seen.
    :param numbers: (N,) int, the same for a face from frame to frame until the next search.
    """

    faces: Detections
    squares: np.ndarray
    numbers: np.ndarray

    @classmethod
    def of_search(cls, faces: Detections, squares: np.ndarray) -> _Known:
        return cls(faces, squares, np.arange(len(faces)))

    def take(self, rows: np.ndarray) -> _Known:
        return _Known(self.faces.take(rows), self.squares[rows], self.numbers[rows])


@dataclass(frozen=True)
class _Search:
    """A search in the background, and who was known in the frame that it searches."""

    run: MeasuredRun[_Known]
    known: _Known


class FaceFollower:
    """Finds the faces of one stream's frames, one after the other.

    :param detector: searches and follows.
    :param rate: searches a second, Hz (10 follows two of three frames of a camera at 30 Hz); 0:
        every frame is searched, and waits for it.
    :param long_search_ms: processor time in ms for which a frame waits for its search, so that
        what is found depends on how fast the machine is; 0: each frame waits for its search.
    :param executor: runs these searches; None: a thread of its own.
    :ivar has_searched: whether a search of this stream has ended; before, nobody knows who is
        there.
    """

    def __init__(
        self,
        detector: Detector,
        rate: float,
        long_search_ms: float = 0.0,
        executor: Executor | None = None,
    ) -> None:
        """Begin without a known face."""
        self.detector = detector
        self.rate = rate
        self.long_search_ms = long_search_ms
        self._executor = executor or ThreadPoolExecutor(1, 'face search')
        self._search_ms = self._search_ms_before = 0.0
        self._changes = SceneChanges()
        self.clear()

    def clear(self) -> None:
        """Forget what was found: the next frame is searched."""
        nobody = Detections.empty(getattr(self.detector, 'name', ''))
        self._known = _Known(nobody, np.empty((0, 4)), np.empty(0, int))
        self._stream: tuple[Any, ...] = ()
        self._background: _Search | None = None
        self._changes.clear()
        self.has_searched = False
        self.searched_at = float('-inf')

    def find(self, image: np.ndarray, time: float) -> Detections:
        """Return the faces of the next frame, largest first.

        :param image: (H, W, 3) uint8 BGR; not written to afterwards.
        :param time: of the frame in seconds, never before the last one's (``StreamTime``).
        """
        stream, rate = (image.shape, self.detector.settings), self.rate
        if stream != self._stream:
            self.clear()
        self._stream = stream
        if self._background is not None or self._is_search_long(rate):
            self._follow_during_search(image, time, rate)
        elif self._needs_search(image, time, rate) or not self._follow_all(image, time):
            self._search(image, time, rate)
        return self._known.faces

    def _search(self, image: np.ndarray, time: float, rate: float) -> None:
        """Search the frame; a search that takes long goes on while the next frames come."""
        self.searched_at = time
        run = self._begin_search(image)
        if run.wait(self.long_search_ms if rate > 0 else 0):
            found = self._found(run)
            if len(found.faces) < len(self._known.faces):
                self._changes.lose(time)
            self._known = found
        else:
            self._known = self._followed(image)
            self._background = _Search(run, self._known)

    def _begin_search(self, image: np.ndarray) -> MeasuredRun[_Known]:
        detector = self.detector
        return MeasuredRun(
            self._executor, lambda: _Known.of_search(*detector.detect_with_regions(image))
        )

    def _is_search_long(self, rate: float) -> bool:
        least = min(self._search_ms_before, self._search_ms)
        return 0 < self.long_search_ms < least and rate > 0

    def _is_search_due(self, time: float, rate: float) -> bool:
        if rate == 0 or not len(self._known.faces):
            return True
        return time - self.searched_at >= (1 - EARLY) / rate

    def _needs_search(self, image: np.ndarray, time: float, rate: float) -> bool:
        """Return whether a search is due, of a scene that has changed since the last one."""
        if not self._is_search_due(time, rate):
            return False
        self.searched_at = time
        return rate == 0 or not self._changes.is_still(image, self._known.faces.boxes, time)

    def _follow_all(self, image: np.ndarray, time: float) -> bool:
        """Move the known faces to where they are in the next frame, or say that one is lost."""
        if not len(self._known.faces):
            return True
        followed = self._followed(image)
        if len(followed.faces) < len(self._known.faces):
            self._changes.lose(time)
            return False
        self._known = followed
        return True

    def _follow_during_search(self, image: np.ndarray, time: float, rate: float) -> None:
        """Follow the known faces, take over what a background search has found, begin the next."""
        count = len(self._known.faces)
        search = self._background
        if search is not None and search.run.is_done:
            self._background = None
            self._known = self._propagated(self._found(search.run), search.known)
        begun = self._begin_background_search(image, time, rate)
        self._known = self._followed(image)
        if len(self._known.faces) < count:
            self._changes.lose(time)
        if begun is not None:
            self._background = _Search(begun, self._known)

    def _begin_background_search(
        self, image: np.ndarray, time: float, rate: float
    ) -> MeasuredRun[_Known] | None:
        """Begin a search if one is due and none runs, before faces are followed.

        So the time that this takes tells that a search runs (``AttributesStage``).
        """
        if self._background is not None:
            return None
        rate = min(rate, MAX_BACKGROUND_SHARE * 1e3 / self._search_ms)
        return self._begin_search(image) if self._needs_search(image, time, rate) else None

    def _found(self, run: MeasuredRun[_Known]) -> _Known:
        """Return the faces of a search that has ended; note what it took."""
        found = run.result()
        self.has_searched = True
        self._search_ms_before, self._search_ms = self._search_ms, run.milliseconds
        return found

    def _followed(self, image: np.ndarray) -> _Known:
        """Return the known faces that are seen in the next frame, largest first.

        Landmarks are seen where they were seen before; boxes and squares move and grow as these
        have. A picture that stays the same so gives the same faces. A face without landmarks
        stays where it is.
        """
        faces = self._known.faces
        landmarks, scores = self.detector.refine_landmarks(image, self._known.squares)
        landmarks = np.where(np.isfinite(faces.landmarks), landmarks, np.nan)
        growth = _placed(landmarks)[1] / _placed(faces.landmarks)[1]
        gone = (scores < MIN_ALIGN_SCORE) | (growth > MOST_GROWTH) | (growth * MOST_GROWTH < 1)
        moved = _moved(self._known, faces.landmarks, landmarks)
        return _largest_first(moved, ~(gone & np.isfinite(growth)), scores)

    def _propagated(self, found: _Known, then: _Known) -> _Known:
        """Return the faces that a search found in an earlier frame where they were last seen.

        Who was known in that frame has been followed since: box and square move as the landmarks
        have. Who is new stays where it was.

        :param then: who was known in the searched frame.
        """
        now = self._known
        old, new = found.faces.landmarks.copy(), found.faces.landmarks.copy()
        overlap = boxes.iou(boxes.to_xyxy(found.faces.boxes), boxes.to_xyxy(then.faces.boxes))
        for row in np.flatnonzero(overlap.max(axis=1, initial=0) >= SAME_IOU):
            same = int(overlap[row].argmax())
            for place in np.flatnonzero(now.numbers == then.numbers[same]):
                old[row], new[row] = then.faces.landmarks[same], now.faces.landmarks[place]
        return _moved(found, old, new)


def _largest_first(known: _Known, is_there: np.ndarray, scores: np.ndarray) -> _Known:
    """Return those faces that are there, each once, the surest of those that share a place."""
    known, scores = known.take(is_there), scores[is_there]
    xyxy = boxes.to_xyxy(known.faces.boxes)
    known = known.take(boxes.nms(xyxy, scores, MOST_SHARED, of_smaller=True))
    area = boxes.area(boxes.to_xyxy(known.faces.boxes))
    return known.take(np.argsort(-area, kind='stable'))


def _placed(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (N, 2) centres of (N, 5, 2) landmarks and how far, (N,), they lie from these."""
    center = landmarks.sum(axis=1) / landmarks.shape[1]
    away = landmarks - center[:, None]
    return center, np.sqrt((away * away).sum(axis=(1, 2)))


def _moved(known: _Known, old: np.ndarray, new: np.ndarray) -> _Known:
    """Return faces whose landmarks are new ones; boxes and squares move and grow as these have.

    :param old: (N, 5, 2) landmarks that belong to the boxes and squares.
    :param new: (N, 5, 2) landmarks; where they are NaN nothing moves.
    """
    (before, size), (after, grown) = _placed(old), _placed(new)
    growth = grown / size
    xyxy, squares = (
        _moved_edges(edges, before, after, growth)
        for edges in (boxes.to_xyxy(known.faces.boxes), known.squares)
    )
    faces = replace(known.faces, boxes=boxes.to_xywh(xyxy), landmarks=new)
    return _Known(faces, squares, known.numbers)


def _moved_edges(
    xyxy: np.ndarray, old: np.ndarray, new: np.ndarray, growth: np.ndarray
) -> np.ndarray:
    """Return (N, 4) edges moved from old to new centres, (N, 2), and grown by (N,) factors.

    What has no centre (NaN) has not moved.
    """
    moved = np.concatenate([new, new], axis=1) + growth[:, None] * (
        xyxy - np.concatenate([old, old], axis=1)
    )
    return np.where(np.isfinite(moved), moved, xyxy)
