# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect enrol``: add somebody to a gallery."""

from __future__ import annotations

import argparse
import json

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import identity_options as common
from face_affect_ros.quoting import quoted

SUMMARY = 'add somebody to a gallery, by name and pictures'

_EPILOG = f"""\
examples:
  face-affect enrol "Ada Lovelace" ada1.jpg ada2.jpg --gallery people.gallery
  face-affect enrol Bo photos_of_bo --gallery people.gallery --key-file gallery.key
  face-affect recognise party.jpg --gallery people.gallery
  face-affect forget Bo --gallery people.gallery

Three to five pictures of one person alone do well: in different light, with and without glasses.
A picture with several faces (unless --largest is given), none, one that is too small (32 pixels)
or too blurred is refused by name, the others are enrolled, and the exit code is 1. Called again
it adds pictures. What the file held before stays beside it as FILE.bak.

{common.KEY_HELP}"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument('name', metavar='NAME', help='one line of at most 64 characters, no slash')
    parser.add_argument(
        'pictures', nargs='+', metavar='PICTURE', help='a picture of NAME alone, a folder, or -'
    )
    common.add_gallery_options(parser)
    common.add_largest(parser)
    common.add_json(parser, 'one JSON object')
    common.add_embedder_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Enrol from every picture that can be used; return 1 if one cannot."""
    from tqdm import tqdm

    from face_affect_ros.cli.picture_reading import PictureError
    from face_affect_ros.identity import Gallery
    from face_affect_ros.identity import names

    with common.told_errors():
        name = names.checked(arguments.name)
        sources = common.find_pictures(arguments.pictures)
        key = common.key(arguments)
        with common.load_embedder(arguments) as embedder:
            try:
                gallery = Gallery.load(arguments.gallery, embedder, key)
            except FileNotFoundError:
                gallery = Gallery(embedder)
            points, refused = [], {}
            for source in tqdm(sources, unit='picture', disable=None, leave=False):
                try:
                    points.append(
                        common.embedding_of_one(source, embedder, 'enrol', arguments.largest)
                    )
                except PictureError as error:
                    refused[source.path] = str(error)
                    common.complain('enrol', str(error))
            if points:
                total = gallery.enrol(name, *points)
                gallery.save(arguments.gallery, key)
    if not points:
        common.complain('enrol', f'no picture of {quoted(name)} can be used: nothing is changed')
        return FAILED
    if arguments.json:
        value = {
            'schema': common.SCHEMA,
            'name': name,
            'enrolled_now': len(points),
            'enrolled': total,
            'names': gallery.names,
            'refused': [{'path': path, 'error': text} for path, text in refused.items()],
        }
        print(json.dumps(value))
    else:
        print(
            f'{name}: {len(points)} pictures enrolled now, {total} in all; '
            f'{len(gallery)} people in {arguments.gallery}'
        )
    return FAILED if refused else 0
