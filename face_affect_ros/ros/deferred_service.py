# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A service whose answers are sent when they are ready, so that no thread waits for them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from face_affect_ros.ros import qos
from face_affect_ros.ros.executor import InvalidHandle

MOST_AT_ONCE = 100
"""Requests that are taken with the one that the executor found."""

Reply = Callable[[Any], None]
"""Sends the response to a request, from any thread, once."""


class DeferredService:
    """Hands each request on with a function that answers it.

    rclpy calls ``send_response(what the callback returned, header of the request)`` of its service
    object, from Humble to Kilted; here the callback returns the request, and ``send_response``
    keeps the header for later.

    :param node: offers the service.
    :param service_type: its type.
    :param name: its name.
    :param take: called with each request and its reply; stores both and returns.
    """

    def __init__(
        self, node: Node, service_type: Any, name: str, take: Callable[[Any, Reply], None]
    ) -> None:
        service: Any = node.create_service(
            service_type,
            name,
            lambda request, _: request,
            qos_profile=qos.service(),
            callback_group=MutuallyExclusiveCallbackGroup(),
        )
        send = service.send_response

        def hand_on(request: Any, header: Any) -> None:
            take(request, partial(send, header=header))
            for another, its_header in islice(_waiting(service), MOST_AT_ONCE):
                take(another, partial(send, header=its_header))

        service.send_response = hand_on


def _waiting(service: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the requests that have come meanwhile, with their headers.

    For each of them the executor would look through all that it waits for, a millisecond a time
    with the interpreter locked.
    """
    while True:
        try:
            with service.handle:
                request, header = service.handle.service_take_request(service.srv_type.Request)
        except InvalidHandle:  # destroyed meanwhile
            return
        if header is None:
            return
        yield request, header
