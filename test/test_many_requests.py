# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Many ask ``classify_image`` at once: each is answered by its own deadline."""

import time

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import Slow
from robot import wait_until
from test_service import duration
from test_service import picture

from face_affect_ros.srv import ClassifyImage

pytestmark = pytest.mark.ros

LATE_S = 1.0
"""Way of request and answer on a busy machine, and fifty answers one after the other."""

Response = ClassifyImage.Response


def answers(futures):
    """Wait for all answers; return them with the seconds after which the last came."""
    begin = time.monotonic()
    wait_until(lambda: all(future.done() for future in futures))
    return [future.result() for future in futures], time.monotonic() - begin


def test_fifty_wait_for_a_camera_while_others_bring_pictures(start):
    """Who waits holds up nobody, and all get the first frame that comes."""
    robot = start().robot
    patient = robot.ask([ClassifyImage.Request(timeout=duration(15)) for _ in range(50)])
    brought = robot.ask(
        [ClassifyImage.Request(image=picture(), timeout=duration(10)) for _ in range(5)]
    )
    told, seconds = answers(brought)
    assert all(answer.success for answer in told)
    assert not any(future.done() for future in patient)
    assert seconds < 8
    robot.show_until(lambda: all(future.done() for future in patient))
    assert all(future.result().success for future in patient)


def test_deadlines_are_kept_in_any_order(start):
    """One that waits fifteen seconds came first; those behind it wait as long as they say."""
    robot = start().robot
    robot.ask([ClassifyImage.Request(timeout=duration(15))])
    begin = time.monotonic()
    for wanted in (0.9, 0.3, 0.6):
        (future,) = robot.ask([ClassifyImage.Request(timeout=duration(wanted))])
        asked = time.monotonic()
        told, _ = answers([future])
        assert told[0].error_code == Response.NO_IMAGE
        assert wanted - 0.05 < time.monotonic() - asked < wanted + LATE_S
    assert time.monotonic() - begin < 6


def test_two_hundred_requests(start):
    """Of four clients with places for a hundred answers each."""
    robot = start().robot
    futures = [
        future
        for _ in range(4)
        for future in robot.ask([ClassifyImage.Request(timeout=duration(1)) for _ in range(50)])
    ]
    told, _ = answers(futures)
    assert {answer.error_code for answer in told} == {Response.NO_IMAGE}


def test_work_that_nobody_waits_for_is_not_begun(start):
    """Five pictures of which each takes a second; the four that are late are never looked at."""
    graph = start()
    model = graph.attributes.work.model
    model.detector = Slow(model.detector, 1.0)
    robot = graph.robot
    late, _ = answers(
        robot.ask(
            [ClassifyImage.Request(image=picture(), timeout=duration(0.5)) for _ in range(5)]
        )
    )
    assert {answer.error_code for answer in late} == {Response.TIMEOUT}
    begin = time.monotonic()
    assert robot.classify(image=picture(), timeout=duration(10)).success
    assert time.monotonic() - begin < 3.5


def test_longest_time_out(start):
    """What is longer counts as a minute, what is negative as the default."""
    robot = start().robot
    (endless,) = robot.ask(
        [ClassifyImage.Request(timeout=duration(2**31 - 1), max_age=duration(2**31 - 1))]
    )
    negative, _ = answers(robot.ask([ClassifyImage.Request(timeout=duration(-5))]))
    assert negative[0].error_code == Response.NO_IMAGE
    robot.show_until(endless.done)
    assert endless.result().success


@pytest.mark.parametrize('shared', [True, False], ids=['one client', 'fifty clients'])
def test_fifty_callers_of_a_stream(start, shared):
    """All of them get the newest result, again and again, while frames come 30 times a second."""
    robot = start().robot
    timer = robot.node.create_timer(1 / 30, robot.show)
    robot.classify(timeout=duration(15))
    request = ClassifyImage.Request(timeout=duration(15))
    for _ in range(3 if shared else 1):
        futures = (
            robot.ask([request] * 50)
            if shared
            else [future for _ in range(50) for future in robot.ask([request])]
        )
        told, _ = answers(futures)
        assert [answer.error_code for answer in told] == [Response.NONE] * 50
    robot.node.destroy_timer(timer)
