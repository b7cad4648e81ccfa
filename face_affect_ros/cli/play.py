# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect play``: a bag's messages as they were stored, at the times of their recording."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    import threading

    from face_affect_ros.evaluation.bags.bag import Bag
    from face_affect_ros.evaluation.bags.player import Player

SUMMARY = 'a recorded robot, played into the running graph'

CLOCK_HZ = 40.0
"""As ``ros2 bag play --clock`` has it."""

_EPILOG = """\
examples:
  face-affect play recording
  face-affect play recording --rate 0.5 --loop --clock
  face-affect play recording --topics /head_front_camera/image
  face-affect play recording --ros-args -r /head_front_camera/image:=/face_affect/image

Publishes the stored bytes at the times of their recording, with the reliability that was
recorded. BAG is a folder or a .mcap or .db3 file, also split, zstd-compressed or damaged: what is
whole is played. Topics of types that are not installed are named and left out; exit code 1 then.
Ctrl-C ends it with exit code 0. Where there is "ros2 bag play", that does the same and more.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument('bag', type=Path, metavar='BAG', help='folder or storage file')
    parser.add_argument(
        '--rate',
        type=options.number(float, 0.001, 1000),
        default=1.0,
        metavar='R',
        help='seconds of the recording a second (default: 1)',
    )
    parser.add_argument('--loop', action='store_true', help='begin again after the end')
    parser.add_argument(
        '--clock',
        nargs='?',
        type=options.number(float, 0.1, 10000),
        const=CLOCK_HZ,
        default=0.0,
        metavar='HZ',
        help=f'publish the time of the recording on /clock (at {CLOCK_HZ:g} Hz)',
    )
    parser.add_argument(
        '--topics', nargs='+', metavar='TOPIC', help='play these alone (default: all)'
    )
    parser.add_argument(
        '--delay',
        type=options.number(float, 0, 3600),
        default=1.0,
        metavar='SECONDS',
        help='wait before the first message, so that subscribers find the topics (default: 1)',
    )


def run(arguments: argparse.Namespace) -> int:
    """Play until the end, SIGINT or SIGTERM."""
    from face_affect_ros.evaluation import extra
    from face_affect_ros.evaluation.bags import PACKAGES
    from face_affect_ros.evaluation.bags.bag import Bag
    from face_affect_ros.evaluation.bags.bag import BagError
    from face_affect_ros.ros import process

    try:
        extra.check_installed(PACKAGES)
    except extra.MissingExtraError as error:
        raise CommandError(str(error)) from error
    stop = process.stop_on_signals()
    process.configure_process()
    try:
        with Bag(arguments.bag) as bag:
            return _play(bag, arguments, stop)
    except BagError as error:
        raise CommandError(str(error)) from error
    except ImportError as error:
        raise CommandError(
            f'playing needs ROS 2 ({error}): source a ROS 2 installation'
        ) from error


def _play(bag: Bag, arguments: argparse.Namespace, stop: threading.Event) -> int:
    """Offer the topics, play, and name what could not be played."""
    import rclpy

    from face_affect_ros.evaluation.bags.player import Pace
    from face_affect_ros.evaluation.bags.player import Player
    from face_affect_ros.ros.stored_publishers import StoredPublishers

    topics = _chosen(bag, arguments.topics)
    context = rclpy.Context()
    rclpy.init(args=['--ros-args', *arguments.ros_arguments], context=context)
    node = rclpy.create_node('face_affect_player', context=context)
    try:
        publishers = StoredPublishers(node)
        problems = offer(bag, topics, publishers)
        _complain(problems.values())
        playable = [topic for topic in topics if topic not in problems]
        if not playable:
            raise CommandError('nothing is left to play')
        player = Player(
            bag,
            playable,
            Pace(arguments.rate, arguments.loop, arguments.clock),
            lambda message: publishers.publish(message.topic, message.data),
            publishers.tick,
            stop,
        )
        stop.wait(arguments.delay)
        _show(player, bag, playable, arguments.loop)
        publishers.drain()
        print(
            f'{player.played.messages} messages of {len(playable)} topics; at most '
            f'{1e3 * player.played.most_behind_s:.0f} ms behind',
            flush=True,
        )
        _complain(bag.problems)
    finally:
        node.destroy_node()
        rclpy.try_shutdown(context=context)
    return 0 if stop.is_set() or not (bag.problems or problems) else FAILED


def _complain(problems: Iterable[str]) -> None:
    for problem in problems:
        print(f'face-affect play: error: {printable(problem)}', file=sys.stderr, flush=True)


def _chosen(bag: Bag, wanted: list[str] | None) -> list[str]:
    """Return the topics to play.

    :raises CommandError: there is no such topic, or none at all.
    """
    there_are = f'there are: {", ".join(bag.topics) or "none"}'
    for name in wanted or ():
        if name not in bag.topics:
            raise CommandError(f'no topic {quoted(name)} in {quoted(bag.path)}; {there_are}')
    if not bag.topics:
        raise CommandError(f'{quoted(bag.path)} has no topics')
    return list(dict.fromkeys(wanted or bag.topics))


def _show(player: Player, bag: Bag, topics: list[str], is_endless: bool) -> None:
    """Play with a progress bar on a terminal."""
    from tqdm import tqdm

    counts = [bag.topics[name].count for name in topics]
    known = not is_endless and all(count is not None for count in counts)
    total = sum(count or 0 for count in counts) if known else None
    for _ in tqdm(player, total=total, unit='message', disable=None, leave=False):
        pass


def offer(bag: Bag, topics: list[str], publishers: Any) -> dict[str, str]:
    """Create publishers; return why not, by the topics of types that are not installed."""
    from face_affect_ros.ros.stored_publishers import UnknownTypeError

    problems = {}
    for name in topics:
        topic = bag.topics[name]
        try:
            publishers.add(name, topic.type, topic.is_reliable, topic.is_latched)
        except UnknownTypeError as error:
            problems[name] = f'{name} is not played: {error}'
    return problems
