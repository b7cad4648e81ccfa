# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Items to messages and back: exact, and what was not computed is never 0."""

import math
import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no ROS here')
pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')

from geometry_msgs.msg import Point32
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message
from rclpy.serialization import serialize_message
from std_msgs.msg import Header

from face_affect_ros import crops
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.images import ImageError
from face_affect_ros.model import context_crops
from face_affect_ros.msg import CameraFrame
from face_affect_ros.msg import FaceAttributes
from face_affect_ros.msg import FaceAttributesArray
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.ros import messages
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming

pytestmark = pytest.mark.ros

BOX = Box(10.5, -3.25, 50.0, 60.0)


def header():
    """Return a header that a driver might send."""
    filled = Header(frame_id='camera_optical')
    filled.stamp.sec, filled.stamp.nanosec = 12, 345
    return filled


def timing(**changes):
    """Return the way of a frame that came just now."""
    return FrameTiming(
        **{'received_ns': time.time_ns(), 'received_at': time.monotonic(), **changes}
    )


def through_the_wire(message):
    """Return a message as another process gets it."""
    return deserialize_message(serialize_message(message), type(message))


def detected(count, image=None):
    """Return a crowd with its views."""
    random = np.random.default_rng(count)
    image = random.integers(0, 255, (480, 640, 3), np.uint8) if image is None else image
    boxes = np.column_stack(
        [
            random.uniform(-20, 600, count),
            random.uniform(-20, 440, count),
            random.uniform(12, 300, (count, 2)),
        ]
    )
    landmarks = random.uniform(0, 640, (count, 5, 2))
    landmarks[1::2] = np.nan
    found = Detections(
        boxes, random.uniform(0, 1, count), landmarks, np.arange(1, count + 1), 'mtcnn'
    )
    return DetectedFaces(
        header(),
        messages.stamp_ns_of(header()),
        (640, 480),
        found,
        tuple(context_crops(image, found)),
        timing(counts=Counts(9, 7, 2)),
        image,
    )


def assert_same_faces(found, expected):
    """Compare everything that the next stage looks at, bit for bit."""
    for name in ('boxes', 'scores', 'landmarks', 'track_ids'):
        np.testing.assert_array_equal(
            getattr(found.detections, name), getattr(expected.detections, name)
        )
    assert found.detections.detector == expected.detections.detector
    assert len(found.contexts) == len(expected.contexts)
    for view, other in zip(found.contexts, expected.contexts):
        np.testing.assert_array_equal(view.pixels, other.pixels)
        assert (view.x, view.y, view.scale) == (other.x, other.y, other.scale)


@pytest.mark.parametrize('count', [0, 1, 5, 200])
def test_faces_with_crops_survive_the_way_between_processes(count):
    """The crops and boxes that arrive are those that were sent: same faces, same answers."""
    expected = detected(count)
    message = through_the_wire(messages.detected_to_message(expected, with_crops=True))
    found = messages.detected_from_message(message)
    assert_same_faces(found, expected)
    assert found.header == expected.header
    assert found.size == expected.size
    assert found.timing.counts == expected.timing.counts


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('x', np.nan),
        ('y', np.inf),
        ('width', -1.0),
        ('height', 0.0),
        ('width', 1e9),
        ('crop_scale', 0.0),
        ('crop_scale', 1e30),
        ('crop_x', -1e30),
        ('landmarks', [Point32(x=1e7)] * 5),
    ],
)
def test_faces_that_no_detection_has_are_refused(field, value):
    """Networks would get them cut in any size, from memory that there is not."""
    message = messages.detected_to_message(detected(3), with_crops=True)
    setattr(message.faces[1], field, value)
    with pytest.raises(ImageError, match='face 2 of 3'):
        messages.detected_from_message(message)


def test_public_faces_carry_no_pixels():
    """Crops travel on face_crops only."""
    message = messages.detected_to_message(detected(3))
    assert [len(face.crop.data) for face in message.faces] == [0, 0, 0]
    assert [face.crop_scale for face in message.faces] == [0, 0, 0]
    assert [len(face.landmarks) for face in message.faces] == [5, 0, 5]
    assert [face.track_id for face in message.faces] == [1, 2, 3]


def test_no_face_is_an_empty_list():
    """The message is there all the same, header unchanged."""
    message = messages.detected_to_message(detected(0), with_crops=True)
    assert isinstance(message, FaceDetectionArray)
    assert list(message.faces) == []
    assert (message.header, message.image_width, message.image_height) == (header(), 640, 480)


@settings(deadline=None)
@given(st.floats(12, 2000, width=32), st.floats(-50, 700, width=32))
def test_views_of_any_size_survive(side, x):
    """A shrunk view's scale is as exact as its message."""
    image = np.zeros((48, 64, 3), np.uint8)
    view = crops.cut_context(image, np.array([x, 3, side, side]))
    assert view.scale == float(np.float32(view.scale))
    assert view.x == float(np.float32(view.x))


def test_frame_survives_the_way_between_processes():
    """Pixels, header and counts; what arrives cannot be written to."""
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    expected = Frame(header(), 1, image, timing(counts=Counts(5, 4, 1)))
    message = through_the_wire(messages.frame_to_message(expected))
    assert isinstance(message, CameraFrame)
    found = messages.frame_from_message(message)
    np.testing.assert_array_equal(found.image, image)
    assert not found.image.flags.writeable
    assert found.header == header()
    assert found.stamp_ns == 12_000_000_345
    assert found.timing.counts == Counts(5, 4, 1)


def test_face_of_which_nothing_is_known_is_not_given():
    """NaN, 255 and empty, never 0."""
    message = messages.face_to_message(Face(BOX, 0.9))
    assert message.emotion == FaceAttributes.EMOTION_NOT_GIVEN == 255
    assert message.gender == FaceAttributes.GENDER_NOT_GIVEN == 255
    assert message.age_range == FaceAttributes.AGE_RANGE_NOT_GIVEN == 255
    for name in ('emotion_confidence', 'gender_confidence', 'age', 'age_deviation', 'quality'):
        assert math.isnan(getattr(message, name)), name
    for name in (
        'emotion_scores',
        'emotion_scores_frame',
        'gender_scores',
        'age_scores',
        'attribute_scores',
        'landmarks',
    ):
        assert len(getattr(message, name)) == 0, name
    assert message.trait_age.sec < 0
    assert (message.x, message.y, message.width, message.height) == tuple(BOX)


def test_face_of_which_all_is_known():
    """Labels become constants, scores keep the order of the label lists."""
    emotions = {label: index / 21 for index, label in enumerate(EMOTIONS)}
    face = Face(
        BOX,
        0.9,
        tuple((float(i), float(i)) for i in range(5)),
        0.5,
        Distribution('neutral', 6 / 21, emotions),
        Distribution('female', 0.75, {'female': 0.75, 'male': 0.25}),
        Age(31.5, 4.0, '25-32', {label: 1 / 8 for label in AGE_RANGES}),
        {name: index / 40 for index, name in enumerate(ATTRIBUTES)},
        77,
        2.25,
        emotion_scores_frame=dict.fromkeys(EMOTIONS, 1 / 7),
    )
    message = through_the_wire(messages.face_to_message(face))
    assert message.track_id == 77
    assert message.emotion == FaceAttributes.EMOTION_NEUTRAL
    assert list(message.emotion_scores) == pytest.approx(list(emotions.values()))
    assert list(message.emotion_scores_frame) == pytest.approx([1 / 7] * 7)
    assert message.gender == FaceAttributes.GENDER_FEMALE
    assert list(message.gender_scores) == [0.75, 0.25]
    assert message.age == 31.5
    assert message.age_range == FaceAttributes.AGE_RANGE_25_32
    assert len(message.age_scores) == 8
    assert message.attribute_scores[39] == pytest.approx(39 / 40)
    assert (message.trait_age.sec, message.trait_age.nanosec) == (2, 250_000_000)
    assert message.quality == 0.5
    assert len(message.landmarks) == 5


def test_undecided_labels_keep_their_scores():
    """Unknown is not the same as not given."""
    face = Face(
        BOX,
        0.9,
        emotion=Distribution(UNKNOWN, 0.3, dict.fromkeys(EMOTIONS, 1 / 7)),
        gender=Distribution(UNKNOWN, 0.5, {'female': 0.5, 'male': 0.5}),
    )
    message = messages.face_to_message(face)
    assert message.emotion == FaceAttributes.EMOTION_UNDECIDED == 254
    assert message.gender == FaceAttributes.GENDER_UNDECIDED == 0
    assert len(message.emotion_scores) == 7
    assert message.gender_confidence == 0.5


def test_two_hundred_faces_fit_a_message():
    """And take no time worth speaking of."""
    face = Face(BOX, 0.9, emotion=Distribution('happy', 1.0, dict.fromkeys(EMOTIONS, 1 / 7)))
    described = DescribedFaces(header(), 0, (640, 480), '1', (face,) * 200, timing())
    message = through_the_wire(messages.described_to_message(described))
    assert isinstance(message, FaceAttributesArray)
    assert len(message.faces) == 200
    assert message.model == '1'
    assert message.header == header()


def test_latency_counts_from_reception():
    """On the steady clock, over a way of several stages."""
    processing = messages.processing_of(timing(received_at=time.monotonic() - 0.25))
    assert 250 <= processing.latency_ms < 500
    assert math.isnan(processing.detection_ms)


def test_picture_without_camera_has_no_reception_and_no_latency():
    """A sent picture was received by no camera callback."""
    processing = messages.processing_of(FrameTiming(0, math.nan))
    assert (processing.received.sec, processing.received.nanosec) == (0, 0)
    assert math.isnan(processing.latency_ms)


def test_reception_is_carried_over_to_the_next_process():
    """Its steady clock counts on from where the frame was received."""
    sent = timing(received_ns=time.time_ns() - 10**8, received_at=time.monotonic() - 0.1)
    found = messages.timing_of(messages.processing_of(sent))
    assert found.received_ns == sent.received_ns
    assert found.received_at == pytest.approx(sent.received_at, abs=0.02)


@pytest.mark.parametrize('shift_s', [-3600, 3600])
def test_system_clock_that_differs_does_not_count(shift_s):
    """Between two machines, or where it was set meanwhile."""
    sent = timing(received_ns=time.time_ns() + shift_s * 10**9, received_at=time.monotonic() - 0.1)
    found = messages.timing_of(messages.processing_of(sent))
    assert found.received_at == pytest.approx(sent.received_at, abs=0.05)


@pytest.mark.parametrize('count', [0, 2])
def test_other_libraries_write_the_same(count):
    """What a bag of answers holds is what the nodes publish."""
    pytest.importorskip('rosbags', reason='no rosbags')
    from face_affect_ros.evaluation.bags import message_types

    def written(message, kind):
        return bytes(message_types.typestore().serialize_cdr(message, kind))

    found = detected(count)
    faces = tuple(Face(BOX, 0.9, track_id=number) for number in range(count))
    way = timing(received_ns=0)
    described = DescribedFaces(found.header, 1, (640, 480), '1', faces, way)
    ours, builder = messages, message_types.builder()
    for kind, own, other in (
        (
            message_types.FACES,
            ours.detected_to_message(found),
            builder.detected(found),
        ),
        (
            message_types.ATTRIBUTES,
            ours.described_to_message(described),
            builder.described(described),
        ),
    ):
        other.header = message_types.typestore().deserialize_cdr(
            serialize_message(found.header), 'std_msgs/msg/Header'
        )
        own.processing = messages.processing_of(way)
        other.processing = builder.processing(way)
        assert written(other, kind) == written(
            message_types.typestore().deserialize_cdr(serialize_message(own), kind), kind
        )
