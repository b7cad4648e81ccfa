# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge the rule "neutral unless the best emotion is likely enough" on validation pictures.

    python -m training.judging.judge_neutral --data ../shared/data --model 2

A line a threshold: accuracy, macro-F1, the share that becomes neutral by the rule and how much of
that share is neutral. `registry/modelN.yaml` keeps the threshold.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from face_affect_ros import load_model
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import NEUTRAL
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

from ..data.sets import load_set
from .scoring import outputs_of

THRESHOLDS = (0.0, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
INDEX = EMOTIONS.index(NEUTRAL)


def table(scores: np.ndarray, labels: np.ndarray) -> str:
    """Return the figures of all thresholds in percent.

    :param scores: (N, 7) probabilities.
    :param labels: (N,) class indices.
    """
    lines = [
        '| threshold | accuracy | macro-F1 | made neutral | of these neutral |',
        '|---|---|---|---|---|',
    ]
    for threshold in THRESHOLDS:
        answers = decided(scores, threshold)
        made = answers != scores.argmax(1)
        right = 100 * (labels[made] == INDEX).mean() if made.any() else float('nan')
        lines.append(
            f'| {threshold} | {100 * (answers == labels).mean():.1f} | '
            f'{100 * macro_f1(answers, labels):.1f} | {100 * made.mean():.1f} | '
            f'{right:.0f} |'
        )
    return '\n'.join(lines)


def decided(scores: np.ndarray, threshold: float) -> np.ndarray:
    """Return the (N,) answers of the rule, ``labels.neutral_below`` on many rows."""
    return np.where(scores.max(1) >= threshold, scores.argmax(1), INDEX)


def macro_f1(answers: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of the classes' F1, of classes that occur."""
    hits = [((answers == index) & (labels == index)).sum() for index in np.unique(labels)]
    sizes = [(answers == index).sum() + (labels == index).sum() for index in np.unique(labels)]
    return float(np.mean([2 * hit / size for hit, size in zip(hits, sizes)]))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--model', default='2', choices=catalogue.model_names())
    arguments = parser.parse_args()
    pictures = load_set('fer2013_val', arguments.data)
    with load_model(arguments.model, ModelSettings(parts=('emotion',))) as model:
        scores = outputs_of(model, pictures, ('emotion',))['emotion']['emotion']
    print(table(scores, pictures.labels['emotion']))


if __name__ == '__main__':
    main()
