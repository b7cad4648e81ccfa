# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MTCNN beside the `mtcnn` package, its own three networks and dlib, one thread each, one run.

    pip install '.[reference,dlib]' && python benchmark/detection.py --media ../shared/media

Every figure is a median over `--repeat` passes; the contestants take turns, pass by pass, so that
whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from markdown_table import markdown_table

from face_affect_ros.detection import boxes
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.dlib_hog import DlibSettings
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.detection.settings import NATIVE_SIZE
from face_affect_ros.detection.settings import PROPOSED
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

SIZE = (640, 480)
PICTURES = {
    1: ('pictures/astronaut.jpg', (0.0, 0.0, 1.0, 1.0)),
    4: ('pictures/group_of_four_children.jpg', (0.0, 0.0, 1.0, 1.0)),
    10: ('dlib_faces/bald_guys.jpg', (0.3, 0.3, 1.0, 1.0)),
}
"""Pictures by their number of faces, and which part is taken: left, top, right, bottom."""

COLUMNS = (
    'min_face_size',
    'faces',
    'same_faces',
    'faces of dlib',
    'faces of dlib doubled',
    'ours',
    'networks',
    'package',
    'dlib',
    'dlib doubled',
    'ours / networks',
    'package / ours',
    'dlib / ours',
    'dlib doubled / ours',
)


class Recorder:
    """An engine that remembers what it was asked."""

    def __init__(self, engine):
        """Wrap an engine."""
        self.engine, self.calls = engine, []

    def run(self, *inputs: np.ndarray):
        """Run and remember copies of the inputs."""
        self.calls.append([array.copy() for array in inputs])
        return self.engine.run(*inputs)

    def again(self):
        """Run all remembered calls again."""
        for inputs in self.calls:
            self.engine.run(*inputs)


def networks_alone(min_face_size: float, picture: np.ndarray) -> Callable[[], None]:
    """Return a function that runs just what the three networks run on a picture."""
    detector = detector_of(min_face_size)
    recorders = [Recorder(engine) for engine in detector.networks]
    type(detector)(recorders, detector.settings).detect(picture)

    def run():
        for recorder in recorders:
            recorder.again()

    return run


def detector_of(min_face_size: float) -> Detector:
    """Return our detector at the package's thresholds, one thread."""
    return load_detector(
        1,
        ModelSettings(
            threads=1, mtcnn=MtcnnSettings(min_face_size=min_face_size, thresholds=(0.6, 0.7, 0.8))
        ),
    )


def dlibs(min_face_size: float) -> dict[str, Detector]:
    """Return dlib where faces are proposed, on whole pictures and, for small faces, doubling."""
    if find_spec('dlib') is None:
        return {}
    doublings = {'dlib': PROPOSED, 'dlib whole': 0}
    if min_face_size < NATIVE_SIZE:
        doublings['dlib doubled'] = 1
    return {
        name: load_detector(
            1,
            ModelSettings(
                detector='dlib', dlib=DlibSettings(min_face_size=min_face_size, upsample=upsample)
            ),
        )
        for name, upsample in doublings.items()
    }


def package() -> Callable[[np.ndarray], np.ndarray]:
    """Return the `mtcnn` package on one thread: a BGR picture to (N, 4) x, y, width, height."""
    os.environ.update(CUDA_VISIBLE_DEVICES='-1', TF_CPP_MIN_LOG_LEVEL='3')
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    from mtcnn import MTCNN

    network = MTCNN()

    def detect(picture: np.ndarray) -> np.ndarray:
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return network.detect_faces(
            rgb, min_face_size=20, fit_to_image=False, output_type='numpy'
        )[:, 1:5]

    return detect


def medians(contestants: dict[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Return each contestant's median milliseconds; they take turns."""
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(repeat + 2):
        for name, run in contestants.items():
            start = time.perf_counter()
            run()
            if turn >= 2:
                taken[name].append(1e3 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in taken.items()}


def compare(picture: np.ndarray, min_face_size: float, reference, repeat: int) -> dict:
    """Measure one picture at one smallest face size."""
    detector = detector_of(min_face_size)
    contestants = {
        'ours': lambda: detector.detect(picture),
        'networks': networks_alone(min_face_size, picture),
    }
    row = {'min_face_size': min_face_size, 'faces': len(detector.detect(picture))}
    for name, other in dlibs(min_face_size).items():
        contestants[name] = partial(other.detect, picture)
        row[f'faces of {name}'] = len(other.detect(picture))
    if reference is not None and min_face_size == 20:
        contestants['package'] = lambda: reference(picture)
        row['same_faces'] = same_faces(detector.detect(picture).boxes, reference(picture))
    row |= medians(contestants, repeat)
    row['ours / networks'] = row['ours'] / row['networks']
    for name in ('package', 'dlib', 'dlib doubled'):
        if name in row:
            row[f'{name} / ours'] = row[name] / row['ours']
    return row


def same_faces(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Return whether boxes match one for one at an intersection over union of 0.7."""
    if len(ours) != len(theirs):
        return False
    overlap = boxes.iou(boxes.to_xyxy(ours.astype(float)), boxes.to_xyxy(theirs.astype(float)))
    return bool((overlap.max(axis=0) >= 0.7).all() and (overlap.max(axis=1) >= 0.7).all())


def picture_of(faces: int, media: Path) -> np.ndarray:
    """Return the 640x480 picture with that many faces."""
    name, (left, top, right, bottom) = PICTURES[faces]
    picture = cv2.imread(str(media / name))
    height, width = picture.shape[:2]
    part = picture[
        int(top * height) : int(bottom * height), int(left * width) : int(right * width)
    ]
    return cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument(
        '--media', type=Path, required=True, help='folder with pictures/ and dlib_faces/'
    )
    parser.add_argument('--repeat', type=int, default=15, help='measured passes')
    parser.add_argument(
        '--min-face-size',
        type=float,
        nargs='+',
        metavar='PIXELS',
        default=[20.0, 40.0, 80.0, 160.0],
    )
    parser.add_argument(
        '--without-package', action='store_true', help='leave the mtcnn package (TensorFlow) out'
    )
    parser.add_argument('--json', action='store_true')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    reference = None if arguments.without_package else package()
    rows = [
        compare(picture_of(faces, arguments.media), min_face_size, reference, arguments.repeat)
        for min_face_size in arguments.min_face_size
        for faces in PICTURES
    ]
    print(
        json.dumps(rows, indent=1)
        if arguments.json
        else markdown_table(rows, digits=2, names=COLUMNS)
    )


if __name__ == '__main__':
    main()
