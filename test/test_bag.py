# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags as they are recorded and as they are found: whole, split, compressed, cut off."""

import random
import shutil
import sqlite3

import pytest
import recordings
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from recordings import ENDINGS
from recordings import STORAGES

from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.bag import BagError


def read(path, topics=None):
    """Return times and data of a bag's messages, and what is wrong with it."""
    with Bag(path) as bag:
        messages = [(each.topic, each.recorded_ns, each.data) for each in bag.messages(topics)]
        return messages, bag.problems


def expected(messages):
    """Return the same of what was recorded."""
    return [(topic, recorded_ns, data) for topic, _, recorded_ns, data in messages]


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('mode', ['none', 'file', 'message', 'storage'])
def test_every_message_once_and_in_order(tmp_path, storage, mode):
    """Whatever the storage and its compression."""
    if (storage, mode) == ('sqlite3', 'storage'):
        pytest.skip('SQLite has no compression of its own')
    messages = recordings.frames(8)
    path = recordings.record(tmp_path / 'bag', messages, storage, mode)
    assert read(path) == (expected(messages), [])


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('mode', ['none', 'file'])
def test_split_bags_are_read_in_order(tmp_path, storage, mode):
    """Also where a later file has a message that belongs before."""
    messages = recordings.frames(9)
    parts = messages[:3], [messages[4], messages[3], messages[5]], messages[6:]
    path = recordings.record_split(tmp_path / 'bag', parts, storage, mode)
    assert read(path) == (expected(messages), [])


@pytest.mark.parametrize('storage', STORAGES)
def test_a_storage_file_alone_is_a_bag(tmp_path, storage):
    """Without its folder and its metadata."""
    messages = recordings.frames(3)
    path = recordings.record(tmp_path / 'bag', messages, storage)
    assert read(recordings.storage_file(path)) == (expected(messages), [])


@pytest.mark.parametrize('storage', STORAGES)
def test_bags_under_odd_names(tmp_path, storage):
    """What has a meaning in an address of the web has none in a path."""
    messages = recordings.frames(2)
    plain = recordings.record(tmp_path / 'bag', messages, storage)
    path = tmp_path / 'what? #1 is 100%41 ü'
    plain.rename(path)
    assert read(path) == (expected(messages), [])


@pytest.mark.parametrize('storage', STORAGES)
def test_only_the_topics_that_are_asked_for(tmp_path, storage):
    """Others are not even counted as missing."""
    words = [('/words', recordings.TEXT, recordings.stamp(0), recordings.text('hello'))]
    path = recordings.record(tmp_path / 'bag', words + recordings.frames(2), storage)
    assert read(path, ['/words']) == (expected(words), [])


@pytest.mark.parametrize('storage', STORAGES)
def test_without_metadata_the_files_are_read_and_that_is_told(tmp_path, storage):
    """An interrupted recording has none."""
    messages = recordings.frames(12)
    path = recordings.record_split(tmp_path / 'bag', [[each] for each in messages], storage)
    (path / 'metadata.yaml').unlink()
    found, problems = read(path)
    assert found == expected(messages)
    assert len(problems) == 1 and 'metadata.yaml' in problems[0]


@pytest.mark.parametrize('storage', STORAGES)
@pytest.mark.parametrize('mode', ['none', 'file', 'message'])
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0.45, 0.95))
def test_what_is_whole_of_a_cut_bag_is_read(tmp_path_factory, storage, mode, share):
    """The messages that come are those recorded; what is missing is told with its number."""
    messages = recordings.frames(30)
    path = recordings.record(tmp_path_factory.mktemp('cut') / 'bag', messages, storage, mode)
    recordings.cut(recordings.storage_file(path), share)
    try:
        found, problems = read(path)
    except BagError as error:
        assert 'cannot be read' in str(error)
        return
    assert [each for each in expected(messages) if each in found] == found
    assert len(found) < len(messages)
    assert any(f'{len(found)} could be read' in problem for problem in problems)


@pytest.mark.parametrize('storage', STORAGES)
def test_a_cut_file_keeps_most_of_its_messages(tmp_path, storage):
    """Of two thirds of the bytes at least a third of the messages comes."""
    messages = recordings.frames(60)
    path = recordings.record(tmp_path / 'bag', messages, storage)
    recordings.cut(recordings.storage_file(path), 0.67)
    found, problems = read(path)
    assert len(messages) // 3 <= len(found) < len(messages)
    assert any('cut off' in problem for problem in problems)


@pytest.mark.parametrize('storage', STORAGES)
def test_a_missing_or_ruined_file_costs_no_other(tmp_path, storage):
    """The rest of a split bag is read."""
    messages = recordings.frames(9)
    parts = messages[:3], messages[3:6], messages[6:]
    path = recordings.record_split(tmp_path / 'bag', parts, storage)
    files = sorted(path.glob(f'*{ENDINGS[storage]}'))
    files[0].unlink()
    files[1].write_bytes(random.Random(0).randbytes(5000))
    found, problems = read(path)
    assert found == expected(messages[6:])
    assert any('missing' in problem for problem in problems)
    assert any(files[1].name in problem and 'cannot be read' in problem for problem in problems)


@pytest.mark.parametrize('in_log', [1, 4])
def test_a_recorder_that_was_killed_leaves_a_log(tmp_path, in_log):
    """What SQLite's write-ahead log holds is read, and the bag stays as it is."""
    messages = recordings.frames(6)
    path = recordings.record(tmp_path / 'bag', messages[:-in_log])
    file = recordings.storage_file(path)
    database = sqlite3.connect(tmp_path / 'open.db3')
    database.executescript('PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0')
    with sqlite3.connect(file) as closed:
        closed.backup(database)
    database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    for _, _, recorded_ns, data in messages[-in_log:]:
        database.execute(
            'INSERT INTO messages (topic_id, timestamp, data) VALUES (1, ?, ?)',
            (recorded_ns, data),
        )
    database.commit()
    shutil.copy(tmp_path / 'open.db3', file)
    log = file.with_name(f'{file.name}-wal')
    shutil.copy(tmp_path / 'open.db3-wal', log)
    database.close()
    before = file.read_bytes(), log.read_bytes()
    (path / 'metadata.yaml').unlink()
    found, problems = read(path)
    assert found == expected(messages)
    assert any('was not closed' in problem for problem in problems)
    assert (file.read_bytes(), log.read_bytes()) == before


def test_mcap_without_an_index_is_read_and_that_is_told(tmp_path):
    """A footer that names no summary."""
    messages = recordings.frames(5)
    path = recordings.record(tmp_path / 'bag', messages, 'mcap')
    file = recordings.storage_file(path)
    data = bytearray(file.read_bytes())
    data[-28:-12] = bytes(16)
    file.write_bytes(data)
    found, problems = read(path)
    assert found == expected(messages)
    assert len(problems) == 1 and 'no index' in problems[0]


@pytest.mark.parametrize(
    ('name', 'content'), [('nothing', None), ('empty', {}), ('other', {'notes.txt': b'hello'})]
)
def test_what_is_no_bag_is_named(tmp_path, name, content):
    """With what one is."""
    path = tmp_path / name
    if content is not None:
        path.mkdir()
        for file, data in content.items():
            (path / file).write_bytes(data)
    with pytest.raises(BagError, match=name):
        Bag(path)


def test_damaged_metadata_is_told_and_not_believed(tmp_path):
    """The messages are read all the same."""
    messages = recordings.frames(3)
    path = recordings.record(tmp_path / 'bag', messages)
    (path / 'metadata.yaml').write_text('rosbag2_bagfile_information: [')
    found, problems = read(path)
    assert found == expected(messages)
    assert 'damaged' in problems[0]
