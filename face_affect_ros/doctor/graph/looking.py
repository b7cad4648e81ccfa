# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Looks at a graph for a few seconds and tells what was there."""

from __future__ import annotations

import time
from collections.abc import Hashable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters
from rclpy.parameter import parameter_value_to_python
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock

from face_affect_ros.doctor.graph.pictures import Pictures
from face_affect_ros.doctor.graph.session import GraphSession
from face_affect_ros.doctor.graph.session import Request
from face_affect_ros.doctor.graph_view import CameraView
from face_affect_ros.doctor.graph_view import GraphView
from face_affect_ros.doctor.graph_view import NodeView
from face_affect_ros.doctor.graph_view import ServiceView
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.parameter import NODES
from face_affect_ros.ros import camera_finder
from face_affect_ros.ros import qos
from face_affect_ros.ros.stage_node import NAMESPACE
from face_affect_ros.srv import ClassifyImage

DISCOVERY_S = 4.0
"""Seconds that it may take until all nodes are seen; busy machines took 3.5."""

ANSWER_S = 2.0
"""Seconds that a node may take to answer."""

REOPEN_S = 0.5
"""Seconds after which it is looked again who publishes the pictures."""

OURS = 'face_affect_ros/'

PARAMETERS = (
    'use_sim_time',
    'image_topic',
    'image_topic_alternative',
    'image_transport',
    'image_reliability',
)

CODES = {
    getattr(ClassifyImage.Response, name): name
    for name in (
        'NO_IMAGE',
        'STALE_IMAGE',
        'BAD_IMAGE',
        'UNSUPPORTED_ENCODING',
        'TOO_LARGE',
        'TIMEOUT',
        'NOT_ACTIVE',
        'INTERNAL',
    )
}
"""Names of the codes of an answer that is no success."""


def look(session: GraphSession, namespace: str | None, seconds: float) -> list[GraphView]:
    """Return what is in the graph, a view a namespace.

    While it is looked, ``attributes`` has a subscriber and the camera one more: nodes that nobody
    listens to work meanwhile.

    :param namespace: the one to look at; None: all that have nodes of this package.
    :param seconds: how long messages are listened to.
    """
    wanted = f'/{namespace.strip("/")}' if namespace is not None else ''
    session.spin(DISCOVERY_S, lambda: _is_complete(session, wanted))
    found = [wanted] if wanted else _namespaces(session) or [f'/{NAMESPACE}']
    return [_view(session, each, bool(wanted), seconds) for each in found]


def _is_complete(session: GraphSession, wanted: str) -> bool:
    """Return whether all nodes are seen of the namespace that is wanted, or of all there are."""
    there = session.node.get_node_names_and_namespaces()
    spaces = [wanted] if wanted else _namespaces(session)
    return bool(spaces) and all((name, space) in there for space in spaces for name in NODES)


def _namespaces(session: GraphSession) -> list[str]:
    """Return the namespaces that have nodes of this package."""
    node = session.node
    offers = *node.get_topic_names_and_types(), *node.get_service_names_and_types()
    own = {name.rpartition('/')[0] for name, types in offers if types[0].startswith(OURS)}
    return sorted(own - {''})


def _view(session: GraphSession, namespace: str, is_expected: bool, seconds: float) -> GraphView:
    """Return what is in one namespace."""
    there = session.node.get_node_names_and_namespaces()
    counts = {name: there.count((name, namespace)) for name in NODES}
    names = {name: f'{namespace}/{name}' for name in NODES if counts[name]}
    answers = session.ask(_questions(names), ANSWER_S)
    parameters = {name: _parameters(answers.get((name, 'parameters'))) for name in names}
    listened = _listen(session, namespace, parameters.get('camera', {}), seconds)
    nodes = {
        name: NodeView(
            full,
            counts[name],
            state.current_state.label if (state := answers.get((name, 'state'))) else None,
            parameters[name],
            **_diagnosed(listened.statuses.get(full)),
        )
        for name, full in names.items()
    }
    return GraphView(
        namespace,
        session.node.context.get_domain_id(),
        is_expected,
        nodes,
        listened.camera,
        listened.service,
        session.node.count_publishers('/clock'),
    )


def _questions(names: Mapping[str, str]) -> dict[Hashable, Request]:
    """Return what every node is asked."""
    wanted = GetParameters.Request(names=list(PARAMETERS))
    return {
        **{
            (name, 'state'): (GetState, f'{full}/get_state', GetState.Request())
            for name, full in names.items()
        },
        **{
            (name, 'parameters'): (GetParameters, f'{full}/get_parameters', wanted)
            for name, full in names.items()
        },
    }


def _parameters(answer: Any) -> dict[str, Any]:
    """Return what a node said; a node of another package of this name may know none."""
    if answer is None or len(answer.values) != len(PARAMETERS):
        return {}
    values = map(parameter_value_to_python, answer.values)
    return {name: value for name, value in zip(PARAMETERS, values) if value is not None}


@dataclass(frozen=True)
class _Listened:
    """What came within a few seconds.

    :param statuses: the newest diagnostics by their names.
    """

    statuses: Mapping[str, Any]
    camera: CameraView
    service: ServiceView | None


def _listen(
    session: GraphSession, namespace: str, of_camera: Mapping[str, Any], seconds: float
) -> _Listened:
    """Listen to diagnostics, results and pictures, and ask for the newest result."""
    node = session.node
    statuses: dict[str, Any] = {}
    pictures = Pictures(
        node, of_camera.get('use_sim_time', False), _image_parameters(namespace, of_camera)
    )
    subscriptions = [
        node.create_subscription(
            DiagnosticArray,
            '/diagnostics',
            lambda message: statuses.update({each.name: each for each in message.status}),
            qos.output(),
        ),
        node.create_subscription(
            FaceAttributesArray, f'{namespace}/attributes', lambda _: None, qos.output()
        ),
        node.create_subscription(Clock, '/clock', pictures.tick, qos_profile_sensor_data),
    ]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pictures.open()
        session.spin(min(REOPEN_S, end - time.monotonic()))
    camera = pictures.view()
    pictures.close()
    service = _service(session, namespace)  # while frames still come
    for each in subscriptions:
        node.destroy_subscription(each)
    return _Listened(statuses, camera, service)


def _image_parameters(namespace: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the camera node takes its pictures from; auto where it does not say."""
    names = {
        name: given.get(name) or default
        for name, default in (
            ('image_topic', 'image' if given else camera_finder.AUTO),
            ('image_topic_alternative', ''),
            ('image_transport', 'raw'),
            ('image_reliability', 'auto'),
        )
    }
    return {
        **names,
        **{
            name: f'{namespace}/{names[name]}'
            for name in ('image_topic', 'image_topic_alternative')
            if names[name] not in ('', camera_finder.AUTO) and names[name][0] not in '/~'
        },
    }


def _diagnosed(status: Any) -> dict[str, Any]:
    """Return a node's diagnostics as ``NodeView`` has them."""
    if status is None:
        return {}
    return {
        'level': status.level[0],
        'message': status.message,
        'values': {each.key: each.value for each in status.values},
    }


def _service(session: GraphSession, namespace: str) -> ServiceView | None:
    """Ask for the newest result."""
    name = f'{namespace}/classify_image'
    if not any(each == name for each, _ in session.node.get_service_names_and_types()):
        return None
    begin = time.monotonic()
    answer = session.ask({name: (ClassifyImage, name, ClassifyImage.Request())}, ANSWER_S).get(
        name
    )
    took_ms = (time.monotonic() - begin) * 1e3
    if answer is None:
        return ServiceView(name, ANSWER_S)
    error = '' if answer.success else CODES.get(answer.error_code, str(answer.error_code))
    return ServiceView(name, ANSWER_S, took_ms, error, answer.message, len(answer.result.faces))
