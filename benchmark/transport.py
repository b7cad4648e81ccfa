# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Raw images over DDS: how many of a camera's 30 frames a second reach the nodes.

    .venv/bin/python benchmark/transport.py
    sudo .venv/bin/python benchmark/transport.py --rmem-max 212992 4194304 --shm-mb 64

A camera in a process of its own publishes random pixels; the real nodes run composed or apart.
`camera` and `nodes` say how each reaches the other: `default` is Fast DDS's own, `udp` this
package's profile, `shm` its shared memory profile; anything else is a value of
FASTDDS_BUILTIN_TRANSPORTS. `sent_hz` is what the camera got out, `received_hz` what came to the
node `camera`, `faces_hz` what went through `detection` (which looks for large faces only, so that
the networks are not what is measured). The kernel's limit of receive buffers is set for the
whole machine while that runs, and /dev/shm is one of its own.
"""

from __future__ import annotations

import argparse
import array
import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
from graph import NODES
from graph import running
from markdown_table import markdown_table

TOPIC = '/face_affect_transport/image'
RATE = 30.0
SIZES = {'vga': (640, 480), '1080p': (1920, 1080)}
LIMIT = Path('/proc/sys/net/core/rmem_max')
CONFIG = Path(sysconfig.get_path('data')) / 'share/face_affect_ros/config'
PROFILES = {'udp': 'fastdds_profile.xml', 'shm': 'fastdds_shared_memory.xml'}
START_S = 30.0
MEASURED = (
    ('default', 'udp'),
    ('udp', 'udp'),
    ('shm', 'udp'),
    ('shm', 'shm'),
    ('default', 'default'),
    ('LARGE_DATA', 'LARGE_DATA'),
)
"""Transports of camera and nodes."""


def publish(size: str, reliability: str):
    """Be the camera: publish until terminated; print the rate."""
    import rclpy
    from rclpy.qos import QoSProfile
    from rclpy.qos import QoSReliabilityPolicy
    from sensor_msgs.msg import Image

    rclpy.init()
    node = rclpy.create_node('benchmark_camera')
    publisher = node.create_publisher(
        Image, TOPIC, QoSProfile(depth=1, reliability=QoSReliabilityPolicy[reliability.upper()])
    )
    width, height = SIZES[size]
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    message = Image(height=height, width=width, encoding='bgr8', step=3 * width)
    message.data = array.array('B', noise.tobytes())
    stopped: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped and not publisher.get_subscription_count():
        time.sleep(0.05)
    sent, began = 0, time.monotonic()
    due = began
    while not stopped:
        message.header.stamp = node.get_clock().now().to_msg()
        publisher.publish(message)
        sent += 1
        due = max(due + 1 / RATE, time.monotonic() - 0.2)
        time.sleep(max(0.0, due - time.monotonic()))
    print(sent / (time.monotonic() - began), flush=True)
    node.destroy_node()
    rclpy.shutdown()


def environment(transport: str) -> dict[str, str]:
    """Return the environment of a process with a transport."""
    env = {name: value for name, value in os.environ.items() if not name.startswith('FAST')}
    if transport in PROFILES:
        return {**env, 'FASTDDS_DEFAULT_PROFILES_FILE': str(CONFIG / PROFILES[transport])}
    return {**env, 'FASTDDS_BUILTIN_TRANSPORTS': transport.upper()}


@contextmanager
def receive_limit(size: int | None) -> Iterator[int]:
    """Set the kernel's limit of receive buffers; give the one in force."""
    before = LIMIT.read_text()
    if size is not None:
        LIMIT.write_text(str(size))
    try:
        yield int(LIMIT.read_text())
    finally:
        if size is not None:
            LIMIT.write_text(before)


class Watcher:
    """Collects messages of `faces`."""

    def __init__(self):
        """Make the node."""
        import rclpy

        self.node = rclpy.create_node('benchmark_watcher')

    def rates(self, seconds: float) -> tuple[float, float]:
        """Return frames received and frames processed a second, from the first one on."""
        import rclpy

        from face_affect_ros.msg import FaceDetectionArray

        seen: list = []
        subscription = self.node.create_subscription(
            FaceDetectionArray, '/face_affect/faces', seen.append, 5
        )
        end = time.monotonic() + START_S
        warm = False
        while time.monotonic() < end:
            rclpy.spin_once(self.node, timeout_sec=0.1)
            if seen and not warm:  # what follows discovery is not the steady state
                warm, end = True, time.monotonic() + 1.0
        seen = seen[-1:]
        self.node.destroy_subscription(subscription)
        subscription = self.node.create_subscription(
            FaceDetectionArray, '/face_affect/faces', seen.append, 5
        )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rclpy.spin_once(self.node, timeout_sec=0.1)
        self.node.destroy_subscription(subscription)
        if len(seen) < 2:
            return 0.0, 0.0
        received = seen[-1].processing.frames_received - seen[0].processing.frames_received
        return received / seconds, (len(seen) - 1) / seconds


def measure(case: tuple, seconds: float, limit: int, watcher: Watcher) -> dict:
    """Measure one combination."""
    (camera, nodes), size, reliability, layout = case
    options = ['--image-topic', TOPIC]
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    with ExitStack() as stack:
        for arguments in NODES[layout]:
            alone = arguments[1] if len(arguments) > 1 else ''
            given = [
                *(options if alone in ('', 'camera') else ()),
                *(() if alone == 'camera' else ('--min-face-size', '400')),
            ]
            stack.enter_context(
                running(
                    [sys.executable, '-m', 'face_affect_ros.cli', *arguments, *given],
                    signal.SIGINT,
                    env=environment(nodes),
                    cwd='/',
                    **quiet,
                )
            )
        publisher = stack.enter_context(
            running(
                [sys.executable, __file__, '--publish', size, reliability],
                signal.SIGTERM,
                env=environment(camera),
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        received, processed = watcher.rates(seconds)
        publisher.terminate()
        sent = float(publisher.communicate(timeout=10)[0] or 'nan')
    return {
        'rmem_max_kb': limit / 1e3,
        'shm_mb': shared_memory_mb(),
        'camera': camera,
        'nodes': nodes,
        'layout': layout,
        'size': size,
        'qos': reliability,
        'sent_hz': sent,
        'received_hz': received,
        'faces_hz': processed,
    }


def shared_memory_mb() -> float:
    """Return the size of /dev/shm."""
    figures = os.statvfs('/dev/shm')
    return figures.f_blocks * figures.f_frsize / 2**20


def with_shared_memory(size_mb: int):
    """Run this script again with a /dev/shm of that size."""
    rest = [word for word in sys.argv[1:] if word not in ('--shm-mb', str(size_mb))]
    mount = f'mount -t tmpfs -o size={size_mb}m tmpfs /dev/shm && exec "$@"'
    script = [sys.executable, __file__, *rest]
    os.execvp('unshare', ['unshare', '-m', 'sh', '-c', mount, 'sh', *script])


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--seconds', type=float, default=6.0, help='of each measurement')
    parser.add_argument(
        '--rmem-max',
        type=int,
        nargs='+',
        default=[None],
        help='limits of receive buffers to go through, bytes (needs root)',
    )
    parser.add_argument('--shm-mb', type=int, help='size of /dev/shm (needs root)')
    parser.add_argument(
        '--transports',
        nargs='+',
        type=lambda text: tuple(text.split(',')),
        default=MEASURED,
        metavar='CAMERA,NODES',
    )
    parser.add_argument('--size', nargs='+', choices=SIZES, default=list(SIZES))
    parser.add_argument('--qos', nargs='+', default=['best_effort', 'reliable'])
    parser.add_argument('--layout', nargs='+', choices=NODES, default=list(NODES))
    parser.add_argument('--json', action='store_true')
    parser.add_argument('--publish', nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.publish:
        publish(*arguments.publish)
        return
    if arguments.shm_mb:
        with_shared_memory(arguments.shm_mb)
    import rclpy

    os.environ.update(environment('udp'))
    rclpy.init()
    watcher = Watcher()
    rows = []
    for size in arguments.rmem_max:
        with receive_limit(size) as limit:
            for case in product(
                arguments.transports, arguments.size, arguments.qos, arguments.layout
            ):
                rows.append(measure(case, arguments.seconds, limit, watcher))
                print(*rows[-1].values(), file=sys.stderr, flush=True)
    print(json.dumps(rows, indent=1) if arguments.json else markdown_table(rows))


if __name__ == '__main__':
    main()
