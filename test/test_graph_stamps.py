# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad stamps on the running graph: faces stay who they are, until another bag begins."""

import time

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import wait_until
from rosgraph_msgs.msg import Clock

pytestmark = pytest.mark.ros

BEGIN_NS = 1_700_000_000 * 10**9
PERIOD_S = 1 / 30


def stamp_of(number):
    """Return what a driver gives for a frame: late, empty or of another clock now and then."""
    right = BEGIN_NS + round(number * PERIOD_S * 1e9)
    if number % 10 == 5:
        return 0
    if number % 10 == 8:
        return 5 * 10**9 + number
    return right - 70_000_000 if number % 6 == 5 else right


def play(robot, numbers):
    """Publish frames at 30 Hz with such stamps; return these."""
    stamps = []
    for number in numbers:
        stamps.append(stamp_of(number))
        robot.show(stamp_ns=stamps[-1])
        time.sleep(PERIOD_S)
    return stamps


def stamps_in(messages):
    """Return the stamps of messages in nanoseconds."""
    return [
        message.header.stamp.sec * 10**9 + message.header.stamp.nanosec for message in messages
    ]


def ids_in(messages):
    """Return the track id of the one face of each message."""
    return [face.track_id for message in messages for face in message.faces]


def test_bad_stamps_cost_no_id_and_a_bag_that_starts_again_does(start):
    """Four seconds: one id, traits computed once, headers as they came; then others, told once."""
    robot = start(deterministic_ids=True, trait_rate=0.001).robot
    log = robot.log()
    attributes = robot.attributes()
    wait_until(lambda: robot.camera.get_subscription_count())
    wait_until(lambda: (play(robot, [0]), attributes)[-1])
    sent = play(robot, range(1, 120))
    wait_until(lambda: stamps_in(attributes)[-1] == sent[-1])
    heard = attributes[:]
    assert len(heard) > 30
    assert set(ids_in(heard)) == {1}
    assert set(stamps_in(heard)) <= {stamp_of(0), *sent}
    ages = [message.faces[0].trait_age.sec for message in heard]
    assert ages == sorted(ages) and ages[-1] >= 3
    play(robot, range(60))
    ids = ids_in(attributes[len(heard) :])
    assert ids == sorted(ids) and set(ids[8:]) == {2}
    wait_until(lambda: 'stamps of the frames jumped back by' in log())
    assert log().count('another stream begins') == 1


def test_a_simulator_s_reset_counts_at_once(start):
    """Where the ROS clock itself jumps back, the first frame is another stream's."""
    graph = start(deterministic_ids=True, use_sim_time=True)
    robot = graph.robot
    clock = robot.node.create_publisher(Clock, '/clock', 10)

    def tick(seconds):
        message = Clock()
        message.clock.sec = seconds
        clock.publish(message)

    attributes = robot.attributes()
    wait_until(
        lambda: (
            tick(100),
            time.sleep(0.05),
            graph.detection.get_clock().now().nanoseconds == 100 * 10**9,
        )[-1]
    )
    wait_until(lambda: (play(robot, range(100, 104)), len(attributes) > 5)[-1])
    wait_until(
        lambda: (
            tick(1),
            time.sleep(0.05),
            graph.detection.get_clock().now().nanoseconds == 10**9,
        )[-1]
    )
    stamp = 10**9 + 1
    wait_until(
        lambda: (robot.show(stamp_ns=stamp), time.sleep(0.1), stamp in stamps_in(attributes))[-1]
    )
    first = next(message for message in attributes if stamps_in([message]) == [stamp])
    assert ids_in([first]) == [2]
