# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which faces dlib finds, how it looks for them, and what that costs, beside MTCNN.

    .venv/bin/python benchmark/small_faces.py ../shared/media/pictures ../shared/media/dlib_faces

`found` are the faces from `--side` pixels that MTCNN finds, `others` what is told besides that
MTCNN does not see, however small. `time` is processor time in that of MTCNN, pictures together.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros import images
from face_affect_ros.detection import boxes
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.settings import PROPOSED
from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

WAYS = {'dlib proposed': PROPOSED, 'dlib whole': 0, 'dlib doubled': 1}
"""Values of ``upsample`` by what they do."""

MOST_SIDE = 1300
"""Longest side in pixels to which pictures are reduced."""

SMALLEST = 18
"""Side in pixels of the smallest face that may be one."""

SAME = 0.3
"""Overlap from which two boxes are one face."""


def dlib(upsample: int) -> Detector:
    """Return dlib with this setting."""
    return load_detector(1, ModelSettings(detector='dlib', dlib=DlibSettings(upsample=upsample)))


def pictures(folders: list[Path]) -> Iterator[np.ndarray]:
    """Yield the pictures of folders, reduced."""
    paths = sorted(path for folder in folders for path in folder.glob('*.jpg'))
    for path in tqdm(paths, 'pictures'):
        picture = images.load(path)
        factor = min(1.0, MOST_SIDE / max(picture.shape[:2]))
        yield cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def seen(detector: Detector, picture: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a detector's boxes in a picture and the processor time in seconds."""
    begin = time.process_time()
    found = detector.detect(picture)
    return boxes.to_xyxy(found.boxes), time.process_time() - begin


def count_shared(some: np.ndarray, others: np.ndarray) -> int:
    """Return how many boxes are among others."""
    return int((boxes.iou(some, others).max(axis=1, initial=0) > SAME).sum())


def rows(folders: list[Path], side: float) -> list[dict[str, object]]:
    """Return a row for each way of looking."""
    mtcnn = load_detector(1)
    smallest = load_detector(1, ModelSettings(mtcnn=MtcnnSettings(min_face_size=SMALLEST)))
    detectors = {way: dlib(upsample) for way, upsample in WAYS.items()}
    found: Counter[str] = Counter()
    others: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for picture in pictures(folders):
        known, seconds = seen(mtcnn, picture)
        large = known[(known[:, 2:] - known[:, :2]).max(axis=1, initial=0) >= side]
        found['mtcnn'] += len(large)
        taken['mtcnn'] += seconds
        possible, _ = seen(smallest, picture)
        for way, detector in detectors.items():
            told, seconds = seen(detector, picture)
            found[way] += count_shared(large, told)
            others[way] += len(told) - count_shared(told, possible)
            taken[way] += seconds
    return [
        {
            'detector': way,
            'found': found[way],
            'share': found[way] / max(1, found['mtcnn']),
            'others': others[way],
            'time': taken[way] / taken['mtcnn'],
        }
        for way in ('mtcnn', *detectors)
    ]


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('folders', nargs='+', type=Path, help='of JPEG pictures')
    parser.add_argument('--side', type=float, default=45, help='of the faces, pixels')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(markdown_table(rows(arguments.folders, arguments.side)))


if __name__ == '__main__':
    main()
