# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the doctor makes of what it saw of a graph."""

from dataclasses import replace

import pytest

from face_affect_ros.doctor import finding
from face_affect_ros.doctor import running
from face_affect_ros.doctor.graph_view import CameraView
from face_affect_ros.doctor.graph_view import GraphView
from face_affect_ros.doctor.graph_view import NodeView
from face_affect_ros.doctor.graph_view import ServiceView

VALUES = {
    'input rate (Hz)': '30.0',
    'time p50 (ms)': '9.0',
    'time p95 (ms)': '15.0',
    'latency p95 (ms)': '21.0',
    'enabled': 'True',
}
WELL = GraphView(
    '/face_affect',
    0,
    False,
    {
        name: NodeView(
            f'/face_affect/{name}', 1, 'active', {'use_sim_time': False}, 0, 'active', VALUES
        )
        for name in ('camera', 'detection', 'attributes')
    },
    CameraView(
        '/cam', 'raw', ('driver',), 'reliable', 90, 30, 30, picture='640x480', delay_s=0.01
    ),
    ServiceView('/face_affect/classify_image', 2, 12.0),
)


def found(view):
    """Return what is no ok: level and anchor."""
    everything = finding.findings(running.checks(view))
    return [(each.level, each.anchor) for each in everything if each.level != 'ok']


def with_node(**changes):
    """Return the graph, detection changed."""
    nodes = {**WELL.nodes, 'detection': replace(WELL.nodes['detection'], **changes)}
    return replace(WELL, nodes=nodes)


def with_camera(**changes):
    """Return the graph, its camera changed."""
    return replace(WELL, camera=replace(WELL.camera, **changes))


def with_service(**changes):
    """Return the graph, its service changed."""
    return replace(WELL, service=replace(WELL.service, **changes))


def sim(*names, clocks=1):
    """Return the graph with simulated time for some nodes."""
    nodes = {
        name: replace(node, parameters={'use_sim_time': name in names})
        for name, node in WELL.nodes.items()
    }
    return replace(WELL, nodes=nodes, clocks=clocks)


def test_a_graph_that_is_well():
    """Each subject says so."""
    everything = finding.findings(running.checks(WELL))
    assert [each.level for each in everything] == ['ok'] * len(everything)
    assert {each.subject for each in everything} == {
        'nodes',
        'camera',
        'clock',
        'service',
        'stages',
    }


@pytest.mark.parametrize(
    ('view', 'expected'),
    [
        (with_node(count=2), ('problem', 'nodes-namesakes')),
        (with_node(state=None), ('problem', 'nodes-frozen')),
        (with_node(state='inactive'), ('problem', 'nodes-inactive')),
        (with_node(level=None), ('problem', 'nodes-silent')),
        (with_node(level=1, message='slow'), ('problem', 'nodes-diagnostics')),
        (with_node(level=7, message='odd'), ('problem', 'nodes-diagnostics')),
        (with_node(values={**VALUES, 'enabled': 'False'}), ('note', 'nodes-paused')),
        (with_node(values={**VALUES, 'time p50 (ms)': '34'}), ('note', 'stages-slow')),
        (with_camera(topic='', silence='why'), ('problem', 'camera-none')),
        (with_camera(received=0, silence='why'), ('problem', 'camera-silent')),
        (with_camera(error='odd encoding'), ('problem', 'camera-encoding')),
        (with_camera(is_lossy=True, loss_remedy='do'), ('problem', 'camera-lossy')),
        (with_camera(received_hz=4.9), ('note', 'camera-slow')),
        (with_camera(publishers=('a', 'b')), ('problem', 'camera-several')),
        (with_camera(delay_s=None), ('note', 'clock-unstamped')),
        (with_camera(delay_s=1.01), ('problem', 'clock-skew')),
        (with_camera(delay_s=-0.11), ('problem', 'clock-skew')),
        (sim('camera', 'detection', 'attributes', clocks=0), ('problem', 'clock-missing')),
        (sim('camera'), ('problem', 'clock-mixed')),
        (sim(), ('note', 'clock-unused')),
        (replace(WELL, service=None), ('problem', 'service-missing')),
        (with_service(answer_ms=None), ('problem', 'service-silent')),
        (with_service(error='NO_IMAGE', message='none'), ('problem', 'service-refused')),
        (with_service(answer_ms=1001), ('problem', 'service-slow')),
    ],
)
def test_one_thing_wrong_is_one_finding(view, expected):
    """And nothing else is blamed."""
    assert found(view) == [expected]


@pytest.mark.parametrize(('is_expected', 'level'), [(False, 'note'), (True, 'problem')])
def test_no_nodes(is_expected, level):
    """Wrong only where the user says that there are some; a camera is looked for in any case."""
    view = GraphView('/robot', 3, is_expected, {}, CameraView(silence='no topic'))
    assert found(view) == [(level, 'nodes-none'), (level, 'camera-none')]


def test_missing_node():
    """Named, with the command that starts it."""
    nodes = {name: WELL.nodes[name] for name in ('camera', 'attributes')}
    (first, *_) = finding.findings(running.checks(replace(WELL, nodes=nodes)))
    assert first.anchor == 'nodes-missing'
    assert 'detection' in first.text and 'face-affect run detection' in first.remedy


def test_figures_that_are_none():
    """A stage that did nothing yet is not judged."""
    view = with_node(values={**VALUES, 'time p50 (ms)': 'none', 'time p95 (ms)': 'none'})
    assert found(view) == []
