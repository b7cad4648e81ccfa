# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag's messages when they are due, without ROS."""

import threading

import recordings

from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.player import Pace
from face_affect_ros.evaluation.bags.player import Player

FAST = 1000.0


def bag_of(tmp_path, count=5):
    """Return a bag of frames a tenth of a second apart."""
    return Bag(recordings.record(tmp_path / 'bag', recordings.frames(count)))


def test_every_message_as_it_was_stored(tmp_path):
    """In order, with the stored bytes."""
    published = []
    with bag_of(tmp_path) as bag:
        player = Player(bag, bag.topics, Pace(FAST), published.append)
        assert list(player) == published == list(bag.messages())
    assert (player.played.messages, player.played.rounds) == (5, 1)


def test_never_before_its_time(tmp_path):
    """Half a second of recording takes a twentieth at ten times its speed, at least."""
    import time

    with bag_of(tmp_path, 6) as bag:
        begin = time.monotonic()
        assert len(list(Player(bag, bag.topics, Pace(10.0), lambda _: None))) == 6
        assert time.monotonic() - begin >= 0.05


def test_it_begins_again_until_it_is_stopped(tmp_path):
    """The clock begins again too."""
    stop, ticks, published = threading.Event(), [], []

    def publish(message):
        published.append(message.recorded_ns)
        if len(published) == 12:
            stop.set()

    with bag_of(tmp_path) as bag:
        player = Player(bag, bag.topics, Pace(FAST, True, 1.0), publish, ticks.append, stop)
        assert len(list(player)) == 12
    assert published == ticks == (published[:5] * 3)[:12]
    assert player.played.rounds == 3


def test_an_endless_round_of_nothing_ends(tmp_path):
    """A topic without a message is not looked for for ever."""
    path = recordings.record(tmp_path / 'bag', [], topics=[('/words', recordings.TEXT)])
    with Bag(path) as bag:
        assert list(Player(bag, bag.topics, Pace(loop=True), lambda _: None)) == []


def test_the_clock_goes_on_between_messages(tmp_path):
    """From message to message, never back, never ahead of the next one."""
    ticks, at = [], []
    with bag_of(tmp_path, 3) as bag:
        player = Player(
            bag,
            bag.topics,
            Pace(1.0, clock_hz=100.0),
            lambda message: at.append((len(ticks), message.recorded_ns)),
            ticks.append,
        )
        for _ in player:
            pass
    assert ticks == sorted(ticks) and len(ticks) > len(at)
    assert all(ticks[count - 1] == recorded_ns for count, recorded_ns in at)
