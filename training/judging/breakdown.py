# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where a network errs: by class, by age and by UTKFace's five groups, for the model cards."""

from __future__ import annotations

import numpy as np

from face_affect_ros.faces import EMOTIONS

from ..data.sets import PictureSet

AGES = ((0, 3), (4, 8), (9, 12), (13, 18), (19, 60), (61, 116))
"""Ages in years, both ends included."""

RACES = ('White', 'Black', 'Asian', 'Indian', 'Others')
"""UTKFace's own names for its labels 0 to 4."""


def breakdown(pictures: PictureSet, answers: np.ndarray) -> str:
    """Return Markdown tables of the answers (class indices) for a validation set."""
    if 'emotion' in pictures.labels:
        return _confusion(pictures.labels['emotion'], answers)
    right = answers == pictures.labels['gender']
    groups = {'female': pictures.labels['gender'] == 0, 'male': pictures.labels['gender'] == 1}
    if 'age' in pictures.labels:
        age, race = pictures.labels['age'], pictures.labels['race']
        groups |= {f'{low}-{high} years': (age >= low) & (age <= high) for low, high in AGES}
        groups |= {name: race == index for index, name in enumerate(RACES)}
    lines = ['| group | pictures | right |', '|---|---|---|']
    lines += [
        f'| {name} | {rows.sum()} | {100 * right[rows].mean():.1f} |'
        for name, rows in groups.items()
    ]
    return '\n'.join(lines)


def _confusion(truth: np.ndarray, answers: np.ndarray) -> str:
    """Return the confusion matrix of emotions in percent of the true class."""
    lines = [
        '| true \\ answer | pictures | ' + ' | '.join(EMOTIONS) + ' |',
        '|---|---|' + '---|' * len(EMOTIONS),
    ]
    for index, name in enumerate(EMOTIONS):
        given = answers[truth == index]
        shares = 100 * np.bincount(given, minlength=len(EMOTIONS)) / len(given)
        lines.append(
            f'| {name} | {len(given)} | ' + ' | '.join(f'{share:.0f}' for share in shares) + ' |'
        )
    return '\n'.join(lines)
