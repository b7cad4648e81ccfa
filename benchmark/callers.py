# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fifty callers of `classify_image` at once, for the newest result of a 30 Hz stream.

    .venv/bin/python benchmark/callers.py [--callers 50] [--depth 100]

A camera shows one 640x480 picture at 30 Hz, the nodes run composed, and processes of callers ask
and measure, all on the same cores. In each round all callers ask at the same moment; milliseconds
go from there to the answer as the client's node sees it. `one client`: they share a client with
many requests open; `own clients`: each has a client, as nodes of their own do, in one process or
spread over several. `unanswered` counts what did not come within ten seconds, `failed` answers
without success. `callers_cpu_ms` and `nodes_cpu_ms` are the processor time of all processes of
callers, and of the nodes, from one round to the next.
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
from graph import cpu_seconds
from markdown_table import markdown_table

TOPIC = '/face_affect_benchmark/image'
START_S = 60.0
PATIENCE_S = 10.0
LEAD_S = 1.0
"""Seconds from the moment when all processes of callers are ready to the first round."""

LAYOUTS = {'one client': 1, 'own clients': 1, 'own clients in 5 processes': 5}
"""Processes of callers."""


@contextmanager
def stream(folder: Path) -> Iterator[int]:
    """Run the camera and the nodes; give the id of the nodes' process."""
    import cv2

    picture = folder / 'picture.png'
    cv2.imwrite(str(picture), astronaut(1))
    camera = ['-m', 'face_affect_ros.testing.fake_camera', str(picture), '--topic', TOPIC]
    nodes = ['-m', 'face_affect_ros.cli', 'run', '--image-topic', TOPIC]
    processes = [
        subprocess.Popen([sys.executable, *words], cwd=folder) for words in (camera, nodes)
    ]
    try:
        yield processes[1].pid
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


def ask(arguments: argparse.Namespace) -> None:
    """Be a process of callers: ask in rounds that begin when stdin says; print what came."""
    import rclpy

    rclpy.init()
    callers = Callers(arguments.callers, arguments.clients, arguments.depth)
    callers.wait_for_stream()
    print('ready', flush=True)
    due = float(sys.stdin.readline())
    times: list[float] = []
    failed = unanswered = 0
    busy = 0.0
    for _ in range(arguments.rounds):
        time.sleep(max(0, due - time.monotonic()))
        before = time.process_time()
        took, answers = callers.round()
        times += took
        unanswered += arguments.callers - len(answers)
        failed += sum(not answer.success for answer in answers)
        due = max(due + arguments.period, time.monotonic())
        busy += time.process_time() - before
    callers.close()
    print(json.dumps([times, unanswered, failed, busy]), flush=True)


def measure(layout: str, arguments: argparse.Namespace, nodes: int) -> dict:
    """Return the figures of one layout.

    :param nodes: id of the nodes' process.
    """
    processes = LAYOUTS[layout]
    number = arguments.callers // processes
    words = ['--be-callers', '--callers', number, '--depth', arguments.depth]
    words += ['--rounds', arguments.rounds, '--period', arguments.period]
    words += ['--clients', 1 if layout == 'one client' else number]
    children = [
        subprocess.Popen(
            [sys.executable, __file__, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for child in children:
        if child.stdout.readline() != 'ready\n':
            raise SystemExit('the callers did not get ready')
    before = cpu_seconds([nodes])
    begin = time.monotonic() + LEAD_S
    results = [json.loads(child.communicate(f'{begin}\n')[0]) for child in children]
    nodes_s = cpu_seconds([nodes]) - before
    times = [took for result in results for took in result[0]]
    return {
        'callers': f'{number * processes}, {layout}',
        'depth': arguments.depth,
        'calls': number * processes * arguments.rounds,
        'unanswered': sum(result[1] for result in results),
        'failed': sum(result[2] for result in results),
        'p50_ms': float(np.percentile(times, 50)),
        'p99_ms': float(np.percentile(times, 99)),
        'max_ms': max(times),
        'callers_cpu_ms': 1e3 * sum(result[3] for result in results) / arguments.rounds,
        'nodes_cpu_ms': 1e3 * nodes_s / arguments.rounds,
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
    parser.add_argument('--be-callers', action='store_true', help=argparse.SUPPRESS)
    parser.add_argument('--clients', type=int, default=1, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from face_affect_ros.ros import process

    process.configure_process()
    if arguments.be_callers:
        ask(arguments)
        return
    with tempfile.TemporaryDirectory() as folder, stream(Path(folder)) as nodes:
        rows = [measure(layout, arguments, nodes) for layout in LAYOUTS]
    print(json.dumps(rows, indent=1) if arguments.json else markdown_table(rows))


if __name__ == '__main__':
    main()
