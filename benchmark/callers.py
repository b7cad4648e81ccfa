# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fifty callers of `classify_image` at once, for the newest result of a 30 Hz stream.

    .venv/bin/python benchmark/callers.py [--callers 50] [--depth 100]

Three processes: a camera that shows one 640x480 picture at 30 Hz, the nodes composed, and this
one, which asks and measures, all on the same cores. In each round all callers ask at the same
moment; milliseconds go from there to the answer as the client's node sees it. `one client`: they
share a client with many requests open; `own clients`: each has a client, as nodes of their own
do. `unanswered` counts what did not come within ten seconds, `failed` answers without success.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from graph import astronaut
from markdown_table import markdown_table

TOPIC = '/face_affect_benchmark/image'
START_S = 60.0
PATIENCE_S = 10.0


@contextmanager
def stream(folder: Path) -> Iterator[None]:
    """Run the camera and the nodes."""
    import cv2

    picture = folder / 'picture.png'
    cv2.imwrite(str(picture), astronaut(1))
    camera = ['-m', 'face_affect_ros.testing.fake_camera', str(picture), '--topic', TOPIC]
    nodes = ['-m', 'face_affect_ros.cli', 'run', '--image-topic', TOPIC]
    processes = [
        subprocess.Popen([sys.executable, *words], cwd=folder) for words in (camera, nodes)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


class Callers:
    """Clients of the service in one node.

    :param number: of the callers.
    :param clients: of the clients that they share.
    :param depth: of the queue of each client.
    """

    def __init__(self, number: int, clients: int, depth: int):
        """Create the clients, and spin."""
        import rclpy
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.qos import QoSProfile

        from face_affect_ros.srv import ClassifyImage

        self.node = rclpy.create_node('benchmark_callers')
        self._number = number
        self._request = ClassifyImage.Request()
        self._request.timeout.sec = int(PATIENCE_S) - 1
        self._clients = [
            self.node.create_client(
                ClassifyImage,
                '/face_affect/classify_image',
                qos_profile=QoSProfile(depth=depth),
            )
            for _ in range(clients)
        ]
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def wait_for_stream(self):
        """Wait until the newest result is answered."""
        end = time.monotonic() + START_S
        for client in self._clients:
            if not client.wait_for_service(max(0, end - time.monotonic())):
                raise SystemExit('no service classify_image: is the package installed?')
        while time.monotonic() < end:
            _, answers = self.round(1)
            if answers and answers[0].success:
                return
        raise SystemExit('no frame was described: is the package installed with its messages?')

    def round(self, number: int = 0) -> tuple[list[float], list]:
        """Let callers ask at once; return the milliseconds and the answers that came."""
        number = number or self._number
        done = threading.Semaphore(0)
        ends: list[tuple[float, object]] = []

        def answered(future):
            ends.append((time.perf_counter(), future.result()))
            done.release()

        begin = time.perf_counter()
        for place in range(number):
            client = self._clients[place % len(self._clients)]
            client.call_async(self._request).add_done_callback(answered)
        end = time.monotonic() + PATIENCE_S
        for _ in range(number):
            if not done.acquire(timeout=max(0, end - time.monotonic())):
                break
        came = list(ends)
        return [1e3 * (at - begin) for at, _ in came], [answer for _, answer in came]

    def close(self):
        """Stop."""
        self._executor.shutdown()
        self._thread.join(5)
        self.node.destroy_node()


def measure(layout: str, arguments: argparse.Namespace) -> dict:
    """Return the figures of one layout."""
    number = arguments.callers
    callers = Callers(number, 1 if layout == 'one client' else number, arguments.depth)
    callers.wait_for_stream()
    times: list[float] = []
    failed = unanswered = 0
    for _ in range(arguments.rounds):
        begin = time.monotonic()
        took, answers = callers.round()
        times += took
        unanswered += number - len(answers)
        failed += sum(not answer.success for answer in answers)
        time.sleep(max(0, arguments.period - (time.monotonic() - begin)))
    callers.close()
    return {
        'callers': f'{number}, {layout}',
        'depth': arguments.depth,
        'calls': number * arguments.rounds,
        'unanswered': unanswered,
        'failed': failed,
        'p50_ms': float(np.percentile(times, 50)),
        'p99_ms': float(np.percentile(times, 99)),
        'max_ms': max(times),
    }


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--callers', type=int, default=50, metavar='N', help='default: 50')
    parser.add_argument('--depth', type=int, default=100, help="of a client's queue; default: 100")
    parser.add_argument('--rounds', type=int, default=40, metavar='N', help='default: 40')
    parser.add_argument(
        '--period', type=float, default=0.5, metavar='S', help='between rounds; default: 0.5'
    )
    parser.add_argument('--json', action='store_true')
    arguments = parser.parse_args()
    import rclpy

    from face_affect_ros.ros import process

    process.configure_process()
    rclpy.init()
    with tempfile.TemporaryDirectory() as folder, stream(Path(folder)):
        rows = [measure(layout, arguments) for layout in ('one client', 'own clients')]
    print(json.dumps(rows, indent=1) if arguments.json else markdown_table(rows))


if __name__ == '__main__':
    main()
