# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""face-affect doctor at real nodes, with a camera that sends, and with what goes wrong."""

import threading
import time

import pytest

pytest.importorskip('robot', reason='no ROS here')

import rclpy
from robot import wait_until
from std_srvs.srv import SetBool

from face_affect_ros.doctor import finding
from face_affect_ros.doctor import running
from face_affect_ros.doctor.graph.looking import look
from face_affect_ros.doctor.graph.session import GraphSession

pytestmark = pytest.mark.ros

SECONDS = 2.0
PERIOD_S = 0.05


@pytest.fixture
def camera():
    """Return a function that has a robot's camera send on and on, with stamps of now."""
    stop = threading.Event()
    threads = []

    def send(robot, stamped=True, behind_s=0.0):
        def run():
            while not stop.wait(PERIOD_S):
                robot.show(stamp_ns=int(time.time_ns() - behind_s * 1e9) if stamped else 0)

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield send
    stop.set()
    for thread in threads:
        thread.join()


def examined(namespace):
    """Return what the doctor finds, by anchor."""
    with GraphSession() as session:
        (view,) = look(session, namespace, SECONDS)
    return {each.anchor: each for each in finding.findings(running.checks(view))}


def problems(found):
    """Return the anchors of what is wrong."""
    return {anchor for anchor, each in found.items() if each.level == finding.PROBLEM}


def test_a_graph_that_is_well(start, camera):
    """Nobody listens but the doctor; it says what comes, how often and how long it takes."""
    robot = start().robot
    camera(robot)
    for _ in range(3):  # the machine may be busy
        found = examined(robot.namespace)
        if not problems(found):
            break
    assert not problems(found), found
    assert {'nodes', 'camera', 'clock', 'service'} <= set(found)
    assert '512x384 bgr8' in found['camera'].text
    assert 5 < found['camera'].values['rate_hz'] < 25
    assert 'best effort' in found['camera'].text
    stage = found.get('stages') or found['stages-slow']
    assert stage.values['time_p50_ms'] > 0
    assert '1 faces' in found['service'].text


def test_camera_that_sends_nothing(start):
    """Camera and service are told, with what to do."""
    robot = start().robot
    found = examined(robot.namespace)
    assert problems(found) == {'camera-silent', 'service-refused'}
    assert robot.topic in found['camera-silent'].text
    assert 'NO_IMAGE' in found['service-refused'].text


def test_topic_that_is_misspelt(start):
    """The one that was meant is named."""
    robot = start(image_topic='/test_topic_that_is_misspelt/CAM').robot
    found = examined(robot.namespace)
    assert f'did you mean {robot.topic}' in found['camera-silent'].remedy


def test_qos_that_does_not_fit(start):
    """A reliable subscription hears no best-effort publisher."""
    robot = start(image_reliability='reliable').robot
    found = examined(robot.namespace)
    assert 'image_reliability to auto' in found['camera-silent'].remedy


def test_nodes_that_wait_for_their_manager(start, camera):
    """Each is named with the transition that comes next."""
    robot = start(autostart=False).robot
    found = examined(robot.namespace)
    assert 'nodes-inactive' in problems(found)
    assert 'ros2 lifecycle set' in found['nodes-inactive'].remedy
    assert 'NOT_ACTIVE' in found['service-refused'].text


def test_paused_nodes(start, camera):
    """No fault of theirs, but requests are refused."""
    robot = start().robot
    camera(robot)
    robot.call(SetBool, 'enable', SetBool.Request(data=False))
    found = examined(robot.namespace)
    assert found['nodes-paused'].level == finding.NOTE
    assert problems(found) == {'service-refused'}
    assert 'paused' in found['service-refused'].text


@pytest.mark.parametrize(
    ('stamps', 'anchor'),
    [({'stamped': False}, 'clock-unstamped'), ({'behind_s': 60}, 'clock-skew')],
)
def test_stamps(start, camera, stamps, anchor):
    """Empty ones are noted, those of another time are wrong."""
    robot = start().robot
    camera(robot, **stamps)
    found = examined(robot.namespace)
    assert anchor in found
    if anchor == 'clock-skew':
        assert found[anchor].values['delay_s'] == pytest.approx(60, abs=2)


def test_simulated_time_without_a_clock(start):
    """As after a simulation has ended."""
    robot = start(use_sim_time=True).robot
    assert 'clock-missing' in problems(examined(robot.namespace))


def test_node_that_is_missing(start):
    """By name."""
    graph = start()
    graph.detection.destroy_node()
    others = rclpy.create_node('elsewhere')
    wait_until(
        lambda: ('detection', graph.robot.namespace) not in others.get_node_names_and_namespaces()
    )
    found = examined(graph.robot.namespace)
    others.destroy_node()
    assert 'detection' in found['nodes-missing'].text


def test_namespace_without_nodes():
    """Asked for, it is a problem."""
    assert {'nodes-none'} <= problems(examined('nobody_is_here'))
