# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Milliseconds that a frame takes with many faces in it.

    .venv/bin/python benchmark/crowds.py --model 1 2

A wall of scikit-image's astronaut's face that sways, so many in a picture of a size, goes through
the stages of a stream as by the nodes' defaults, 30 frames a second or as many as can be done,
one after the other. `kept` are the faces that are told (`max_faces`). `detection_ms`,
`attributes_ms` and `frame_ms`, both together, are medians; `p99_ms` and `most_ms` the 99th
percentile and the most, without the first second; `first_ms` is the first frame, `told_after_s`
when faces were first told.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.detection.face_following import LONG_SEARCH_MS
from face_affect_ros.model import Model
from face_affect_ros.pipeline import load_model
from face_affect_ros.ros import process
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.stage import LeftOut
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
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


class Taken(NamedTuple):
    """What a frame took, how many faces were told, and when, from the first frame on."""

    detection_ms: float
    attributes_ms: float
    faces: int
    time_s: float


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
            taken = list(described(model, wall(faces, size), RATE * seconds, f'{faces} faces'))
            both = [each.detection_ms + each.attributes_ms for each in taken]
            yield {
                'model': model_name,
                'faces': faces,
                'size': '{}x{}'.format(*size),
                'kept': taken[-1].faces,
                'detection_ms': statistics.median(each.detection_ms for each in taken),
                'attributes_ms': statistics.median(each.attributes_ms for each in taken),
                'frame_ms': statistics.median(both),
                'p99_ms': float(np.percentile(both[WARM_UP:], 99)),
                'most_ms': max(both[WARM_UP:]),
                'first_ms': both[0],
                'told_after_s': next((each.time_s for each in taken if each.faces), math.nan),
            }


def described(model: Model, picture: np.ndarray, count: int, words: str) -> Iterator[Taken]:
    """Yield what the frames of a stream take, of a picture that sways, at the camera's pace."""
    frames = [np.roll(picture, round(4 * math.sin(turn / 9)), axis=1) for turn in range(57)]
    detection = DetectionStage(model.detector, Tracker(), long_search_ms=LONG_SEARCH_MS)
    attributes = AttributesStage(model)
    begin = time.monotonic()
    for number in tqdm(range(count), words, leave=False):
        due = begin + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        image = frames[number % len(frames)]
        frame = Frame(None, int(now * 1e9), image, FrameTiming(0, now))
        try:
            told = attributes(detection(frame))
        except LeftOut:
            yield Taken((time.monotonic() - now) * 1e3, 0.0, 0, time.monotonic() - begin)
            continue
        timing, faces = told.timing, len(told.faces)
        yield Taken(timing.detection_ms, timing.attributes_ms, faces, time.monotonic() - begin)


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--model', nargs='+', default=['1', '2'])
    parser.add_argument('--seconds', type=int, default=3, help='of each wall')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    sys.setswitchinterval(process.SWITCH_S)
    rows = [row for name in arguments.model for row in rows_of(name, arguments.seconds)]
    print(markdown_table(rows))


if __name__ == '__main__':
    main()
