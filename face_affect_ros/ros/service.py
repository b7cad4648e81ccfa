# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The service ``classify_image``: the faces of a sent picture, or of the newest camera frame.

Threading: the callback only stores the request. One thread answers, each request by its own
deadline (open_requests.py); two others describe sent pictures (sent_pictures.py), large ones
apart, so that nobody with a small picture waits for them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from face_affect_ros import glibc_malloc
from face_affect_ros import interruption
from face_affect_ros.images import ImageError
from face_affect_ros.model import Model
from face_affect_ros.quoting import quoted
from face_affect_ros.ros import messages
from face_affect_ros.ros import pause
from face_affect_ros.ros.deferred_service import DeferredService
from face_affect_ros.ros.deferred_service import Reply
from face_affect_ros.ros.no_frame_reason import why_no_frame
from face_affect_ros.ros.open_requests import OpenRequest
from face_affect_ros.ros.open_requests import OpenRequests
from face_affect_ros.ros.picture_reader import LARGE_PIXELS
from face_affect_ros.ros.picture_reader import PictureReader
from face_affect_ros.ros.sent_pictures import PictureThread
from face_affect_ros.ros.stage_node import StageNode
from face_affect_ros.ros.throttled_log import one_line
from face_affect_ros.srv import ClassifyImage
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import FrameTiming

DEFAULT_TIMEOUT_S = 0.8
DEFAULT_MAX_AGE_S = 0.5
MAX_TIMEOUT_S = 60.0
MAX_AGE_LIMIT_S = 3600.0
"""What a longer ``timeout`` and ``max_age`` count as."""

LINGER_S = 3.0
"""Seconds after a request for which the stream is still wanted: the next may follow."""

MOST_WAITING_BYTES = 256_000_000
"""Sent pictures that wait may take this much memory, or there is but one."""

Response = ClassifyImage.Response


class ServiceError(Exception):
    """A request that cannot be answered with faces.

    :param code: name of a constant of the service.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ClassifyService:
    """Answers requests; there from the node's construction on.

    :param node: offers the service.
    :param model: returns the model, None while the node is not active or paused.
    :param on_waiting: called when a request begins to wait for the stream, to wake it.
    :param last_received_at: when the camera received the newest frame, steady clock, or None.
    :param fault: what is wrong with the nodes that the stream comes from, or an empty text.
    :param max_pixels: returns the pixels of the largest picture that is taken.
    :param redact: takes out what may not be told.
    """

    def __init__(
        self,
        node: StageNode,
        model: Callable[[], Model | None],
        on_waiting: Callable[[], None],
        last_received_at: Callable[[], float | None],
        fault: Callable[[], str],
        max_pixels: Callable[[], int],
        redact: Callable[[DescribedFaces], DescribedFaces],
    ) -> None:
        self._node = node
        self._model = model
        self._on_waiting = on_waiting
        self._last_received_at = last_received_at
        self._fault = fault
        self._redact = redact
        self._newest: DescribedFaces | None = None
        self._forgotten_at = float('-inf')
        self._lingers_until = float('-inf')
        self._reader = PictureReader(
            max_pixels,
            lambda text: node.log.warning('damage', f'a sent picture is damaged: {quoted(text)}'),
        )
        self._open = OpenRequests(self._answer)
        self._small = PictureThread('classify_image small', self._describe_small, self._settle)
        self._large = PictureThread(
            'classify_image large',
            self._describe,
            self._settle,
            after=glibc_malloc.give_back_freed,
        )
        DeferredService(node, ClassifyImage, 'classify_image', self._take)

    def wants_stream(self) -> bool:
        """Return whether a request waits for the stream, or one did a moment ago."""
        return time.monotonic() < self._lingers_until or self._open.any(_asks_for_stream)

    def put(self, result: DescribedFaces) -> None:
        """Take the stream's newest result, for all that wait for one as new."""
        self._newest = result
        self._open.settle(result, lambda request: self._is_new_enough(result, request))

    def forget(self) -> None:
        """Forget the result and those of frames received before; who waits goes on waiting."""
        self._forgotten_at = time.monotonic()

    def start(self) -> None:
        """Begin without a result."""
        self._newest = None

    def stop(self) -> None:
        """Forget the result; who waits is told that the node is not active."""
        self._newest = None
        self._open.settle(self._not_active(), lambda _: True)

    def close(self) -> None:
        """Let the threads end."""
        self._open.close()
        self._small.close()
        self._large.close()
        self._reader.close()

    def _take(self, message: ClassifyImage.Request, reply: Reply) -> None:
        """Take a request in, or refuse it."""
        taken_at = time.monotonic()
        request = OpenRequest(
            message,
            reply,
            taken_at,
            taken_at + _seconds(message.timeout, DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S),
        )
        try:
            self._begin(request)
        except ServiceError as error:
            request.outcome = error
            self._open.add(request)

    def _begin(self, request: OpenRequest) -> None:
        """Have a request waited for, or its picture described."""
        if self._model() is None:
            raise self._not_active()
        request.picture = _picture_of(request.message)
        if request.picture is None:
            max_age = _seconds(request.message.max_age, DEFAULT_MAX_AGE_S, MAX_AGE_LIMIT_S)
            request.received_since = request.taken_at - max_age
            self._wait_for_stream(request)
            return
        waiting = self._open.bytes
        if waiting and waiting + request.bytes > MOST_WAITING_BYTES:
            raise ServiceError(
                'TIMEOUT',
                f'{waiting:,} bytes of pictures wait already, more are not kept: send '
                'fewer at once, or smaller ones',
            )
        self._open.add(request)
        self._small.put(request)

    def _wait_for_stream(self, request: OpenRequest) -> None:
        self._open.add(request)
        newest = self._newest
        if newest is not None and self._is_new_enough(newest, request):
            self._settle(request, newest)
        self._on_waiting()

    def _is_new_enough(self, result: DescribedFaces, request: OpenRequest) -> bool:
        since = max(request.received_since, self._forgotten_at)
        return _asks_for_stream(request) and result.timing.received_at >= since

    def _settle(self, request: OpenRequest, outcome: DescribedFaces | Exception) -> None:
        self._open.settle(outcome, lambda each: each is request)

    def _describe_small(self, request: OpenRequest) -> DescribedFaces | None:
        """Describe a picture, or leave it to the other thread."""
        if self._reader.pixels(request.picture) > LARGE_PIXELS:
            self._large.put(request)
            return None
        return self._describe(request)

    def _describe(self, request: OpenRequest) -> DescribedFaces:
        model = self._model()
        if model is None:
            raise self._not_active()
        return _described(model, self._reader, request.picture)

    def _answer(self, request: OpenRequest) -> None:
        """Send the outcome, or say why there is none in time."""
        if _asks_for_stream(request):
            self._lingers_until = time.monotonic() + LINGER_S
        response = Response()
        try:
            response.result = messages.described_to_message(self._redact(self._outcome(request)))
            response.success = True
        except (ServiceError, ImageError) as error:
            response.error_code = getattr(Response, error.code)
            response.message = one_line(str(error))
        except Exception as error:
            self._node.failures.add('classify_image', error, 'the request is refused')
            response.error_code = Response.INTERNAL
            response.message = one_line(_in_words(error))
        request.reply(response)

    def _outcome(self, request: OpenRequest) -> DescribedFaces:
        """Return the faces, or raise why there are none."""
        outcome = request.outcome
        if isinstance(outcome, DescribedFaces):
            return outcome
        if outcome is not None:
            raise outcome
        if self._model() is None:
            raise self._not_active()
        raise self._late_stream(request) if _asks_for_stream(request) else _late_picture()

    def _late_stream(self, request: OpenRequest) -> ServiceError:
        """Return why no result of the stream came in time."""
        now = time.monotonic()
        waited = f'within {now - request.taken_at:.2f} s'
        received_at = self._last_received_at()
        fault = self._fault()
        if fault:
            return ServiceError('NOT_ACTIVE', f'no frame was described {waited}: {fault}')
        if received_at is None:
            return ServiceError(
                'NO_IMAGE',
                f'no camera frame came {waited}, nor before: {why_no_frame(self._node)}',
            )
        if received_at < request.received_since:
            max_age = request.taken_at - request.received_since
            return ServiceError(
                'STALE_IMAGE',
                f'the newest camera frame is {now - received_at:.1f} s old, '
                f'max_age is {max_age:.2f} s, and none came {waited}: {why_no_frame(self._node)}',
            )
        return ServiceError('TIMEOUT', f'a camera frame came, but was not done {waited}')

    def _not_active(self) -> ServiceError:
        if self._node.active and not self._node.enabled:
            return ServiceError('NOT_ACTIVE', pause.why(self._node))
        return ServiceError(
            'NOT_ACTIVE',
            f'{self._node.get_fully_qualified_name()} is not active: configure and activate it',
        )


def _described(model: Model, reader: PictureReader, picture: Any) -> DescribedFaces:
    """Convert, detect and describe; nothing of it is tracked."""
    settings = model.settings
    read = reader.read(picture, model.detector.settings.min_face_size)
    interruption.check()
    begin = time.monotonic()
    detections = model.detector.detect(read.image, read.reduction)
    detected_at = time.monotonic()
    described = model.describe_detections(read.image, detections, settings)
    faces = tuple(map(read.as_sent, described))
    timing = FrameTiming(
        0, math.nan, (detected_at - begin) * 1e3, (time.monotonic() - detected_at) * 1e3
    )
    return DescribedFaces(
        picture.header, messages.stamp_ns_of(picture.header), read.size, model.name, faces, timing
    )


def _picture_of(request: ClassifyImage.Request) -> Any:
    """Return the sent picture's message, or None."""
    sent = [picture for picture in (request.image, request.compressed) if _is_filled(picture)]
    if len(sent) == 2:
        raise ServiceError('BAD_IMAGE', 'both image and compressed are filled: send one')
    return sent[0] if sent else None


def _is_filled(picture: Any) -> bool:
    """Return whether anything but the header of a picture is set."""
    return bool(len(picture.data)) or any(
        getattr(picture, name, 0) for name in ('height', 'width', 'encoding', 'format', 'step')
    )


def _asks_for_stream(request: OpenRequest) -> bool:
    return request.picture is None


def _in_words(error: Exception) -> str:
    """Return what an unexpected error says, for people."""
    if isinstance(error, MemoryError) or 'failed to allocate' in str(error).lower():
        return f'memory is short: send a smaller picture, or free some ({error!r})'
    return f'{type(error).__name__}: {error}'


def _late_picture() -> ServiceError:
    return ServiceError(
        'TIMEOUT',
        'the picture was not done in time: send a smaller one, allow more timeout or '
        'raise min_face_size',
    )


def _seconds(duration: Any, default: float, most: float) -> float:
    """Return a duration in seconds, at most ``most``; what is not above 0 is the default."""
    seconds = duration.sec + duration.nanosec * 1e-9
    return min(seconds, most) if seconds > 0 else default
