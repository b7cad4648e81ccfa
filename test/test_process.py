# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a process of nodes sets up for itself, and that it ends whatever happens."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from face_affect_ros.ros import process


def python(code, **options):
    """Start a Python on a piece of code."""
    return subprocess.Popen([sys.executable, '-c', code], **options)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('hang', ['time.sleep(60)', 'ctypes.CDLL(None).sleep(60)'])
def test_ends_with_0_soon_after_the_first_signal(number, hang):
    """Whatever it hangs in, Python or C, and however many more come."""
    child = python(
        'import ctypes, os, time\n'
        'from face_affect_ros.ros import process\n'
        'stop = process.stop_on_signals()\n'
        'print("ready", flush=True)\n'
        f'{hang}\n',
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout.readline() == 'ready\n'
    began_at = time.monotonic()
    while child.poll() is None and time.monotonic() - began_at < 20:
        child.send_signal(number)
        time.sleep(0.05)
    assert child.poll() == 0
    assert time.monotonic() - began_at < 3.5


def test_signals_during_the_end_of_the_interpreter_change_nothing():
    """Where the process ends by itself: its own exit code counts."""
    child = python(
        'import atexit, sys, time\n'
        'from face_affect_ros.ros import process\n'
        'stop = process.stop_on_signals()\n'
        'class Slow:\n'
        '    def __del__(self):\n'
        '        time.sleep(1)\n'
        'slow = Slow()\n'
        'print("ready", flush=True)\n'
        'stop.wait()\n'
        'sys.exit(0)\n',
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == 'ready\n'
    while child.poll() is None:
        child.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert child.poll() == 0


@pytest.mark.skipif(sys.platform != 'linux', reason='needs timers of Linux')
@pytest.mark.parametrize('code', [0, 1])
def test_process_ends_though_the_interpreter_is_locked(code):
    """PyDLL keeps the lock while it sleeps: no Python code runs any more."""
    begin = time.monotonic()
    child = python(
        'import ctypes\n'
        'from face_affect_ros.ros import process\n'
        f'process.end_within(0.5, {code})\n'
        'ctypes.PyDLL(None).sleep(60)\n'
    )
    assert child.wait(20) == code
    assert time.monotonic() - begin < 15


def test_process_that_ends_by_itself_is_left_alone():
    """Its own exit code counts."""
    child = python(
        'import sys\n'
        'from face_affect_ros.ros import process\n'
        'process.end_within(30, 0)\n'
        'sys.exit(3)\n'
    )
    assert child.wait(20) == 3


def test_needs_no_ros():
    """A signal in the first second meets a handler: nothing heavy is imported before."""
    code = (
        'import sys\n'
        'from face_affect_ros.ros import process\n'
        'sys.exit(bool({"rclpy", "numpy", "cv2"} & set(sys.modules)))\n'
    )
    assert python(code, cwd=Path(process.__file__).anchor).wait(20) == 0
