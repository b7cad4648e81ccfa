# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What nodes tell when all is well, and when they do not fit together."""

from importlib.util import find_spec

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import wait_until

pytestmark = pytest.mark.ros

WARN = b'\x01'


def test_networks_and_states_are_told_once(start):
    """At the level info, a line each."""
    graph = start(autostart=False)
    log = graph.robot.log()
    for transition in ('configure', 'activate'):
        for node in ('attributes', 'detection', 'camera'):
            assert graph.robot.change(node, transition)
    wait_until(lambda: log().count('active (was inactive)') == 3)
    lines = log().splitlines()
    assert lines.count('inactive (was unconfigured)') == 3
    assert lines.count('model 1: faces by mtcnn (mtcnn_pnet, mtcnn_rnet, mtcnn_onet)') == 1
    (networks,) = [line for line in lines if line.startswith('model 1: emotion by ')]
    assert 'attributes by attributes_moon' in networks and 'embedded' in networks


def test_parts_that_are_off_are_not_told(start):
    """Their networks are not loaded."""
    graph = start(autostart=False, **{'age.enable': False, 'attributes.enable': False})
    log = graph.robot.log()
    graph.robot.change('attributes', 'configure')
    wait_until(lambda: 'inactive (was unconfigured)' in log())
    assert 'model 1: emotion by' in log() and 'moon' not in log()


@pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')
def test_models_that_differ_are_warned_of(start):
    """Attributes at model 2, detection at model 1: in the diagnostics and the log."""
    robot = start(autostart=False).robot
    robot.set('attributes', model=2)
    for transition in ('configure', 'activate'):
        for node in ('attributes', 'detection', 'camera'):
            assert robot.change(node, transition)
    log, status, attributes = robot.log(), robot.diagnostics(), robot.attributes()
    robot.show_until(lambda: attributes)
    wait_until(lambda: status('attributes') and status('attributes').level == WARN)
    message = status('attributes').message
    assert 'model 2' in message and "'mtcnn'" in message and 'same model' in message
    assert len(message) <= 300
    wait_until(lambda: message in log())
    wait_until(lambda: status('detection') and status('detection').message == 'active')


def test_two_nodes_of_one_name_are_warned_of(start):
    """By each of them; gone with the other."""
    graph = start(autostart=False)
    status = graph.robot.diagnostics()
    wait_until(lambda: status('camera') and status('camera').message == 'unconfigured')
    second = start(autostart=False)
    wait_until(lambda: status('camera').level == WARN)
    assert '2 nodes are called' in status('camera').message
    assert 'namespace' in status('camera').message and len(status('camera').message) <= 300
    for node in second.nodes:
        node.destroy_node()
    wait_until(lambda: status('camera').message == 'unconfigured')
