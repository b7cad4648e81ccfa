# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect verify``: whether two pictures show the same person."""

from __future__ import annotations

import argparse
import json

from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import identity_options as common
from face_affect_ros.cli import pictures
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

SUMMARY = 'do two pictures show the same person?'

_EPILOG = """\
examples:
  face-affect verify monday.jpg friday.jpg
  face-affect verify passport.jpg door.jpg --largest    the nearest face counts
  face-affect verify a.jpg b.jpg --json

Each picture shows one person. The probability counts one person and two as equally likely before;
it is "same" where the distance of the embeddings (0 to 2) is at most the threshold, at which one
pair of strangers in 100 is taken for one person. The exit code is 0 for both answers, 1 where
there is none.

Nothing is stored. What comparing people by their faces needs: docs/responsible-use.md.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument('first', metavar='A', help='a picture, or - for the one on stdin')
    parser.add_argument('second', metavar='B', help='another picture')
    common.add_largest(parser)
    common.add_json(parser, 'one JSON object')
    common.add_embedder_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare two pictures."""
    from face_affect_ros.cli.picture_reading import PictureError

    sources = [_one(arguments.first), _one(arguments.second)]
    if all(source.path == pictures.STDIN for source in sources):
        raise UsageError('- (stdin) can be given once only')
    with common.load_embedder(arguments) as embedder:
        try:
            points = [
                common.embedding_of_one(source, embedder, 'verify', arguments.largest)
                for source in sources
            ]
        except PictureError as error:
            raise CommandError(str(error)) from error
        found = embedder.rule.judge(*points)
        threshold = embedder.rule.threshold
    if arguments.json:
        value = {
            'schema': common.SCHEMA,
            'first': arguments.first,
            'second': arguments.second,
            'same': found.same,
            'probability': round(found.probability, 4),
            'distance': round(found.distance, 4),
            'threshold': threshold,
        }
        print(json.dumps(value))
        return 0
    answer = 'the same person' if found.same else 'different people'
    print(
        f'{printable(arguments.first)}, {printable(arguments.second)}: {answer}   '
        f'probability of the same {found.probability:.0%}   '
        f'distance {found.distance:.3f} (same up to {threshold:.3f})'
    )
    return 0


def _one(name: str) -> pictures.Source:
    """Return the one picture behind a name."""
    found = pictures.find([name])
    if len(found) != 1:
        raise UsageError(f'{quoted(name)} is a folder of several pictures: name one picture')
    return found[0]
