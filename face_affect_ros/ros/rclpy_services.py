# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The services that rclpy gives every node, made to answer whatever they are asked.

What rclpy raises on a request that it did not expect (a parameter of type 200) would leave the
client without an answer. What it logs of a transition that there is not stands in the log as often
as somebody asks, with the text that they chose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lifecycle_msgs.srv import GetAvailableTransitions
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.node import Node

from face_affect_ros.quoting import quoted
from face_affect_ros.ros.throttled_log import one_line

OnError = Callable[[str, Exception], None]
"""Told of the service in words and of what it raised."""


OnRefusal = Callable[[str], None]
"""Told why a request was refused."""


def answer_always(node: Node, on_error: OnError, on_refusal: OnRefusal) -> None:
    """Have the services that a node has by now refuse where they would raise, or log."""
    by_name = {}
    for service in node.services:
        service.callback = _answering(service, on_error)
        by_name[service.srv_name.rpartition('/')[2]] = service
    if 'change_state' in by_name:
        _refuse_what_is_no_transition(
            by_name['change_state'], by_name['get_available_transitions'].callback, on_refusal
        )


def _refuse_what_is_no_transition(
    service: Any, available: Callable[[Any, Any], Any], on_refusal: OnRefusal
) -> None:
    """Have a node not try transitions that do not start where it is.

    :param service: ``change_state`` of the node.
    :param available: the callback of ``get_available_transitions``.
    """
    change = service.callback

    def answer(request: Any, response: Any) -> Any:
        wanted = request.transition
        there = available(
            GetAvailableTransitions.Request(), GetAvailableTransitions.Response()
        ).available_transitions
        names = [each.transition.label for each in there]
        if wanted.label:  # which counts, where there are both
            is_there = wanted.label in names
        else:
            is_there = wanted.id in [each.transition.id for each in there]
        if is_there:
            return change(request, response)
        on_refusal(
            f'transition {quoted(wanted.label or wanted.id)} is refused: possible are now '
            f'{", ".join(names) or "none"}'
        )
        response.success = False
        return response

    service.callback = answer


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
