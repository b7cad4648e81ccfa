# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An executor of several threads, which leaves the interpreter to the stages.

No callback ends it. It does without the busy loop that rclpy's own has, and its end is no error.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import Executor
from rclpy.executors import ExternalShutdownException
from rclpy.executors import ShutdownException
from rclpy.executors import TimeoutException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.task import Task

InvalidHandle = rclpy_implementation.InvalidHandle

POLL_S = 1e-4
"""Seconds between two looks whether a callback has begun."""

PATIENCE_S = 0.05
"""Longest time to wait for one: all threads may be held up."""

REST_S = 2e-3
"""Seconds without a look for more work after a callback that fed a stage. A look takes rclpy about
a millisecond with the interpreter locked, and the frame would wait for it more than once."""

RECOVERY_S = 0.05
"""Seconds before the next look for work after one that failed."""

OnError = Callable[[Any, str, BaseException], None]
"""Told of the node (None: of no node), what failed in words, and what it raised."""


class FeedingGroup(MutuallyExclusiveCallbackGroup):
    """Group of the callbacks that hand a stage what it works on."""


class PatientExecutor(Executor):
    """Looks for more work once the callback that it handed to its threads has begun.

    After one of a ``FeedingGroup`` it rests for ``REST_S``, while the stages begin.

    What a callback raises, or rclpy where it takes a message, is told and costs that callback
    alone: the node goes on. rclpy's own executors end with it, and leave the callback group
    locked where a message could not be taken.

    rclpy before 10.0.4 hands a callback out again and again until a thread has begun it
    (ros2/rclpy#1452). It does so with the interpreter locked, so that no thread begins, and what
    it handed out in vain stands in the queue before the next message: one processor is busy, and
    of thirty frames a second a third to all but a few are lost.

    :param num_threads: number of threads that callbacks run on.
    :param on_error: told of each callback that raises.
    """

    def __init__(self, num_threads: int, on_error: OnError) -> None:
        super().__init__()
        self._pool = concurrent.futures.ThreadPoolExecutor(
            num_threads, thread_name_prefix='callback'
        )
        self._running: set[concurrent.futures.Future[None]] = set()
        self._handing_out = threading.Lock()
        self._on_error = on_error
        self._handed_out: Task | None = None
        self._fed = False
        self._ended = False

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Hand out the next callback; drop it where the executor was shut down meanwhile."""
        try:
            task, entity, node = self.wait_for_ready_callbacks(timeout_sec=timeout_sec)
        except (ShutdownException, TimeoutException):
            return
        except ExternalShutdownException:
            raise
        except InvalidHandle:
            # An event of a publisher or subscription that was destroyed since it became ready:
            # rclpy looks at that for messages and services, but not for events.
            return
        except Exception as error:
            self._on_error(None, 'looking for messages', error)
            time.sleep(RECOVERY_S)
            return
        with self._handing_out:
            try:
                run = self._pool.submit(self._run, task, entity, node)
            except RuntimeError:  # the pool was shut down
                task.cancel()
                return
            self._running.add(run)
        run.add_done_callback(self._running.discard)

    def wait_for_ready_callbacks(self, *args: Any, **kwargs: Any) -> Any:
        """Return the next callback, once the one before has begun."""
        if self._handed_out is not None:
            _let_begin(self._handed_out)
        if self._fed:
            self._fed = False
            time.sleep(REST_S)
        work = super().wait_for_ready_callbacks(*args, **kwargs)
        task, entity, _ = work
        self._handed_out = task
        self._fed = isinstance(getattr(entity, 'callback_group', None), FeedingGroup)
        return work

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """Hand nothing out any more and wait for the callbacks that run.

        :param timeout_sec: longest time to wait; None: until they end.
        :returns: whether they ended.
        """
        self._ended = True
        super().shutdown(timeout_sec)
        with self._handing_out:
            self._pool.shutdown(wait=False)
            running = set(self._running)
        return not concurrent.futures.wait(running, timeout_sec).not_done

    def _make_handler(
        self, entity: Any, node: Any, take_from_wait_list: Callable[[Any], Any], *others: Any
    ) -> Task:
        """Have rclpy go on where a message cannot be taken; it would lock the callback group."""

        def take(entity: Any) -> Any:
            try:
                return take_from_wait_list(entity)
            except InvalidHandle:  # destroyed meanwhile
                return None
            except Exception as error:
                self._on_error(node, f'taking from {_named(entity)}', error)
                time.sleep(RECOVERY_S)  # the message may still be there
                return None

        return super()._make_handler(entity, node, take, *others)

    def _run(self, task: Task, entity: Any, node: Any) -> None:
        """Run a callback; tell what it raises."""
        error: BaseException | None
        try:
            task()
            error = task.exception()
        except BaseException as raised:  # such as SystemExit, which rclpy lets through
            task.cancel()
            error = raised
        if error is not None and not self._ended:  # a callback's end triggers what is gone then
            self.wake()
            self._on_error(node, _named(entity), error)


def _let_begin(task: Task) -> None:
    """Wait until a task has begun, or for ``PATIENCE_S``."""
    end = time.monotonic() + PATIENCE_S
    while not (task.executing() or task.done()) and time.monotonic() < end:
        time.sleep(POLL_S)


def _named(entity: Any) -> str:
    """Return what a callback belongs to, in words."""
    for attribute, kind in (('topic_name', 'topic'), ('srv_name', 'service')):
        name = getattr(entity, attribute, None)
        if name:
            return f'{kind} {name}'
    return type(entity).__name__.lower() if entity is not None else 'task'
