# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect forget``: remove somebody from a gallery, and from its copy."""

from __future__ import annotations

import argparse
import json

from face_affect_ros.cli import identity_options as common

SUMMARY = 'remove somebody from a gallery and from its copy'

_EPILOG = f"""\
examples:
  face-affect forget "Ada Lovelace" --gallery people.gallery

All that the gallery and its copy FILE.bak hold of NAME is gone then. Other copies, made by you or
a backup, are not touched; what a disk keeps of overwritten files is unreadable where the gallery
has been encrypted. A name that is not enrolled is refused, and those who are enrolled are told.

{common.KEY_HELP}"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this subcommand."""
    parser.epilog = _EPILOG
    parser.add_argument('name', metavar='NAME', help='as given to enrol')
    common.add_gallery_options(parser)
    common.add_json(parser, 'one JSON object')


def run(arguments: argparse.Namespace) -> int:
    """Forget somebody; no network is loaded."""
    with common.told_errors():
        gallery = common.load_gallery(arguments, None)
        gallery.forget(arguments.name)
        gallery.save(arguments.gallery, common.key(arguments))
    if arguments.json:
        value = {'schema': common.SCHEMA, 'forgotten': arguments.name, 'names': gallery.names}
        print(json.dumps(value))
    else:
        print(f'{arguments.name}: forgotten; {len(gallery)} people in {arguments.gallery}')
    return 0
