# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate bag``: every frame, the same answers each time, and files of them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import recordings
import samples
from mcap.reader import make_reader
from pyarrow import parquet
from recordings import COMPRESSED
from recordings import IMAGE
from recordings import TOPIC
from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores
from rosbags.typesys import get_types_from_msg
from rosbags.typesys import get_typestore

from face_affect_ros import cli
from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.frames import FrameReader
from face_affect_ros.evaluation.bags.offline import OfflineStages
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.stream.replay import ReplaySettings

COUNT = 12


def evaluate(*arguments):
    """Run the command; return its exit code."""
    return cli.main(['evaluate', 'bag', *map(str, arguments)])


def report_of(folder):
    """Return a folder's report.json."""
    return json.loads((Path(folder) / 'report.json').read_text())


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    """Return a bag of one moving face."""
    return recordings.record(
        tmp_path_factory.mktemp('recording') / 'bag', recordings.frames(COUNT), 'mcap'
    )


@pytest.fixture(scope='module')
def evaluated(recording, tmp_path_factory):
    """Return the folder of its evaluation."""
    folder = tmp_path_factory.mktemp('evaluated') / 'result'
    assert evaluate(recording, '--to', folder, '--video') == 0
    return folder


def test_the_bag_of_answers_is_whole_to_mcap(evaluated):
    """Its own reader checks every sum of it, and finds definitions of the messages."""
    (file,) = (evaluated / 'answers_model1').glob('*.mcap')
    with file.open('rb') as opened:
        reader = make_reader(opened, validate_crcs=True)
        found = list(reader.iter_messages())
        assert reader.get_header().profile == 'ros2' and len(found) == 2 * COUNT
    schemas = {schema.name: schema for schema, _, _ in found}
    assert set(schemas) == {
        'face_affect_ros/msg/FaceDetectionArray',
        'face_affect_ros/msg/FaceAttributesArray',
    }
    assert all(s.encoding == 'ros2msg' and b'Processing' in s.data for s in schemas.values())


def test_every_frame_has_its_row(evaluated):
    """One face, one id from 1, the frames' numbers and stamps."""
    table = parquet.read_table(evaluated / 'predictions.parquet').to_pydict()
    assert table['frame'] == list(range(COUNT))
    assert table['stamp_ns'] == [recordings.stamp(number) for number in range(COUNT)]
    assert set(table['track']) == {1} and set(table['model']) == {'1'}
    assert set(table['emotion']) <= {*EMOTIONS, 'unknown'}
    assert table['x'][0] < table['x'][8]
    report = report_of(evaluated)
    assert report['stream']['frames'] == report['answers']['1']['frames_answered'] == COUNT
    assert report['models']['1']['tracking']['tracks']['value'] == 1
    assert report['problems'] == []


def test_the_same_bytes_again(recording, evaluated, tmp_path):
    """However long frames take."""
    assert evaluate(recording, '--to', tmp_path) == 0
    files = (evaluated / 'predictions.parquet', tmp_path / 'predictions.parquet')
    first, second = (file.read_bytes() for file in files)
    assert first == second


def test_the_bag_of_answers_opens_by_its_own_definitions(evaluated):
    """Headers as they came, all that predictions.parquet has, and types that need no package."""
    table = parquet.read_table(evaluated / 'predictions.parquet').to_pydict()
    with Reader(evaluated / 'answers_model1') as reader:
        assert sorted(reader.topics) == ['/face_affect/attributes', '/face_affect/faces']
        types = get_typestore(Stores.EMPTY)
        for connection in reader.connections:
            types.register(get_types_from_msg(connection.msgdef.data, connection.msgtype))
        messages = [
            (connection.topic, recorded_ns, types.deserialize_cdr(data, connection.msgtype))
            for connection, recorded_ns, data in reader.messages()
        ]
    attributes = [each for topic, _, each in messages if topic.endswith('attributes')]
    faces = [each for topic, _, each in messages if topic.endswith('faces')]
    assert len(attributes) == len(faces) == COUNT
    assert {each.header.frame_id for each in attributes} == {'head_camera'}
    stamps = [each.header.stamp.sec * 10**9 + each.header.stamp.nanosec for each in attributes]
    assert stamps == table['stamp_ns']
    assert [recorded_ns for _, recorded_ns, _ in messages[::2]] == table['recorded_ns']
    for number, (described, found) in enumerate(zip(attributes, faces)):
        (face,), (box,) = described.faces, found.faces
        assert (face.x, face.y) == (box.x, box.y) == (table['x'][number], table['y'][number])
        assert face.track_id == box.track_id == 1
        assert EMOTIONS[face.emotion] == table['emotion'][number]
        np.testing.assert_array_equal(face.attribute_scores, table['attribute_scores'][number])
        assert described.processing.frames_processed == number + 1
        assert described.processing.latency_ms > 0


def test_the_video_has_every_frame(evaluated):
    """With the faces drawn in: it differs from the recording."""
    video = cv2.VideoCapture(str(evaluated / 'annotated_model1.mp4'))
    pictures = []
    while True:
        is_read, picture = video.read()
        if not is_read:
            break
        pictures.append(picture)
    assert len(pictures) == COUNT and pictures[0].shape == (160, 200, 3)
    assert abs(video.get(cv2.CAP_PROP_FPS) - 10) < 0.1
    assert np.abs(pictures[0].astype(int) - recordings.picture(0)).max() > 100


def test_the_report_has_a_timeline(evaluated):
    """A row a face, and a drawing."""
    page = (evaluated / 'report.html').read_text()
    assert 'emotion of each face over time' in page and '<svg' in page
    assert 'Model 1: timeline' in (evaluated / 'report.md').read_text()


@pytest.mark.parametrize('storage', recordings.STORAGES)
def test_raw_compressed_and_compressed_bags_give_the_same(recording, evaluated, tmp_path, storage):
    """Pictures without loss, messages compressed by the recorder, files split."""
    messages = [
        (
            f'{TOPIC}/compressed',
            COMPRESSED,
            recordings.stamp(number) + recordings.LATE_NS,
            recordings.compressed(recordings.picture(number), recordings.stamp(number)),
        )
        for number in range(COUNT)
    ]
    path = recordings.record_split(tmp_path / 'bag', [messages[:5], messages[5:]], storage, 'file')
    assert evaluate(path, '--to', tmp_path / 'to') == 0
    tables = [
        parquet.read_table(folder / 'predictions.parquet')
        for folder in (evaluated, tmp_path / 'to')
    ]
    assert tables[0].equals(tables[1])


def test_several_models(tmp_path, capsys):
    """Each has its rows, figures and bag."""
    picture = samples.astronaut()  # a face large enough for the detector of Model 2
    messages = [
        (TOPIC, IMAGE, recordings.stamp(n), recordings.raw(picture, recordings.stamp(n)))
        for n in range(2)
    ]
    path = recordings.record(tmp_path / 'bag', messages)
    assert evaluate(path, '--to', tmp_path / 'to', '--model', 1, 2, '--json') == 0
    assert json.loads(capsys.readouterr().out) == report_of(tmp_path / 'to')
    assert report_of(tmp_path / 'to')['models'].keys() == {'1', '2'}
    table = parquet.read_table(tmp_path / 'to/predictions.parquet').to_pydict()
    assert table['model'] == ['1', '1', '2', '2']
    assert {each.name for each in (tmp_path / 'to').iterdir() if each.is_dir()} == {
        'answers_model1',
        'answers_model2',
    }


def test_frames_have_their_own_times_however_slow_the_machine(recording):
    """Traits are refreshed once a second of the recording: in frames 0 and 10."""
    stages = OfflineStages('1', ReplaySettings())
    with Bag(recording) as bag:
        ages = [stages(frame).described.faces[0].trait_age for frame in FrameReader(bag, TOPIC)]
    assert ages == pytest.approx([0.1 * (number % 10) for number in range(COUNT)], abs=1e-6)


def test_bags_without_faces(tmp_path, capsys):
    """Nothing is wrong with them; no figure is made up."""
    messages = [
        (TOPIC, IMAGE, recordings.stamp(n), recordings.raw(recordings.wall(), recordings.stamp(n)))
        for n in range(3)
    ]
    path = recordings.record(tmp_path / 'bag', messages)
    assert evaluate(path, '--to', tmp_path / 'to') == 0
    report = report_of(tmp_path / 'to')
    assert report['answers']['1']['faces'] == 0 and report['answers']['1']['frames_answered'] == 3
    assert report['models']['1'].keys() == {'tracking'}
    assert 'No face was found' in capsys.readouterr().out
    assert parquet.read_table(tmp_path / 'to/predictions.parquet').num_rows == 0


def test_several_bags(recording, evaluated, tmp_path, capsys):
    """Each has a folder; what is wrong with one costs no other."""
    empty = tmp_path / 'empty'
    empty.mkdir()
    to = tmp_path / 'to'
    assert evaluate(empty, recording, '--to', to, '--samples', 0) == 1
    captured = capsys.readouterr()
    assert 'is no bag' in captured.err and '# bag: ' in captured.out
    files = (evaluated / 'predictions.parquet', to / 'bag/predictions.parquet')
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert evaluate(recording, recording, '--to', to) == 2
    assert evaluate(recording, empty, '--live') == 2
