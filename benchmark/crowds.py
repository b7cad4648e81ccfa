# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Milliseconds that a frame takes with many faces in it.

    .venv/bin/python benchmark/crowds.py --model 1 2

A wall of scikit-image's astronaut's face, so many in a picture of a size, goes through the stages
of a stream as by the nodes' defaults, 30 frames a second or as many as can be done, one after the
other. `kept` are the faces that are told (`max_faces`). `detection_ms`, `attributes_ms` and
`frame_ms`, both together, are medians; `p99_ms` and `most_ms` the 99th percentile and the most,
without the first second; `first_ms` is the first frame.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator

import cv2
import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.model import Model
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.tracker import Tracker

RATE = 30
MAX_FACES = 32
WARM_UP = RATE
FACE = (slice(20, 220), slice(124, 324))
"""Rows and columns of the astronaut's head."""

WALLS = (
    (0, (640, 480)),
    (10, (640, 480)),
    (32, (960, 960)),
    (100, (960, 960)),
    (400, (1920, 1080)),
)
"""Faces and (width, height) of the pictures."""


def wall(faces: int, size: tuple[int, int]) -> np.ndarray:
    """Return a (H, W, 3) BGR picture with so many faces side by side, as large as they fit."""
    from skimage import data

    width, height = size
    picture = np.full((height, width, 3), 128, np.uint8)
    if not faces:
        return picture
    side = int(math.sqrt(width * height / faces))
    while (width // side) * (height // side) < faces:
        side -= 1
    head = np.ascontiguousarray(data.astronaut()[FACE][..., ::-1])
    head = cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA)
    for number in range(faces):
        row, column = divmod(number, width // side)
        picture[row * side : (row + 1) * side, column * side : (column + 1) * side] = head
    return picture


def rows_of(model_name: str, seconds: int) -> Iterator[dict[str, object]]:
    """Yield a row for each wall."""
    settings = model_settings({'max_faces': MAX_FACES})
    with load_model(model_name, settings=settings) as model:
        for faces, size in WALLS:
            frames = list(described(model, wall(faces, size), RATE * seconds, f'{faces} faces'))
            detection, attributes = (
                [getattr(frame.timing, name) for frame in frames]
                for name in ('detection_ms', 'attributes_ms')
            )
            both = [sum(pair) for pair in zip(detection, attributes)]
            yield {
                'model': model_name,
                'faces': faces,
                'size': '{}x{}'.format(*size),
                'kept': len(frames[-1].faces),
                'detection_ms': statistics.median(detection),
                'attributes_ms': statistics.median(attributes),
                'frame_ms': statistics.median(both),
                'p99_ms': float(np.percentile(both[WARM_UP:], 99)),
                'most_ms': max(both[WARM_UP:]),
                'first_ms': both[0],
            }


def described(
    model: Model, picture: np.ndarray, count: int, words: str
) -> Iterator[DescribedFaces]:
    """Yield what a stream tells of a picture that stays, at the camera's pace."""
    detection, attributes = DetectionStage(model.detector, Tracker()), AttributesStage(model)
    begin = time.monotonic()
    for number in tqdm(range(count), words, leave=False):
        due = begin + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        yield attributes(detection(Frame(None, int(now * 1e9), picture, FrameTiming(0, now))))


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--model', nargs='+', default=['1', '2'])
    parser.add_argument('--seconds', type=int, default=3, help='of each wall')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [row for name in arguments.model for row in rows_of(name, arguments.seconds)]
    print(markdown_table(rows))


if __name__ == '__main__':
    main()
