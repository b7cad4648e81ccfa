# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Fit how the networks that speak of gender are combined, on pictures held out of training.

    python -m training.fitting.fit_gender_fusion --data ../shared/data

Prints the rules for `registry/model1.yaml`: for every set of networks that may have spoken, the
weight of each one's logit, by logistic regression without a bias (``decision/gender_fusion.py``
says why).
"""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from face_affect_ros import load_model
from face_affect_ros.decision.gender_fusion import MALE_COLUMNS
from face_affect_ros.decision.gender_fusion import logit

from ..data.network_outputs import Outputs
from ..data.network_outputs import outputs_of
from ..data.sets import load_set

TASKS = ('gender', 'age', 'attributes')
SETS = ('utkface_train', 'celeba_train')
PENALTY = 1e-3
"""Of the squared distance of the weights from equal shares."""


def logits_of(outputs: Outputs) -> dict[str, np.ndarray]:
    """Return each task's (N,) logits of "male"."""
    return {
        task: logit(values[:, MALE_COLUMNS[name]])
        for task, named in outputs.items()
        for name, values in named.items()
        if name in MALE_COLUMNS
    }


def fitted(logits: np.ndarray, male: np.ndarray) -> np.ndarray:
    """Return the (K,) weights that make male likeliest.

    :param logits: (N, K).
    :param male: (N,) 0 or 1.
    """
    equal = np.full(logits.shape[1], 1 / logits.shape[1])

    def loss(weights):
        total = logits @ weights
        return (
            np.logaddexp(0, np.where(male > 0, -total, total)).mean()
            + PENALTY * np.square(weights - equal).sum()
        )

    return minimize(loss, equal).x


def rules(logits: dict[str, np.ndarray], male: np.ndarray) -> list[dict[str, float]]:
    """Return a rule for every set of tasks."""
    found = []
    for count in range(1, len(logits) + 1):
        for tasks in combinations(logits, count):
            weights = fitted(np.stack([logits[task] for task in tasks], 1), male)
            found.append({task: round(float(weight), 3) for task, weight in zip(tasks, weights)})
    return found


def main():
    """Print the rules."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    arguments = parser.parse_args()
    logits, male = {task: [] for task in TASKS}, []
    with load_model(1) as model:
        for name in SETS:
            pictures = load_set(name, arguments.data)
            pictures = pictures.take(pictures.held_out())
            for task, values in logits_of(outputs_of(model, pictures, TASKS)).items():
                logits[task].append(values)
            male.append(pictures.labels['gender'])
    joined = {task: np.concatenate(values) for task, values in logits.items()}
    truth = np.concatenate(male)
    for task, values in joined.items():
        print(f'# {task}: {100 * ((values > 0) == truth).mean():.1f} % right of {len(truth)}')
    print('gender:')
    for rule in rules(joined, truth):
        print('  - {' + ', '.join(f'{task}: {value}' for task, value in rule.items()) + '}')


if __name__ == '__main__':
    main()
