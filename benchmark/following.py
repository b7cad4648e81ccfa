# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What following faces between searches saves and costs, on videos.

    .venv/bin/python benchmark/following.py clips/*.mp4 --rate 10

Every frame is searched, and the same frames are gone through as a stream does, searched at a rate
and followed in between. `missed` are faces of the search that following has not, `added` those it
has beyond them (mostly of a face that a search loses for a frame), in percent of the searched
ones; `iou` and `landmarks` how near the same faces are (medians; landmarks in percent of the
box's longer side); `new` are faces that a search finds where for half a second it found none,
`late_s` is the longest that one of them, as long as it stayed, was not told; `frame_ms` is the
mean time of a frame, `search_ms` that of a search.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.detection import boxes
from face_affect_ros.detection.face_following import FaceFollower
from face_affect_ros.faces import Detections
from face_affect_ros.pipeline import load_detector
from face_affect_ros.tracking.settings import TrackingSettings

SAME_IOU = 0.4
"""Overlap from which two boxes are of one face."""

NEW_IOU, STAYS_IOU, NEW_AFTER_S = 0.2, 0.3, 0.5
"""Overlap below which a face is new, from which it is the one of the frame before, and the time
for which nobody was there."""

LONGEST_SIDE = 960
"""Larger videos are shrunk to this, pixels."""


def frames_of(path: Path, most: int) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the time in seconds and the picture of a video's frames."""
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS) or 30.0
    for number in range(most):
        there, picture = video.read()
        if not there:
            return
        scale = LONGEST_SIDE / max(picture.shape[:2])
        if scale < 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        yield number / rate, picture


class NewFaces:
    """How late faces that come are told."""

    def __init__(self) -> None:
        """Begin before the first frame."""
        self.count, self.late_s = 0, 0.0
        self._before: list[tuple[float, np.ndarray]] = []
        self._untold: list[tuple[float, np.ndarray]] = []

    def add(self, time: float, expected: np.ndarray, found: np.ndarray) -> None:
        """Take one frame's boxes, (N, 4) ``xyxy`` each, searched and as the stream has them."""
        waiting = [(since, _nearest(box, expected, STAYS_IOU)) for since, box in self._untold]
        self._before = [each for each in self._before if time - each[0] <= NEW_AFTER_S]
        if self._before:
            known = np.concatenate([each for _, each in self._before])
            came = [box for box in expected if _nearest(box, known, NEW_IOU) is None]
            waiting += [(time, box) for box in came]
            self.count += len(came)
        self._before.append((time, expected))
        self._untold = []
        for since, box in waiting:
            if box is None:
                continue
            self.late_s = max(self.late_s, time - since)
            if _nearest(box, found, SAME_IOU) is None:
                self._untold.append((since, box))


def _nearest(box: np.ndarray, others: np.ndarray, least: float) -> np.ndarray | None:
    """Return the box that overlaps one the most, at least by so much."""
    overlap = boxes.iou(box[None], others)[0]
    return others[overlap.argmax()] if overlap.max(initial=0) >= least else None


class Comparison:
    """The sums over a video."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.searched = self.missed = self.added = 0
        self.new = NewFaces()
        self.overlaps: list[float] = []
        self.gaps: list[float] = []

    def add(self, time: float, expected: Detections, found: Detections) -> None:
        """Take one frame's faces, searched and as the stream has them."""
        self.new.add(time, boxes.to_xyxy(expected.boxes), boxes.to_xyxy(found.boxes))
        self.searched += len(expected)
        overlap = boxes.iou(boxes.to_xyxy(expected.boxes), boxes.to_xyxy(found.boxes))
        self.missed += int((overlap.max(axis=1, initial=0) < SAME_IOU).sum())
        self.added += int((overlap.max(axis=0, initial=0) < SAME_IOU).sum())
        for row in np.flatnonzero(overlap.max(axis=1, initial=0) >= SAME_IOU):
            column = int(overlap[row].argmax())
            self.overlaps.append(float(overlap[row, column]))
            gap = np.abs(expected.landmarks[row] - found.landmarks[column]).mean()
            self.gaps.append(float(gap / expected.boxes[row, 2:].max()))

    def row(self) -> dict[str, float]:
        """Return the figures."""
        count = max(1, self.searched)
        return {
            'faces': self.searched,
            'missed': 100 * self.missed / count,
            'added': 100 * self.added / count,
            'iou': float(np.median(self.overlaps or [np.nan])),
            'new': self.new.count,
            'late_s': self.new.late_s,
            'landmarks': 100 * float(np.nanmedian(self.gaps or [np.nan])),
        }


def compare(path: Path, detector, rate: float, most: int) -> dict:
    """Return one video's figures."""
    follower, comparison, spent = FaceFollower(detector, rate), Comparison(), [0.0, 0.0]
    frames = 0
    for moment, picture in tqdm(frames_of(path, most), desc=path.name, unit='frames'):
        begin = time.perf_counter()
        expected = detector.detect(picture)
        middle = time.perf_counter()
        found = follower.find(picture, moment)
        spent[0] += middle - begin
        spent[1] += time.perf_counter() - middle
        comparison.add(moment, expected, found)
        frames += 1
    return {
        'video': path.name,
        'frames': frames,
        **comparison.row(),
        'search_ms': 1e3 * spent[0] / max(1, frames),
        'frame_ms': 1e3 * spent[1] / max(1, frames),
    }


def main():
    """Compare and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('videos', nargs='+', type=Path)
    parser.add_argument('--model', default='1')
    parser.add_argument(
        '--rate', type=float, default=TrackingSettings.search_rate, help='searches a second'
    )
    parser.add_argument('--frames', type=int, default=300, help='of each video at most')
    arguments = parser.parse_args()
    detector = load_detector(arguments.model)
    rows = [compare(path, detector, arguments.rate, arguments.frames) for path in arguments.videos]
    print(markdown_table(rows, digits=2))


if __name__ == '__main__':
    main()
