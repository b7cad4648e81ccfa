# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect cluster``: pictures sorted by who is in them, without any names."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import identity_options as common
from face_affect_ros.cli import options
from face_affect_ros.cli import pictures
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.identity import Embedder

SUMMARY = 'sort pictures into folders by who is in them, with a contact sheet'

SHEET = 'contact_sheet.jpg'

MOST_FACES = 10_000
"""Of one run: memory and time grow with the square of their number, here 0.8 GB."""

_EPILOG = f"""\
examples:
  face-affect cluster holiday --to sorted
  face-affect cluster holiday more_pictures --to sorted --least 3
  face-affect cluster holiday --to sorted --json

Writes person_01, person_02, ... (most faces first), each with copies of the pictures that show
this person, and {SHEET}, on which all are to be seen. A picture of several people is in
several folders. Who is in fewer pictures than --least, and faces that are too small or too blurred
to tell, are in no folder; they are counted. A larger --threshold joins more.

Nobody is named and no embedding is stored. Sorting people by their faces needs more than that:
docs/responsible-use.md.
"""


@dataclass(frozen=True)
class _Seen:
    """A face of a picture.

    :param tile: JPEG of it, for the sheet.
    """

    source: pictures.Source
    embedding: np.ndarray
    tile: bytes


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument('pictures', nargs='+', metavar='DIR', help='a folder, or pictures')
    parser.add_argument(
        '--to', type=Path, required=True, metavar='OUT', help='a folder that is new or empty'
    )
    parser.add_argument(
        '--least',
        type=options.number(int, 1, 1000),
        default=2,
        metavar='N',
        help='faces of a person to get a folder (default: %(default)s)',
    )
    parser.add_argument(
        '--threshold',
        type=options.number(float, 0.01, 2),
        default=None,
        metavar='DISTANCE',
        help='mean distance of embeddings up to which groups are one person (default: that of '
        'verify)',
    )
    common.add_json(parser, 'one JSON object')
    common.add_embedder_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Sort; return 1 if a picture could not be read."""
    from face_affect_ros.identity import cluster

    _check_empty(arguments.to)
    sources = common.find_pictures(arguments.pictures, os.path.realpath(arguments.to))
    if any(source.path == pictures.STDIN for source in sources):
        raise UsageError('- (stdin) cannot be sorted into folders: name files')
    with common.load_embedder(arguments) as embedder:
        seen, unusable, failed = _faces(sources, embedder)
        threshold = arguments.threshold or embedder.rule.threshold
    try:
        labels = cluster(_points(seen), threshold, arguments.least).tolist()
    except ImportError as error:
        raise CommandError(str(error)) from error
    people = [
        [face for face, label in zip(seen, labels) if label == number]
        for number in range(max(labels, default=-1) + 1)
    ]
    try:
        _write(people, arguments.to)
    except OSError as error:
        raise CommandError(
            f'--to {quoted(arguments.to)} cannot be written: {error.strerror or error}'
        ) from error
    alone = labels.count(-1)
    if arguments.json:
        print(json.dumps(_object(people, alone, unusable)))
    else:
        print(
            f'{len(people)} people in {arguments.to}; {alone} faces of others, '
            f'{unusable} too small or too blurred'
        )
    return FAILED if failed else 0


def _check_empty(folder: Path) -> None:
    """Refuse a folder that holds something, or is none."""
    try:
        is_empty = not folder.exists() or not any(folder.iterdir())
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise UsageError(f'--to {quoted(folder)} is no folder to write to: {reason}') from error
    if not is_empty:
        raise UsageError(f'--to {quoted(folder)} is not empty: name a new folder')


def _faces(
    sources: Sequence[pictures.Source], embedder: Embedder
) -> tuple[list[_Seen], int, bool]:
    """Return all usable faces, how many are not, and whether a picture could not be read."""
    import cv2
    from tqdm import tqdm

    from face_affect_ros.cli.picture_reading import PictureError
    from face_affect_ros.drawing.contact_sheet import face_tile
    from face_affect_ros.identity.enrolment import usability

    found, unusable, failed = [], 0, False
    for source in tqdm(sources, unit='picture', disable=None, leave=False):
        try:
            image = common.read(source, 'cluster')
        except PictureError as error:
            failed = True
            common.complain('cluster', str(error))
            continue
        for face in embedder.faces(image):
            if face.embedding is None or usability(image, face).problem:
                unusable += 1
                continue
            tile = cv2.imencode('.jpg', face_tile(image, [*face.box]))[1].tobytes()
            found.append(_Seen(source, face.embedding, tile))
        if len(found) > MOST_FACES:
            raise CommandError(
                f'there are more than {MOST_FACES:,} faces: sort the pictures in parts'
            )
    return found, unusable, failed


def _points(seen: Sequence[_Seen]) -> np.ndarray:
    import numpy as np

    return np.array([face.embedding for face in seen], np.float32).reshape(len(seen), -1)


def _name(number: int) -> str:
    return f'person_{number:02}'


def _write(people: Sequence[Sequence[_Seen]], folder: Path) -> None:
    """Write a folder a person and the contact sheet."""
    import cv2

    from face_affect_ros import images
    from face_affect_ros.drawing.contact_sheet import Group
    from face_affect_ros.drawing.contact_sheet import contact_sheet

    folder.mkdir(parents=True, exist_ok=True)
    groups = []
    for number, faces in enumerate(people, 1):
        shown = _sources(faces)
        (folder / _name(number)).mkdir()
        for source in shown:
            _copy(source, folder / _name(number))
        tiles = [images.decode(face.tile) for face in faces]
        note = f'{_counted(len(faces), "face")} in {_counted(len(shown), "picture")}'
        groups.append(Group(_name(number).replace('_', ' '), note, tiles))
    if groups:
        data = cv2.imencode('.jpg', contact_sheet(groups), [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
        (folder / SHEET).write_bytes(data.tobytes())


def _counted(count: int, what: str) -> str:
    return f'{count} {what}' if count == 1 else f'{count} {what}s'


def _sources(faces: Sequence[_Seen]) -> list[pictures.Source]:
    """Return the pictures of faces, each once."""
    return list(dict.fromkeys(face.source for face in faces))


def _copy(source: pictures.Source, folder: Path) -> None:
    """Copy a picture under its name, with a number behind it where that is taken."""
    target = folder / source.inside.name
    number = 1
    while target.exists():
        number += 1
        target = folder / f'{source.inside.stem}-{number}{source.inside.suffix}'
    shutil.copyfile(source.path, target)


def _object(people: Sequence[Sequence[_Seen]], alone: int, unusable: int) -> dict:
    """Return what was found as JSON."""
    return {
        'schema': common.SCHEMA,
        'people': [
            {
                'folder': _name(number),
                'faces': len(faces),
                'pictures': [source.path for source in _sources(faces)],
            }
            for number, faces in enumerate(people, 1)
        ],
        'alone': alone,
        'unusable': unusable,
    }
