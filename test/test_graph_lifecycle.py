# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The nodes over their lifecycle, and what a failure leaves of them."""

from importlib.util import find_spec

import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import wait_until

from face_affect_ros.registry import catalogue

pytestmark = pytest.mark.ros


def test_network_that_raises_costs_its_frame_only(start, monkeypatch):
    """It is logged once, shown in the diagnostics and counted; the stream goes on."""
    graph = start()
    robot = graph.robot
    log, status, attributes = robot.log(), robot.diagnostics(), robot.attributes()
    robot.show_until(lambda: attributes)
    detector = graph.detection.work.follower.detector
    fails = {'now': True}

    def search(image):
        if fails['now']:
            raise ZeroDivisionError('the network broke')
        return type(detector).detect_with_regions(detector, image)

    monkeypatch.setattr(detector, 'detect_with_regions', search)
    robot.show_until(
        lambda: status('detection') and 'the network broke' in status('detection').message
    )
    wait_until(lambda: 'Traceback' in log())
    fails['now'] = False
    before = len(attributes)
    robot.show_until(lambda: len(attributes) > before)
    assert attributes[-1].processing.frames_dropped > 0
    assert robot.state('detection') == 'active'
    assert log().count('Traceback') == 1


def test_every_lifecycle_edge_twice_round(start):
    """Configure, activate, deactivate, clean up: each node, twice, and it works after each."""
    robot = start(autostart=False).robot
    names = ('attributes', 'detection', 'camera')
    attributes = robot.attributes()
    for _ in range(2):
        for name in names:
            assert robot.state(name) == 'unconfigured'
            for label, state in (
                ('configure', 'inactive'),
                ('cleanup', 'unconfigured'),
                ('configure', 'inactive'),
                ('activate', 'active'),
                ('deactivate', 'inactive'),
                ('activate', 'active'),
            ):
                assert robot.change(name, label), (name, label)
                assert robot.state(name) == state
        attributes.clear()
        robot.show_until(lambda: attributes)
        for name in names:
            assert robot.change(name, 'deactivate')
            assert robot.change(name, 'cleanup')
    for name, way in zip(names, ((), ('configure',), ('configure', 'activate'))):
        for label in (*way, 'shutdown'):
            assert robot.change(name, label), (name, label)
        assert robot.state(name) == 'finalized'


def test_missing_weights_leave_the_node_unconfigured(start, monkeypatch, tmp_path):
    """The file is named, with what to do; once it is there the node can be configured."""
    embedded = catalogue.EMBEDDED
    monkeypatch.setattr(catalogue, 'EMBEDDED', tmp_path)
    graph = start()
    assert not graph.started
    robot = graph.robot
    log = robot.log()
    for name in ('attributes', 'detection'):
        assert not robot.change(name, 'configure')
        assert robot.state(name) == 'unconfigured'
    wait_until(lambda: 'mtcnn_pnet.onnx' in log())
    assert 'reinstall' in log()
    monkeypatch.setattr(catalogue, 'EMBEDDED', embedded)
    assert robot.change('attributes', 'configure')


def test_exception_in_a_transition_is_logged_with_its_traceback(start, monkeypatch):
    """rclpy would swallow it."""
    graph = start(autostart=False)
    robot = graph.robot
    log = robot.log()
    monkeypatch.setattr(graph.detection.faces, 'advertise', lambda node: 1 / 0)
    assert not robot.change('detection', 'configure')
    assert robot.state('detection') == 'unconfigured'
    wait_until(lambda: 'ZeroDivisionError' in log())
    assert 'Traceback' in log()
    monkeypatch.undo()
    assert robot.change('detection', 'configure')


@pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')
def test_another_model_by_lifecycle(start):
    """From 1 to 2 and back while frames flow, without a restart; the service follows."""
    graph = start()
    robot = graph.robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)
    for model in (2, '1'):
        assert not robot.set('attributes', model=model)[0].successful
        for label in ('deactivate', 'cleanup'):
            robot.show()
            assert robot.change('attributes', label)
        assert robot.set('attributes', model=model)[0].successful
        for label in ('configure', 'activate'):
            robot.show()
            assert robot.change('attributes', label)
        attributes.clear()
        robot.show_until(lambda: attributes and attributes[-1].faces)
        (face,) = attributes[-1].faces
        assert {message.model for message in attributes} == {str(model)}
        assert len(face.attribute_scores) == (40 if str(model) == '1' else 0)
        assert face.gender in (0, 1, 2) and 0 < face.age < 100
        assert sum(face.emotion_scores) == pytest.approx(1, abs=1e-3)
        answer = robot.classify()
        assert answer.success and answer.result.model == str(model)
