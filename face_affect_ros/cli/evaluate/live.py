# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag played into a graph, one that runs or one that is started for it, and what it answers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import CommandError
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

if TYPE_CHECKING:
    from rclpy.node import Node

    from face_affect_ros.evaluation.bags.bag import Bag
    from face_affect_ros.evaluation.bags.live import LiveRecording
    from face_affect_ros.ros.stored_publishers import StoredPublishers
    from face_affect_ros.ros.topic_recorder import TopicRecorder

DISCOVERY_S = 4.0
"""Seconds after which a graph that is not seen is not there."""

START_S = 90.0
"""Seconds that a graph may take to load its networks and to subscribe."""

SILENCE_S = 3.0
"""Seconds without an answer after which no more are expected."""

END_S = 10.0
"""Seconds that a graph may take to end."""

POLL_S = 0.02
_MOST = 200
"""Most characters of what a graph printed."""

COMPRESSED = '/compressed'


@dataclass(frozen=True)
class LiveOptions:
    """How a bag is played.

    :param namespace: where a running graph is looked for.
    :param rate: seconds of the recording a second.
    :param graph_options: options of ``face-affect run`` for a graph of our own.
    """

    namespace: str
    rate: float
    graph_options: Sequence[str]


def replay_live(path: Path, topic: str | None, options: LiveOptions) -> LiveRecording:
    """Play a bag's pictures into a graph and record what it answers.

    :param topic: of the pictures; None: the only one.
    :raises BagError: the bag cannot be read, or has no such topic.
    :raises CommandError: there is no ROS, or the graph does not start.
    """
    from face_affect_ros.ros import process

    process.configure_process()
    try:
        import rclpy

        from face_affect_ros import msg  # noqa: F401
    except ImportError as error:
        raise CommandError(f'--live needs ROS 2 and our messages ({error})') from error
    from face_affect_ros.evaluation.bags.bag import Bag
    from face_affect_ros.evaluation.bags.frames import image_topic

    context = rclpy.Context()
    rclpy.init(args=[], context=context)
    node = rclpy.create_node('face_affect_evaluation', context=context)
    try:
        with Bag(path) as bag:
            return _replay(node, bag, image_topic(bag, topic), options)
    finally:
        node.destroy_node()
        rclpy.try_shutdown(context=context)


def _replay(node: Node, bag: Bag, topic: str, options: LiveOptions) -> LiveRecording:
    """Find or start a graph, play, and wait for the last answer."""
    from face_affect_ros.evaluation.bags.live import LiveRecording
    from face_affect_ros.msg import FaceAttributesArray
    from face_affect_ros.msg import FaceDetectionArray
    from face_affect_ros.ros.stored_publishers import StoredPublishers
    from face_affect_ros.ros.topic_recorder import TopicRecorder

    is_own = not _waited(
        lambda: node.count_publishers(f'{options.namespace}/attributes') > 0, DISCOVERY_S
    )
    namespace = f'/face_affect_evaluation_{os.getpid()}' if is_own else options.namespace
    kind = bag.topics[topic].type
    target = topic
    if is_own:
        ending = COMPRESSED if kind.endswith('CompressedImage') else ''
        target = f'{namespace}/camera{ending}'
    recorder = TopicRecorder(
        node,
        {
            f'{namespace}/faces': FaceDetectionArray,
            f'{namespace}/attributes': FaceAttributesArray,
        },
    )
    publishers = StoredPublishers(node)
    publishers.add(target, kind, is_own or bag.topics[topic].is_reliable, is_latched=False)
    with _graph(namespace, target, options) if is_own else contextlib.nullcontext() as graph:
        recorder.start()
        _wait_for_subscriber(publishers, target, namespace, graph)
        player = _play(bag, topic, target, options.rate, publishers)
        publishers.drain()
        _wait_for_answers(recorder, f'{namespace}/attributes', player.messages)
        recorder.stop()
    return LiveRecording(
        namespace,
        is_own,
        options.rate,
        player.messages,
        player.most_behind_s,
        recorder.heard[f'{namespace}/faces'],
        recorder.heard[f'{namespace}/attributes'],
    )


def _play(bag: Bag, topic: str, target: str, rate: float, publishers: StoredPublishers) -> Any:
    """Play with a progress bar on a terminal; return what was played."""
    from tqdm import tqdm

    from face_affect_ros.evaluation.bags.player import Pace
    from face_affect_ros.evaluation.bags.player import Player

    player = Player(
        bag, (topic,), Pace(rate), lambda message: publishers.publish(target, message.data)
    )
    count = bag.topics[topic].count
    for _ in tqdm(player, total=count, unit='frame', disable=None, leave=False):
        pass
    return player.played


@dataclass(frozen=True)
class _Graph:
    """All nodes in a process of their own.

    :param log: what it prints; a pipe that nobody reads would hold it up.
    """

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def told(self) -> str:
        """Return the first error that it logged, else its last line."""
        self.log.seek(0)
        lines = self.log.read().decode(errors='replace').splitlines() or ['it printed nothing']
        errors = [line for line in lines if 'error' in line.lower()]
        return shortened((errors or lines[-1:])[0], _MOST)


@contextlib.contextmanager
def _graph(namespace: str, target: str, options: LiveOptions) -> Iterator[_Graph]:
    """Run all nodes while the context lasts."""
    is_compressed = target.endswith(COMPRESSED)
    command = [
        *(sys.executable, '-m', 'face_affect_ros.cli', 'run'),
        *('--image-topic', target.removesuffix(COMPRESSED) if is_compressed else target),
        *('--image-transport', 'compressed' if is_compressed else 'raw'),
        *('--deterministic-ids', '--no-annotate'),
        *options.graph_options,
        *('--ros-args', '-r', f'__ns:={namespace}'),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env={**os.environ, 'PYTHONSAFEPATH': '1'},  # the installed package, in a checkout too
        )
        try:
            yield _Graph(process, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_subscriber(
    publishers: StoredPublishers,
    target: str,
    namespace: str,
    graph: _Graph | None,
) -> None:
    """Wait until the graph takes the pictures.

    :raises CommandError: it does not.
    """

    def is_decided() -> bool:
        return publishers.subscribers(target) > 0 or (graph is not None and graph.has_ended())

    if not _waited(is_decided, START_S):
        raise CommandError(
            f'the graph in {namespace} does not subscribe to {quoted(target)}: is it active, and '
            'is its image_topic this one?'
        )
    if graph is not None and graph.has_ended():
        raise CommandError(f'the graph ended while it started: {graph.told()}')


def _wait_for_answers(recorder: TopicRecorder, topic: str, published: int) -> None:
    """Wait until all frames are answered, or no answer has come for a while."""
    heard = recorder.heard[topic]
    last, count = time.monotonic(), len(heard)
    while len(heard) < published and time.monotonic() - last < SILENCE_S:
        time.sleep(POLL_S)
        if len(heard) > count:
            last, count = time.monotonic(), len(heard)


def _waited(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; return whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True
