# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect recognise``: who of a gallery is in pictures."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import identity_options as common
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable

if TYPE_CHECKING:
    from face_affect_ros.cli import pictures
    from face_affect_ros.faces import Face
    from face_affect_ros.identity import Embedder
    from face_affect_ros.identity import Gallery
    from face_affect_ros.identity import Recognition

SUMMARY = 'who of a gallery is in pictures; unknown is an answer'

_EPILOG = f"""\
examples:
  face-affect recognise party.jpg --gallery people.gallery
  face-affect recognise photos --gallery people.gallery --json > who.jsonl
  face-affect recognise photos --gallery people.gallery --least-probability 0.9

A line a face, largest first. A face is unknown where nobody who is enrolled is near enough, and
where it is too small or too blurred to tell. The probability takes into account how many people
are enrolled; before the picture is seen, somebody enrolled and a stranger are equally likely.

{common.KEY_HELP}"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument(
        'pictures', nargs='+', metavar='PICTURE', help='a picture, a folder, or - for stdin'
    )
    common.add_gallery_options(parser)
    parser.add_argument(
        '--least-probability',
        type=options.number(float, 0, 1),
        default=0.5,
        metavar='P',
        help='below it a face is unknown (default: %(default)s)',
    )
    common.add_json(parser, 'one JSON object a line and picture')
    common.add_embedder_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look at every picture; return 1 if one of them failed."""
    from face_affect_ros.cli.picture_reading import PictureError

    failed = False
    with common.told_errors():
        sources = common.find_pictures(arguments.pictures)
        with common.load_embedder(arguments) as embedder:
            gallery = common.load_gallery(arguments, embedder)
            for source in sources:
                try:
                    size, found = _recognised(source, embedder, gallery, arguments)
                    _tell(source.path, size, found, arguments.json)
                except PictureError as error:
                    failed = True
                    common.complain('recognise', str(error))
                    if arguments.json:
                        _tell(source.path, None, [], True, str(error))
    return FAILED if failed else 0


Found = list[tuple['Face', 'Recognition', str]]
"""The faces of a picture, who each is, and what makes it unusable (empty: nothing)."""


def _recognised(
    source: pictures.Source,
    embedder: Embedder,
    gallery: Gallery,
    arguments: argparse.Namespace,
) -> tuple[tuple[int, int], Found]:
    """Return width and height of a picture and its faces."""
    import numpy as np

    from face_affect_ros.faces import UNKNOWN
    from face_affect_ros.identity import Recognition
    from face_affect_ros.identity.enrolment import usability

    image = common.read(source, 'recognise')
    faces = embedder.faces(image)
    points = np.array([face.embedding for face in faces], np.float32)
    who = gallery.recognise(points, arguments.least_probability) if faces else []
    found = []
    for face, recognition in zip(faces, who):
        problem = usability(image, face).problem
        if problem:
            recognition = Recognition(UNKNOWN, float('nan'), float('nan'))
        found.append((face, recognition, problem))
    return (image.shape[1], image.shape[0]), found


def _tell(
    path: str, size: tuple[int, int] | None, found: Found, as_json: bool, error: str | None = None
) -> None:
    """Print what was found in a picture."""
    if as_json:
        value = {
            'schema': common.SCHEMA,
            'path': path,
            'width': size[0] if size else None,
            'height': size[1] if size else None,
            'error': error,
            'faces': [_object(*each) for each in found],
        }
        print(json.dumps(value, allow_nan=False), flush=True)
        return
    if not found:
        print(f'{printable(path)}: no face', flush=True)
    for number, (face, recognition, problem) in enumerate(found, 1):
        x, y, width, height = (round(value) for value in face.box)
        said = f'   {problem}' if problem else f' {recognition.probability:4.0%}'
        print(
            f'{printable(path)}: face {number} of {len(found)}  {recognition.name}{said}   '
            f'at {x},{y} size {width}x{height}',
            flush=True,
        )


def _object(face: Face, recognition: Recognition, problem: str) -> dict[str, Any]:
    """Return a face as JSON."""
    return {
        'box': [round(float(value), 2) for value in face.box],
        'confidence': round(float(face.confidence), 4),
        'name': recognition.name,
        'probability': _given(recognition.probability),
        'distance': _given(recognition.distance),
        'candidates': [
            {'name': name, 'probability': round(chance, 4)}
            for name, chance in recognition.candidates
        ],
        'problem': problem or None,
    }


def _given(value: float) -> float | None:
    """Return a number, rounded; None: it is not given."""
    return None if value != value else round(value, 4)
