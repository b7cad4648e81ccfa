# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a frame of a stream takes: traits with every frame, and refreshed by need.

    .venv/bin/python benchmark/traits.py [--clips FILE ...]

Frames go through the stages `detection` and `attributes` one after the other, without ROS, on one
thread, 640x480, `min_face_size` 40, by the frames' own times; faces are followed between searches,
as in the nodes. Scenes: scikit-image's astronaut, ten of her, and the clips given (scaled to a
width of 640, black below). Each way runs over the whole scene; figures are milliseconds a frame,
the mean with the first frame, the largest without.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from markdown_table import markdown_table

from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tasks import trait_names
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.trait_scheduler import TraitScheduler

RATE = 30.0
WAYS = {'every frame': {'rate': 0.0}, 'by need': {}}


@dataclass(frozen=True)
class Scene:
    """Pictures, (480, 640, 3) uint8 BGR, and how many of them come a second."""

    name: str
    pictures: list[np.ndarray]
    rate: float


def astronaut() -> np.ndarray:
    """Return scikit-image's astronaut, 512x512 BGR."""
    from skimage import data

    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)


def one_face() -> np.ndarray:
    """Return her as in the other benchmarks."""
    return cv2.resize(astronaut(), (640, 640), interpolation=cv2.INTER_LINEAR)[:480].copy()


def ten_faces() -> np.ndarray:
    """Return two rows of five of her, faces 70 to 75 pixels wide, no two quite alike."""
    rows = []
    for row in range(2):
        parts = [astronaut()[20 + 3 * column : 240 - 3 * column, 165:285] for column in range(5)]
        rows.append(
            np.hstack(
                [
                    cv2.resize(
                        part if row else part[:, ::-1], (128, 240), interpolation=cv2.INTER_AREA
                    )
                    for part in parts
                ]
            )
        )
    return np.vstack(rows)


def moving(picture: np.ndarray, count: int) -> list[np.ndarray]:
    """Return a picture that sways by some pixels, frame by frame."""
    return [np.roll(picture, round(6 * np.sin(number / 9)), axis=1) for number in range(count)]


def clip(path: Path, most: int) -> Scene:
    """Return a clip's first frames."""
    capture = cv2.VideoCapture(str(path))
    pictures: list[np.ndarray] = []
    while len(pictures) < most and (got := capture.read())[0]:
        scaled = cv2.resize(got[1], (640, round(640 / got[1].shape[1] * got[1].shape[0])))
        picture = np.zeros((480, 640, 3), np.uint8)
        picture[: min(480, len(scaled))] = scaled[:480]
        pictures.append(picture)
    return Scene(path.stem, pictures, capture.get(cv2.CAP_PROP_FPS))


def frames(scene: Scene) -> Iterator[Frame]:
    """Yield a scene as a camera would give it."""
    for number, picture in enumerate(scene.pictures, 1):
        yield Frame(
            None, round(10**9 * (1 + number / scene.rate)), picture, FrameTiming.begin(number)
        )


def measure(scene: Scene, way: str, model) -> dict:
    """Return the figures of one scene."""
    detect = DetectionStage(model.detector, Tracker())
    describe = AttributesStage(model, TraitScheduler(trait_names(model.tasks), **WAYS[way]))
    detection, description, faces = [], [], []
    for frame in frames(scene):
        described = describe(detect(frame))
        detection.append(described.timing.detection_ms)
        description.append(described.timing.attributes_ms)
        faces.append(len(described.faces))
    totals = [sum(pair) for pair in zip(detection, description)]
    return {
        'scene': scene.name,
        'traits': way,
        'frames': len(totals),
        'faces': statistics.mean(faces),
        'detection': statistics.mean(detection),
        'description': statistics.mean(description),
        'frame': statistics.mean(totals),
        'largest': max(totals[1:]),
    }


def main():
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--clips', nargs='*', type=Path, default=[], metavar='FILE')
    parser.add_argument('--frames', type=int, default=90, help='of each scene, at most')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    scenes = [
        Scene('astronaut', moving(one_face(), arguments.frames), RATE),
        Scene('ten astronauts', moving(ten_faces(), arguments.frames), RATE),
        *(clip(path, arguments.frames) for path in arguments.clips),
    ]
    with load_model(1, ModelSettings()) as model:
        for _ in range(3):
            model.analyze(one_face())
        rows = [measure(scene, way, model) for scene in scenes for way in WAYS]
    print(markdown_table(rows))


if __name__ == '__main__':
    main()
