# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of the running graph with all networks: on clips, and after a picture of 24 megapixels.

    .venv/bin/python benchmark/memory.py CLIP...     # --seconds 300 --model 2

The nodes run composed, with all that they can tell; a camera publishes each clip again and again
at 30 Hz in 640x480. Resident memory in MB of the nodes' process and of those that it starts:
`most_mb` at any time, `last_mb` at the end. Then a picture of 24 megapixels is sent as JPEG and
as PNG (`max_pixels` allows it): `picture_mb` the most meanwhile, `later_mb` ten seconds after.
Without a clip the camera shows scikit-image's astronaut.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph import astronaut
from graph import frames_of
from graph import running
from markdown_table import markdown_table

TOPIC = '/face_affect_memory/image'
RATE = 30.0
LARGE = (6000, 4000)
SETTLE_S = 10.0


def publish(clip: str) -> None:
    """Be the camera: publish until terminated."""
    import rclpy
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image
    from std_msgs.msg import Header

    from face_affect_ros.image_messages import convert

    rclpy.init()
    node = rclpy.create_node('memory_camera')
    publisher = node.create_publisher(Image, TOPIC, qos_profile_sensor_data)
    messages = [convert.to_image_message(frame, Header()) for frame in frames_of(clip or '1')]
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    number, due = 0, time.monotonic()
    while not stopped:
        message = messages[number % len(messages)]
        message.header.stamp = node.get_clock().now().to_msg()
        publisher.publish(message)
        number, due = number + 1, max(due + 1 / RATE, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


class Meter:
    """Samples the resident memory of a process and its children.

    :param pid: of the process.
    """

    def __init__(self, pid: int) -> None:
        """Start to sample."""
        self.most = self.now = 0.0
        self._pid = pid
        threading.Thread(target=self._sample, daemon=True).start()

    def reset(self) -> None:
        """Begin the most anew."""
        self.most = 0.0

    def _sample(self) -> None:
        while True:
            self.now = sum(map(_resident_mb, (self._pid, *_children(self._pid))))
            self.most = max(self.most, self.now)
            time.sleep(0.05)


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f'/proc/{pid}/statm').read_text().split()[1])
    except (OSError, IndexError):  # it has ended
        return 0.0
    return pages * os.sysconf('SC_PAGE_SIZE') / 1e6


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child)
            for task in Path(f'/proc/{pid}/task').iterdir()
            for child in (task / 'children').read_text().split()
        ]
    except OSError:
        return []


@contextmanager
def watched() -> Iterator[dict]:
    """Subscribe to `attributes`; give the number of messages and the most faces of one."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    from face_affect_ros.msg import FaceAttributesArray

    node = rclpy.create_node('memory_watcher')
    seen = {'frames': 0, 'faces': 0}

    def count(message: FaceAttributesArray) -> None:
        seen['frames'] += 1
        seen['faces'] = max(seen['faces'], len(message.faces))

    node.create_subscription(FaceAttributesArray, '/face_affect/attributes', count, 5)
    stop = threading.Event()
    executor = SingleThreadedExecutor()
    executor.add_node(node)

    def spin() -> None:
        while not stop.is_set():
            executor.spin_once(timeout_sec=0.1)

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        node.destroy_node()


def send_large(suffix: str) -> str:
    """Send the astronaut enlarged to 24 megapixels; return what came of it."""
    import cv2
    import rclpy
    from builtin_interfaces.msg import Duration
    from rclpy.executors import SingleThreadedExecutor
    from sensor_msgs.msg import CompressedImage

    from face_affect_ros.srv import ClassifyImage

    picture = cv2.resize(astronaut(1), LARGE)
    request = ClassifyImage.Request(
        timeout=Duration(sec=60),
        compressed=CompressedImage(data=cv2.imencode(suffix, picture)[1].tobytes()),
    )
    node = rclpy.create_node('memory_client')
    client = node.create_client(ClassifyImage, '/face_affect/classify_image')
    client.wait_for_service(10)
    future = client.call_async(request)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    executor.spin_until_future_complete(future, timeout_sec=70)
    node.destroy_node()
    answer = future.result()
    if answer is None:
        return 'no answer'
    return f'{len(answer.result.faces)} faces' if answer.success else answer.message


def measure(clip: str, model: str, seconds: float) -> dict:
    """Measure one clip."""
    nodes = [
        str(Path(sys.executable).with_name('face-affect')),
        'run',
        '--image-topic',
        TOPIC,
        '--model',
        model,
        '--max-pixels',
        str(LARGE[0] * LARGE[1]),
    ]
    camera = [sys.executable, __file__, '--publish', clip]
    with (
        running(nodes, signal.SIGINT) as process,
        running(camera, signal.SIGTERM, stdout=subprocess.DEVNULL),
        watched() as seen,
    ):
        while not seen['frames']:
            if process.poll() is not None:
                raise SystemExit(f'face-affect ended with {process.returncode}')
            time.sleep(0.1)
        meter = Meter(process.pid)
        time.sleep(seconds)
        row = {
            'clip': Path(clip).stem or 'astronaut',
            'model': model,
            'faces': seen['faces'],
            'rate_hz': seen['frames'] / seconds,
            'most_mb': meter.most,
            'last_mb': meter.now,
        }
        for suffix in ('.jpg', '.png'):
            meter.reset()
            row[f'picture{suffix}'] = send_large(suffix)
            row[f'picture_mb{suffix}'] = meter.most
            time.sleep(SETTLE_S)
            row[f'later_mb{suffix}'] = meter.now
    return row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('clips', nargs='*', default=[''], help='video files')
    parser.add_argument('--seconds', type=float, default=60.0, help='of each clip')
    parser.add_argument('--model', default='1')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--publish', help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from face_affect_ros.ros import process

    process.configure_process()
    if arguments.publish is not None:
        publish(arguments.publish)
        return
    import rclpy

    rclpy.init()
    rows = [measure(clip, arguments.model, arguments.seconds) for clip in arguments.clips]
    print(json.dumps(rows, indent=1) if arguments.json else markdown_table(rows))


if __name__ == '__main__':
    main()
