# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A stage: newest only, goes on after failures, counts what it dropped."""

import threading
import time
from dataclasses import dataclass

import pytest
from waiting import wait_until

from face_affect_ros.stream.stage import LeftOut
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import FrameTiming

LONG_S = 10.0


@dataclass(frozen=True)
class Number:
    """An item that is a number."""

    value: int
    timing: FrameTiming


def item(value):
    """Return the ``value``-th frame."""
    return Number(value, FrameTiming(1, time.monotonic(), counts=Counts(received=value)))


@pytest.fixture
def started():
    """Return a function that starts stages and stops them at the end."""
    stages = []

    def start(*arguments, **options):
        stage = Stage('stage', *arguments, **options)
        stage.start()
        stages.append(stage)
        return stage

    yield start
    for stage in stages:
        stage.stop()


def test_work_that_does_not_end_is_a_fault(started, monkeypatch):
    """Told while it lasts, and not afterwards."""
    monkeypatch.setattr('face_affect_ros.stream.stage.STUCK_S', 0.1)
    release, done = threading.Event(), []
    stage = started(lambda number: release.wait(LONG_S) and number, (done.append,))
    assert not stage.fault()
    stage.put(item(1))
    assert wait_until(stage.fault).startswith('stage is busy with one frame for ')
    release.set()
    assert wait_until(lambda: done and not stage.fault())


def test_result_reaches_every_consumer_with_counts(started):
    """One producer, any number of consumers."""
    first, second = [], []
    stage = started(lambda number: number, (first.append, second.append))
    stage.put(item(1))
    assert wait_until(lambda: second)
    assert first == second
    assert first[0].timing.counts == Counts(1, 1, 0)


def test_slow_work_takes_the_newest_only(started):
    """What came in the meantime is dropped and counted, never queued."""
    begun, go_on, results = threading.Event(), threading.Event(), []

    def work(number):
        begun.set()
        assert go_on.wait(LONG_S)
        return number

    stage = started(work, (results.append,))
    stage.put(item(1))
    assert begun.wait(LONG_S)
    for value in range(2, 11):
        stage.put(item(value))
    go_on.set()
    assert wait_until(lambda: len(results) == 2)
    assert [result.value for result in results] == [1, 10]
    assert results[-1].timing.counts == Counts(received=10, processed=2, dropped=8)


def test_exception_costs_its_item_only(started):
    """It is reported and counted; the stream goes on."""
    results, errors = [], []

    def work(number):
        if number.value == 1:
            raise ZeroDivisionError('one')
        return number

    stage = started(work, (results.append,), lambda name, error: errors.append((name, error)))
    stage.put(item(1))
    assert wait_until(lambda: errors)
    stage.put(item(2))
    assert wait_until(lambda: results)
    assert errors[0][0] == 'stage'
    assert isinstance(errors[0][1], ZeroDivisionError)
    assert results[0].timing.counts == Counts(received=2, processed=1, dropped=1)


def test_what_is_left_out_is_dropped_and_no_error(started):
    results, errors = [], []

    def work(number):
        if number.value == 1:
            raise LeftOut
        return number

    stage = started(work, (results.append,), lambda name, error: errors.append((name, error)))
    stage.put(item(1))
    assert wait_until(lambda: stage.counters.stats().counts.dropped)
    stage.put(item(2))
    assert wait_until(lambda: results)
    assert not errors
    assert results[0].timing.counts == Counts(received=2, processed=1, dropped=1)


def test_failing_consumer_costs_the_others_nothing(started):
    """A subscriber that cannot be served is no reason to keep the result from others."""
    results, errors = [], []

    def fail(result):
        raise ConnectionError('gone')

    stage = started(
        lambda number: number, (fail, results.append), lambda name, error: errors.append(error)
    )
    stage.put(item(1))
    assert wait_until(lambda: results)
    assert len(errors) == 1


def test_stopped_stage_ignores_items_and_starts_anew_at_zero(started):
    """Twice round: counters begin again, nothing of before comes out."""
    results = []
    stage = started(lambda number: number, (results.append,))
    for _ in range(2):
        stage.put(item(7))
        assert wait_until(lambda: results)
        assert results.pop().timing.counts == Counts(1, 1, 0)
        assert stage.stop()
        assert not stage.running
        stage.put(item(8))
        assert not results
        stage.start()


def test_start_of_a_running_stage_is_refused(started):
    """Two threads on one mailbox would break the order."""
    stage = started(lambda number: number)
    with pytest.raises(RuntimeError, match='running already'):
        stage.start()


def test_stop_leaves_no_thread(started):
    """A stopped stage costs nothing."""
    stage = started(lambda number: number)
    assert stage.stop()
    assert 'stage' not in [thread.name for thread in threading.enumerate()]


def test_consumers_of_two_stages_make_a_pipeline(started):
    """A stage's ``put`` is a consumer; drops upstream show downstream."""
    results = []
    last = started(lambda number: number, (results.append,))
    first = started(lambda number: number, (last.put,))
    for value in (1, 5):
        first.put(item(value))
        assert wait_until(lambda: results and results[-1].value == value)  # noqa: B023
    assert results[-1].timing.counts == Counts(received=5, processed=2, dropped=3)
