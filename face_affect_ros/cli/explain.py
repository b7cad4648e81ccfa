# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect explain``: which parts of a face drive each decision.

Methods by gradients are part of ``face_affect_ros_training``; it and its frameworks are imported
when one is asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from face_affect_ros.detection.detector import Detector
    from face_affect_ros.evaluation.explanation import Explainer
    from face_affect_ros.evaluation.explanation import Explanation
    from face_affect_ros.evaluation.explanation import MeanExplanation
    from face_affect_ros.evaluation.explanation import MethodLoader

SUMMARY = 'which parts of a face drive each decision, as pictures'

OCCLUSION = 'occlusion'
METHODS = (OCCLUSION, 'grad-cam', 'guided-backpropagation')

FRAMEWORKS = ('face_affect_ros_training', 'torch', 'onnx')
"""What methods by gradients import."""

_EPILOG = """\
examples:
  face-affect explain party.jpg --to explained
  face-affect explain party.jpg --method occlusion grad-cam guided-backpropagation --to explained
  face-affect explain party.jpg --attributes Eyeglasses Smiling --to explained
  face-affect explain crops/*.png --cut-faces --tasks emotion --mean --to explained
  face-affect explain --data utkface.parquet --cut-faces --limit 200 --to explained

occlusion: red where hiding a place lowers the probability of what was decided (or the years), blue
where it raises it. grad-cam: red where the last feature maps speak for it. guided-backpropagation:
red where the pixels do. The last two need the extra "train".
--mean writes one picture a class over all faces, in the crops that the networks see; --data takes
the pictures of a data set, as "evaluate data" does, and writes nothing else.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    from face_affect_ros.tasks import ATTRIBUTES
    from face_affect_ros.tasks import TASKS

    parser.epilog = _EPILOG
    parser.add_argument('pictures', nargs='*', type=Path, metavar='PICTURE')
    parser.add_argument(
        '--to', type=Path, required=True, metavar='DIR', help='folder of the pictures written'
    )
    parser.add_argument(
        '--method',
        nargs='+',
        default=[OCCLUSION],
        choices=METHODS,
        metavar='METHOD',
        help=f'one or several of {", ".join(METHODS)} (default: {OCCLUSION})',
    )
    parser.add_argument(
        '--tasks',
        nargs='+',
        default=[],
        choices=list(TASKS),
        metavar='TASK',
        help=f'only these, of {", ".join(TASKS)}',
    )
    parser.add_argument(
        '--attributes',
        nargs='+',
        default=[],
        choices=ATTRIBUTES,
        metavar='NAME',
        help="CelebA's attributes that are explained (default: none)",
    )
    parser.add_argument(
        '--cut-faces', action='store_true', help='the pictures are cut faces: detect none'
    )
    parser.add_argument(
        '--mean', action='store_true', help='also the mean of all faces, one a class'
    )
    parser.add_argument(
        '--data',
        type=Path,
        metavar='PATH',
        help='the means of a data set: a Parquet or CSV file, or a folder with a folder a class',
    )
    parser.add_argument(
        '--limit',
        type=options.number(int, 1, 10**9),
        metavar='N',
        help='of --data at most so many pictures, spread evenly',
    )
    options.add_model_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Explain every picture; return 1 if one of them failed."""
    from face_affect_ros.pipeline import load_detector

    settings = options.settings(arguments)
    if settings.weights == 'original':
        raise UsageError('explain looks into embedded networks only')
    if bool(arguments.pictures) == bool(arguments.data):
        raise UsageError('explain takes pictures, or a data set by --data')
    explainers = _explainers(arguments, settings)
    sources = _data_set(arguments) if arguments.data else _pictures(arguments)
    detector = load_detector(arguments.model, settings)
    try:
        arguments.to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f'{quoted(arguments.to)}: {error.strerror or error}') from error
    return _explain(sources, detector, explainers, arguments)


def _explainers(arguments: argparse.Namespace, settings) -> dict[str, Explainer]:
    """Return what explains, by method."""
    from face_affect_ros.evaluation.explanation import Explainer

    return {
        name: Explainer(arguments.model, method, settings, arguments.tasks)
        for name, method in _methods(arguments.method, settings.threads).items()
    }


def _methods(names: list[str], threads: int) -> Mapping[str, MethodLoader]:
    """Return the methods of some names.

    :param threads: that compute gradients.
    :raises CommandError: a package is missing; the text names the extra.
    """
    from face_affect_ros.evaluation.occlusion import Occlusion

    found: dict[str, MethodLoader] = {OCCLUSION: Occlusion}
    by_gradients = [name for name in names if name != OCCLUSION]
    if by_gradients:
        missing = [name for name in FRAMEWORKS if find_spec(name) is None]
        if missing:
            raise CommandError(
                f'--method {by_gradients[0]} needs {" and ".join(missing)}: '
                'pip install "face_affect_ros[train]"; occlusion needs neither'
            )
        from face_affect_ros_training.explaining import gradients

        found |= gradients.methods(threads)
    return {name: found[name] for name in names}


Source = tuple[str, 'Callable[[], np.ndarray]']
"""Name of a picture, and what reads it as (H, W, 3) uint8 BGR."""


def _pictures(arguments: argparse.Namespace) -> list[Source]:
    from face_affect_ros import images

    return [(str(path), partial(images.load, path)) for path in arguments.pictures]


def _data_set(arguments: argparse.Namespace) -> list[Source]:
    """Return the pictures of a data set.

    :raises CommandError: it cannot be used.
    """
    from face_affect_ros import images
    from face_affect_ros.evaluation.data.data_set import DataSetError
    from face_affect_ros.evaluation.data.data_set import open_data_set
    from face_affect_ros.evaluation.data.selection import select
    from face_affect_ros.evaluation.extra import MissingExtraError
    from face_affect_ros.evaluation.extra import check_installed

    try:
        check_installed()
        data = open_data_set(arguments.data)
    except (DataSetError, MissingExtraError) as error:
        raise CommandError(str(error)) from error
    rows = select(data, [], arguments.limit)

    def read(row: int) -> np.ndarray:
        return images.load(data.read(row))

    return [(data.places[row], partial(read, int(row))) for row in rows]


def _explain(
    sources: list[Source],
    detector: Detector,
    explainers: Mapping[str, Explainer],
    arguments: argparse.Namespace,
) -> int:
    """Write and print what there is of each picture; return 1 if one of them failed."""
    from tqdm import tqdm

    from face_affect_ros.evaluation.explanation import MeanExplanation
    from face_affect_ros.images import ImageError

    means: dict[tuple[str, ...], MeanExplanation] = {}
    failed = False
    for name, read in tqdm(sources, desc='explain', unit='picture', disable=None, leave=False):
        try:
            for number, method, found in _of_picture(name, read, detector, explainers, arguments):
                key = (method, found.network, found.decision.task, _class(found))
                means.setdefault(key, MeanExplanation()).add(found)
                if not arguments.data:
                    _write(found, f'{Path(name).stem}.face{number}.{method}', arguments.to)
                    print(_line(name, number, method, found))
        except (ImageError, OSError) as error:
            failed = True
            print(f'face-affect explain: {printable(str(error))}', file=sys.stderr)
    if arguments.mean or arguments.data:
        _write_means(means, arguments.to)
    return FAILED if failed else 0


def _of_picture(
    name: str,
    read: Callable[[], np.ndarray],
    detector: Detector,
    explainers: Mapping[str, Explainer],
    arguments: argparse.Namespace,
) -> Iterator[tuple[int, str, Explanation]]:
    """Yield the explanations of a picture with the numbers of their faces and their methods."""
    import numpy as np

    from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
    from face_affect_ros.faces import Detections

    picture = read()
    if arguments.cut_faces:
        box = np.array([[0, 0, picture.shape[1], picture.shape[0]]], np.float32)
        landmarks, scores = detector.landmarks_in_boxes(picture, box)
        landmarks = np.where((scores >= MIN_ALIGN_SCORE)[:, None, None], landmarks, np.nan)
        faces = Detections(box, scores, landmarks)
    else:
        faces = detector.detect(picture)
    if not len(faces):
        print(f'{printable(name)}: no face')
    for method, explainer in explainers.items():
        for number, told in enumerate(explainer.explain(picture, faces, arguments.attributes), 1):
            for each in told:
                yield number, method, each


def _line(name: str, number: int, method: str, found: Explanation) -> str:
    from face_affect_ros.evaluation.explanation import strongest

    decision = found.decision
    x, y = strongest(found.influence)
    value = '' if decision.is_years else f' {found.value:.0%}'
    begin = f'{printable(name)}: face {number}: {decision.task} {decision.label}{value}'
    place = f'{x:.0%} across, {y:.0%} down'
    if method != OCCLUSION:
        return f'{begin} by {found.network}; {method} is strongest at {place}'
    highest = found.influence.max()
    fall = f'{highest:.1f} years' if decision.is_years else f'{highest:.0%}'
    return f'{begin} by {found.network}; hiding the place at {place} lowers it by {fall}'


def _class(found: Explanation) -> str:
    return 'years' if found.decision.is_years else found.decision.label


def _write(found: Explanation, begin: str, folder: Path) -> None:
    """Write an explanation's picture."""
    import cv2

    from face_affect_ros.evaluation.explanation import overlay

    label = found.decision.label.replace(' ', '_')
    file = folder / f'{begin}.{found.network}.{found.decision.task}.{label}.png'
    cv2.imwrite(str(file), overlay(found.crop, found.influence))


def _write_means(means: Mapping[tuple[str, ...], MeanExplanation], folder: Path) -> None:
    """Write the mean map over the mean face of each class; say of how many faces it is."""
    import cv2

    from face_affect_ros.evaluation.explanation import overlay
    from face_affect_ros.evaluation.explanation import strongest

    for key, mean in sorted(means.items()):
        file = folder / f'mean.{".".join(key)}.png'
        cv2.imwrite(str(file), overlay(mean.crop, mean.influence))
        x, y = strongest(mean.influence)
        print(f'{file}: {mean.faces} faces; strongest at {x:.0%} across, {y:.0%} down')
