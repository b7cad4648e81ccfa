# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stream's items to messages and back; what was not computed is NaN, 255 or empty."""

from __future__ import annotations

import array
import math
import time
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point32
from std_msgs.msg import Header

from face_affect_ros.crops import ContextCrop
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import Age
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceAttributes
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.msg import FaceDetection
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.msg import Processing
from face_affect_ros.ros import convert
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming

EMOTION_CODES: dict[str | None, int] = {
    **{label: code for code, label in enumerate(EMOTIONS)},
    None: FaceAttributes.EMOTION_NOT_GIVEN,
}
GENDER_CODES = {
    'female': FaceAttributes.GENDER_FEMALE,
    'male': FaceAttributes.GENDER_MALE,
    None: FaceAttributes.GENDER_NOT_GIVEN,
}

MAX_TRANSIT_S = 5.0
"""Longest way between two processes that is believed of the system clock."""

NEVER = Duration(sec=-1)


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
    faces = [_detection_message(found.detections, row) for row in range(len(found.detections))]
    if with_crops:
        for face, view in zip(faces, found.contexts):
            face.crop = convert.to_image_message(view.pixels, Header())
            face.crop_x, face.crop_y = float(view.x), float(view.y)
            face.crop_scale = float(view.scale)
    return FaceDetectionArray(
        header=found.header,
        image_width=found.size[0],
        image_height=found.size[1],
        detector=found.detections.detector,
        faces=faces,
        processing=processing_of(found.timing),
    )


def detected_from_message(message: FaceDetectionArray) -> DetectedFaces:
    """Return the faces of a message with crops."""
    faces = message.faces
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


def described_to_message(described: DescribedFaces) -> FaceAttributesArray:
    """Return the described faces of a frame as a message."""
    return FaceAttributesArray(
        header=described.header,
        image_width=described.size[0],
        image_height=described.size[1],
        model=described.model,
        faces=[face_to_message(face) for face in described.faces],
        processing=processing_of(described.timing),
    )


def face_to_message(face: Face) -> FaceAttributes:
    """Return one described face as a message."""
    box = face.box
    message = FaceAttributes(
        track_id=face.track_id,
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        confidence=face.confidence,
        landmarks=[Point32(x=x, y=y) for x, y in face.landmarks],
        quality=_number(face.quality),
    )
    _fill_label(
        message, 'emotion', face.emotion, EMOTIONS, EMOTION_CODES, FaceAttributes.EMOTION_UNDECIDED
    )
    _fill_label(
        message, 'gender', face.gender, GENDERS, GENDER_CODES, FaceAttributes.GENDER_UNDECIDED
    )
    _fill_age(message, face.age)
    if face.attributes is not None:
        message.attribute_scores = _scores(face.attributes, ATTRIBUTES)
    message.trait_age = NEVER if face.trait_age is None else _duration(face.trait_age)
    return message


def processing_of(timing: FrameTiming) -> Processing:
    """Return a frame's way as a message that is published now."""
    from_camera = timing.received_ns != 0
    counts = timing.counts
    return Processing(
        received=Time(sec=timing.received_ns // 10**9, nanosec=timing.received_ns % 10**9),
        detection_ms=timing.detection_ms,
        attributes_ms=timing.attributes_ms,
        latency_ms=_milliseconds_since(timing.received_at) if from_camera else math.nan,
        stream=timing.stream,
        frames_received=counts.received,
        frames_processed=counts.processed,
        frames_dropped=counts.dropped,
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


def _milliseconds_since(steady: float) -> float:
    return (time.monotonic() - steady) * 1e3


def _detection_message(detections: Detections, row: int) -> FaceDetection:
    x, y, width, height = (float(value) for value in detections.boxes[row])
    landmarks = detections.landmarks[row]
    given = bool(np.isfinite(landmarks).all())
    return FaceDetection(
        track_id=int(detections.track_ids[row]),
        x=x,
        y=y,
        width=width,
        height=height,
        confidence=float(detections.scores[row]),
        landmarks=[Point32(x=float(x), y=float(y)) for x, y in landmarks] if given else [],
    )


def _points_of(face: FaceDetection) -> list[tuple[float, float]]:
    if len(face.landmarks) != 5:
        return [(math.nan, math.nan)] * 5
    return [(point.x, point.y) for point in face.landmarks]


def _fill_label(
    message: FaceAttributes,
    name: str,
    decided: Distribution | None,
    labels: Iterable[str],
    codes: Mapping[str | None, int],
    undecided: int,
) -> None:
    """Fill the three fields of an emotion or a gender."""
    label = None if decided is None else decided.label
    setattr(message, name, codes.get(label, undecided))
    setattr(message, f'{name}_confidence', math.nan if decided is None else decided.confidence)
    if decided is not None:
        setattr(message, f'{name}_scores', _scores(decided.scores, labels))


def _fill_age(message: FaceAttributes, age: Age | None) -> None:
    message.age = _number(None if age is None else age.years)
    message.age_deviation = _number(None if age is None else age.deviation)
    if age is None:
        message.age_range = FaceAttributes.AGE_RANGE_NOT_GIVEN
    else:
        message.age_range = AGE_RANGES.index(age.range)
        message.age_scores = _scores(age.scores, AGE_RANGES)


def _scores(scores: Mapping[str, float], labels: Iterable[str]) -> Any:
    return array.array('f', [scores[label] for label in labels])


def _duration(seconds: float) -> Duration:
    whole, rest = divmod(round(seconds * 1e9), 10**9)
    return Duration(sec=whole, nanosec=rest)


def _number(value: float | None) -> float:
    return math.nan if value is None else value
