# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes that are frozen, killed or one too many are told by those that live on what they send."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip('robot', reason='no ROS here')

import robot as robot_module
from robot import LONG_S
from robot import Robot
from robot import wait_until
from robot import wall

from face_affect_ros.srv import ClassifyImage

pytestmark = [pytest.mark.ros, pytest.mark.slow]

ERROR = b'\x02'
TOLD_S = 25.0
"""Longest time until a dead neighbour is told of: 5 s, and what a busy machine adds."""


class Apart:
    """The nodes in processes of their own, and a robot that shows pictures and listens."""

    def __init__(self, namespace, names, idle=False):
        """Start all; wait until attributes come, or where nobody listens, until all are active."""
        robot_module.join()
        self.robot = Robot(namespace, 'reliable')
        self.processes = [self.start(name) for name in names]
        self.status = self.robot.diagnostics()
        try:
            self._wait(names, idle)
        except BaseException:
            self.close()
            raise

    def _wait(self, names, idle):
        """Wait until attributes come, or where nobody listens, until all are active."""
        if not idle:
            self.attributes = self.robot.attributes()
            self.flow()
            return
        wait_until(
            lambda: all(
                self.status(name) and self.status(name).message == 'active' for name in names
            ),
            2 * LONG_S,
        )

    def start(self, name):
        """Start a node."""
        topic = ['--image-topic', self.robot.topic] if name == 'camera' else []
        return subprocess.Popen(
            [
                sys.executable,
                '-m',
                'face_affect_ros.cli',
                'run',
                name,
                *topic,
                '--ros-args',
                '-r',
                f'__ns:={self.robot.namespace}',
            ],
            stderr=subprocess.DEVNULL,
            cwd=os.sep,
        )

    def flow(self):
        """Show pictures until attributes come again."""
        before = len(self.attributes)
        self.robot.show_until(lambda: len(self.attributes) > before, wall())

    def told(self, node, *words):
        """Wait until a node's diagnostics are an error with given words."""

        def errs():
            self.robot.show(wall())
            status = self.status(node)
            return (
                status and status.level == ERROR and all(word in status.message for word in words)
            )

        wait_until(errs, TOLD_S)

    def well(self, node):
        """Wait until a node's diagnostics are well again."""
        self.robot.show_until(lambda: self.status(node).level != ERROR, wall())

    def close(self):
        """End all."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        self.robot.close()


@pytest.fixture
def apart(request):
    """Return a function that starts nodes apart."""
    started = []

    def start(*names, **how):
        name = ''.join(filter(str.isalnum, request.node.name))
        started.append(Apart(f'/{name}', names, **how))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_frozen_and_killed_detection_are_told_by_attributes(apart):
    """By name, within seconds; and all is well when it is back."""
    nodes = apart('camera', 'detection', 'attributes')
    detection = nodes.processes[1]
    assert nodes.status('attributes') is None or nodes.status('attributes').level != ERROR
    detection.send_signal(signal.SIGSTOP)
    nodes.told('attributes', 'face_crops', 'stuck or killed')
    detection.send_signal(signal.SIGCONT)
    nodes.flow()
    nodes.well('attributes')
    detection.kill()
    nodes.told('attributes', 'face_crops')


@pytest.mark.parametrize('number', [0, 1], ids=['camera', 'detection'])
def test_killed_while_nobody_listens(apart, number):
    """The diagnostics tell, and the service: it is no stale camera; then it is started anew."""
    names = ('camera', 'detection', 'attributes')
    nodes = apart(*names, idle=True)
    wait_until(lambda: (nodes.robot.show(wall()), nodes.robot.classify().success)[1])
    nodes.processes[number].kill()
    nodes.told('attributes', names[number], 'stuck or killed')
    answer = nodes.robot.classify()
    assert answer.error_code == ClassifyImage.Response.NOT_ACTIVE
    assert names[number] in answer.message and len(answer.message) <= 300
    nodes.processes[number] = nodes.start(names[number])
    nodes.well('attributes')
    wait_until(lambda: (nodes.robot.show(wall()), nodes.robot.classify().success)[1])


def test_two_cameras_in_one_namespace(apart):
    """It is told, and the frames of both are counted as what they are."""
    nodes = apart('camera', 'camera', 'detection', 'attributes')
    nodes.told('detection', '2 nodes publish', 'one too many in this namespace')
    before = nodes.attributes[-1].processing.frames_received
    shown = 200
    for _ in range(shown):
        nodes.robot.show(wall())
        time.sleep(0.02)
    nodes.flow()
    counted = nodes.attributes[-1].processing.frames_received - before
    assert shown / 2 < counted < 2.5 * shown
