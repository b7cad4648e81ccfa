# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Are the three nodes there, active and well?"""

from __future__ import annotations

from collections.abc import Iterator

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.doctor.graph_view import LEVEL_NAMES
from face_affect_ros.doctor.graph_view import OK_LEVEL
from face_affect_ros.doctor.graph_view import GraphView
from face_affect_ros.doctor.graph_view import NodeView
from face_affect_ros.parameter import NODES

NEXT_TRANSITION = {'unconfigured': 'configure', 'inactive': 'activate'}


def check_nodes(view: GraphView) -> Iterator[Finding]:
    """Return what is wrong with the nodes of a namespace."""
    if not view.nodes:
        yield _none(view)
        return
    missing = [name for name in NODES if name not in view.nodes]
    if missing:
        yield problem(
            'nodes-missing',
            f'{view.namespace} has no {" and no ".join(missing)}',
            f'face-affect run {missing[0]}, in that namespace (or all: face-affect run)',
        )
    faults = [finding for each in view.nodes.values() for finding in _of_node(each)]
    yield from faults
    if not missing and not faults:
        yield ok('nodes', f'{", ".join(view.nodes)} in {view.namespace} are active')


def _none(view: GraphView) -> Finding:
    make = problem if view.is_expected else note
    return make(
        'nodes-none',
        f'no node in {view.namespace} on ROS_DOMAIN_ID {view.domain}',
        'start them (face-affect run), or give their --namespace and their ROS_DOMAIN_ID',
    )


def _of_node(node: NodeView) -> Iterator[Finding]:
    if node.count > 1:
        yield problem(
            'nodes-namesakes',
            f'{node.count} nodes are called {node.name}',
            'end one, or give it another namespace (one that was killed counts for some 20 s)',
        )
    if node.state is None:
        yield problem(
            'nodes-frozen',
            f'{node.name} is in the graph, but does not answer',
            'is its process stopped, stuck, or killed a moment ago? Start it again',
        )
        return
    if node.state != 'active':
        step = NEXT_TRANSITION.get(node.state)
        yield problem(
            'nodes-inactive',
            f'{node.name} is {node.state}',
            f'ros2 lifecycle set {node.name} {step}' if step else 'start it again',
        )
        return
    if node.level is None:
        yield problem(
            'nodes-silent',
            f'{node.name} is active, but sent no diagnostics',
            'is the machine too busy? See its log',
        )
    elif node.level != OK_LEVEL:
        yield problem(
            'nodes-diagnostics',
            f'{node.name} {LEVEL_NAMES[min(node.level, 3)]}: {node.message}',
            'do as it says; ros2 topic echo /diagnostics shows its figures',
        )
    elif node.values.get('enabled') == 'False':
        yield note(
            'nodes-paused',
            f'{node.name} is paused',
            f'call {node.name.rpartition("/")[0]}/enable (std_srvs/srv/SetBool) with data: true',
        )
