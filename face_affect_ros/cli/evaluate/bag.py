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
from face_affect_ros.quoting import printable

if TYPE_CHECKING:
    from face_affect_ros.evaluation.bags.evaluation import BagJob
    from face_affect_ros.evaluation.bags.evaluation import BagResult
    from face_affect_ros.evaluation.bags.frames import BagFrame
    from face_affect_ros.evaluation.bags.live import LiveRecording
    from face_affect_ros.evaluation.bags.offline import ReplaySettings
    from face_affect_ros.parameter import Parameter

SUMMARY = 'a recorded robot: every frame of a bag, as the nodes would answer'

_EPILOG = """\
examples:
  face-affect evaluate bag recording                       what is in it, on the terminal
  face-affect evaluate bag recording --to result --video   report, bag of answers, video
  face-affect evaluate bag recording --model 1 2 --labels labels.csv --to result
  face-affect evaluate bag recording --live --to result    and what the running graph answers
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
    parser.add_argument('bag', type=Path, metavar='BAG', help='folder or storage file')
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
    parser.add_argument('--json', action='store_true', help='print report.json')
    group = parser.add_argument_group('parameters of the nodes')
    for parameter in parameters():
        options.add_option(group, parameter, parameter.default)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, print, and name what is wrong with the bag."""
    from face_affect_ros.evaluation import extra
    from face_affect_ros.evaluation.bags import PACKAGES
    from face_affect_ros.evaluation.bags.bag import BagError
    from face_affect_ros.evaluation.bags.evaluation import evaluate_bag
    from face_affect_ros.evaluation.data.data_set import DataSetError
    from face_affect_ros.ros import process

    if arguments.live and len(arguments.model) > 1:
        raise UsageError('--live compares one model: give one --model')
    if arguments.video and arguments.to is None:
        raise UsageError('--video needs --to')
    try:
        extra.check_installed(PACKAGES)
    except extra.MissingExtraError as error:
        raise CommandError(str(error)) from error
    process.compute_with(arguments.threads)
    try:
        job = job_of(arguments)
        recording = _recorded_live(arguments) if arguments.live else None
        result = evaluate_bag(job, show_progress, recording)
    except (BagError, DataSetError) as error:
        raise CommandError(str(error)) from error
    print_result(result, arguments.json)
    for problem in result.problems:
        print(f'face-affect evaluate bag: error: {printable(problem)}', file=sys.stderr)
    return FAILED if result.problems else 0


def _recorded_live(arguments: argparse.Namespace) -> LiveRecording:
    """Play the bag into a graph."""
    from face_affect_ros.cli.evaluate.live import LiveOptions
    from face_affect_ros.cli.evaluate.live import replay_live

    given = ['--model', arguments.model[0]]
    for parameter in parameters():
        given += options.words(parameter, getattr(arguments, parameter.name))
    return replay_live(
        arguments.bag,
        arguments.topic,
        LiveOptions('/' + arguments.namespace.strip('/'), arguments.rate, given),
    )


def parameters() -> list[Parameter]:
    """Return the nodes' parameters that a replay has, without a budget of computing time."""
    from face_affect_ros.parameter import declared
    from face_affect_ros.ros.parameters import TABLE
    from face_affect_ros.settings import MODEL_PARAMETERS
    from face_affect_ros.tracking.settings import TrackingSettings
    from face_affect_ros.tracking.settings import TraitSettings

    names = {
        each.name
        for each in (
            *MODEL_PARAMETERS,
            *declared(TrackingSettings),
            *declared(TraitSettings),
        )
        if each.name not in _RECORDED_ONLY
    } | {'max_pixels'}
    return [
        replace(each, default=0.0) if each.name == 'trait_budget_ms' else each
        for each in TABLE
        if each.name in names
    ]


def settings_of(arguments: argparse.Namespace) -> ReplaySettings:
    """Return how frames are evaluated.

    :raises UsageError: options that do not go together.
    """
    from face_affect_ros.evaluation.bags.offline import ReplaySettings
    from face_affect_ros.parameter import given
    from face_affect_ros.tracking.settings import TrackingSettings
    from face_affect_ros.tracking.settings import TraitSettings

    values = vars(arguments)
    return ReplaySettings(
        options.settings(arguments),
        TrackingSettings(**given(TrackingSettings, values)),
        TraitSettings(**given(TraitSettings, values)),
    )


def job_of(arguments: argparse.Namespace) -> BagJob:
    """Return what is asked for."""
    from face_affect_ros.cli.evaluate import command_line
    from face_affect_ros.evaluation.bags.evaluation import BagJob

    return BagJob(
        bag=arguments.bag,
        models=tuple(dict.fromkeys(arguments.model)),
        topic=arguments.topic,
        labels=arguments.labels,
        settings=settings_of(arguments),
        to=arguments.to,
        video=arguments.video,
        samples=arguments.samples,
        max_pixels=arguments.max_pixels,
        command=command_line(),
    )


def print_result(result: BagResult, as_json: bool):
    """Print the report."""
    from face_affect_ros.evaluation.report import json_file
    from face_affect_ros.evaluation.report import markdown

    text = json_file.text(result.report) if as_json else markdown.text(result.report)
    print(text, end='', flush=True)


def show_progress(frames: Iterable[BagFrame], count: int | None) -> Iterable[BagFrame]:
    """Show a progress bar on a terminal."""
    from tqdm import tqdm

    return tqdm(frames, total=count, unit='frame', disable=None, leave=False)
