# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The service ``classify_image``: the faces of a sent picture, or of the newest camera frame.

Threading: requests are answered one after the other in a callback group of their own; that thread
only waits, with a deadline. Sent pictures are computed on a thread of the service's own.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node

from face_affect_ros.images import ImageError
from face_affect_ros.model import Model
from face_affect_ros.model import views
from face_affect_ros.ros import convert
from face_affect_ros.ros import messages
from face_affect_ros.ros import qos
from face_affect_ros.srv import ClassifyImage
from face_affect_ros.stream.items import DescribedFaces
from face_affect_ros.stream.items import Passage

DEFAULT_TIMEOUT_S = 0.8
DEFAULT_MAX_AGE_S = 0.5

LINGER_S = 3.0
"""Seconds after a request for which the stream is still wanted: the next may follow."""

Response = ClassifyImage.Response


class ServiceError(Exception):
    """A request that cannot be answered with faces.

    :param code: name of a constant of the service.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the code."""
        super().__init__(message)
        self.code = code


class NewestResult:
    """The stream's newest result, for threads that wait for one recent enough."""

    def __init__(self) -> None:
        """Begin without."""
        self._changed = threading.Condition()
        self._result: DescribedFaces | None = None
        self._generation = 0
        self._forgotten_at = float('-inf')

    def put(self, result: DescribedFaces) -> None:
        """Take a new result; wake who waits."""
        with self._changed:
            self._result = result
            self._changed.notify_all()

    def forget(self) -> None:
        """Forget the result and those of frames received before; who waits goes on waiting."""
        with self._changed:
            self._forgotten_at = time.monotonic()

    def clear(self) -> None:
        """Forget the result; who waits gets none."""
        with self._changed:
            self._result = None
            self._generation += 1
            self._changed.notify_all()

    def wait(self, received_since: float, deadline: float) -> DescribedFaces | None:
        """Return a result whose frame was received at or after a time, or None at the deadline.

        Both are times of the steady clock in seconds.
        """
        with self._changed:
            generation = self._generation

            def over() -> bool:
                return self._generation != generation or self._is_from(received_since)

            self._changed.wait_for(over, max(0.0, deadline - time.monotonic()))
            return self._result if self._is_from(received_since) else None

    def _is_from(self, since: float) -> bool:
        since = max(since, self._forgotten_at)
        return self._result is not None and self._result.passage.received_at >= since


class ClassifyService:
    """Answers requests; there from the node's construction on.

    :param node: offers the service.
    :param model: returns the model, None while the node is not active.
    :param newest: the stream's results.
    :param on_waiting: called when a request begins to wait for the stream, to wake it.
    :param last_received_at: when the camera received the newest frame, steady clock, or None.
    """

    def __init__(self, node: Node, model: Callable[[], Model | None], newest: NewestResult,
                 on_waiting: Callable[[], None],
                 last_received_at: Callable[[], float | None]) -> None:
        """Create the service."""
        self._node = node
        self._model = model
        self._newest = newest
        self._on_waiting = on_waiting
        self._last_received_at = last_received_at
        self._wanted_until = float('-inf')
        self._computer = ThreadPoolExecutor(max_workers=1, thread_name_prefix='classify_image')
        self._service = node.create_service(
            ClassifyImage, 'classify_image', self._answer, qos_profile=qos.service(),
            callback_group=MutuallyExclusiveCallbackGroup())

    def wants_stream(self) -> bool:
        """Return whether a request waits for the stream, or one did a moment ago."""
        return time.monotonic() < self._wanted_until

    def close(self) -> None:
        """Let the computing thread end."""
        self._computer.shutdown(wait=False)

    def _answer(self, request: ClassifyImage.Request,
                response: ClassifyImage.Response) -> ClassifyImage.Response:
        """Answer a request, always, within its time-out."""
        taken_at = time.monotonic()
        deadline = taken_at + (_seconds(request.timeout) or DEFAULT_TIMEOUT_S)
        try:
            described = self._classified(request, taken_at, deadline)
        except (ServiceError, ImageError) as error:
            response.error_code = getattr(Response, error.code)
            response.message = str(error)
        except Exception as error:
            self._node.get_logger().error(f'classify_image failed: {error!r}')
            response.error_code = Response.INTERNAL
            response.message = f'{type(error).__name__}: {error}'
        else:
            response.success = True
            response.result = messages.described_to_message(described)
        return response

    def _classified(self, request: ClassifyImage.Request, taken_at: float,
                    deadline: float) -> DescribedFaces:
        model = self._active_model()
        has_image, has_compressed = _is_filled(request.image), _is_filled(request.compressed)
        if has_image and has_compressed:
            raise ServiceError('BAD_IMAGE', 'both image and compressed are filled: send one')
        if has_image:
            return self._sent(model, request.image, convert.to_bgr, deadline)
        if has_compressed:
            return self._sent(model, request.compressed, convert.compressed_to_bgr, deadline)
        max_age = _seconds(request.max_age) or DEFAULT_MAX_AGE_S
        return self._of_stream(taken_at, max_age, deadline)

    def _active_model(self) -> Model:
        model = self._model()
        if model is None:
            raise ServiceError(
                'NOT_ACTIVE', f'{self._node.get_fully_qualified_name()} is not active: configure '
                'and activate it')
        return model

    def _sent(self, model: Model, picture: Any, to_bgr: Callable[[Any], np.ndarray],
              deadline: float) -> DescribedFaces:
        """Describe the faces of a sent picture."""
        future: Future[DescribedFaces] = self._computer.submit(_describe, model, picture, to_bgr)
        try:
            return future.result(timeout=max(0.0, deadline - time.monotonic()))
        except FutureTimeout:
            future.cancel()
            raise ServiceError(
                'TIMEOUT', 'the picture was not done in time: send a smaller one, allow more '
                'timeout or raise min_face_size') from None

    def _of_stream(self, taken_at: float, max_age: float, deadline: float) -> DescribedFaces:
        """Return the stream's newest result, or wait for the next."""
        since = taken_at - max_age
        self._wanted_until = deadline + LINGER_S
        self._on_waiting()
        described = self._newest.wait(since, deadline)
        self._wanted_until = time.monotonic() + LINGER_S
        if described is not None:
            return described
        self._active_model()
        received_at = self._last_received_at()
        waited = f'within {time.monotonic() - taken_at:.2f} s'
        if received_at is None:
            raise ServiceError(
                'NO_IMAGE', f'no camera frame came {waited}, nor before: is the camera running, '
                'is image_topic right?')
        if received_at < since:
            raise ServiceError(
                'STALE_IMAGE',
                f'the newest camera frame is {time.monotonic() - received_at:.1f} s old, '
                f'max_age is {max_age:.2f} s, and none came {waited}')
        raise ServiceError('TIMEOUT', f'a camera frame came, but was not done {waited}')


def _describe(model: Model, picture: Any,
              to_bgr: Callable[[Any], np.ndarray]) -> DescribedFaces:
    """Convert, detect and describe; nothing of it is tracked."""
    image = to_bgr(picture)
    begin = time.monotonic()
    detections = model.detector.detect(image)
    detected_at = time.monotonic()
    faces = tuple(model.describe(views(image, detections), detections))
    passage = Passage(
        0, math.nan, (detected_at - begin) * 1e3, (time.monotonic() - detected_at) * 1e3)
    return DescribedFaces(
        picture.header, messages.stamp_ns_of(picture.header), (image.shape[1], image.shape[0]),
        model.name, faces, passage)


def _is_filled(picture: Any) -> bool:
    """Return whether anything but the header of a picture is set."""
    return bool(len(picture.data)) or any(
        getattr(picture, name, 0) for name in ('height', 'width', 'encoding', 'format', 'step'))


def _seconds(duration: Any) -> float:
    """Return a duration in seconds; what is not above 0 is 0, for the default."""
    return max(0.0, duration.sec + duration.nanosec * 1e-9)
