# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The real graph: latency beyond the networks, frames kept at 30 Hz, memory, idle CPU.

    .venv/bin/python benchmark/graph.py
    .venv/bin/python benchmark/graph.py --clips ../shared/media/clips/*.mp4 --models 1 2

Three processes at least: a camera that publishes a 640x480 picture that sways, at 30 Hz, the
nodes composed or apart, and this one, which subscribes to `attributes`. With a `search_rate` of
10, the default, two of three frames are followed, and so is the median one; with 0 all are
searched. Medians over frames: `latency_ms` from a frame's reception to its attributes (`p95_ms`
is the 95th percentile), `networks_ms` what the networks took of that (each of their runs is
noted: `recorded.py`), `beyond_ms` the rest. `alone_ms` is ONNX Runtime on what the networks got
for the same picture, followed or searched, time and again with the graph stopped: less, as code
and data then stay in the caches. `cpu_percent` is the processor time of the nodes, in percent of
a core, `networks_percent` what the networks took of that. Traits, whose networks run for some
frames only, are switched off; `traits.py` measures those.

With `--clips` videos are shown in place of the picture, again and again at 30 Hz in 640x480, and
everything is told: a row a clip and model, composed, searched at the default rate.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import recorded
from markdown_table import markdown_table

from face_affect_ros.tracking.settings import TrackingSettings

TOPIC = '/face_affect_benchmark/image'
RATE = 30.0
NODES = {
    'composed': [['run']],
    'apart': [['run', 'camera'], ['run', 'detection'], ['run', 'attributes']],
}
SIZE = (640, 480)
EMOTION_ALONE = ['--no-gender-enable', '--no-age-enable', '--no-attributes-enable']
"""Options of the attributes node."""

TASKS = ('emotion',)
"""What the networks alone compute: what is left of all."""

START_S = 60.0
WARM_UP_S = 3.0


@dataclass(frozen=True)
class Case:
    """What is measured.

    :param layout: of ``NODES``.
    :param source: what the camera shows, as of ``frames_of``.
    :param search_rate: searches of whole frames, Hz; 0: all.
    """

    layout: str
    source: str
    search_rate: float = TrackingSettings.search_rate
    model: str = '1'

    @property
    def is_clip(self) -> bool:
        """Whether the camera shows a clip, of which everything is told."""
        return not self.source.isdecimal()


CASES = [
    Case(layout, copies, rate)
    for layout, copies in (('composed', '1'), ('apart', '1'), ('composed', '2'))
    for rate in (TrackingSettings.search_rate, 0.0)
]


def astronaut(copies: int) -> np.ndarray:
    """Return scikit-image's astronaut as (480, 640, 3) BGR, whole or twice side by side."""
    import cv2
    from skimage import data

    picture = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    if copies == 2:
        half = cv2.resize(picture[:384, 64:320], (320, 480), interpolation=cv2.INTER_AREA)
        return np.ascontiguousarray(np.hstack([half, half]))
    return cv2.resize(picture, (640, 640), interpolation=cv2.INTER_LINEAR)[:480].copy()


def frames_of(source: str) -> list[np.ndarray]:
    """Return what the camera shows: a number of astronauts, who sway, or the frames of a clip."""
    import cv2

    if source.isdecimal():
        picture = astronaut(int(source))
        return [np.roll(picture, round(6 * math.sin(turn / 9)), axis=1) for turn in range(57)]
    capture, frames = cv2.VideoCapture(source), []
    while (read := capture.read())[0]:
        frames.append(cv2.resize(read[1], SIZE, interpolation=cv2.INTER_AREA))
    if not frames:
        raise SystemExit(f'no video can be read from {source}')
    return frames


def publish(source: str):
    """Be the camera: publish until terminated."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image
    from std_msgs.msg import Header

    from face_affect_ros.image_messages import convert

    rclpy.init()
    node = rclpy.create_node('benchmark_camera')
    publisher = node.create_publisher(Image, TOPIC, qos_profile_sensor_data)
    messages = [convert.to_image_message(frame, Header()) for frame in frames_of(source)]
    sent, due = 0, time.monotonic()
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        due = max(due + 1 / RATE, time.monotonic())
        if publisher.get_subscription_count():
            message = messages[sent % len(messages)]
            message.header.stamp = node.get_clock().now().to_msg()
            publisher.publish(message)
            sent += 1
        time.sleep(max(0.0, due - time.monotonic()))
    print(sent, flush=True)


@contextmanager
def running(command: list[str], stop: int, **options) -> Iterator[subprocess.Popen]:
    """Run a process; end it by a signal."""
    child = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield child
    finally:
        child.send_signal(stop)
        child.wait(20)


@contextmanager
def graph(case: Case, folder: Path) -> Iterator[list[subprocess.Popen]]:
    """Run the nodes, composed or apart, on the benchmark's camera topic.

    :param folder: each process notes the runs of its networks in a file there.
    """
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                running(
                    [
                        sys.executable,
                        recorded.__file__,
                        str(folder / str(number)),
                        *arguments,
                        *options_of(arguments[1:], case),
                    ],
                    signal.SIGINT,
                )
            )
            for number, arguments in enumerate(NODES[case.layout])
        ]


def options_of(nodes: list[str], case: Case) -> list[str]:
    """Return the options of a process with one node, or with all."""
    model = ['--model', case.model]
    options = {
        'camera': ['--image-topic', TOPIC],
        'attributes': [*([] if case.is_clip else EMOTION_ALONE), *model],
        'detection': ['--search-rate', str(case.search_rate), *model],
    }
    return [option for node in nodes or options for option in options[node]]


class Watcher:
    """Subscribes to `attributes` and keeps each message's figures."""

    def __init__(self):
        """Make the node; it subscribes when it is asked to collect."""
        import rclpy

        self.node = rclpy.create_node('benchmark_watcher')
        self.seen: list = []

    def collect(self, seconds: float, begin: Callable[[], object]) -> list:
        """Return the messages of some seconds, after a start and a warm-up.

        :param begin: called when they begin.
        """
        import rclpy

        from face_affect_ros.msg import FaceAttributesArray

        self.seen = []
        subscription = self.node.create_subscription(
            FaceAttributesArray, '/face_affect/attributes', self.seen.append, 5
        )
        self._until(lambda: bool(self.seen), START_S)
        if not self.seen:
            raise SystemExit('no attributes came: is the package installed with its messages?')
        for span in (WARM_UP_S, seconds):
            self.seen = []
            begin()
            self.node.destroy_subscription(subscription)
            subscription = self.node.create_subscription(
                FaceAttributesArray, '/face_affect/attributes', self.seen.append, 5
            )
            end = time.monotonic() + span
            while time.monotonic() < end:
                rclpy.spin_once(self.node, timeout_sec=0.1)
        self.node.destroy_subscription(subscription)
        return self.seen

    def _until(self, done, seconds: float):
        """Spin until something is so, at most some seconds."""
        import rclpy

        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            rclpy.spin_once(self.node, timeout_sec=0.1)


def networks_ms(messages: list, runs: np.ndarray) -> np.ndarray:
    """Return the (N,) milliseconds that networks took of the frames of N messages."""
    steady_from_system = time.monotonic() - time.time()
    begins = [
        message.processing.received.sec
        + message.processing.received.nanosec * 1e-9
        + steady_from_system
        for message in messages
    ]
    return 1e3 * np.array(
        [
            recorded.seconds_within(runs, begin, begin + message.processing.latency_ms * 1e-3)
            for begin, message in zip(begins, messages)
        ]
    )


def network_seconds(runs: np.ndarray, seconds: float) -> float:
    """Return the seconds that networks took in the last of some seconds."""
    end = runs[:, 0].max()
    return recorded.seconds_within(runs, end - seconds, end)


def alone_ms(picture: np.ndarray, search_rate: float, repeat: int = 30) -> float:
    """Return the median milliseconds of the networks for a picture, with nothing in between."""
    from face_affect_ros.cli import recording
    from face_affect_ros.detection.face_following import FaceFollower
    from face_affect_ros.settings import ModelSettings

    assembly = recording.assemble('1', ModelSettings(tasks=TASKS))
    follower = FaceFollower(assembly.model.detector, search_rate)
    follower.find(picture, 0.0)
    for engine in assembly.engines.values():
        engine.forget(keep_inputs=True)
    faces = follower.find(picture, 1 / RATE)
    assembly.model.describe_detections(picture, faces)
    engines = assembly.engines.values()
    return statistics.median(
        1e3 * sum(engine.time_alone() for engine in engines) for _ in range(repeat)
    )


def resident_mb(pids: list[int]) -> float:
    """Return the resident memory of processes in MB."""
    pages = (int(Path(f'/proc/{pid}/statm').read_text().split()[1]) for pid in pids)
    return sum(pages) * os.sysconf('SC_PAGE_SIZE') / 1e6


def cpu_seconds(pids: list[int]) -> float:
    """Return the processor time that processes have used."""
    ticks = (
        Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[11:13] for pid in pids
    )
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf('SC_CLK_TCK')


def measure(case: Case, seconds: float, watcher: Watcher) -> dict:
    """Measure one layout on one picture or clip."""
    camera = [sys.executable, __file__, '--publish', case.source]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(camera, signal.SIGTERM, stdout=subprocess.PIPE, text=True),
        graph(case, Path(folder)) as nodes,
    ):
        pids = [node.pid for node in nodes]
        used: list[float] = []
        messages = watcher.collect(seconds, lambda: used.append(cpu_seconds(pids)))
        busy = 100 * (cpu_seconds(pids) - used[-1]) / seconds
        latencies = np.array([message.processing.latency_ms for message in messages])
        runs = recorded.runs_of(Path(folder))
        networks = networks_ms(messages, runs)
        memory = resident_mb(pids)
        time.sleep(5)
        before = cpu_seconds(pids)
        time.sleep(5)
        idle = 100 * (cpu_seconds(pids) - before) / 5
    first, last = messages[0].processing, messages[-1].processing
    received = last.frames_received - first.frames_received
    return {
        'layout': case.layout,
        'shown': Path(case.source).stem if case.is_clip else 'astronaut',
        'model': case.model,
        'search_rate': case.search_rate,
        'faces': statistics.fmean(len(message.faces) for message in messages),
        'frames': received,
        'rate_hz': len(messages) / seconds,
        'dropped_percent': 100 * (last.frames_dropped - first.frames_dropped) / max(1, received),
        'latency_ms': float(np.median(latencies)),
        'p95_ms': float(np.percentile(latencies, 95)),
        'networks_ms': float(np.median(networks)),
        'beyond_ms': float(np.median(latencies - networks)),
        'alone_ms': float('nan')
        if case.is_clip
        else alone_ms(frames_of(case.source)[0], case.search_rate),
        'detection_ms': statistics.median(m.processing.detection_ms for m in messages),
        'attributes_ms': statistics.median(m.processing.attributes_ms for m in messages),
        'memory_mb': memory,
        'cpu_percent': busy,
        'networks_percent': 100 * network_seconds(runs, seconds) / seconds,
        'idle_cpu_percent': idle,
    }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--seconds', type=float, default=10.0, help='of each measurement')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--clips', nargs='+', default=[], metavar='FILE')
    parser.add_argument('--models', nargs='+', default=['1'], help='of the clips')
    parser.add_argument('--publish', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from face_affect_ros.ros import process

    process.configure_process()
    if arguments.publish:
        publish(arguments.publish)
        return
    import rclpy

    rclpy.init()
    watcher = Watcher()
    clips = [
        Case('composed', clip, model=model)
        for clip in arguments.clips
        for model in arguments.models
    ]
    rows = [measure(case, arguments.seconds, watcher) for case in clips or CASES]
    print(json.dumps(rows, indent=1) if arguments.json else markdown_table(rows))


if __name__ == '__main__':
    main()
