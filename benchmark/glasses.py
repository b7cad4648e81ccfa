# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Are faces with glasses read as angry? CelebA's label `Eyeglasses` against the answer.

    python benchmark/glasses.py --data ../shared/data/celeba_val.parquet      # extra "evaluate"

Share of faces that are called angry, with glasses and without, and the difference with its 95 %
interval (bootstrap of people). CelebA does not part dark glasses from clear ones, and has no
labels of emotion: what differs may also be who wears them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from markdown_table import markdown_table
from tqdm import tqdm

from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.intervals import bootstrap
from face_affect_ros.evaluation.predictor import PredictionJob
from face_affect_ros.evaluation.predictor import Predictor
from face_affect_ros.evaluation.predictor import as_columns
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.settings import ModelSettings


def figures(is_angry: np.ndarray, has_glasses: np.ndarray, person: np.ndarray | None):
    """Return the shares in percent and their difference with intervals."""

    def weighted(weights: np.ndarray | None) -> dict[str, float]:
        row = np.ones(len(is_angry)) if weights is None else weights
        shares = [
            100 * float(np.average(is_angry[side], weights=row[side]))
            if row[side].sum()
            else float('nan')
            for side in (has_glasses, ~has_glasses)
        ]
        return {
            'with glasses': shares[0],
            'without': shares[1],
            'difference': shares[0] - shares[1],
        }

    return bootstrap(weighted, len(is_angry), person)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='a Parquet file with Eyeglasses')
    parser.add_argument('--models', nargs='*', default=['1', '2'])
    parser.add_argument('--limit', type=int)
    arguments = parser.parse_args()
    data = open_data_set(arguments.data)
    truth, _ = read_truth(data, ColumnMapping())
    rows = select(data, [], arguments.limit)
    job = PredictionJob(tuple(arguments.models), ModelSettings(tasks=('emotion',)), is_crops=True)
    with Predictor(job, data, truth.boxes) as predictor:
        told = [predictor.rows(int(row)) for row in tqdm(rows)]
    truth = truth.take(rows)
    glasses = truth.attributes[:, ATTRIBUTES.index('Eyeglasses')] == 1
    table = []
    for place, name in enumerate(arguments.models):
        columns = as_columns([each[place] for each in told])
        for emotion in EMOTIONS:
            hits = np.array([label == emotion for label in columns['emotion']], float)
            found = figures(hits, glasses, truth.person)
            table.append(
                {
                    'model': name,
                    'called': emotion,
                    **{
                        words: f'{each.value:.1f} ({each.low:.1f} to {each.high:.1f})'
                        for words, each in found.items()
                    },
                }
            )
    print(f'{int(glasses.sum())} of {len(rows)} faces wear glasses; percent\n')
    print(markdown_table(table))


if __name__ == '__main__':
    main()
