# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a frame costs with more faces, more pixels, more cameras: a table and a picture.

    .venv/bin/python benchmark/scaling.py --models 1 2 --plot docs/images/scaling.png

`faces` and `height`: swaying pictures go through the stages of a stream by the nodes' defaults
(`max_faces` excepted), with all that the model tells. `faces` shows so many heads of 72 pixels at
1280x720, `height` two heads in pictures of 240 to 2160 lines that grow with them. `frame_ms` is
the processor time of a frame in the mean, `core_percent` that of a core at 30 Hz, `p95_ms` the
95th percentile of what frames take by the clock; the first second does not count.

`cameras`: nodes for so many cameras in one process (`face-affect run --cameras`), each with two
astronauts at 640x480 and 30 Hz; `core_percent` is the processor time of the process, `p95_ms` the
95th percentile of `latency_ms`, `rate_hz` what each camera's `attributes` have in the mean.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import graph
import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.detection.face_following import LONG_SEARCH_MS
from face_affect_ros.model import Model
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.stage import LeftOut
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tracking.tracker import Tracker

RATE = 30
FACES = (0, 1, 2, 5, 10, 20, 50)
HEIGHTS = (240, 480, 720, 1080, 2160)
CAMERAS = (1, 2, 3, 4)
FACE = (slice(20, 220), slice(124, 324))
"""Rows and columns of the astronaut's head."""

CELL = 120
"""Side of the square with one head, pixels."""

TOPIC = '/face_affect_scaling/camera'

Row = dict[str, Any]


def head(side: int) -> np.ndarray:
    """Return the astronaut's head in a (side, side, 3) BGR picture."""
    from skimage import data

    part = np.ascontiguousarray(data.astronaut()[FACE][..., ::-1])
    return cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA)


def crowd(faces: int) -> np.ndarray:
    """Return a (720, 1280, 3) picture with so many heads."""
    picture = np.full((720, 1280, 3), 128, np.uint8)
    for number in range(faces):
        row, column = divmod(number, 1280 // CELL)
        picture[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = head(CELL)
    return picture


def pair(height: int) -> np.ndarray:
    """Return a picture of so many lines, 4:3 or from 720 on 16:9, with two heads."""
    picture = np.full((height, height * 16 // 9 if height >= 720 else height * 4 // 3, 3), 128)
    side = height // 2
    for left in (side // 8, picture.shape[1] - side - side // 8):
        picture[side // 2 : side // 2 + side, left : left + side] = head(side)
    return picture.astype(np.uint8)


def swaying(picture: np.ndarray) -> list[np.ndarray]:
    """Return a picture that moves by some pixels, frame by frame."""
    return [np.roll(picture, round(6 * math.sin(turn / 9)), axis=1) for turn in range(57)]


def cost(model: Model, picture: np.ndarray, seconds: int) -> Row:
    """Return what the frames of a stream cost, at the camera's pace or as fast as can be."""
    detection = DetectionStage(model.detector, Tracker(), long_search_ms=LONG_SEARCH_MS)
    attributes = AttributesStage(model)
    frames, taken, spent, faces = swaying(picture), [], 0.0, 0
    begin = time.monotonic()
    for number in tqdm(range(RATE * (1 + seconds)), f'{picture.shape[0]} lines', leave=False):
        time.sleep(max(0.0, begin + number / RATE - time.monotonic()))
        spent = time.process_time() if number == RATE else spent
        now = time.monotonic()
        frame = Frame(None, int(now * 1e9), frames[number % len(frames)], FrameTiming(0, now))
        with contextlib.suppress(LeftOut):
            faces = len(attributes(detection(frame)).faces)
        taken.append(1e3 * (time.monotonic() - now))
    frame_ms = 1e3 * (time.process_time() - spent) / (RATE * seconds)
    return {
        'told': faces,
        'frame_ms': frame_ms,
        'p95_ms': float(np.percentile(taken[RATE:], 95)),
        'core_percent': frame_ms * RATE / 10,
    }


def rows_in_process(name: str, seconds: int) -> Iterator[Row]:
    """Yield the rows of faces and of heights."""
    with load_model(name, model_settings({'max_faces': max(FACES) + 14})) as model:
        for faces in FACES:
            yield {'model': name, 'faces': faces, **cost(model, crowd(faces), seconds)}
        for height in HEIGHTS:
            yield {'model': name, 'height': height, **cost(model, pair(height), seconds)}


def publish(cameras: int) -> None:
    """Be so many cameras: publish until terminated."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image
    from std_msgs.msg import Header

    from face_affect_ros.image_messages import convert

    rclpy.init()
    node = rclpy.create_node('scaling_cameras')
    publishers = [
        node.create_publisher(Image, f'{TOPIC}{number}', qos_profile_sensor_data)
        for number in range(cameras)
    ]
    messages = [convert.to_image_message(frame, Header()) for frame in graph.frames_of('2')]
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    number, due = 0, time.monotonic()
    while not stopped:
        for publisher in publishers:  # spread over the period, as cameras are
            due = max(due + 1 / RATE / cameras, time.monotonic())
            message = messages[number % len(messages)]
            message.header.stamp = node.get_clock().now().to_msg()
            publisher.publish(message)
            time.sleep(max(0.0, due - time.monotonic()))
        number += 1


def cameras_cost(name: str, cameras: int, seconds: int) -> Row:
    """Measure a process with nodes for so many cameras."""
    import rclpy

    from face_affect_ros.msg import FaceAttributesArray

    named = [f'camera{number}={TOPIC}{number}' for number in range(cameras)]
    command = str(Path(sys.executable).with_name('face-affect'))
    nodes = [command, 'run', '--model', name, '--cameras', *named]
    source = [sys.executable, __file__, '--publish', str(cameras)]
    node, seen = rclpy.create_node('scaling_watcher'), []
    for number in range(cameras):
        topic = f'/face_affect/camera{number}/attributes'
        node.create_subscription(FaceAttributesArray, topic, seen.append, 5)
    with (
        graph.running(nodes, signal.SIGINT) as process,
        graph.running(source, signal.SIGTERM, stdout=subprocess.DEVNULL),
    ):
        _spin(node, graph.START_S, lambda: bool(seen))
        _spin(node, graph.WARM_UP_S, lambda: False)
        seen.clear()
        before = graph.cpu_seconds([process.pid])
        _spin(node, seconds, lambda: False)
        busy = graph.cpu_seconds([process.pid]) - before
    node.destroy_node()
    return {
        'model': name,
        'cameras': cameras,
        'told': sum(len(message.faces) for message in seen) / max(1, len(seen)),
        'rate_hz': len(seen) / seconds / cameras,
        'p95_ms': float(np.percentile([each.processing.latency_ms for each in seen], 95)),
        'core_percent': 100 * busy / seconds,
    }


def _spin(node: Any, seconds: float, is_done: Any) -> None:
    import rclpy

    end = time.monotonic() + seconds
    while time.monotonic() < end and not is_done():
        rclpy.spin_once(node, timeout_sec=0.05)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw percent of a core against each axis, a line a model."""
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6), layout='constrained')
    for axis, name, words in zip(
        axes,
        ('faces', 'height', 'cameras'),
        (
            'faces, 1280x720',
            'lines of the picture, two faces',
            'cameras in one process, two faces',
        ),
    ):
        for model in dict.fromkeys(row['model'] for row in rows):
            points = [row for row in rows if row['model'] == model and name in row]
            axis.plot(
                [row[name] for row in points],
                [row['core_percent'] for row in points],
                marker='o',
                label=f'Model {model}',
            )
        axis.set(xlabel=words, ylim=(0, None))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel('percent of a core at 30 Hz')
    axes[0].legend()
    figure.savefig(path, dpi=110)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--models', nargs='+', default=['1', '2'])
    parser.add_argument('--seconds', type=int, default=3, help='of each measurement')
    parser.add_argument('--json', type=Path, metavar='FILE', help='the figures')
    parser.add_argument('--plot', type=Path, metavar='FILE', help='the picture')
    parser.add_argument('--publish', type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from face_affect_ros.ros import process

    process.configure_process()
    if arguments.publish:
        publish(arguments.publish)
        return
    import rclpy

    cv2.setNumThreads(1)
    rows = [row for name in arguments.models for row in rows_in_process(name, arguments.seconds)]
    rclpy.init()
    rows += [
        cameras_cost(name, cameras, arguments.seconds)
        for name in arguments.models
        for cameras in CAMERAS
    ]
    for axis in ('faces', 'height', 'cameras'):
        print(markdown_table([row for row in rows if axis in row]), end='\n\n')
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == '__main__':
    main()
