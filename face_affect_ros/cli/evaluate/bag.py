# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate bag``: a recorded robot, frame by frame."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.cli.evaluate.cluster import add_scheduler
from face_affect_ros.cli.evaluate.cluster import with_dask
from face_affect_ros.quoting import printable

if TYPE_CHECKING:
    from face_affect_ros.evaluation.bags.evaluation import BagJob
    from face_affect_ros.evaluation.bags.frames import BagFrame
    from face_affect_ros.evaluation.bags.live import LiveRecording
    from face_affect_ros.evaluation.bags.many import Outcome
    from face_affect_ros.parameter import Parameter
    from face_affect_ros.stream.replay import ReplaySettings

SUMMARY = 'a recorded robot: every frame of a bag, as the nodes would answer'

_EPILOG = """\
examples:
  face-affect evaluate bag recording                       what is in it, on the terminal
  face-affect evaluate bag recording --to result --video   report, bag of answers, video
  face-affect evaluate bag recording --model 1 2 --labels labels.csv --to result
  face-affect evaluate bag recording --live --to result    and what the running graph answers
  face-affect evaluate bag monday tuesday --to result --engine dask --scheduler tcp://10.0.0.1:8786
  face-affect evaluate bag recording.mcap --topic /head_front_camera/image

BAG is a folder or a .mcap or .db3 file of rosbag2, also split or zstd-compressed; no ROS needed.
Every frame is evaluated once and in order, with the nodes' detection, tracking and traits, by the
frames' own times: the same bag gives the same predictions.parquet. So traits have no budget of
computing time unless --trait-budget-ms sets one.

--labels is a CSV file. When: stamp, frame (from 0), or start and end (seconds since the first
frame, or stamps). Who: track, box or x,y,width,height, or nothing where there is one face. What:
emotion, gender, age, CelebA's attributes; person.

--live also plays the bag: into the graph that runs in --namespace, or else into one started for
it, with the same settings. It counts frames that were dropped and late, and compares the answers
with the offline ones, frame by frame; what was published is in the bag "live".

What is wrong with a bag is named and everything else done; exit code 1 then.
"""

_RECORDED_ONLY = ('model',)


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this kind."""
    parser.epilog = _EPILOG
    parser.add_argument('bag', type=Path, nargs='+', metavar='BAG', help='folder or storage file')
    parser.add_argument(
        '--topic', metavar='T', help='topic of the pictures (default: the only one)'
    )
    parser.add_argument('--labels', type=Path, metavar='CSV', help='the truth, see below')
    parser.add_argument(
        '--to', type=Path, metavar='DIR', help='write a report and a bag of answers to this folder'
    )
    parser.add_argument(
        '--video', action='store_true', help='also write a video with the faces drawn in'
    )
    parser.add_argument(
        '--model',
        type=options.model_name,
        nargs='+',
        default=['1'],
        metavar='MODEL',
        help='models to evaluate (default: 1)',
    )
    live = parser.add_argument_group('live replay')
    live.add_argument(
        '--live',
        action='store_true',
        help='also play the bag into the running graph, or one started for it, and compare',
    )
    live.add_argument(
        '--rate',
        type=options.number(float, 0.001, 1000),
        default=1.0,
        metavar='R',
        help='seconds of the recording a second (default: 1)',
    )
    live.add_argument(
        '--namespace',
        default='/face_affect',
        metavar='NS',
        help='where a running graph is looked for (default: /face_affect)',
    )
    parser.add_argument(
        '--samples',
        type=options.number(int, 0, 100_000),
        default=1000,
        metavar='N',
        help='resamplings of the bootstrap; 0: no intervals (default: 1000)',
    )
    add_scheduler(parser)
    parser.add_argument('--json', action='store_true', help='print report.json')
    group = parser.add_argument_group('parameters of the nodes')
    for parameter in parameters():
        options.add_option(group, with_dask(parameter), parameter.default)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and name what is wrong with the bags."""
    from face_affect_ros.cli.evaluate.cluster import cluster_of
    from face_affect_ros.evaluation import extra
    from face_affect_ros.evaluation.bags import PACKAGES
    from face_affect_ros.evaluation.bags.bag import BagError
    from face_affect_ros.evaluation.bags.many import evaluate_bags
    from face_affect_ros.evaluation.dask_cluster import ClusterError
    from face_affect_ros.ros import process

    cluster = cluster_of(arguments)
    _check_usage(arguments, cluster)
    try:
        extra.check_installed(PACKAGES)
    except extra.MissingExtraError as error:
        raise CommandError(str(error)) from error
    process.compute_with(arguments.threads)
    jobs = [job_of(arguments, bag) for bag in arguments.bag]
    try:
        recording = _recorded_live(arguments) if arguments.live else None
        outcomes = evaluate_bags(jobs, show_progress, cluster, recording)
        return max([_told(each, arguments.json) for each in outcomes])
    except (BagError, ClusterError) as error:
        raise CommandError(str(error)) from error


def _check_usage(arguments: argparse.Namespace, cluster: str) -> None:
    """Raise ``UsageError`` where options do not go together."""
    if arguments.live and (len(arguments.model) > 1 or len(arguments.bag) > 1 or cluster):
        raise UsageError('--live plays one bag here and compares one model')
    if arguments.labels and len(arguments.bag) > 1:
        raise UsageError('--labels are of one bag: give one BAG')
    if arguments.video and arguments.to is None:
        raise UsageError('--video needs --to')
    names = [bag.resolve().name for bag in arguments.bag]
    if arguments.to and len(set(names)) < len(names):
        raise UsageError('two bags have the same name, after which their folders in --to go')


def _told(outcome: Outcome, as_json: bool) -> int:
    """Print what is told of a bag, and on stderr what is wrong; return the exit code."""
    print(outcome.as_json if as_json else outcome.as_text, end='', flush=True)
    wrong = [outcome.error] if outcome.error else outcome.problems
    for problem in wrong:
        print(f'face-affect evaluate bag: error: {printable(problem)}', file=sys.stderr)
    return FAILED if wrong else 0


def _recorded_live(arguments: argparse.Namespace) -> LiveRecording:
    """Play the bag into a graph."""
    from face_affect_ros.cli.evaluate.live import LiveOptions
    from face_affect_ros.cli.evaluate.live import replay_live

    given = ['--model', arguments.model[0]]
    for parameter in parameters():
        given += options.words(parameter, getattr(arguments, parameter.name))
    return replay_live(
        arguments.bag[0],
        arguments.topic,
        LiveOptions('/' + arguments.namespace.strip('/'), arguments.rate, given),
    )


def parameters() -> list[Parameter]:
    """Return the nodes' parameters that a replay has, without a budget of computing time."""
    from face_affect_ros.parameter import declared
    from face_affect_ros.ros.parameters import TABLE
    from face_affect_ros.settings import MODEL_PARAMETERS
    from face_affect_ros.tracking.settings import EmotionSettings
    from face_affect_ros.tracking.settings import TrackingSettings
    from face_affect_ros.tracking.settings import TraitSettings

    names = {
        each.name
        for each in (
            *MODEL_PARAMETERS,
            *declared(TrackingSettings),
            *declared(EmotionSettings),
            *declared(TraitSettings),
        )
        if each.name not in _RECORDED_ONLY
    } | {'max_pixels', 'rotate'}
    return [
        replace(each, default=0.0) if each.name == 'trait_budget_ms' else each
        for each in TABLE
        if each.name in names
    ]


def settings_of(arguments: argparse.Namespace) -> ReplaySettings:
    """Return how frames are evaluated.

    :raises UsageError: options that do not go together.
    """
    from face_affect_ros.parameter import given
    from face_affect_ros.stream.replay import ReplaySettings
    from face_affect_ros.tracking.settings import EmotionSettings
    from face_affect_ros.tracking.settings import TrackingSettings
    from face_affect_ros.tracking.settings import TraitSettings

    values = vars(arguments)
    return ReplaySettings(
        options.settings(arguments),
        TrackingSettings(**given(TrackingSettings, values)),
        EmotionSettings(**given(EmotionSettings, values)),
        TraitSettings(**given(TraitSettings, values)),
    )


def job_of(arguments: argparse.Namespace, bag: Path) -> BagJob:
    """Return what is asked for of one bag."""
    from face_affect_ros.cli.evaluate import command_line
    from face_affect_ros.evaluation.bags.evaluation import BagJob

    return BagJob(
        bag=bag,
        models=tuple(dict.fromkeys(arguments.model)),
        topic=arguments.topic,
        labels=arguments.labels,
        settings=settings_of(arguments),
        to=arguments.to and arguments.to / bag.resolve().name
        if len(arguments.bag) > 1
        else arguments.to,
        video=arguments.video,
        samples=arguments.samples,
        max_pixels=arguments.max_pixels,
        rotate=int(arguments.rotate),
        command=command_line(),
    )


def _folder_of(arguments: argparse.Namespace, bag: Path) -> Path | None:
    """Return where a bag's files go: one of several has a folder of its own."""
    if arguments.to is None or len(arguments.bag) == 1:
        return arguments.to
    return arguments.to / bag.resolve().name


def show_progress(frames: Iterable[BagFrame], count: int | None) -> Iterable[BagFrame]:
    """Show a progress bar on a terminal."""
    from tqdm import tqdm

    return tqdm(frames, total=count, unit='frame', disable=None, leave=False)
