# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect play`` over real middleware, and ``evaluate bag --live`` beside offline."""

import json
import os
import signal
import subprocess
import sys

import pytest
import recordings

pytest.importorskip('robot', reason='no ROS here')

from pyarrow import parquet
from robot import Robot
from robot import join
from robot import wait_until
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import String

from face_affect_ros import cli
from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.ros import messages

pytestmark = [pytest.mark.ros, pytest.mark.slow]

COUNT = 12
WORDS = ('/played/words', recordings.TEXT, recordings.stamp(0), recordings.text('hello'))


@pytest.fixture
def robot():
    """Return somebody who listens."""
    join()
    listener = Robot('/played')
    yield listener
    listener.close()


def play(path, *options):
    """Start the player in a process of its own."""
    return subprocess.Popen(
        [sys.executable, '-m', 'face_affect_ros.cli', 'play', str(path), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def test_stored_bytes_and_clock_over_the_middleware(robot, tmp_path):
    """Unknown types are named and the rest is played; again and again until Ctrl-C."""
    path = recordings.record(
        tmp_path / 'bag',
        [WORDS, *recordings.frames(4)],
        'mcap',
        topics=[('/odd', recordings.ODD)],
        qos=recordings.RELIABLE,
    )
    pictures, _ = robot.listen('/played/camera', Image)
    words, _ = robot.listen('/played/words', String)
    clock, _ = robot.listen('/clock', Clock)
    player = play(
        path,
        *('--rate', 2, '--loop', '--clock', 100),
        *('--ros-args', '-r', f'{recordings.TOPIC}:=/played/camera'),
    )
    try:
        wait_until(lambda: len(words) > 1 and len(pictures) > 1 and len(clock) > 10, 40)
        player.send_signal(signal.SIGINT)
        out, err = player.communicate(timeout=20)
    finally:
        player.kill()
    assert player.returncode == 0, err
    assert '/odd is not played: type odd_msgs/msg/Odd is not installed' in err
    assert 'messages of 2 topics' in out
    assert {each.data for each in words} == {'hello'}
    stamps = {messages.stamp_ns_of(each.header) for each in pictures}
    assert stamps <= {recordings.stamp(number) for number in range(4)}
    sent = {recordings.stamp(n): recordings.picture(n).tobytes() for n in range(4)}
    assert all(bytes(p.data) == sent[messages.stamp_ns_of(p.header)] for p in pictures)
    times = [each.clock.sec * 10**9 + each.clock.nanosec for each in clock]
    assert recordings.stamp(0) <= min(times) and max(times) <= recordings.stamp(4)


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [(['nothing'], "no bag 'nothing'"), (['{bag}', '--topics', '/none'], "no topic '/none'")],
)
def test_what_cannot_be_played_is_named(tmp_path, capsys, arguments, words):
    """Exit code 1."""
    path = recordings.record(tmp_path / 'bag', [WORDS])
    given = [each.format(bag=path) for each in arguments]
    assert cli.main(['play', *given]) == 1
    assert words in capsys.readouterr().err


def judged(folder):
    """Return what a folder's report tells of the live replay."""
    return json.loads((folder / 'report.json').read_text())['live']


def test_both_ways_give_the_same_answers(start, tmp_path):
    """The running graph and the stages offline, on the frames that both saw."""
    path = recordings.record(tmp_path / 'bag', recordings.frames(COUNT), 'mcap')
    graph = start(image_topic=recordings.TOPIC, deterministic_ids=True, trait_budget_ms=0.0)
    namespace = graph.robot.namespace
    to = tmp_path / 'to'
    options = ['--live', '--rate', '0.5', '--namespace', namespace, '--to', str(to)]
    assert cli.main(['evaluate', 'bag', str(path), *options]) == 0
    live = judged(to)
    assert live['namespace'] == namespace and not live['own_graph']
    assert live['published'] == COUNT == live['answered'] + live['dropped']
    same = live['compared']['taken_frames']
    assert same['frames'] == same['same'] == same['faces'] == live['answered'] > 0
    assert same['other_labels'] == {'emotion': 0, 'gender': 0, 'age_range': 0}
    assert max(same['most'].values()) < 1e-4
    assert live['compared']['all_frames']['frames'] == live['answered']
    offline = parquet.read_table(to / 'predictions.parquet')
    assert offline.num_rows == COUNT
    with Bag(to / 'live') as heard:
        assert heard.topics[f'{namespace}/attributes'].count == live['answered']


def test_a_graph_is_started_where_none_runs(tmp_path):
    """With compressed pictures, in a namespace of its own, stopped afterwards."""
    messages_of_camera = [
        (
            f'{recordings.TOPIC}/compressed',
            recordings.COMPRESSED,
            recordings.stamp(number),
            recordings.compressed(recordings.picture(number), recordings.stamp(number)),
        )
        for number in range(4)
    ]
    path = recordings.record(tmp_path / 'bag', messages_of_camera)
    options = ['--live', '--rate', '0.5', '--namespace', '/nobody', '--to', str(tmp_path / 'to')]
    assert cli.main(['evaluate', 'bag', str(path), *options]) == 0
    live = judged(tmp_path / 'to')
    assert live['own_graph'] and live['answered'] > 0
    same = live['compared']['taken_frames']
    assert same['frames'] == same['same'] == live['answered']
