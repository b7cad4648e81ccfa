# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The composed graph over real middleware: what comes out, what is dropped, what is explained."""

import time
from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip('robot', reason='no ROS here')

from robot import LONG_S
from robot import astronaut
from robot import wait_until
from robot import wall
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image

from face_affect_ros.image_messages import convert
from face_affect_ros.msg import FaceAttributes
from face_affect_ros.msg import FaceDetectionArray
from face_affect_ros.ros import image_input
from face_affect_ros.ros.nodes import attributes as attributes_module
from face_affect_ros.tasks import TASKS

pytestmark = pytest.mark.ros


def test_faces_and_attributes_of_a_picture(start):
    """One face, described, under the camera's own header."""
    graph = start()
    robot = graph.robot
    attributes = robot.attributes()
    faces, _ = robot.listen('faces', FaceDetectionArray)
    robot.show_until(lambda: attributes and faces)
    message = attributes[-1]
    assert message.header.frame_id == 'head_camera'
    assert (message.image_width, message.image_height) == (512, 384)
    assert message.model == '1'
    (face,) = message.faces
    assert face.track_id > 0
    assert 150 < face.x < 230
    assert sum(face.emotion_scores) == pytest.approx(1, abs=1e-3)
    assert face.gender in (0, 1, 2)
    assert sum(face.gender_scores) == pytest.approx(1, abs=1e-3)
    assert 0 <= face.age <= 100 and face.age_range in range(8)
    assert sum(face.age_scores) == pytest.approx(1, abs=1e-3)
    assert len(face.attribute_scores) == 40
    assert face.trait_age.sec >= 0
    assert 0 < face.quality <= 1
    assert message.processing.detection_ms > 0
    assert message.processing.latency_ms >= message.processing.detection_ms
    found = faces[-1].faces[0]
    assert found.track_id == face.track_id
    assert len(found.landmarks) == 5
    assert len(found.crop.data) == 0


@pytest.mark.skipif(find_spec('dlib') is None, reason='no dlib: pip install dlib-bin')
def test_another_detector(start):
    """dlib in place of the model's own, in the stream and in the service; tuned while it runs."""
    graph = start(detector='dlib', upsample=0)
    robot = graph.robot
    attributes = robot.attributes()
    faces, _ = robot.listen('faces', FaceDetectionArray)
    robot.show_until(lambda: attributes and faces)
    (found,) = faces[-1].faces
    assert faces[-1].detector == 'dlib'
    assert 150 < found.x < 230 and found.width == pytest.approx(found.height, abs=0.01)
    assert 0.9 < found.confidence <= 1
    assert len(found.landmarks) == 5
    (described,) = attributes[-1].faces
    assert described.track_id == found.track_id > 0
    assert sum(described.emotion_scores) == pytest.approx(1, abs=1e-3)
    header = robot.header()
    answer = robot.classify(image=convert.to_image_message(astronaut(), header))
    assert answer.success
    place = answer.result.faces[0].x, answer.result.faces[0].y
    assert place == pytest.approx((found.x, found.y), abs=0.01)  # it may have been followed
    half = np.ascontiguousarray(astronaut()[::2, ::2])
    robot.show_until(lambda: not faces[-1].faces, half)
    assert all(
        each.successful
        for node in ('detection', 'attributes')
        for each in robot.set(node, upsample=1)
    )
    robot.show_until(lambda: faces[-1].faces, half)
    assert not any(each.successful for each in robot.set('detection', upsample=4))


def test_emotion_threshold_while_running(start):
    """Set, it makes an unsure emotion neutral; taken back, the model's own counts again."""
    graph = start(search_rate=0)
    robot = graph.robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes)
    before = attributes[-1].faces[0]
    assert before.emotion != FaceAttributes.EMOTION_NEUTRAL
    for value, emotion in ((1.0, FaceAttributes.EMOTION_NEUTRAL), (-1.0, before.emotion)):
        assert all(each.successful for each in robot.set('attributes', emotion_threshold=value))
        robot.show_until(lambda emotion=emotion: attributes[-1].faces[0].emotion == emotion)
        assert list(attributes[-1].faces[0].emotion_scores) == pytest.approx(
            list(before.emotion_scores), abs=1e-6
        )


def test_picture_without_a_face_gives_an_empty_list(start):
    """Silence and nobody there are two things."""
    robot = start().robot
    attributes = robot.attributes()
    faces, _ = robot.listen('faces', FaceDetectionArray)
    robot.show_until(lambda: attributes and faces, wall())
    assert list(attributes[-1].faces) == list(faces[-1].faces) == []


def test_slow_stage_takes_the_newest_and_counts_the_rest(start):
    """Old frames are dropped, never queued; the counts add up; the last frame comes through."""
    graph = start()
    robot = graph.robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)
    graph.slow_down(0.2)
    attributes.clear()
    for _ in range(40):
        last = robot.show()
        time.sleep(0.025)
    wait_until(lambda: attributes and attributes[-1].header.stamp == last.stamp)
    stamps = [(each.header.stamp.sec, each.header.stamp.nanosec) for each in attributes]
    assert stamps == sorted(set(stamps))
    assert len(attributes) < 15
    assert max(each.processing.latency_ms for each in attributes[1:]) < 900
    for message in attributes:
        counts = message.processing
        assert counts.frames_received == counts.frames_processed + counts.frames_dropped
    first, final = attributes[0].processing, attributes[-1].processing
    assert final.frames_processed - first.frames_processed == len(attributes) - 1
    assert final.frames_dropped > 15
    assert graph.camera.frames_received == final.frames_received


def test_annotated_is_drawn_only_while_watched(start, monkeypatch):
    """From the frame of the same stamp."""
    drawn = []
    annotate = attributes_module.drawing.annotate
    monkeypatch.setattr(
        attributes_module.drawing, 'annotate', lambda *given: drawn.append(1) or annotate(*given)
    )
    robot = start().robot
    attributes = robot.attributes()
    robot.show_until(lambda: len(attributes) > 3)
    assert not drawn
    pictures, subscription = robot.listen('annotated', Image)
    robot.show_until(lambda: pictures)
    assert pictures[-1].header in [message.header for message in attributes]
    assert convert.to_bgr(pictures[-1]).shape == astronaut().shape
    assert (convert.to_bgr(pictures[-1]) != astronaut()).any()
    robot.node.destroy_subscription(subscription)
    wait_until(lambda: robot.node.count_subscribers(f'{robot.namespace}/annotated') == 0)
    time.sleep(0.2)
    drawn.clear()
    before = len(attributes)
    robot.show_until(lambda: len(attributes) > before + 3)
    assert not drawn


def test_annotated_comes_compressed_too(start):
    """As JPEG, on the topic that image_transport knows, while that one is watched."""
    robot = start().robot
    pictures, _ = robot.listen('annotated/compressed', CompressedImage)
    robot.show_until(lambda: pictures)
    assert 'jpeg' in pictures[-1].format
    picture = convert.compressed_to_bgr(pictures[-1])
    assert picture.shape == astronaut().shape
    assert pictures[-1].header.frame_id == 'head_camera'
    assert robot.node.count_subscribers(f'{robot.namespace}/annotated') == 0


def test_nobody_subscribes_nobody_listens(start):
    """The image subscription is destroyed while idle and comes back with the first subscriber."""
    robot = start().robot
    subscribers = lambda: robot.node.count_subscribers(robot.topic)  # noqa: E731
    wait_until(lambda: robot.node.count_publishers(f'{robot.namespace}/attributes'))
    assert subscribers() == 0
    for _ in range(2):
        attributes, subscription = robot.listen('faces', FaceDetectionArray)
        wait_until(subscribers)
        robot.show_until(lambda: attributes)  # noqa: B023
        robot.node.destroy_subscription(subscription)
        wait_until(lambda: subscribers() == 0)


def test_silence_is_explained(start, monkeypatch):
    """After five seconds (here less) the topics of pictures that exist are named."""
    assert image_input.SILENCE_S == 5.0
    monkeypatch.setattr(image_input, 'SILENCE_S', 0.5)
    robot = start(image_topic='/nothing/here').robot
    log = robot.log()
    robot.attributes()
    wait_until(lambda: 'no image on /nothing/here' in log())
    text = log()
    assert robot.topic in text
    assert 'set image_topic' in text
    assert f'{robot.namespace}/annotated' not in text


@pytest.mark.parametrize(
    ('encoding', 'size', 'step', 'length'),
    [
        ('32FC1', (64, 48), 256, 256 * 48),
        ('nonsense', (64, 48), 192, 192 * 48),
        ('bgr8', (64, 48), 100, 100 * 48),
        ('bgr8', (64, 48), 192, 192 * 47),
        ('bgr8', (0, 48), 0, 0),
        ('bgr8', (0, 0), 0, 0),
        ('bgr8', (30000, 30000), 90000, 10),
    ],
)
def test_bad_pictures_on_the_topic_are_dropped_and_named(start, encoding, size, step, length):
    """Depth with NaN, unknown encodings, short data, huge claims: warned of, and on it goes."""
    robot = start().robot
    attributes, status = robot.attributes(), robot.diagnostics()
    robot.show_until(lambda: attributes)
    bad = Image(header=robot.header(), encoding=encoding, width=size[0], height=size[1], step=step)
    bad.data.frombytes(np.full(length // 4 + 1, np.nan, np.float32).tobytes()[:length])
    robot.camera.publish(bad)
    wait_until(lambda: status('camera') and status('camera').level == b'\x01')
    assert 'image' in status('camera').message
    before = len(attributes)
    robot.show_until(lambda: len(attributes) > before)
    assert attributes[-1].processing.frames_dropped >= 1


def test_parameters_change_while_running(start):
    """Thresholds at once; model and weights only while unconfigured, and the reason says so."""
    robot = start().robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)
    assert robot.set('detection', min_face_size=300)[0].successful
    robot.show_until(lambda: not attributes[-1].faces)
    refused, wrong = robot.set('detection', weights_dir='/elsewhere', min_face_size=1.0)
    assert 'only while the node is unconfigured' in refused.reason
    assert not wrong.successful
    assert 'only dlib can use it' in robot.set('detection', upsample=1)[0].reason
    assert robot.set('detection', model=1)[0].successful


def test_search_rate_while_running(start):
    """A face that joins another is noticed with the next search, and at once where all are."""
    robot = start(search_rate=0.01).robot
    attributes = robot.attributes()
    picture = astronaut()
    alone, pair = (
        np.ascontiguousarray(np.hstack([picture, other]))
        for other in (np.full_like(picture, 90), picture[:, ::-1])
    )
    robot.show_until(lambda: attributes and len(attributes[-1].faces) == 1, alone)
    before = len(attributes)
    robot.show_until(lambda: len(attributes) >= before + 5, pair)
    assert {len(message.faces) for message in attributes[before:]} == {1}
    assert robot.set('detection', search_rate=0)[0].successful
    robot.show_until(lambda: len(attributes[-1].faces) == 2, pair)


def test_compressed_pictures(start):
    """On the topic with /compressed behind its name."""
    import cv2

    robot = start(image_transport='compressed').robot
    camera = robot.publisher(CompressedImage, f'{robot.topic}/compressed')
    attributes = robot.attributes()
    data = cv2.imencode('.jpg', astronaut())[1].tobytes()

    def shown():
        camera.publish(CompressedImage(header=robot.header(), format='jpeg', data=data))
        time.sleep(0.05)
        return attributes

    wait_until(shown)
    assert len(attributes[-1].faces) == 1


@pytest.mark.parametrize('tasks', [(), ('emotion',), ('age',), ('gender', 'attributes')])
def test_tasks_that_are_off_are_not_given(start, tasks):
    """Their networks do not run, and their fields say so; what is on is as ever."""
    graph = start(**{f'{task}.enable': task in tasks for task in TASKS})
    robot = graph.robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)
    assert graph.attributes.work.model.tasks == tasks
    face = attributes[-1].faces[0]
    assert (face.emotion == FaceAttributes.EMOTION_NOT_GIVEN) == ('emotion' not in tasks)
    assert (face.gender == FaceAttributes.GENDER_NOT_GIVEN) == ('gender' not in tasks)
    assert (face.age_range == FaceAttributes.AGE_RANGE_NOT_GIVEN) == ('age' not in tasks)
    assert bool(np.isnan(face.age)) == ('age' not in tasks)
    lengths = {
        'emotion': len(face.emotion_scores),
        'gender': len(face.gender_scores),
        'age': len(face.age_scores),
        'attributes': len(face.attribute_scores),
    }
    full = {'emotion': 7, 'gender': 2, 'age': 8, 'attributes': 40}
    assert lengths == {task: full[task] if task in tasks else 0 for task in TASKS}
    assert (face.trait_age.sec < 0) == (not set(tasks) - {'emotion'})
    assert 0 < face.quality <= 1 if tasks else np.isnan(face.quality)


def test_tasks_are_switched_while_running(start):
    """Off and on again, one whose network was not loaded among them; the tracks stay."""
    robot = start(**{'age.enable': False}).robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)

    def given():
        face = attributes[-1].faces[0]
        return not np.isnan(face.age), len(face.emotion_scores) > 0, face.track_id

    known, emotion, number = given()
    assert (known, emotion) == (False, True)
    results = robot.set('attributes', **{'age.enable': True, 'emotion.enable': False})
    assert all(each.successful for each in results)
    robot.show_until(lambda: given() == (True, False, number))
    assert robot.set('attributes', **{'age.enable': False})[0].successful
    robot.show_until(lambda: given() == (False, False, number))


def test_a_task_whose_network_is_altered_stays_off(start, tmp_path):
    """The switch is refused with the reason, and the node goes on."""
    (tmp_path / 'age_gender_levi_hassner.onnx').write_bytes(b'no network')
    robot = start(**{'age.enable': False, 'gender.enable': False, 'weights_dir': tmp_path}).robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)
    (refused,) = robot.set('attributes', **{'age.enable': True})
    assert not refused.successful and 'age' in refused.reason
    before = len(attributes)
    robot.show_until(lambda: len(attributes) > before + 2)
    assert np.isnan(attributes[-1].faces[0].age)


def test_traits_age_until_they_are_refreshed(start):
    """By the frames' own clock; the emotion is that of the frame; 0 is every frame."""
    robot = start(trait_rate=0.2).robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and attributes[-1].faces)

    def seconds():
        age = attributes[-1].faces[0].trait_age
        return age.sec + age.nanosec * 1e-9

    robot.show_until(lambda: seconds() > 0.5)
    before = len(attributes)
    assert robot.set('attributes', trait_rate=0)[0].successful
    robot.show_until(lambda: len(attributes) > before + 3)
    assert seconds() == 0
    before = len(attributes)
    assert robot.set('attributes', trait_rate=0.001)[0].successful
    robot.show_until(lambda: len(attributes) > before + 5)
    assert seconds() > 0


def test_rate_is_limited(start):
    """What comes too soon is dropped and counted."""
    robot = start(max_rate=5.0).robot
    attributes = robot.attributes()
    robot.show_until(lambda: len(attributes) > 1, wall())
    begin, first = time.monotonic(), len(attributes)
    robot.show_until(lambda: time.monotonic() - begin > 2, wall(), period=0.02)
    assert len(attributes) - first <= 5 * (time.monotonic() - begin) + 2
    assert attributes[-1].processing.frames_dropped > 20


def test_reliability_follows_the_publishers(start):
    """Reliable where every publisher is; else best effort, which fits any."""
    graph = start(reliability='reliable')
    robot = graph.robot
    attributes = robot.attributes()
    robot.show_until(lambda: attributes and graph.camera.input.qos.startswith('reliable'), wall())
    other = robot.publisher(Image, robot.topic, 'best_effort')
    wait_until(lambda: graph.camera.input.qos.startswith('best effort'))
    robot.node.destroy_publisher(other)
    wait_until(lambda: graph.camera.input.qos.startswith('reliable'))


def test_qos_that_does_not_fit_is_warned_of(start):
    """Silence for this reason has a name."""
    robot = start(image_reliability='reliable').robot
    log = robot.log()
    robot.attributes()
    wait_until(lambda: 'reliability that does not fit' in log(), LONG_S)
