# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect train``: a recipe on pictures of the user.

Training is a package of its own, ``face_affect_ros_training``; it and its frameworks are imported
only when it runs.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import INTERRUPTED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from face_affect_ros_training.own.faults import DataIssue
    from face_affect_ros_training.own.job_runner import Result
    from face_affect_ros_training.own.report import Report
    from face_affect_ros_training.own.training_job import TrainingJob

SUMMARY = 'train a network on pictures of your own, and use it in place of an embedded one'

PACKAGE = 'face_affect_ros_training'
FRAMEWORKS = ('torch', 'lightning', 'onnx')
"""What training imports beyond this package's own requirements."""

_EPILOG = """\
examples:
  face-affect train emotion_mini_xception --data my_faces --check     what are the pictures?
  face-affect train emotion_mini_xception --data my_faces
  face-affect train gender_mini_xception --data people.csv --starting-from scratch
  face-affect train emotion_mini_xception --data cut_faces --cut-faces --epochs 10

DATA is one of
  a folder with a folder a class: happy/*.jpg, sad/*.jpg, ...; or train/happy/*.jpg, val/happy/...
  a CSV file: path, and emotion, gender, age or CelebA's attributes; also part (train, val), person
  a Parquet file: image (encoded), and the same columns

Everything that is wrong with pictures and labels is told before training starts, at once. Called
again, a training that was cut goes on from its last checkpoint (every half a minute). It ends with
a folder for --weights-dir. docs/training.md has more.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    name = parser.add_argument(
        'name', metavar='RECIPE', help=f'one of: {", ".join(recipe_names()) or "none installed"}'
    )
    name.completer = lambda **_: recipe_names()  # type: ignore[attr-defined]
    _add_data_options(parser.add_argument_group('pictures'))
    _add_training_options(parser.add_argument_group('training'))
    parser.add_argument('--json', action='store_true', help='one JSON object on stdout')


def _add_data_options(group: argparse._ArgumentGroup):
    """Add what says which pictures are used."""
    group.add_argument(
        '--data', type=Path, required=True, metavar='DATA', help='folder, CSV or Parquet file'
    )
    group.add_argument(
        '--validation',
        type=Path,
        metavar='DATA',
        help='the same, to judge the result by (default: the part of DATA that is for validation, '
        'else a tenth of each class)',
    )
    group.add_argument(
        '--check', action='store_true', help='only look at the pictures, count and exit'
    )
    group.add_argument(
        '--cut-faces',
        action='store_true',
        help='the pictures are cut faces already: take each as one face, detect none',
    )
    group.add_argument(
        '--skip-bad', action='store_true', help='leave out pictures that cannot be read'
    )
    group.add_argument(
        '--allow-empty',
        action='store_true',
        help='train although a class has no pictures: the network will hardly ever say it',
    )


def _add_training_options(group: argparse._ArgumentGroup):
    """Add what says how it is trained and where the result goes."""
    group.add_argument(
        '--starting-from',
        dest='start',
        default='',
        metavar='START',
        help='embedded, scratch, or the folder of another run (default: the embedded network '
        "where there is one of the recipe's name)",
    )
    group.add_argument(
        '--as',
        dest='network',
        default='',
        metavar='NETWORK',
        help="embedded network whose place the result takes (default: that of the recipe's name)",
    )
    group.add_argument(
        '--output',
        type=Path,
        metavar='DIR',
        help='folder of weights to write to (default: weights in the folder of the run)',
    )
    group.add_argument(
        '--runs',
        type=Path,
        default=Path('runs'),
        metavar='DIR',
        help='folder of checkpoints and prepared pictures, one in it a recipe '
        '(default: %(default)s)',
    )
    group.add_argument(
        '--epochs',
        type=options.number(int, 1, 100000),
        default=0,
        metavar='N',
        help="passes through the pictures (default: the recipe's)",
    )
    group.add_argument(
        '--rate',
        type=options.number(float, 1e-7, 1),
        default=0.0,
        metavar='R',
        help="highest learning rate (default: the recipe's)",
    )
    group.add_argument(
        '--threads',
        type=options.number(int, 1, 64),
        default=min(64, os.cpu_count() or 1),
        metavar='N',
        help='threads that compute (default: as many as there are cores)',
    )
    group.add_argument(
        '--seed',
        type=options.number(int, 0, 2**31),
        default=1,
        metavar='N',
        help='of everything random (default: %(default)s)',
    )


def recipe_names() -> list[str]:
    """Return the names of the recipes that are installed; nothing is imported."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        return []
    return sorted(
        file.stem
        for folder in package.submodule_search_locations
        for file in Path(folder).glob('recipes/*.yaml')
    )


def run(arguments: argparse.Namespace) -> int:
    """Check, and train; return 1 where something is wrong with the pictures."""
    if not recipe_names():
        raise CommandError(
            f'the package {PACKAGE} is not installed: in the checkout, pip install ".[train]"'
        )
    if not arguments.check:
        _check_installed()
    from face_affect_ros_training.own.faults import DataError

    try:
        return _run(_order(arguments), arguments)
    except DataError as error:
        raise CommandError(str(error)) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(
            f'{quoted(error.filename or arguments.runs)}: {error.strerror or error}'
        ) from error


def _check_installed():
    """Name the frameworks that are missing, with the command that installs them."""
    missing = [name for name in FRAMEWORKS if find_spec(name) is None]
    if missing:
        raise CommandError(
            f'training needs {" and ".join(missing)}: pip install "face_affect_ros[train]"'
        )


def _order(arguments: argparse.Namespace) -> TrainingJob:
    """Return what is asked for.

    :raises UsageError: names that are unknown, or that do not go together.
    """
    from face_affect_ros_training.own.training_job import TrainingJob

    try:
        return TrainingJob(
            name=arguments.name,
            data=arguments.data,
            runs=arguments.runs,
            validation=arguments.validation,
            output=arguments.output,
            network=arguments.network,
            start=arguments.start,
            epochs=arguments.epochs,
            rate=arguments.rate,
            threads=arguments.threads,
            seed=arguments.seed,
            is_cut=arguments.cut_faces,
            skip_bad=arguments.skip_bad,
            allow_empty=arguments.allow_empty,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _run(order: TrainingJob, arguments: argparse.Namespace) -> int:
    """Look at the pictures, tell what they are, and train."""
    if arguments.check:
        from face_affect_ros_training.own import training_job as checking

        report, found = checking.check(order)
        _tell(report, found, arguments.json)
        return FAILED if found else 0
    from face_affect_ros_training.own import job_runner

    report, found = job_runner.prepare(order)
    if found or not arguments.json:
        _tell(report, found, arguments.json)
    if found:
        return FAILED
    try:
        with redirect_stdout(sys.stderr):
            result = job_runner.run_job(order, report)
    except (KeyboardInterrupt, SystemExit):  # Lightning exits by itself, deaf to another Ctrl-C
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print(
            'face-affect train: stopped; the same command goes on from the last checkpoint',
            file=sys.stderr,
        )
        return INTERRUPTED
    _tell_result(result, report, arguments.json)
    return 0


def _tell(report: Report, found: list[DataIssue], as_json: bool):
    """Print what the pictures are, and on stderr what is wrong."""
    from face_affect_ros_training.own import faults
    from face_affect_ros_training.own import report as reports

    if as_json:
        from face_affect_ros.cli import schema

        print(
            schema.line(
                {
                    'schema': schema.VERSION,
                    **asdict(report),
                    'faults': [asdict(fault) for fault in found],
                }
            )
        )
    else:
        print(reports.text(report), flush=True)
    if found:
        print('face-affect train: error: not fit to train on:', file=sys.stderr)
        for line in faults.lines(found):
            print(f'  {printable(line)}', file=sys.stderr)


def _tell_result(result: Result, report: Report, as_json: bool):
    """Print how good the network is and how it is used."""
    if as_json:
        from face_affect_ros.cli import schema

        print(
            schema.line(
                {
                    'schema': schema.VERSION,
                    **asdict(report),
                    'network': result.network,
                    'file': str(result.file),
                    'figures': result.figures,
                    'embedded_figures': result.embedded,
                }
            )
        )
        return
    from face_affect_ros.registry import catalogue

    print(f'\non {result.pictures} pictures for validation:')
    for name, value in result.figures.items():
        before = result.embedded.get(name)
        compared = '' if before is None else f' (the embedded network: {before:g})'
        print(f'  {name} {value:g}{compared}')
    if result.embedded and not any(
        map(_is_better, result.figures.items(), result.embedded.values())
    ):
        print('  not better: more pictures, fewer --epochs or a lower --rate may help')
    folder = result.file.parent
    model = next(
        name
        for name in catalogue.model_names()
        if result.network
        in {network for names in catalogue.model(name).networks.values() for network in names}
    )
    print(
        f'{result.file}: {result.file.stat().st_size / 1e6:.2f} MB\nuse it:\n'
        f'  face-affect classify --model {model} --weights-dir {shlex.quote(str(folder))} '
        'PICTURE\n'
        f'  ros2 launch face_affect_ros tiago.launch.py model:={model} '
        f'weights_dir:={shlex.quote(str(folder.resolve()))}'
    )


def _is_better(figure: tuple[str, float], embedded: float) -> bool:
    """Return whether a figure, with its name, is better than the embedded network's."""
    name, value = figure
    return value < embedded if 'error' in name else value > embedded
