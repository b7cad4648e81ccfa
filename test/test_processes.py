# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes as users start them: real processes, composed and apart, and how they end."""

import contextlib
import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

import robot as robot_module
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSReliabilityPolicy
from robot import LONG_S
from robot import Robot
from robot import astronaut
from robot import wait_until
from robot import wall
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.ros import messages

pytestmark = [pytest.mark.ros, pytest.mark.slow]

NODES = ('camera', 'detection', 'attributes')

STOP_S = 10.0
"""Longest time from a signal to the end of a process."""


def executable(name):
    """Return the command of an installed executable."""
    prefixes = [sysconfig.get_path('data'), *os.environ.get('AMENT_PREFIX_PATH', '').split(':')]
    found = [
        path
        for path in (Path(prefix, 'lib/face_affect_ros', name) for prefix in prefixes)
        if path.is_file()
    ]
    assert found, f'no executable {name} below {prefixes}'
    return [sys.executable, str(found[0])]


COMPOSED = [(*executable('face-affect'), 'run')]
APART = [tuple(executable(name)) for name in NODES]


class Processes:
    """The nodes in processes of their own, and a robot.

    :param commands: what to start; ROS arguments follow.
    """

    def __init__(self, commands, namespace, **parameters):
        """Start all."""
        robot_module.join()
        words = ['--ros-args', '-r', f'__ns:={namespace}', '-p', f'image_topic:={namespace}/cam']
        for name, value in parameters.items():
            words += ['-p', f'{name}:={value}']
        self.robot = Robot(namespace, 'reliable')
        self._status, _ = self.robot.listen('/diagnostics', DiagnosticArray)
        self.processes = [
            subprocess.Popen([*command, *words], stderr=subprocess.PIPE, text=True)
            for command in commands
        ]

    def wait_active(self, names=NODES):
        """Wait until the nodes say that they are active."""
        wanted = {f'{self.robot.namespace}/{name}' for name in names}
        wait_until(
            lambda: (
                wanted
                <= {
                    status.name
                    for message in list(self._status)
                    for status in message.status
                    if 'active' in [value.value for value in status.values]
                }
            ),
            2 * LONG_S,
        )

    def stop(self, number=signal.SIGINT):
        """Send a signal to all; return their exit codes."""
        for process in self.processes:
            process.send_signal(number)
        return [process.wait(STOP_S) for process in self.processes]

    def close(self):
        """End what still runs."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.communicate()
        self.robot.close()


@pytest.fixture
def launch(request):
    """Return a function that starts processes; they are gone at the end."""
    started = []

    def start(commands, **parameters):
        name = ''.join(filter(str.isalnum, request.node.name))
        started.append(Processes(commands, f'/{name}{len(started)}', **parameters))
        return started[-1]

    yield start
    for processes in started:
        processes.close()


def is_heard_reliably(robot):
    """Return whether nothing that the camera shows can get lost on its way.

    A node that had not heard of the camera when it subscribed does so anew.
    """
    heard = robot.node.get_subscriptions_info_by_topic(robot.topic)
    return heard and all(
        info.qos_profile.reliability == QoSReliabilityPolicy.RELIABLE for info in heard
    )


def results_of_a_sequence(processes):
    """Show a sequence of pictures, each once and each waited for; return faces by stamp.

    What is known of a face depends on all pictures before, so none may be lost.
    """
    robot = processes.robot
    attributes = robot.attributes()
    processes.wait_active()
    robot.show_until(lambda: attributes and is_heard_reliably(robot), wall())
    attributes.clear()
    robot.show_until(lambda: attributes, wall())
    picture = astronaut()
    moved = [picture[:, left : left + 400] for left in range(0, 100, 12)]
    shown = [
        picture,
        wall(),
        picture[20:, :-40],
        picture[::-1].copy(),
        picture[:, ::-1].copy(),
        *moved,
        np.hstack([picture, picture[:, ::-1]]),
        *reversed(moved),
    ]
    results = {}
    for number, one in enumerate(shown, 1):
        stamp = 10**12 + number * 4 * 10**8
        robot.show(one, stamp)
        message = wait_until(
            lambda stamp=stamp: next(
                (one for one in attributes if messages.stamp_ns_of(one.header) == stamp), None
            )
        )
        results[number] = message.image_width, str(list(message.faces))
    return results


@pytest.mark.parametrize(
    'settings', [{'trait_rate': 0.0}, {'trait_rate': 1.0, 'trait_budget_ms': 0.0}], ids=str
)
def test_composed_and_apart_give_the_same(launch, settings):
    """The same frames, the same faces, bit for bit, in one process and over topics in three."""
    settings = {'deterministic_ids': 'true', **settings}
    composed = results_of_a_sequence(launch(COMPOSED, **settings))
    apart = results_of_a_sequence(launch(APART, **settings))
    assert apart == composed
    described = [faces for _, faces in composed.values() if 'FaceAttributes' in faces]
    assert len(described) >= 20
    assert len(set(described)) == len(described)


def test_annotated_apart(launch):
    """In a process of its own, attributes takes the frames themselves while it is watched."""
    processes = launch(APART)
    robot = processes.robot
    processes.wait_active()
    topic = f'{robot.namespace}/frames'
    assert robot.node.count_subscribers(topic) == 0
    pictures, subscription = robot.listen('annotated', Image)
    robot.show_until(lambda: pictures)
    assert (convert.to_bgr(pictures[-1]) != astronaut()).any()
    robot.node.destroy_subscription(subscription)
    wait_until(lambda: robot.node.count_subscribers(topic) == 0)
    assert processes.stop() == [0, 0, 0]


def test_request_wakes_processes_apart(launch):
    """All three idle: a request reaches through to the camera in time."""
    processes = launch(APART)
    robot = processes.robot
    processes.wait_active()
    assert robot.node.count_subscribers(robot.topic) == 0
    timer = robot.node.create_timer(1 / 30, robot.show)
    answer = wait_until(lambda: (lambda got: got.success and got)(robot.classify()))
    assert len(answer.result.faces) == 1
    robot.node.destroy_timer(timer)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('names', [NODES, *((name,) for name in NODES)], ids='-'.join)
def test_signals_end_with_exit_code_0(launch, names, number):
    """While pictures come and somebody listens, as on a robot that is shut down."""
    composed = names == NODES
    processes = launch(COMPOSED if composed else [tuple(executable(name)) for name in names])
    attributes = processes.robot.attributes()
    processes.wait_active(names)
    if composed:
        processes.robot.show_until(lambda: attributes)
    assert processes.stop(number) == [0]
    assert 'Traceback' not in processes.processes[0].stderr.read()


@pytest.mark.parametrize(
    ('parameters', 'words'),
    [
        ({'model': 9}, "parameter model is '9': must be one of 1"),
        ({'min_face_size': 5}, 'min_face_size'),
        ({'image_transport': 'theora'}, 'image_transport'),
    ],
)
def test_failed_autostart_exits_1(launch, parameters, words):
    """With the reason on stderr."""
    (process,) = launch(COMPOSED, **parameters).processes
    _, errors = process.communicate(timeout=2 * LONG_S)
    assert process.returncode == 1
    assert words in errors
    assert 'Traceback' not in errors


def test_altered_weights_are_named(launch, tmp_path):
    """The file and the remedy."""
    (tmp_path / 'mtcnn_rnet.onnx').write_bytes(b'something else')
    (process,) = launch([tuple(executable('detection'))], weights_dir=tmp_path).processes
    _, errors = process.communicate(timeout=2 * LONG_S)
    assert process.returncode == 1
    assert str(tmp_path / 'mtcnn_rnet.onnx') in errors
