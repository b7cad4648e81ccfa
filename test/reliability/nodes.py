# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes in processes of their own, started anew where they end, and a robot beside them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import robot as robot_module
from builtin_interfaces.msg import Duration
from robot import Robot
from robot import astronaut

from face_affect_ros.image_messages import convert
from face_affect_ros.srv import ClassifyImage
from reliability import log_budget
from reliability import resources

NAMES = ('camera', 'detection', 'attributes')
LAYOUTS = {'composed': ((),), 'apart': tuple((name,) for name in NAMES)}
"""Nodes of each process; none: all."""

RATE = 15.0
"""Frames a second that the robot's camera shows."""

RECOVERY_S = 60.0
"""Longest time from an event to answers; killed nodes count for 20 s, a start takes some."""

STOP_S = 20.0

NoAnswer = (AssertionError, pytest.fail.Exception)


class Recovery(AssertionError):
    """The graph did not answer in time."""


class Nodes:
    """Processes of nodes.

    :param layout: ``composed`` or ``apart``.
    :param namespace: of all, absolute.
    :param folder: for what they write to standard error.
    :param prefix: words in front of each command, such as a shell that closes streams.
    :param options: of ``face-affect run``.
    """

    def __init__(
        self,
        layout: str,
        namespace: str,
        folder: Path,
        prefix: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        """Start all."""
        robot_module.join()
        self.namespace = namespace
        self.robot = Robot(namespace, 'reliable')
        self.attributes = self.robot.attributes()
        self.ended: list[str] = []
        """Ends that nobody asked for."""
        self._prefix, self._options = prefix, options
        self._folder = folder
        self._names = LAYOUTS[layout]
        self._expected: set[int] = set()
        self._starts = 0
        self._closing = threading.Event()
        self.processes = [self._start(names) for names in self._names]
        self._timer = self.robot.node.create_timer(1 / RATE, self._show)
        self._shows = True
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()

    @property
    def pids(self) -> list[int]:
        """The processes' ids."""
        return [process.pid for process in self.processes]

    def taken(self) -> resources.Taken:
        """Return what all processes take."""
        return sum(map(resources.taken_by, self.pids), resources.Taken())

    def show(self, shows: bool) -> None:
        """Have the camera show pictures, or nothing."""
        self._shows = shows

    def end(self, number: int, how: int) -> int | None:
        """Send a process a signal that ends it; return its exit code, negative of a signal.

        It is started anew, as ``respawn`` of the launch file does.
        """
        process = self.processes[number]
        self._expected.add(process.pid)
        process.send_signal(how)
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return None

    def freeze(self, number: int, seconds: float) -> None:
        """Stop a process for a while."""
        process = self.processes[number]
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    def wait_until_well(self, within: float = RECOVERY_S) -> float:
        """Wait until the stream and the service answer; return the seconds that it took.

        :raises Recovery: they do not.
        """
        begin = time.monotonic()
        last = 'no answer'
        while time.monotonic() - begin < within:
            before = len(self.attributes)
            try:
                answers = [self.ask(), self.ask(astronaut())]
            except NoAnswer as error:
                last = str(error)
                continue
            wrong = [answer.message for answer in answers if not answer.success]
            if not wrong and len(self.attributes) > before:
                return time.monotonic() - begin
            last = wrong[0] if wrong else 'no attributes'
            del self.attributes[:-10]
        raise Recovery(f'not well after {within:.0f} s: {last}')

    def wait_until_active(self, within: float = RECOVERY_S) -> None:
        """Wait until all nodes are active, whether or not pictures come.

        :raises Recovery: they are not.
        """
        end = time.monotonic() + within
        while time.monotonic() < end:
            try:
                if {self.robot.state(name) for name in NAMES} == {'active'}:
                    return
            except NoAnswer:
                continue
            time.sleep(0.2)
        raise Recovery(f'not active after {within:.0f} s')

    def ask(self, picture=None, timeout_s: float = 5.0) -> ClassifyImage.Response:
        """Call ``classify_image``, with a picture or for the newest result."""
        fields = {'timeout': Duration(sec=int(timeout_s))}
        if picture is not None:
            fields['image'] = convert.to_image_message(picture, self.robot.header())
        return self.robot.classify(**fields)

    def log_faults(self) -> list[str]:
        """Return what is wrong with what the processes wrote."""
        own = (self.namespace.strip('/'), 'face_affect', 'rcl', 'rmw')
        return [
            f'{path.name}: {fault}'
            for path in sorted(self._folder.glob('*.log'))
            for fault in log_budget.faults(path.read_text(errors='replace'), own)
        ]

    def log(self) -> str:
        """Return all that the processes wrote."""
        return ''.join(
            path.read_text(errors='replace') for path in sorted(self._folder.glob('*.log'))
        )

    def close(self) -> list[int]:
        """End all; return the exit codes."""
        self._closing.set()
        self._supervisor.join()
        self.robot.node.destroy_timer(self._timer)
        codes = []
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            try:
                codes.append(process.wait(STOP_S))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append(process.wait())
        self.robot.close()
        return codes

    def _show(self) -> None:
        if self._shows:
            self.robot.show()

    def _start(self, names: Sequence[str]) -> subprocess.Popen:
        self._starts += 1
        words = [*self._prefix, sys.executable, '-m', 'face_affect_ros.cli', 'run', *names]
        if not names or 'camera' in names:
            words += ['--image-topic', self.robot.topic]
        words += [*self._options, '--ros-args', '-r', f'__ns:={self.namespace}']
        path = self._folder / f'{self._starts:03}_{"_".join(names) or "composed"}.log'
        with path.open('wb') as log:
            return subprocess.Popen(
                words, stderr=log, stdout=subprocess.DEVNULL, cwd=os.sep, start_new_session=True
            )

    def _supervise(self) -> None:
        while not self._closing.wait(0.2):
            for number, process in enumerate(self.processes):
                code = process.poll()
                if code is None:
                    continue
                if process.pid not in self._expected:
                    names = ', '.join(self._names[number]) or 'all nodes'
                    self.ended.append(f'the process of {names} ended with {code}')
                self.processes[number] = self._start(self._names[number])
