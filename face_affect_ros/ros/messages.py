# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stream's items to messages and back; what was not computed is NaN, 255 or empty."""

from __future__ import annotations

import array
import functools
import math
import time
from collections.abc import Iterable

from builtin_interfaces.msg import Duration
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point32
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_affect_ros import images
from face_affect_ros.crops import CONTEXT_MAX_SIZE
from face_affect_ros.crops import ContextCrop
from face_affect_ros.faces import Detections
from face_affect_ros.image_messages import convert
from face_affect_ros.images import ImageError
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceAttributes
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.msg import FaceDetection
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.msg import Processing
from face_affect_ros.parameter import ParameterError
from face_affect_ros.stream.message_builder import MessageBuilder
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.tasks import TASKS

BUILDER = MessageBuilder(
    {
        kind.__name__: kind
        for kind in (
            Duration,
            FaceAttributes,
            FaceAttributesArray,
            FaceDetection,
            FaceDetectionArray,
            Point32,
            Processing,
            Time,
        )
    },
    functools.partial(array.array, 'f'),
    Image,
)

described_to_message = BUILDER.described
"""The described faces of a frame as a message."""

face_to_message = BUILDER.face
"""One described face as a message."""

processing_of = BUILDER.processing
"""A frame's way as a message that is published now."""


def check_fields(tasks: Iterable[str]) -> None:
    """Check that messages can carry what is told of faces.

    :param tasks: names of ``tasks.TASKS``.
    :raises ParameterError: a task has no fields.
    """
    fields = FaceAttributes.get_fields_and_field_types()
    for name in tasks:
        if f'{TASKS[name].message_field}_scores' not in fields:
            raise ParameterError(
                f'task {name} has no fields in FaceAttributes.msg: set {name}.enable to false, or '
                'add them and name them in its Task (message_field)'
            )


MAX_TRANSIT_S = 5.0
"""Longest way between two processes that is believed of the system clock."""


FARTHEST = 1e6
"""Pixels: largest number that a place in a picture can have."""

LANDMARKS_WITHIN = 4 * CONTEXT_MAX_SIZE
"""Pixels of the crop within which landmarks lie from the corner of their box."""


def stamp_ns_of(header: Header) -> int:
    """Return a header's time in nanoseconds."""
    return header.stamp.sec * 10**9 + header.stamp.nanosec


def frame_to_message(frame: Frame) -> CameraFrame:
    """Return the message that carries a camera frame between processes; its pixels are copied."""
    return CameraFrame(
        image=convert.to_image_message(frame.image, frame.header),
        processing=processing_of(frame.timing),
    )


def frame_from_message(message: CameraFrame) -> Frame:
    """Return the frame of a message; its picture is a read-only view of the message's memory."""
    header = message.image.header
    return Frame(
        header, stamp_ns_of(header), convert.to_bgr(message.image), timing_of(message.processing)
    )


def detected_to_message(found: DetectedFaces, with_crops: bool = False) -> FaceDetectionArray:
    """Return the faces of a frame as a message.

    :param with_crops: whether each face carries its context crop, as on ``face_crops``.
    """
    message = BUILDER.detected(found)
    if with_crops:
        for face, view in zip(message.faces, found.contexts):
            face.crop = convert.to_image_message(view.pixels, Header())
            face.crop_x, face.crop_y = float(view.x), float(view.y)
            face.crop_scale = float(view.scale)
    return message


def detected_from_message(message: FaceDetectionArray) -> DetectedFaces:
    """
    Return the faces of a message with crops.

    :raises ImageError: a face has values that no detection has, or no crop.
    """
    faces = message.faces
    for number, face in enumerate(faces, 1):
        if not _is_possible(face):
            raise ImageError(
                images.BAD_IMAGE,
                f'face {number} of {len(faces)} in a message with crops has values that no '
                'detection has: what publishes it, and is it of this version?',
            )
    detections = Detections(
        [(face.x, face.y, face.width, face.height) for face in faces],  # type: ignore[arg-type]
        [face.confidence for face in faces],  # type: ignore[arg-type]
        [_points_of(face) for face in faces],  # type: ignore[arg-type]
        [face.track_id for face in faces],  # type: ignore[arg-type]
        message.detector,
    )
    contexts = tuple(
        ContextCrop(convert.to_bgr(face.crop), face.crop_x, face.crop_y, face.crop_scale)
        for face in faces
    )
    return DetectedFaces(
        message.header,
        stamp_ns_of(message.header),
        (message.image_width, message.image_height),
        detections,
        contexts,
        timing_of(message.processing),
    )


def timing_of(processing: Processing) -> FrameTiming:
    """Return the way of a frame that comes from another process now.

    How long the frame was under way between the processes only the system clock can tell; where
    it was set meanwhile, or differs between two machines, the way counts as nothing.
    """
    received_ns = processing.received.sec * 10**9 + processing.received.nanosec
    before = processing.latency_ms * 1e-3
    age = (time.time_ns() - received_ns) * 1e-9
    if not before <= age <= before + MAX_TRANSIT_S:
        age = before if math.isfinite(before) else 0.0
    counts = Counts(
        processing.frames_received, processing.frames_processed, processing.frames_dropped
    )
    return FrameTiming(
        received_ns,
        time.monotonic() - age,
        processing.detection_ms,
        processing.attributes_ms,
        counts,
        processing.stream,
    )


def _is_possible(face: FaceDetection) -> bool:
    """Return whether the box, the landmarks and the crop of a face can belong together.

    What networks want would else be cut from a place, or in a size, that there is not.
    """
    longer = max(face.width, face.height)
    numbers = [face.x, face.y, face.width, face.height, face.crop_x, face.crop_y, face.confidence]
    if not all(abs(value) <= FARTHEST for value in numbers):  # nor NaN
        return False
    if not (min(face.width, face.height) > 0 and 0 < face.crop_scale <= 1):
        return False
    if longer * face.crop_scale > CONTEXT_MAX_SIZE or face.crop.width != face.crop.height:
        return False
    reach = LANDMARKS_WITHIN / face.crop_scale
    return all(
        abs(point.x - face.x) <= reach and abs(point.y - face.y) <= reach
        for point in face.landmarks
        if not math.isnan(point.x + point.y)
    )


def _points_of(face: FaceDetection) -> list[tuple[float, float]]:
    if len(face.landmarks) != 5:
        return [(math.nan, math.nan)] * 5
    return [(point.x, point.y) for point in face.landmarks]
