# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The faces of a stream: whole frames are searched now and then, known faces followed in between.

Most of a search goes into the places where there is no face. Between two searches only the known
faces are looked at, each where it was in the frame before. As soon as one of them is not there any
more, and as long as none is known, every frame is searched: what following can miss is a face that
comes to others, until the next search.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.faces import Detections

DEFAULT_RATE = 10.0
"""Searches a second, Hz: two of three frames of a camera at 30 Hz are followed."""

EARLY = 0.15
"""Share of a period by which a search may be early: frames do not come on the dot."""

MOST_GROWTH = 1.5
"""A face that is larger or smaller by more than this in the next frame is another one."""

MOST_SHARED = 0.7
"""Two faces that share more of the smaller box than this may be one."""


class FaceFollower:
    """Finds the faces of one stream's frames, one after the other.

    :param detector: searches and follows.
    :param rate: searches a second, Hz; 0: every frame is searched.
    """

    def __init__(self, detector: Detector, rate: float = DEFAULT_RATE) -> None:
        """Begin without a known face."""
        self.detector = detector
        self.rate = rate
        self.clear()

    def clear(self) -> None:
        """Forget what was found: the next frame is searched."""
        self._known, self._squares = Detections.empty(), np.empty((0, 4))
        self._stream: tuple[Any, ...] = ()
        self._searched_at = float('-inf')

    def find(self, image: np.ndarray, time: float) -> Detections:
        """Return the faces of the next frame, largest first.

        :param image: (H, W, 3) uint8 BGR.
        :param time: of the frame in seconds, never before the last one's (``StreamTime``).
        """
        stream, rate = (image.shape, self.detector.settings), self.rate
        if self._is_search_due(stream, time, rate) or not self._follow(image):
            self._known, self._squares = self.detector.detect_with_regions(image)
            self._searched_at = time
        self._stream = stream
        return self._known

    def _is_search_due(self, stream: tuple[Any, ...], time: float, rate: float) -> bool:
        if rate == 0 or not len(self._known):
            return True
        if stream != self._stream:
            return True
        return time - self._searched_at >= (1 - EARLY) / rate

    def _follow(self, image: np.ndarray) -> bool:
        """Move the known faces to where they are in the next frame, or say that one is lost.

        Landmarks are seen where they were seen before; boxes and squares move and grow as these
        have. A picture that stays the same so gives the same faces. A face without landmarks
        stays where it is.
        """
        known = self._known
        landmarks, scores = self.detector.refine_landmarks(image, self._squares)
        landmarks = np.where(np.isfinite(known.landmarks), landmarks, np.nan)
        (old, before), (new, now) = _placed(known.landmarks), _placed(landmarks)
        growth = now / before
        gone = (scores < MIN_ALIGN_SCORE) | (growth > MOST_GROWTH) | (growth * MOST_GROWTH < 1)
        xyxy, squares = (
            _moved(edges, old, new, growth)
            for edges in (boxes.to_xyxy(known.boxes), self._squares)
        )
        apart = boxes.nms(xyxy, scores, MOST_SHARED, of_smaller=True)
        if (gone & np.isfinite(growth)).any() or len(apart) < len(known):
            return False
        order = np.argsort(-boxes.area(xyxy), kind='stable')
        self._squares = squares[order]
        self._known = Detections(
            boxes.to_xywh(xyxy[order]),
            known.scores[order],
            landmarks[order],
            detector=known.detector,
            left_out=known.left_out,
        )
        return True


def _placed(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the (N, 2) centres of (N, 5, 2) landmarks and how far, (N,), they lie from these."""
    center = landmarks.sum(axis=1) / landmarks.shape[1]
    away = landmarks - center[:, None]
    return center, np.sqrt((away * away).sum(axis=(1, 2)))


def _moved(xyxy: np.ndarray, old: np.ndarray, new: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """Return (N, 4) edges moved from old to new centres, (N, 2), and grown by (N,) factors.

    What has no centre (NaN) has not moved.
    """
    moved = np.concatenate([new, new], axis=1) + growth[:, None] * (
        xyxy - np.concatenate([old, old], axis=1)
    )
    return np.where(np.isfinite(moved), moved, xyxy)
