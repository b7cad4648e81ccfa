# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The service ``enable``: the nodes of a namespace rest, all of them, and stay active.

``attributes`` offers it and tells ``camera`` and ``detection`` by the topic ``enabled``, which
keeps its last message for who comes later. While they rest the camera is not subscribed to and
nothing is computed, sent pictures neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

from face_affect_ros.ros import qos


class EnableService:
    """Offers ``enable``, and tells the nodes of the namespace.

    :param node: offers it.
    :param on_change: called with what was asked for.
    """

    def __init__(self, node: Node, on_change: Callable[[bool], None]) -> None:
        """Begin enabled."""
        self._on_change = on_change
        self._publisher = node.create_publisher(Bool, 'enabled', qos.kept())
        self._publisher.publish(Bool(data=True))
        node.create_service(SetBool, 'enable', self._set)

    def _set(self, request: Any, response: Any) -> Any:
        self._publisher.publish(Bool(data=request.data))
        self._on_change(request.data)
        response.success = True
        response.message = 'enabled' if request.data else 'paused'
        return response


def follow(node: Node, on_change: Callable[[bool], None]) -> None:
    """Have a node do what ``enable`` of its namespace was told.

    :param on_change: called with it, also where nothing changes.
    """
    node.create_subscription(Bool, 'enabled', lambda message: on_change(message.data), qos.kept())


def why(node: Node) -> str:
    """Return that a node rests, and what to do."""
    service = node.resolve_service_name('enable')
    return f'{node.get_fully_qualified_name()} is paused: call {service} with data: true'
