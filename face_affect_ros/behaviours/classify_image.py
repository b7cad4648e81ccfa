# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The behaviour that asks ``classify_image`` for faces."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import py_trees
from py_trees.common import Access
from py_trees.common import Status

from face_affect_ros.behaviours.seen_faces import ERROR_KEY
from face_affect_ros.behaviours.seen_faces import FACES_KEY
from face_affect_ros.behaviours.seen_faces import SeenFaces

SERVICE = '/face_affect/classify_image'


class ClassifyImage(py_trees.behaviour.Behaviour):
    """
    Ask for the faces of the newest camera frame, or of a picture on the blackboard.

    RUNNING until the answer is there, SUCCESS once its faces are on the blackboard, FAILURE where
    the answer has ``success`` false or does not come by the deadline; why stands in
    ``feedback_message`` and under ``ERROR_KEY``. No tick waits. A picture without a face is a
    success. An interrupted request is cancelled.

    The node of ``setup(node=...)``, which ``py_trees_ros`` passes by itself, must be spun by
    somebody: by another thread, or between the ticks.

    :param name: of the behaviour.
    :param service: name of the service, absolute or relative to the node's namespace.
    :param timeout_s: seconds that the service has for its answer, above 0, at most 60.
    :param deadline_s: seconds from the first tick to FAILURE where no answer came, or where there
        is no such service; more than ``timeout_s``, for the way there and back.
    :param max_age_s: how old the newest frame may be, in seconds, above 0.
    :param image_key: blackboard key of a ``sensor_msgs`` ``Image`` or ``CompressedImage`` to send;
        None: the newest camera frame.
    :param faces_key: blackboard key to which the ``SeenFaces`` are written.
    :param node: an rclpy node, where ``setup`` is given none.
    :param clock: returns seconds of the steady clock.
    :raises ValueError: a time is out of range.
    """

    def __init__(
        self,
        name: str = 'ClassifyImage',
        service: str = SERVICE,
        timeout_s: float = 0.8,
        deadline_s: float = 1.0,
        max_age_s: float = 0.5,
        image_key: str | None = None,
        faces_key: str = FACES_KEY,
        node: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name)
        if not 0 < timeout_s <= 60:
            raise ValueError(f'timeout_s is {timeout_s}: give more than 0 and at most 60 s')
        if not deadline_s > timeout_s:
            raise ValueError(
                f'deadline_s is {deadline_s}, timeout_s {timeout_s}: the deadline must be later, '
                'or no answer that says why can come before it'
            )
        if not max_age_s > 0:
            raise ValueError(f'max_age_s is {max_age_s}: give more than 0 s')
        self._service = service
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._max_age_s = max_age_s
        self._image_key = image_key
        self._faces_key = faces_key
        self._node = node
        self._clock = clock
        self._full_name = service
        self._client: Any = None
        self._future: Any = None
        self._began_at = 0.0
        self._blackboard = self.attach_blackboard_client(name)
        self._blackboard.register_key(faces_key, Access.WRITE)
        self._blackboard.register_key(ERROR_KEY, Access.WRITE)
        if image_key is not None:
            self._blackboard.register_key(image_key, Access.READ)

    def setup(self, **kwargs: Any) -> None:
        """Create the client.

        :param node: the rclpy node, unless the constructor had it.
        :raises KeyError: there is no node.
        """
        node = kwargs.get('node', self._node)
        if node is None:
            raise KeyError(
                f'{self.name} needs a node: call tree.setup(node=node), or give it ClassifyImage'
            )
        if self._client is not None:
            return
        from face_affect_ros.srv import ClassifyImage as Service

        self._node = node
        self._full_name = node.resolve_service_name(self._service)
        self._client = node.create_client(Service, self._service)

    def initialise(self) -> None:
        """Begin a request; a tick sends it as soon as the service is there."""
        if self._client is None:
            raise RuntimeError(f'{self.name} was not set up: call tree.setup(node=node)')
        self._began_at = self._clock()
        self._future = None

    def update(self) -> Status:
        """Send the request or look for its answer."""
        now = self._clock()
        if self._future is None and self._client.service_is_ready():
            try:
                request = self._request()
            except (KeyError, TypeError) as error:
                return self._failed(str(error.args[0]))
            self._future = self._client.call_async(request)
        if self._future is not None and self._future.done():
            return self._answered(self._future, now)
        if now - self._began_at < self._deadline_s:
            self.feedback_message = 'waits for ' + (
                'the answer' if self._future else 'the service'
            )
            return Status.RUNNING
        if self._future is None:
            return self._failed(
                f'no service {self._full_name} within {self._deadline_s:g} s: is '
                'face_affect_ros running, in this namespace and ROS_DOMAIN_ID?'
            )
        self._give_up()
        return self._failed(
            f'{self._full_name} did not answer within {self._deadline_s:g} s: is the node '
            'that ticks this tree spun? Does face_affect_ros still run?'
        )

    def terminate(self, new_status: Status) -> None:
        """Cancel a request that is still open."""
        self._give_up()

    def shutdown(self) -> None:
        """Destroy the client."""
        self._give_up()
        if self._client is not None:
            self._node.destroy_client(self._client)
            self._client = None

    def _request(self) -> Any:
        """Return the request, with the picture if one is to be sent."""
        from sensor_msgs.msg import CompressedImage
        from sensor_msgs.msg import Image

        request = self._client.srv_type.Request()
        _set_seconds(request.timeout, self._timeout_s)
        _set_seconds(request.max_age, self._max_age_s)
        if self._image_key is None:
            return request
        if not self._blackboard.exists(self._image_key):
            raise KeyError(f'no picture on the blackboard under {self._image_key}')
        picture = self._blackboard.get(self._image_key)
        if isinstance(picture, Image):
            request.image = picture
        elif isinstance(picture, CompressedImage):
            request.compressed = picture
        else:
            raise TypeError(
                f'{self._image_key} holds {type(picture).__name__}: put an Image or a '
                'CompressedImage of sensor_msgs there'
            )
        return request

    def _answered(self, future: Any, now: float) -> Status:
        """Take an answer."""
        self._future = None
        error = None if future.cancelled() else future.exception()
        if error is not None or future.result() is None:
            return self._failed(f'{self._full_name} could not be called: {error!r}')
        response = future.result()
        if not response.success:
            return self._failed(f'{_name_of(response)}: {response.message}')
        seen = SeenFaces.from_message(response.result, now)
        self._blackboard.set(self._faces_key, seen)
        self._blackboard.set(ERROR_KEY, '')
        self.feedback_message = f'{len(seen.faces)} faces'
        return Status.SUCCESS

    def _failed(self, reason: str) -> Status:
        self.feedback_message = reason
        self._blackboard.set(ERROR_KEY, reason)
        return Status.FAILURE

    def _give_up(self) -> None:
        """Forget the open request; an answer that comes later is dropped."""
        future, self._future = self._future, None
        if future is not None and not future.done():
            self._client.remove_pending_request(future)
            future.cancel()


def _set_seconds(duration: Any, seconds: float) -> None:
    duration.sec, duration.nanosec = divmod(round(seconds * 1e9), 10**9)


def _name_of(response: Any) -> str:
    """Return the name of a response's error code, or its number where it is not known here."""
    kind = type(response)
    names = [name for name in dir(type(kind)) if name.isupper()]
    codes = {getattr(kind, name): name for name in names}
    return codes.get(response.error_code, f'error {response.error_code}')
