# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What evaluating costs beside the networks themselves, and what a second process gives.

    python benchmark/evaluation.py --data ../shared/data/utkface_val.parquet

With the extra `evaluate`. One line a model: the time of decoding, of the networks (O-Net in the
box and those that describe the face), of all of it as ``face-affect evaluate data --crops`` does
it, without loading, each in processor time; and the time by the clock with one and two processes,
loading included. Each is the least of ``--repeat`` passes, which take turns.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from markdown_table import markdown_table

from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import Truth
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.prediction_run import Source
from face_affect_ros.evaluation.prediction_run import predict
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.predictor import Predictor
from face_affect_ros.evaluation.predictor import as_columns
from face_affect_ros.evaluation.predictor import read_picture
from face_affect_ros.model import Model
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.pipeline import load_model


def decode(data: DataSet, rows: np.ndarray) -> None:
    """Decode all pictures."""
    for row in rows:
        read_picture(data.read(int(row)))


def networks(model: Model, ready: list) -> None:
    """Run the networks alone, on pictures that are decoded."""
    for picture, box, views, squares in ready:
        model.detector.landmarks_in_boxes(picture, box)
        model.scores(views, squares)


def prepared(model: Model, data: DataSet, rows: np.ndarray) -> list:
    """Return pictures with their boxes, views and squares."""
    found = []
    for row in rows:
        picture = read_picture(data.read(int(row)))
        box = np.array([[0, 0, picture.shape[1], picture.shape[0]]], np.float32)
        detections = model.align(picture, box)
        found.append((picture, box, context_crops(picture, detections), face_squares(detections)))
    return found


def evaluate(predictor: Predictor, rows: np.ndarray) -> None:
    """Look at the pictures as an evaluation does, in one process that has loaded."""
    as_columns([told for row in rows for told in predictor.rows(int(row))])


def whole_run(path: Path, truth: Truth, data: DataSet, rows: np.ndarray, job, workers: int):
    """Predict with so many processes, loading included."""
    folder = Path(tempfile.mkdtemp())
    predict(Source(path, ColumnMapping(), truth.boxes), data, rows, job, folder, workers)
    shutil.rmtree(folder)


def seconds(
    contestants: dict[str, Callable[[], None]], repeat: int, clock: Callable[[], float]
) -> dict[str, float]:
    """Return the least time of each by a clock; they take turns."""
    least = dict.fromkeys(contestants, float('inf'))
    for _ in range(repeat):
        for name, run in contestants.items():
            start = clock()
            run()
            least[name] = min(least[name], clock() - start)
    return least


def line(name: str, path: Path, limit: int, repeat: int) -> dict:
    """Return a model's figures, milliseconds a picture."""
    data = open_data_set(path)
    truth, _ = read_truth(data, ColumnMapping())
    rows = select(data, [], limit)
    job = PredictionJob((name,), is_crops=True)
    with load_model(name) as model, Predictor(job, data, truth.boxes) as predictor:
        ready = prepared(model, data, rows)
        found = seconds(
            {
                'decoding': partial(decode, data, rows),
                'networks': partial(networks, model, ready),
                'evaluating': partial(evaluate, predictor, rows),
            },
            repeat,
            time.process_time,
        )
    found |= seconds(
        {
            f'{words}, loading included': partial(whole_run, path, truth, data, rows, job, workers)
            for words, workers in (('1 process', 1), ('2 processes', 2))
        },
        repeat,
        time.perf_counter,
    )
    one, two = (found[f'{n}, loading included'] for n in ('1 process', '2 processes'))
    return {
        'model': name,
        **{each: 1000 * value / len(rows) for each, value in found.items()},
        '(evaluating - decoding) / networks': (found['evaluating'] - found['decoding'])
        / found['networks'],
        '1 process / 2': one / two,
    }


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='a Parquet file of cut faces')
    parser.add_argument('--models', nargs='*', default=['1', '2'])
    parser.add_argument('--limit', type=int, default=256, help='pictures')
    parser.add_argument('--repeat', type=int, default=3)
    arguments = parser.parse_args()
    print(
        markdown_table(
            [
                line(name, arguments.data, arguments.limit, arguments.repeat)
                for name in arguments.models
            ],
            digits=2,
        )
    )


if __name__ == '__main__':
    main()
