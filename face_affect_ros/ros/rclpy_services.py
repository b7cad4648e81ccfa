# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The services that rclpy gives every node, made to answer whatever they are asked.

What rclpy raises on a request that it did not expect (a parameter of type 200) would leave the
client without an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.node import Node

from face_affect_ros.quoting import quoted
from face_affect_ros.ros.throttled_log import one_line

OnError = Callable[[str, Exception], None]
"""Told of the service in words and of what it raised."""


def answer_always(node: Node, on_error: OnError) -> None:
    """Have the services that a node has by now refuse where they would raise."""
    for service in node.services:
        service.callback = _answering(service, on_error)


def _answering(service: Any, on_error: OnError) -> Callable[[Any, Any], Any]:
    """Return a service's callback, which answers whatever it raises."""
    callback, kind = service.callback, service.srv_type

    def answer(request: Any, response: Any) -> Any:
        try:
            return callback(request, response)
        except Exception as error:
            on_error(f'service {service.srv_name}', error)
            return _refusal(kind, request, error)

    def answer_each(request: Any, response: Any) -> Any:
        for parameter in request.parameters:
            one = answer(kind.Request(parameters=[parameter]), kind.Response())
            response.results = [*response.results, *one.results]
        return response

    return answer_each if kind is SetParameters else answer


def _refusal(kind: Any, request: Any, error: Exception) -> Any:
    """Return an answer that refuses a request, with the reason where it has a field for it."""
    if kind not in (SetParameters, SetParametersAtomically):
        return kind.Response()
    names = ', '.join(parameter.name for parameter in request.parameters)
    result = SetParametersResult(
        successful=False, reason=one_line(f'cannot set {quoted(names)}: {error}')
    )
    return (
        kind.Response(results=[result]) if kind is SetParameters else kind.Response(result=result)
    )
