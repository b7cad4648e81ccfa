# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate data``: models on labelled pictures."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import INTERRUPTED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.cli.evaluate.cluster import add_scheduler
from face_affect_ros.cli.evaluate.cluster import cluster_of
from face_affect_ros.cli.evaluate.cluster import with_dask
from face_affect_ros.quoting import printable

if TYPE_CHECKING:
    from face_affect_ros.evaluation.data_evaluation import DataJob
    from face_affect_ros.evaluation.data_evaluation import Evaluated
    from face_affect_ros.evaluation.predictor import PredictionJob

SUMMARY = 'models on labelled pictures: a Parquet or CSV file, or a folder with a folder a class'

MOST_NAMED = 10
"""Most issues that are named on stderr."""

_EPILOG = """\
examples:
  face-affect evaluate data faces.parquet --crops --to report         cut faces
  face-affect evaluate data photos.csv --model 1 2 --to report        pictures to search for faces
  face-affect evaluate data happy_or_sad --limit 200                  a quick look, on the terminal
  face-affect evaluate data utkface.parquet --crops --by race age*gender --where gender=0
  face-affect evaluate data utkface.parquet --crops --degrade noise=5,10,20 jpeg=20 grey
  face-affect evaluate data huge.parquet --crops --engine dask --scheduler tcp://10.0.0.1:8786
  face-affect evaluate data celeba.parquet --crops --choose-thresholds balanced

PATH is one of
  a Parquet file: image (encoded, or a path), and any of emotion, gender, age, CelebA's 40
    attributes, box (x, y, width, height), person
  a CSV file: path or image (a path relative to it), and the same columns
  a folder with a folder a class: happy/*.jpg, sad/*.jpg, ...; or test/happy/*.jpg, ...
Other names of columns and classes go into a small YAML file (--mapping):
  columns: {emotion: expression}
  classes: {emotion: {happiness: happy, contempt: null}}

Called again with the same --to, an evaluation that was cut goes on where it stopped. Labels that
are none and pictures that cannot be read are named, the rest is evaluated, and the exit code is 1.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this kind."""
    from face_affect_ros.settings import MODEL_PARAMETERS

    parser.epilog = _EPILOG
    parser.add_argument('path', type=Path, metavar='PATH', help='the labelled pictures')
    parser.add_argument(
        '--model',
        nargs='+',
        default=['1'],
        type=options.model_name,
        metavar='MODEL',
        help='one or several models (default: 1)',
    )
    parser.add_argument('--to', type=Path, metavar='DIR', help='write a report to this folder')
    _add_pictures(parser.add_argument_group('pictures'))
    _add_figures(parser.add_argument_group('figures'))
    group = parser.add_argument_group('model')
    for parameter in MODEL_PARAMETERS:
        if parameter.name != 'model':
            options.add_option(group, with_dask(parameter), parameter.default)


def _add_pictures(group: argparse._ArgumentGroup):
    """Add what says which pictures are looked at and how."""
    group.add_argument(
        '--crops',
        action='store_true',
        help='the pictures are cut faces: each one is a face, its frame (or column box) its box',
    )
    group.add_argument(
        '--box-factor',
        type=options.number(float, 0.1, 10),
        default=1.0,
        metavar='F',
        help='with --crops: sides of the box in sides of the frame (default: 1)',
    )
    group.add_argument(
        '--no-landmarks',
        action='store_true',
        help='with --crops: cut by the box alone, without looking for landmarks in it',
    )
    group.add_argument('--mapping', type=Path, metavar='YAML', help='names of columns and classes')
    group.add_argument(
        '--where',
        nargs='+',
        default=[],
        metavar='COLUMN=VALUE',
        help='only rows of this value (or of one of several, with commas)',
    )
    group.add_argument(
        '--limit',
        type=options.number(int, 1, 10**9),
        metavar='N',
        help='at most so many pictures, spread evenly',
    )
    group.add_argument(
        '--degrade',
        nargs='+',
        default=[],
        metavar='KIND=VALUE',
        help='also on spoilt pictures: noise=GREY_LEVELS jpeg=QUALITY dark=SHARE blur=PIXELS '
        'size=PIXELS grey hidden=lower|upper|left|right; several values with commas, several '
        'at once with +',
    )
    group.add_argument(
        '--workers',
        type=options.number(int, 1, 256),
        default=1,
        metavar='N',
        help='processes, each with its own networks; the result is the same (default: 1)',
    )
    add_scheduler(group)


def _add_figures(group: argparse._ArgumentGroup):
    """Add what says which figures are made."""
    from face_affect_ros.evaluation import THRESHOLD_CRITERIA

    group.add_argument(
        '--by',
        nargs='*',
        metavar='COLUMN',
        help='subgroups: age, gender, any column, or two crossed, A*B (default: age, gender, both '
        'and columns of few values)',
    )
    group.add_argument(
        '--choose-thresholds',
        choices=THRESHOLD_CRITERIA,
        default='',
        help='pick the probability from which each attribute is told',
    )
    group.add_argument(
        '--samples',
        type=options.number(int, 0, 100_000),
        default=1000,
        metavar='N',
        help='resamplings of the bootstrap; 0: no intervals (default: 1000)',
    )
    group.add_argument(
        '--show-faces', action='store_true', help='show the worst errors in report.html'
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; return 1 where something is wrong with the data."""
    from face_affect_ros.evaluation.dask_cluster import ClusterError
    from face_affect_ros.evaluation.data.data_set import DataSetError
    from face_affect_ros.evaluation.data.mapping import MappingError
    from face_affect_ros.evaluation.data_evaluation import evaluate
    from face_affect_ros.evaluation.prediction_run import finish

    cluster = cluster_of(arguments)
    try:
        wanted = _wanted(arguments)
        place = nullcontext(arguments.to) if arguments.to else tempfile.TemporaryDirectory()
        with place as folder, _Progress() as progress:
            found = evaluate(wanted, Path(folder), arguments.workers, progress, cluster)
            progress.close()
            _deliver(found, arguments)
            if arguments.to:
                finish(arguments.to)
    except (DataSetError, MappingError, ClusterError) as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        again = '; the same command goes on where it stopped' if arguments.to else ''
        print(f'face-affect evaluate: stopped{again}', file=sys.stderr)
        return INTERRUPTED
    return FAILED if found.issues else 0


def _wanted(arguments: argparse.Namespace) -> DataJob:
    """Return what is asked for.

    :raises UsageError: options that do not go together, or no degradation.
    """
    from face_affect_ros.cli.evaluate import command_line
    from face_affect_ros.evaluation.data.mapping import ColumnMapping
    from face_affect_ros.evaluation.data.mapping import read_mapping
    from face_affect_ros.evaluation.data_evaluation import DataJob

    if not arguments.crops and (arguments.no_landmarks or arguments.box_factor != 1):
        raise UsageError('--box-factor and --no-landmarks go with --crops only')
    return DataJob(
        path=arguments.path,
        job=_prediction_job(arguments),
        mapping=read_mapping(arguments.mapping) if arguments.mapping else ColumnMapping(),
        where=tuple(arguments.where),
        limit=arguments.limit,
        by=None if arguments.by is None else tuple(arguments.by),
        criterion=arguments.choose_thresholds,
        samples=arguments.samples,
        shows_faces=arguments.show_faces,
        command=command_line(without=('--workers', '--to')),
    )


def _prediction_job(arguments: argparse.Namespace) -> PredictionJob:
    from face_affect_ros.evaluation.degradations import Degradation
    from face_affect_ros.evaluation.degradations import parse
    from face_affect_ros.evaluation.predictor import PredictionJob

    try:
        spoilt = [each for text in arguments.degrade for each in parse(text)]
    except ValueError as error:
        raise UsageError(f'--degrade: {error}') from error
    return PredictionJob(
        models=tuple(dict.fromkeys(arguments.model)),
        settings=options.settings(arguments),
        is_crops=arguments.crops,
        box_factor=arguments.box_factor,
        landmarks=not arguments.no_landmarks,
        degradations=tuple({each.name: each for each in (Degradation(), *spoilt)}.values()),
    )


def _deliver(found: Evaluated, arguments: argparse.Namespace) -> None:
    """Write or print the report, and name what is wrong."""
    from face_affect_ros.evaluation.report import markdown
    from face_affect_ros.evaluation.report import write_report

    if arguments.to:
        write_report(found.report, arguments.to)
    print(markdown.text(found.report), end='', flush=True)
    for issue in found.issues[:MOST_NAMED]:
        print(f'face-affect evaluate: {printable(issue)}', file=sys.stderr)
    more = len(found.issues) - MOST_NAMED
    if more > 0:
        print(f'face-affect evaluate: and {more} more issues', file=sys.stderr)


class _Progress:
    """A progress bar with a time estimate, on a terminal; a context."""

    def __init__(self):
        self._bar = None
        self.close: Callable[[], None] = lambda: None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_exception):
        self.close()

    def __call__(self, done: int, total: int) -> None:
        """Show that so many of all pictures are done; what was done before takes no time."""
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(
                total=total, initial=done, unit='picture', file=sys.stderr, disable=None
            )
            self.close = self._bar.close
        self._bar.update(done - self._bar.n)
