# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the commands about who somebody is have in common: options, pictures, galleries."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from face_affect_ros.cli import CommandError
from face_affect_ros.cli import UsageError
from face_affect_ros.cli import options
from face_affect_ros.cli import pictures
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted

if TYPE_CHECKING:
    import numpy as np

    from face_affect_ros.identity import Embedder
    from face_affect_ros.identity import Gallery

SCHEMA = 1
"""Of the JSON objects; another number where what a key means changes."""

KEY_VARIABLE = 'FACE_AFFECT_GALLERY_KEY'

KEY_HELP = f"""\
The gallery holds names and embeddings, no pictures; its owner alone can read the file. It is
encrypted where a key is given: --key-file FILE, or the environment variable
{KEY_VARIABLE}. A good key:  head -c 32 /dev/urandom | base64 > gallery.key
Recognising people needs their consent and more: docs/responsible-use.md.
"""

_EMBEDDER_PARAMETERS = ('model', 'threads', 'min_face_size', 'weights_dir', 'device')


def add_embedder_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides how faces are found and embedded."""
    from face_affect_ros.settings import MODEL_PARAMETERS

    group = parser.add_argument_group('model')
    for parameter in MODEL_PARAMETERS:
        if parameter.name in _EMBEDDER_PARAMETERS:
            options.add_option(group, parameter, parameter.default)


def add_gallery_options(parser: argparse.ArgumentParser) -> None:
    """Add the gallery's file and key."""
    parser.add_argument(
        '--gallery', type=Path, required=True, metavar='FILE', help='file of those enrolled'
    )
    parser.add_argument(
        '--key-file',
        type=Path,
        metavar='FILE',
        help=f'file with the key that encrypts the gallery (default: ${KEY_VARIABLE}, else none)',
    )


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--json``."""
    parser.add_argument('--json', action='store_true', help=what)


def add_largest(parser: argparse.ArgumentParser) -> None:
    """Add ``--largest``."""
    parser.add_argument(
        '--largest',
        action='store_true',
        help='of several faces in a picture take the largest; otherwise such a picture is refused',
    )


def key(arguments: argparse.Namespace) -> bytes | None:
    """Return the gallery's key, of the file or the environment; None: neither names one.

    :raises CommandError: the file cannot be read, or is empty.
    """
    if arguments.key_file is None:
        found = os.environb.get(KEY_VARIABLE.encode(), b'').strip()
        return found or None
    try:
        found = arguments.key_file.read_bytes().strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise CommandError(
            f'--key-file {quoted(arguments.key_file)} cannot be read: {reason}'
        ) from error
    if not found:
        raise CommandError(f'--key-file {quoted(arguments.key_file)} is empty')
    return found


@contextmanager
def told_errors() -> Iterator[None]:
    """Have what a gallery or a name is refused for told as an error of the command."""
    from face_affect_ros.identity import GalleryError
    from face_affect_ros.identity import PersonNameError

    try:
        yield
    except PersonNameError as error:
        raise UsageError(str(error)) from error
    except GalleryError as error:
        raise CommandError(str(error)) from error


def load_embedder(arguments: argparse.Namespace) -> Embedder:
    """Return the embedder that the options say."""
    from face_affect_ros import identity

    return identity.load_embedder(arguments.model, options.settings(arguments))


def load_gallery(arguments: argparse.Namespace, embedder: Embedder | None) -> Gallery:
    """Return the gallery of the file; it must be there.

    :raises CommandError: it is not.
    """
    from face_affect_ros.identity import Gallery

    try:
        return Gallery.load(arguments.gallery, embedder, key(arguments))
    except FileNotFoundError as error:
        raise CommandError(
            f'there is no gallery {quoted(arguments.gallery)}: face-affect enrol makes it'
        ) from error


def find_pictures(named: Sequence[str], skipped: str | None = None) -> list[pictures.Source]:
    """Return the pictures behind files, folders and ``-``.

    :raises UsageError: ``-`` is given twice.
    """
    found = pictures.find(named, skipped)
    if [source.path for source in found].count(pictures.STDIN) > 1:
        raise UsageError('- (stdin) can be given once only')
    return found


def read(source: pictures.Source, command: str) -> np.ndarray:
    """Return a picture; what is odd about it is told on stderr.

    :raises PictureError: it cannot be read, or is a video.
    """
    from face_affect_ros.cli.picture_reading import PictureError
    from face_affect_ros.cli.picture_reading import read as read_picture

    if source.error:
        raise PictureError(source.error)
    if source.is_video:
        raise PictureError(f'{quoted(source.path)} is a video: give pictures')
    return read_picture(source, lambda warning: complain(command, f'warning: {warning}'))


def embedding_of_one(
    source: pictures.Source, embedder: Embedder, command: str, largest: bool
) -> np.ndarray:
    """Return the (128,) embedding of a picture of one person.

    :raises PictureError: it shows none, several, or one that cannot be used.
    """
    from face_affect_ros.cli.picture_reading import PictureError
    from face_affect_ros.identity import FaceCountError
    from face_affect_ros.identity import UnusableFaceError
    from face_affect_ros.identity.enrolment import face_to_enrol

    image = read(source, command)
    try:
        face = face_to_enrol(embedder, image, largest)
    except FaceCountError as error:
        hint = ', or --largest' if error.count > 1 else ''
        raise PictureError(f'{quoted(source.path)}: {error}{hint}') from error
    except UnusableFaceError as error:
        raise PictureError(f'{quoted(source.path)}: {error}') from error
    assert face.embedding is not None
    return face.embedding


def complain(command: str, text: str) -> None:
    """Name on stderr what is wrong."""
    print(f'face-affect {command}: {printable(text)}', file=sys.stderr, flush=True)
