# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Work is waited for by its processor time, whatever else the machine does."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from face_affect_ros.detection.measured_run import MeasuredRun


@pytest.fixture
def executor():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def compute(seconds):
    """Compute for so long by the thread's own clock."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return seconds


def test_what_ends_in_time_is_waited_for(executor):
    run = MeasuredRun(executor, lambda: compute(0.02))
    assert run.wait(500)
    assert run.is_done
    assert run.result() == 0.02
    assert run.milliseconds >= 20


def test_what_computes_too_long_is_not(executor):
    may_end = threading.Event()

    def endless():
        while not may_end.is_set():
            pass
        return 'ended'

    run = MeasuredRun(executor, endless)
    assert not run.wait(10)
    assert run.milliseconds >= 10
    may_end.set()
    assert run.wait(0)
    assert run.result() == 'ended'


def test_a_run_is_measured_alone(executor):
    """What its thread did before is not counted."""
    executor.submit(compute, 0.05).result()
    run = MeasuredRun(executor, lambda: 'quick')
    assert run.result() == 'quick'
    assert run.milliseconds < 50


def test_what_the_function_raises_is_raised(executor):
    def failing():
        raise MemoryError('no memory')

    run = MeasuredRun(executor, failing)
    assert run.wait(0)
    with pytest.raises(MemoryError, match='no memory'):
        run.result()
