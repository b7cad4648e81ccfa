# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The executor hands out each callback once, also while none of its threads is free."""

import gc
import threading
import time

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('face_affect_ros.ros.executor')

import rclpy
from rclpy.callback_groups import ReentrantCallbackGroup
from robot import join
from robot import wait_until
from sensor_msgs.msg import Image

from face_affect_ros.ros.executor import REST_S
from face_affect_ros.ros.executor import FeedingGroup
from face_affect_ros.ros.executor import PatientExecutor

WAKES = 200
PAUSE_S = 0.002
FEW = 60
"""Above what is handed out while nothing can begin; rclpy's own does so at each wake."""


def unexpected(node, where, error):
    """Fail: nothing raises here."""
    raise AssertionError(f'{where}: {error!r}')


class Counting(PatientExecutor):
    """Counts what it hands out."""

    handed_out = 0

    def wait_for_ready_callbacks(self, *args, **kwargs):
        """Hand out and count."""
        work = super().wait_for_ready_callbacks(*args, **kwargs)
        self.handed_out += 1
        return work


class ShutDownMeanwhile(PatientExecutor):
    """Is shut down, as by another thread, once the next callback is found."""

    def wait_for_ready_callbacks(self, *args, **kwargs):
        """Find one and end."""
        work = super().wait_for_ready_callbacks(*args, **kwargs)
        self.shutdown(timeout_sec=0)
        return work


class Spun:
    """An executor of a node that spins, and what it was told."""

    def __init__(self, node):
        """Start."""
        self.told = []
        self._executor = PatientExecutor(2, lambda *told: self.told.append(told))
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def close(self):
        """Stop."""
        self._executor.shutdown(timeout_sec=5)
        self._thread.join(5)


@pytest.fixture
def spun(node):
    """Return an executor of the node that spins."""
    made = Spun(node)
    yield made
    made.close()


@pytest.fixture
def node():
    """Return a node in a graph of its own."""
    join()
    made = rclpy.create_node('executor_test')
    yield made
    made.destroy_node()


def test_waiting_callback_is_not_handed_out_again_and_again(node):
    """All threads are held up while one more callback waits; then it runs."""
    release, late_ran = threading.Event(), threading.Event()
    group = ReentrantCallbackGroup()
    held = [node.create_guard_condition(lambda: release.wait(10), group) for _ in range(2)]
    late = node.create_guard_condition(late_ran.set, group)
    executor = Counting(2, unexpected)
    executor.add_node(node)
    for condition in (*held, late):
        condition.trigger()
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    for _ in range(WAKES):
        executor.wake()
        time.sleep(PAUSE_S)
    handed_out = executor.handed_out
    release.set()
    assert late_ran.wait(10)
    executor.shutdown(timeout_sec=5)
    thread.join(5)
    assert 3 <= handed_out < FEW


def test_shutdown_before_a_callback_is_handed_out(node, recwarn):
    """Ends quietly, without it: not with an error of the pool of threads."""
    ran = threading.Event()
    condition = node.create_guard_condition(ran.set)
    executor = ShutDownMeanwhile(2, unexpected)
    executor.add_node(node)
    condition.trigger()
    executor.spin()
    gc.collect()
    assert not ran.is_set()
    assert not [str(warning.message) for warning in recwarn if 'await' in str(warning.message)]


def test_rests_after_a_callback_that_fed_a_stage(node):
    """What is ready at the same time waits for ``REST_S``: the stage has the interpreter."""
    began_at, both = [], threading.Semaphore(0)

    def begin():
        began_at.append(time.monotonic())
        both.release()

    conditions = [node.create_guard_condition(begin, FeedingGroup()) for _ in range(2)]
    executor = PatientExecutor(2, unexpected)
    executor.add_node(node)
    for condition in conditions:
        condition.trigger()
    thread = threading.Thread(target=executor.spin, daemon=True)
    thread.start()
    assert both.acquire(timeout=10) and both.acquire(timeout=10)
    executor.shutdown(timeout_sec=5)
    thread.join(5)
    assert began_at[1] - began_at[0] >= REST_S


@pytest.mark.parametrize('error', [ValueError('broken'), SystemExit(3), KeyError('x')], ids=repr)
def test_callback_that_raises_costs_itself_only(node, spun, error):
    """It is told with its node and the next callback runs, also of the same group."""

    def fail():
        raise error

    ran = threading.Event()
    failing, working = node.create_guard_condition(fail), node.create_guard_condition(ran.set)
    for count in (1, 2):
        failing.trigger()
        wait_until(lambda: len(spun.told) == count)  # noqa: B023
        ran.clear()
        working.trigger()
        assert ran.wait(10)
    assert [told[::2] for told in spun.told] == [(node, error)] * 2


def test_message_that_cannot_be_taken_costs_itself_only(node, spun):
    """rclpy leaves the callback group locked: no message would come any more."""
    heard = []
    subscription = node.create_subscription(Image, 'pictures', heard.append, 10)
    publisher = node.create_publisher(Image, 'pictures', 10)
    wait_until(lambda: publisher.get_subscription_count())
    subscription.msg_type = None
    publisher.publish(Image(height=1))
    wait_until(lambda: spun.told)
    subscription.msg_type = Image
    publisher.publish(Image(height=2))
    wait_until(lambda: heard and heard[-1].height == 2)
    raised_by, where, _ = spun.told[0]
    assert raised_by is node and '/pictures' in where


def test_shutdown_waits_no_longer_than_asked(node):
    """A callback that does not end holds nothing up."""
    began, release = threading.Event(), threading.Event()

    def hang():
        began.set()
        release.wait(30)

    condition = node.create_guard_condition(hang)
    executor = PatientExecutor(2, unexpected)
    executor.add_node(node)
    threading.Thread(target=executor.spin, daemon=True).start()
    condition.trigger()
    assert began.wait(10)
    assert not executor.shutdown(timeout_sec=0.1)
    release.set()
