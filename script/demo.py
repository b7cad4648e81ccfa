# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The real graph on a photograph, a video or a camera: what arrives, how fast, and a picture.

Three processes: a camera that publishes (demo_camera.py), the nodes (`face-affect run`), and this
one, which subscribes. While it runs, any ROS 2 tool can look on:
    ros2 topic echo /face_affect/attributes
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import demo_camera
import demo_report
from demo_report import Sample
from demo_signals import Interrupted
from demo_signals import Interruption

from face_affect_ros.registry import catalogue
from face_affect_ros.ros import process

NAMESPACE = '/face_affect'

START_S = 40.0
"""Longest time that the nodes get until the first result."""

PICTURE_S = 1.5
"""How long before the end the annotated picture is asked for: drawing costs time."""

STOP_S = 10.0
"""Longest time that a process gets to end."""

SHUTDOWN_S = 2.0
"""Longest time that the middleware gets to end in this process."""


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog='script/demo',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='Without --image, --video and --camera: the photograph of an astronaut from '
        'scikit-image, moved about.',
    )
    demo_camera.add_arguments(parser)
    parser.add_argument(
        '--model',
        default='1',
        choices=catalogue.model_names(),
        help='what finds and describes the faces (default: %(default)s)',
    )
    parser.add_argument(
        '--seconds',
        type=float,
        default=8.0,
        metavar='S',
        help='how long, from the first result on (default: %(default)g)',
    )
    parser.add_argument(
        '--out',
        type=Path,
        default=Path('face_affect_demo.jpg'),
        metavar='FILE',
        help='the annotated picture (default: %(default)s)',
    )
    arguments = parser.parse_args(argv)
    if not 1 <= arguments.seconds <= 86400:
        parser.error('--seconds must be in 1..86400')
    if arguments.out.suffix.lower() not in ('.jpg', '.jpeg', '.png'):
        parser.error('--out must end in .jpg, .jpeg or .png')
    return arguments


class Watcher:
    """Subscribes to what the nodes publish and keeps what came.

    :param node: an rclpy node.
    """

    def __init__(self, node: Any):
        from face_affect_ros.msg import FaceAttributesArray

        self._node = node
        self.samples: list[Sample] = []
        self.picture: Any = None
        self._picture_subscription: Any = None
        self._with_faces: set[tuple[int, int]] = set()
        node.create_subscription(
            FaceAttributesArray, f'{NAMESPACE}/attributes', self._take_attributes, 5
        )

    def ask_for_picture(self):
        """Subscribe to the annotated picture, if that was not done already."""
        if self._picture_subscription is None:
            from sensor_msgs.msg import Image

            self._picture_subscription = self._node.create_subscription(
                Image, f'{NAMESPACE}/annotated', self._take_picture, 5
            )

    def _take_attributes(self, message: Any):
        """Note a result."""
        self.samples.append(demo_report.sample_of(message, time.time_ns()))
        if message.faces:
            self._with_faces.add((message.header.stamp.sec, message.header.stamp.nanosec))

    def _take_picture(self, message: Any):
        """Keep the newest picture, one with faces rather than one without."""
        has_faces = (message.header.stamp.sec, message.header.stamp.nanosec) in self._with_faces
        if self.picture is None or has_faces:
            self.picture = message


@contextmanager
def running(name: str, command: list[str], **others: Any) -> Iterator[subprocess.Popen]:
    """Run a process in a session of its own, so that Ctrl-C reaches this one alone; end it.

    :raises DemoError: it ended badly or not at all, and nothing else went wrong before.
    """
    child = subprocess.Popen(command, start_new_session=True, **others)
    try:
        yield child
    except BaseException:
        stop(child)
        raise
    fault = stop(child)
    if fault:
        raise DemoError(f'{name} {fault}')


def stop(child: subprocess.Popen) -> str:
    """End a process; return how it ended badly, empty where it did not.

    SIGTERM ends a Python in silence that is still starting; SIGINT would give a traceback.
    """
    if child.poll() is None:
        child.terminate()
    try:
        code = child.wait(STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return f'did not end within {STOP_S:g} s'
    return f'ended with exit code {code}' if code else ''


def nodes_command(model: str) -> list[str]:
    """Return the installed executable, called for the demo's camera.

    :param model: its name.
    :raises DemoError: there is none.
    """
    found = shutil.which('face-affect', path=sysconfig.get_path('scripts')) or shutil.which(
        'face-affect'
    )
    if not found:
        raise DemoError('face-affect is not installed: script/demo installs it')
    return [sys.executable, found, 'run', '--model', model, '--image-topic', demo_camera.TOPIC]


def camera_command(arguments: argparse.Namespace) -> list[str]:
    """Return the command of the camera's process."""
    command = [sys.executable, str(Path(demo_camera.__file__).resolve())]
    for name in ('image', 'video', 'camera'):
        value = getattr(arguments, name)
        if value is not None:
            command += [f'--{name}', str(value)]
    return command


def run(arguments: argparse.Namespace, interruption: Interruption) -> int:
    """Join the graph, show everything and leave; return the exit code.

    :raises ImportError: there is no ROS 2.
    """
    process.configure_process()
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    print(
        f'starting camera and nodes (ROS_DOMAIN_ID {os.environ.get("ROS_DOMAIN_ID", "0")})',
        flush=True,
    )
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('face_affect_demo')
    code = 1
    try:
        code = show(node, arguments, interruption)
        return code
    finally:
        process.end_within(SHUTDOWN_S, code)
        node.destroy_node()
        rclpy.try_shutdown()


def show(node: Any, arguments: argparse.Namespace, interruption: Interruption) -> int:
    """Run the graph, then print the summary, or in one line why there is none."""
    try:
        watcher = Watcher(node)
        sent = watch(node, watcher, arguments, interruption)
        interruption.check()
        write_picture(watcher.picture, arguments.out)
    except DemoError as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        return interrupted.exit_code
    print(
        '\n'.join(
            ['', *demo_report.summary(watcher.samples, sent), f'picture    {arguments.out}']
        ),
        flush=True,
    )
    return 0


def watch(
    node: Any, watcher: Watcher, arguments: argparse.Namespace, interruption: Interruption
) -> int:
    """Run the nodes and the camera while results come; return how many frames were sent.

    :raises DemoError: something did not start, did not end well, or nothing arrived.
    """
    with running('the nodes', nodes_command(arguments.model)) as nodes:
        with running(
            'the camera', camera_command(arguments), stdout=subprocess.PIPE, text=True
        ) as camera:
            children = {'the nodes': nodes, 'the camera': camera}

            def spin():
                interruption.check()
                spin_once(node, children)

            follow(watcher, spin, arguments.seconds)
        return json.loads(camera.stdout.read().splitlines()[-1])['sent']


def follow(watcher: Watcher, spin: Callable[[], None], seconds: float):
    """Wait for the first result, then print a line a second until the time is over.

    :param spin: takes what has come; raises what ends the demo.
    :raises DemoError: nothing arrived.
    """
    begin = time.monotonic()
    while not watcher.samples:
        spin()
        if time.monotonic() - begin > START_S:
            raise DemoError(f'no result on {NAMESPACE}/attributes within {START_S:g} s')
    print(f'first result after {time.monotonic() - begin:.1f} s', flush=True)
    begin = time.monotonic()
    shown = 0
    while shown < int(seconds) or time.monotonic() - begin < seconds:
        spin()
        if time.monotonic() - begin > seconds - PICTURE_S:
            watcher.ask_for_picture()
        if time.monotonic() - begin >= shown + 1:
            shown += 1
            print(demo_report.live_line(shown, watcher.samples), flush=True)
    end = time.monotonic() + STOP_S
    while watcher.picture is None and time.monotonic() < end:
        spin()
    if watcher.picture is None:
        raise DemoError(f'no picture on {NAMESPACE}/annotated')


def spin_once(node: Any, children: dict[str, subprocess.Popen]):
    """Take what has come, and see that everybody is still there."""
    import rclpy

    rclpy.spin_once(node, timeout_sec=0.1)
    for name, child in children.items():
        if child.poll() is not None:
            raise DemoError(f'{name} ended early, with exit code {child.returncode}')


def write_picture(message: Any, path: Path):
    """Write the annotated picture."""
    import cv2

    from face_affect_ros.image_messages import convert

    good, data = cv2.imencode(path.suffix, convert.to_bgr(message))
    if not good:
        raise DemoError(f'{path} cannot be encoded')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise DemoError(f'{path} cannot be written: {error}') from error


def main(argv: list[str] | None = None) -> int:
    """Run the demo; return 0 only if faces' attributes really arrived."""
    interruption = Interruption()
    arguments = parse(argv)
    try:
        return run(arguments, interruption)
    except ImportError as error:
        print(f'demo: ROS 2 is not there ({error}): script/demo installs it', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
