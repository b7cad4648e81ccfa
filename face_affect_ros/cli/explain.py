# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect explain``: which parts of a face drive each decision."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.evaluation.occlusion import Explainer
    from face_affect_ros.evaluation.occlusion import Explanation

SUMMARY = 'which parts of a face drive each decision, as pictures'

_EPILOG = """\
examples:
  face-affect explain party.jpg --to explained
  face-affect explain party.jpg --attributes Eyeglasses Smiling --to explained
  face-affect explain crops/*.png --cut-faces --tasks emotion --mean --to explained

Red: hiding this place lowers the probability of what was decided (or the years); blue: it raises
it. --mean writes one picture a class over all faces, in the crops that the networks see.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    from face_affect_ros.tasks import ATTRIBUTES
    from face_affect_ros.tasks import TASKS

    parser.epilog = _EPILOG
    parser.add_argument('pictures', nargs='+', type=Path, metavar='PICTURE')
    parser.add_argument(
        '--to', type=Path, required=True, metavar='DIR', help='folder of the pictures written'
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
    options.add_model_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Explain every picture; return 1 if one of them failed."""
    import cv2

    from face_affect_ros.evaluation.occlusion import Explainer
    from face_affect_ros.images import ImageError
    from face_affect_ros.pipeline import load_detector

    settings = options.settings(arguments)
    if settings.weights == 'original':
        raise UsageError('explain looks into embedded networks only')
    detector = load_detector(arguments.model, settings)
    explainer = Explainer(arguments.model, settings, arguments.tasks)
    means: dict[tuple[str, str], list[Explanation]] = {}
    failed = False
    try:
        arguments.to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f'{quoted(arguments.to)}: {error.strerror or error}') from error
    for path in arguments.pictures:
        try:
            for number, found in _of_picture(path, detector, explainer, arguments):
                means.setdefault((found.task, _class(found)), []).append(found)
                name = f'{path.stem}.face{number}.{found.task}.{found.label.replace(" ", "_")}.png'
                cv2.imwrite(str(arguments.to / name), _overlay(found))
                print(_line(path, number, found))
        except (ImageError, OSError) as error:
            failed = True
            print(f'face-affect explain: {printable(str(error))}', file=sys.stderr)
    if arguments.mean:
        _write_means(means, arguments.to)
    return FAILED if failed else 0


def _of_picture(
    path: Path, detector, explainer: Explainer, arguments: argparse.Namespace
) -> Iterator[tuple[int, Explanation]]:
    """Yield the explanations of a picture with the numbers of their faces."""
    import numpy as np

    from face_affect_ros import images
    from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
    from face_affect_ros.faces import Detections

    picture = images.load(path)
    if arguments.cut_faces:
        box = np.array([[0, 0, picture.shape[1], picture.shape[0]]], np.float32)
        landmarks, scores = detector.landmarks_in_boxes(picture, box)
        landmarks = np.where((scores >= MIN_ALIGN_SCORE)[:, None, None], landmarks, np.nan)
        faces = Detections(box, scores, landmarks)
    else:
        faces = detector.detect(picture)
    if not len(faces):
        print(f'{printable(str(path))}: no face')
        return
    for number, told in enumerate(explainer.explain(picture, faces, arguments.attributes), 1):
        for each in told:
            yield number, each


def _line(path: Path, number: int, found: Explanation) -> str:
    from face_affect_ros.evaluation.occlusion import strongest

    x, y = strongest(found.influence)
    value = '' if found.task == 'age' else f' {found.value:.0%}'
    fall = f'{found.influence.max():.1f} years' if value == '' else f'{found.influence.max():.0%}'
    return (
        f'{printable(str(path))}: face {number}: {found.task} {found.label}{value}; hiding the '
        f'place at {x:.0%} across, {y:.0%} down lowers it by {fall}'
    )


def _class(found: Explanation) -> str:
    return 'years' if found.task == 'age' else found.label


def _overlay(found: Explanation) -> np.ndarray:
    from face_affect_ros.evaluation.occlusion import overlay

    return overlay(found.crop, found.influence)


def _write_means(means: dict[tuple[str, str], list[Explanation]], folder: Path) -> None:
    """Write the mean map over the mean face of each class; say of how many faces it is."""
    import cv2
    import numpy as np

    from face_affect_ros.evaluation.occlusion import overlay
    from face_affect_ros.evaluation.occlusion import strongest

    for (task, label), found in sorted(means.items()):
        size = len(found[0].crop)
        same = [each for each in found if len(each.crop) == size]
        crop = np.mean([each.crop for each in same], 0).astype(np.uint8)
        influence = np.mean([each.influence for each in same], 0)
        file = folder / f'mean.{task}.{label}.png'
        cv2.imwrite(str(file), overlay(crop, influence))
        x, y = strongest(influence)
        print(f'{file}: {len(same)} faces; strongest at {x:.0%} across, {y:.0%} down')
