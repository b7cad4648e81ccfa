# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate bag`` on bags that something is wrong with: named, the rest done."""

import json

import numpy as np
import pytest
import recordings
from pyarrow import parquet
from recordings import COMPRESSED
from recordings import IMAGE
from recordings import TEXT
from recordings import TOPIC

from face_affect_ros import cli

WORDS = ('/words', TEXT, recordings.stamp(0), recordings.text('hello'))


def evaluate(path, *options):
    """Run the command; return its exit code."""
    return cli.main(['evaluate', 'bag', str(path), '--samples', '0', *map(str, options)])


def evaluated(path, folder, capsys):
    """Evaluate a bag that something is wrong with; return its report and what stderr names."""
    assert evaluate(path, '--to', folder) == 1
    told = capsys.readouterr().err
    report = json.loads((folder / 'report.json').read_text())
    assert all(problem in told for problem in report['problems'])
    assert all(len(line) <= 350 for line in told.splitlines())
    return report, told


def recorded(tmp_path, capsys, messages):
    """Record messages and evaluate them."""
    return evaluated(recordings.record(tmp_path / 'bag', messages), tmp_path / 'to', capsys)


def refused(path, capsys, *options):
    """Return what stderr says of a bag that cannot be evaluated at all."""
    assert evaluate(path, *options) == 1
    captured = capsys.readouterr()
    assert captured.out == ''
    return captured.err


def frame(number, data, kind=IMAGE, topic=TOPIC):
    """Return a message of a topic of pictures."""
    return topic, kind, recordings.stamp(number) + recordings.LATE_NS, data


@pytest.mark.parametrize('storage', recordings.STORAGES)
def test_a_bag_that_was_cut_off(tmp_path, capsys, storage):
    """What is whole is evaluated."""
    path = recordings.record(tmp_path / 'bag', recordings.frames(24), storage)
    recordings.cut(recordings.storage_file(path), 0.7)
    report, told = evaluated(path, tmp_path / 'to', capsys)
    read = report['stream']['frames']
    assert 8 <= read < 24 and report['answers']['1']['faces'] == read
    assert 'cut off' in told and f'names 24 messages, {read} could be read' in told


def test_pictures_that_do_not_decode(tmp_path, capsys):
    """Each keeps its number; the others are evaluated."""
    messages = recordings.frames(5)
    messages[1] = frame(1, messages[1][3][:2000])
    messages[3] = frame(3, b'\x00\x01\x00\x00nothing')
    report, told = recorded(tmp_path, capsys, messages)
    table = parquet.read_table(tmp_path / 'to/predictions.parquet').to_pydict()
    assert table['frame'] == [0, 2, 4]
    assert report['stream']['frames'] == 5 and report['stream']['decoded'] == 3
    assert 'cannot be decoded' in told and '(the first: frame 1)' in told


def test_damaged_compressed_pictures_and_unknown_encodings(tmp_path, capsys):
    """With the reason and how many."""
    good = recordings.compressed(recordings.picture(0), recordings.stamp(0), 'jpg')
    bad = bytearray(recordings.compressed(recordings.picture(1), recordings.stamp(1), 'png'))
    bad[80:] = bytes(len(bad) - 80)
    messages = [
        frame(0, good, COMPRESSED),
        *(frame(number, bytes(bad), COMPRESSED) for number in (1, 2)),
    ]
    report, told = recorded(tmp_path, capsys, messages)
    assert report['stream']['decoded'] == 1 and '2 frames cannot be decoded' in told
    odd = recordings.raw(recordings.picture(0), recordings.stamp(0), 'rgb_of_mars')
    path = recordings.record(tmp_path / 'odd', [frame(0, odd)])
    report, told = evaluated(path, tmp_path / 'to_odd', capsys)
    assert 'rgb_of_mars' in told and report['answers']['1']['frames_answered'] == 0


def test_stamps_that_go_back(tmp_path, capsys):
    """All frames are evaluated in the order of their recording."""
    stamps = [0, 1, 2, 1, 3]
    messages = [
        frame(place, recordings.raw(recordings.picture(0), recordings.stamp(number)))
        for place, number in enumerate(stamps)
    ]
    report, told = recorded(tmp_path, capsys, messages)
    assert report['answers']['1']['faces'] == 5
    assert 'stamps go back once: first at frame 3 by 0.100 s' in told


def test_a_clock_that_begins_again_is_another_stream(tmp_path, capsys):
    """As in the nodes: ids are not used again."""
    messages = [
        frame(place, recordings.raw(recordings.picture(0), recordings.stamp(place % 20)))
        for place in range(40)
    ]
    _, told = recorded(tmp_path, capsys, messages)
    assert 'stamps go back once: first at frame 20' in told and 'another stream begins' in told
    table = parquet.read_table(tmp_path / 'to/predictions.parquet').to_pydict()
    assert table['frame'] == list(range(40)) and table['track'][-1] == 2


def test_frames_without_a_stamp(tmp_path, capsys):
    """The time of the recording counts."""
    messages = [frame(n, recordings.raw(recordings.picture(0), 0)) for n in range(3)]
    report, told = recorded(tmp_path, capsys, messages)
    assert '3 frames without a stamp' in told
    assert report['stream']['seconds'] == pytest.approx(0.2)


def test_no_image_topics(tmp_path, capsys):
    """The topics that there are are listed with types and counts."""
    path = recordings.record(tmp_path / 'bag', [WORDS])
    told = refused(path, capsys)
    assert 'no image topics' in told and f'/words ({TEXT}, 1)' in told


@pytest.mark.parametrize(
    ('topic', 'words'),
    [('/nothing', "no topic '/nothing'"), ('/words', f'/words is of type {TEXT}')],
)
def test_topics_that_are_none(tmp_path, capsys, topic, words):
    """The others are listed."""
    path = recordings.record(tmp_path / 'bag', [WORDS, *recordings.frames(1)])
    told = refused(path, capsys, '--topic', topic)
    assert words in told and TOPIC in told


def test_an_image_topic_without_messages(tmp_path, capsys):
    """Is no silent zero."""
    path = recordings.record(tmp_path / 'bag', [WORDS], topics=[(TOPIC, IMAGE)])
    assert 'no image topic has a message' in refused(path, capsys)
    assert 'has no message' in refused(path, capsys, '--topic', TOPIC)


def test_several_image_topics(tmp_path, capsys):
    """One has to be chosen, unless one is the other compressed, or a depth image."""
    picture = recordings.picture(0)
    small = recordings.compressed(picture, recordings.stamp(0))
    depth = recordings.raw(np.full((16, 20), 900, np.uint16), recordings.stamp(0), '16UC1')
    messages = [
        *recordings.frames(1),
        frame(0, small, COMPRESSED, f'{TOPIC}/compressed'),
        frame(0, depth, IMAGE, '/depth/image'),
    ]
    path = recordings.record(tmp_path / 'one', messages)
    assert evaluate(path, '--to', tmp_path / 'to') == 0
    assert json.loads((tmp_path / 'to/report.json').read_text())['stream']['topic'] == TOPIC
    capsys.readouterr()
    other = frame(0, recordings.raw(picture, recordings.stamp(0)), IMAGE, '/other/image')
    path = recordings.record(tmp_path / 'two', [*messages, other])
    told = refused(path, capsys)
    assert '--topic' in told and TOPIC in told and '/other/image' in told
    assert evaluate(path, '--topic', '/other/image') == 0


def test_every_frame_broken_in_a_way_of_its_own(tmp_path, capsys):
    """The commonest reasons are named, the others counted."""
    whole = recordings.raw(recordings.picture(0), recordings.stamp(0))
    messages = [frame(n, whole[: 3000 + 16 * n]) for n in range(9)]
    report, told = recorded(tmp_path, capsys, messages)
    assert len(report['problems']) <= 6 and report['stream']['decoded'] == 0
    assert told.count('cannot be decoded') <= 6


def test_folders_of_others_are_left_alone(tmp_path, capsys):
    """Also where they are called as the bag of answers; such a bag is written anew."""
    path = recordings.record(tmp_path / 'bag', recordings.frames(1))
    to = tmp_path / 'odd? #to'
    assert evaluate(path, '--to', to) == evaluate(path, '--to', to) == 0
    (to / 'answers_model1/notes.txt').write_text('mine')
    assert evaluate(path, '--to', to) == 1
    assert (to / 'answers_model1/notes.txt').read_text() == 'mine'
    assert 'is no bag of answers' in capsys.readouterr().err


def test_wrong_usage(tmp_path, capsys):
    """A video needs a folder; options are checked as the nodes' parameters."""
    path = recordings.record(tmp_path / 'bag', recordings.frames(1))
    assert evaluate(path, '--video') == 2
    assert evaluate(path, '--search-rate', '-1') == 2
    assert evaluate(path, '--model', '9') == 2
    assert 'search-rate' in capsys.readouterr().err
