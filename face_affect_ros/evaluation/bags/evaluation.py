# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag evaluated: every frame through the stages, the answers, and a report of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from pathlib import Path

import numpy as np

from face_affect_ros import images
from face_affect_ros.drawing.video import DEFAULT_RATE
from face_affect_ros.drawing.video import AnnotatedVideo
from face_affect_ros.drawing.video import VideoWriteError
from face_affect_ros.evaluation import provenance
from face_affect_ros.evaluation.bags import bag_report
from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.bag import BagError
from face_affect_ros.evaluation.bags.comparison import Row
from face_affect_ros.evaluation.bags.comparison import compare
from face_affect_ros.evaluation.bags.comparison import live_answers
from face_affect_ros.evaluation.bags.comparison import offline_again
from face_affect_ros.evaluation.bags.frames import BagFrame
from face_affect_ros.evaluation.bags.frames import FrameReader
from face_affect_ros.evaluation.bags.frames import image_topic
from face_affect_ros.evaluation.bags.labelled import judge
from face_affect_ros.evaluation.bags.labelled import read_labels
from face_affect_ros.evaluation.bags.live import ALL
from face_affect_ros.evaluation.bags.live import TAKEN
from face_affect_ros.evaluation.bags.live import LiveRecording
from face_affect_ros.evaluation.bags.live import LiveResult
from face_affect_ros.evaluation.bags.offline import Answer
from face_affect_ros.evaluation.bags.offline import OfflineStages
from face_affect_ros.evaluation.bags.outputs import AnswerBag
from face_affect_ros.evaluation.bags.replay import Replayed
from face_affect_ros.evaluation.bags.replay import Sink
from face_affect_ros.evaluation.bags.replay import replay
from face_affect_ros.evaluation.intervals import SAMPLES
from face_affect_ros.evaluation.report import Report
from face_affect_ros.evaluation.report import write_report
from face_affect_ros.quoting import quoted
from face_affect_ros.stream.replay import ReplaySettings

NAMESPACE = '/face_affect'
"""Of the topics in the bag of answers, as the nodes have it."""

Progress = Callable[[Iterable[BagFrame], int | None], Iterable[BagFrame]]
"""Wraps frames, of which there are so many (None: not known), to show how far they are."""


@dataclass(frozen=True)
class BagJob:
    """What to evaluate.

    :param bag: folder or storage file.
    :param models: names.
    :param topic: of the pictures; None: the only one.
    :param labels: CSV file of the truth; None: there is none.
    :param settings: of the stages.
    :param to: folder of the report and the bag of answers; None: nothing is written.
    :param video: whether to write an annotated video too.
    :param namespace: of the topics in the bag of answers.
    :param max_pixels: of the largest picture taken.
    :param rotate: degrees by which pictures are turned clockwise, as by the node ``camera``.
    :param samples: resamplings of the bootstrap; 0: no intervals.
    :param command: the command line, for the report.
    """

    bag: Path
    models: Sequence[str] = ('1',)
    topic: str | None = None
    labels: Path | None = None
    settings: ReplaySettings = field(default_factory=ReplaySettings)
    to: Path | None = None
    video: bool = False
    namespace: str = NAMESPACE
    max_pixels: int = images.MAX_PIXELS
    rotate: int = 0
    samples: int = SAMPLES
    command: str = ''


@dataclass(frozen=True)
class BagResult:
    """What was found.

    :param report: for files and terminals.
    :param problems: what is wrong with the input, in words; everything else was done.
    """

    report: Report
    problems: Sequence[str]
    replayed: Replayed


def evaluate_bag(
    job: BagJob,
    progress: Progress = lambda frames, _: frames,
    recording: LiveRecording | None = None,
) -> BagResult:
    """Evaluate a bag and write what is asked for.

    :param recording: what a graph answered to the bag, to be compared with the first model.
    :raises BagError: it cannot be read, or has no such topic.
    :raises DataSetError: the labels cannot be used.
    :raises OSError: a file cannot be written.
    """
    labels = None if job.labels is None else read_labels(job.labels)
    with Bag(job.bag) as bag:
        topic = image_topic(bag, job.topic)
        frames = FrameReader(bag, topic, job.max_pixels, job.rotate)
        problems: list[str] = []
        stages = [OfflineStages(model, job.settings, _jumps(problems)) for model in job.models]
        with ExitStack() as stack:
            sinks = _sinks(job, bag, topic, stack)
            replayed = replay(progress(frames, bag.topics[topic].count), stages, sinks)
        problems = [*bag.problems, *replayed.problems(), *problems]
        if not replayed.frames:
            problems.append(f'no message of {topic} could be read')
        live = None
        if recording is not None and replayed.frames:
            live = _judge(job, recording, replayed, progress(frames, len(replayed.frames)))
            problems += live.problems()
        labelled = {}
        if labels is not None:
            problems += labels.issues
            labelled = {each.model: judge(labels, replayed, each) for each in replayed.models}
            problems += labelled[job.models[0]].problems
        report = bag_report.report_of(
            bag_report.Findings(topic, frames.type, replayed, tuple(problems), labelled, live),
            job.bag.name,
            {
                'command': job.command,
                'bag': str(job.bag),
                'data': frames.digest.hexdigest(),
                'software': provenance.software(),
                'hardware': provenance.hardware(),
                'weights': provenance.weights_of(job.models, job.settings.model),
            },
            job.samples,
            draws=job.to is not None,
        )
        if job.to is not None and recording is not None:
            target = job.to / 'live'
            recording.write(target, bag.storage)
    if job.to is not None:
        write_report(report, job.to)
    return BagResult(report, problems, replayed)


def _judge(
    job: BagJob, recording: LiveRecording, replayed: Replayed, frames: Iterable[BagFrame]
) -> LiveResult:
    """Compare what a graph answered with the offline answers."""
    answers = live_answers(
        replayed.frames,
        [data for _, data in recording.faces],
        [data for _, data in recording.attributes],
    )
    model = replayed.models[0]
    offline: dict[int, list[Row]] = {number: [] for number in model.answered}
    for row in model.rows:
        offline[row['frame']].append(row)
    again = offline_again(frames, OfflineStages(job.models[0], job.settings), answers)
    times = [frame.recorded_ns * 1e-6 for frame in replayed.frames]
    return LiveResult(
        recording,
        answers,
        {ALL: compare(answers.rows, offline), TAKEN: compare(answers.rows, again)},
        float(np.median(np.diff(times))) / recording.rate if len(times) > 1 else math.inf,
    )


def _jumps(problems: list[str]) -> Callable[[float], None]:
    def note(jump_s: float) -> None:
        text = f'stamps jump by {jump_s:+.1f} s: another stream begins there, with new ids'
        if text not in problems:
            problems.append(text)

    return note


def _sinks(job: BagJob, bag: Bag, topic: str, stack: ExitStack) -> dict[str, list[Sink]]:
    """Open the bag of answers and the video of each model."""
    if job.to is None:
        return {}
    job.to.mkdir(parents=True, exist_ok=True)
    sinks: dict[str, list[Sink]] = {}
    for model in job.models:
        target = job.to / f'answers_model{model}'
        if target.resolve() == bag.path.resolve():
            raise BagError(f'{quoted(target)} is the bag that is read: choose another --to')
        answers = stack.enter_context(AnswerBag(target, job.namespace, bag.storage))
        sinks[model] = [answers.add]
        if job.video:
            video = AnnotatedVideo(job.to / f'annotated_model{model}.mp4', _rate(bag, topic))
            sinks[model].append(partial(_draw, stack.enter_context(video)))
    return sinks


def _draw(video: AnnotatedVideo, answer: Answer) -> None:
    """Write the frame of an answer, its faces drawn in."""
    assert answer.frame.image is not None
    try:
        video.add(answer.frame.image, answer.described.faces)
    except VideoWriteError as error:
        raise BagError(str(error)) from error


def _rate(bag: Bag, topic: str) -> float:
    """Return the frames a second of a topic by the median of the recorded times."""
    times = [message.recorded_ns for message in bag.messages((topic,))]
    steps = np.diff(times)
    steps = steps[steps > 0]
    return float(1e9 / np.median(steps)) if len(steps) else DEFAULT_RATE
