# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to the graph, one event after the other, chosen by a seeded generator.

Each event takes the nodes and the generator, and returns what it did in a few words. It may
leave nodes in any state that an operator can undo; ``undo`` does.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

from rclpy.serialization import serialize_message
from robot import astronaut
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.srv import ClassifyImage
from reliability import bombs
from reliability.nodes import NAMES
from reliability.nodes import NoAnswer
from reliability.nodes import Nodes

TRANSITIONS = ('configure', 'activate', 'deactivate', 'cleanup')
TO_ACTIVE = {'unconfigured': ('configure', 'activate'), 'inactive': ('activate',), 'active': ()}
WALK = 12
"""Steps of a lifecycle walk."""

LISTENER = """
import rclpy, sys
from face_affect_ros.msg import FaceAttributesArray
from rclpy.qos import QoSProfile
rclpy.init()
node = rclpy.create_node('listener')
node.create_subscription(FaceAttributesArray, sys.argv[1], lambda _: None, QoSProfile(depth=100))
rclpy.spin(node)
"""


def kill(nodes: Nodes, chance: random.Random) -> str:
    """Kill a process at any moment."""
    number = chance.randrange(len(nodes.processes))
    time.sleep(chance.uniform(0, 0.5))
    nodes.end(number, signal.SIGKILL)
    return f'process {number} killed'


def stop(nodes: Nodes, chance: random.Random) -> str:
    """End a process as launch does, once it is there; it must say that all is well."""
    number = chance.randrange(len(nodes.processes))
    how = chance.choice([signal.SIGINT, signal.SIGTERM])
    time.sleep(chance.uniform(0, 0.5))
    code = nodes.end(number, how)
    assert code == 0, f'{how.name}: exit code {code}'
    return f'process {number} ended by {how.name}'


def stop_while_it_starts(nodes: Nodes, chance: random.Random) -> str:
    """End a process twice, the second time in its first second."""
    number = chance.randrange(len(nodes.processes))
    nodes.end(number, signal.SIGKILL)
    time.sleep(chance.uniform(0.5, 1.5))
    code = nodes.end(number, signal.SIGTERM)
    # Before Python has taken over, a signal ends it as the system does.
    assert code in (0, -signal.SIGTERM, -signal.SIGKILL), f'exit code {code}'
    return f'process {number} ended by SIGTERM while it started'


def freeze(nodes: Nodes, chance: random.Random) -> str:
    """Have a process stand still for a while."""
    number, seconds = chance.randrange(len(nodes.processes)), chance.uniform(0.5, 8)
    nodes.freeze(number, seconds)
    return f'process {number} frozen for {seconds:.1f} s'


def frozen_listener(nodes: Nodes, chance: random.Random) -> str:
    """Have a subscriber stand still, and die; the nodes go on meanwhile."""
    words = [sys.executable, '-c', LISTENER, f'{nodes.namespace}/attributes']
    listener = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        time.sleep(3)
        listener.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(1, 5))
        nodes.wait_until_well()
    finally:
        listener.kill()
        listener.wait()
    return 'a subscriber frozen, then killed'


def walk(nodes: Nodes, chance: random.Random) -> str:
    """Ask nodes for transitions at random, also for such as there are not."""
    steps = []
    for _ in range(WALK):
        name, label = chance.choice(NAMES), chance.choice(TRANSITIONS)
        try:
            went = nodes.robot.change(name, label)
        except NoAnswer as error:
            raise AssertionError(f'{name} did not answer to {label}') from error
        steps.append(f'{name[0]}{"+" if went else "-"}{label[:4]}')
    return ' '.join(steps)


def shut_down(nodes: Nodes, chance: random.Random) -> str:
    """Finalize a node by its lifecycle; only its process ends that."""
    name = chance.choice(NAMES)
    before = nodes.robot.state(name)
    assert nodes.robot.change(name, 'shutdown'), f'{name} is {before} and cannot be shut down'
    number = NAMES.index(name) if len(nodes.processes) > 1 else 0
    code = nodes.end(number, signal.SIGINT)
    assert code == 0, f'exit code {code}'
    return f'{name} shut down'


def camera_restarts(nodes: Nodes, chance: random.Random) -> str:
    """Have the camera's publisher go and another come, perhaps of another kind."""
    robot = nodes.robot
    nodes.show(False)
    robot.node.destroy_publisher(robot.camera)
    time.sleep(chance.uniform(0, 3))
    reliability = chance.choice(['reliable', 'best_effort'])
    robot.camera = robot.publisher(Image, robot.topic, reliability)
    nodes.show(True)
    return f'the camera back, {reliability}'


def many_callers(nodes: Nodes, chance: random.Random) -> str:
    """Let fifty ask at once, some with pictures; each is answered."""
    requests = []
    for _ in range(50):
        request = ClassifyImage.Request()
        request.timeout.sec = 10
        if chance.random() < 0.2:
            request.image = bombs.raw(astronaut())
        requests.append(request)
    futures = nodes.robot.ask(requests)
    end = time.monotonic() + 40
    while time.monotonic() < end and not all(future.done() for future in futures):
        time.sleep(0.05)
    missing = sum(not future.done() for future in futures)
    assert not missing, f'{missing} of 50 callers without an answer'
    return '50 callers'


def bomb(nodes: Nodes, chance: random.Random) -> str:
    """Send a picture that takes too much."""
    name = chance.choice(list(bombs.BOMBS))
    answer = nodes.robot.classify(compressed=CompressedImage(data=bombs.BOMBS[name]()))
    return f'{name}: {answer.error_code}'


def garbage(nodes: Nodes, chance: random.Random) -> str:
    """Publish bytes that are no messages on the private topics, and frames that are none."""
    robot = nodes.robot
    publishers = [
        (robot.node.create_publisher(kind, f'{nodes.namespace}/{topic}', 1), kind)
        for topic, kind in (('frames', CameraFrame), ('face_crops', FaceDetectionArray))
    ]
    time.sleep(1)
    for _ in range(20):
        for publisher, kind in publishers:
            publisher.publish(_damaged(serialize_message(kind()), chance))
        robot.camera.publish(_damaged(serialize_message(bombs.raw(astronaut(64, 48))), chance))
        time.sleep(0.02)
    for publisher, _ in publishers:
        robot.node.destroy_publisher(publisher)
    return '60 damaged messages'


def undo(nodes: Nodes) -> None:
    """Bring all nodes that answer back to active, as an operator would, downstream first."""
    for name in reversed(NAMES):
        try:
            for label in TO_ACTIVE.get(nodes.robot.state(name), ()):
                nodes.robot.change(name, label)
        except NoAnswer:
            continue


EVENTS: tuple[Callable[[Nodes, random.Random], str], ...] = (
    kill,
    stop,
    stop_while_it_starts,
    freeze,
    frozen_listener,
    walk,
    shut_down,
    camera_restarts,
    many_callers,
    bomb,
    garbage,
)


def _damaged(message: bytes, chance: random.Random) -> bytes:
    """Return a serialised message with a few other bytes, perhaps cut off."""
    damaged = bytearray(message)
    for _ in range(chance.randrange(1, 6)):
        damaged[chance.randrange(4, min(len(damaged), 200))] = chance.randrange(256)
    return bytes(damaged[: chance.choice([len(damaged), chance.randrange(4, len(damaged))])])
