# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge gender, age and the 40 attributes on validation data, as users run them.

    python -m training.judging.judge_traits --data ../shared/data
    python -m training.judging.judge_traits --data ../shared/data --model 2

Gender: each network alone, all combined, and the paired bootstrap of the difference. Age: the
expected value, also with the faces framed 15 % tighter and wider. Attributes: each one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from face_affect_ros import load_model
from face_affect_ros.decision import labels
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.registry import catalogue

from ..data.sets import PictureSet
from ..data.sets import load_set
from ..fitting.fit_gender_fusion import PARTS
from ..fitting.fit_gender_fusion import logits_of
from . import measures
from .scoring import Outputs
from .scoring import outputs_of

FRAMINGS = (0.85, 1.0, 1.15)
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
CHILDREN = {'0-3': (0, 3), '4-8': (4, 8), 'under 13': (0, 12)}


def gender_table(pictures: PictureSet, outputs: Outputs, rules: GenderRules) -> str:
    """Return accuracies in percent, each network's and the combination's, with differences."""
    male = pictures.labels['gender'] > 0
    probabilities = combined(outputs, rules)
    hits = {part: (values > 0) == male for part, values in logits_of(outputs).items()}
    together = (probabilities > 0.5) == male
    groups = groups_of(pictures)
    lines = [
        f'gender, {pictures.name}: percent right; combined minus each, 95 % interval',
        '',
        '| | ' + ' | '.join(groups) + ' |',
        '|---' * (len(groups) + 1) + '|',
        _row('combined', [f'{100 * together[rows].mean():.1f}' for rows in groups.values()]),
    ]
    for part, right in hits.items():
        lines.append(
            _row(part, [_compared(together[rows], right[rows]) for rows in groups.values()])
        )
    sure = np.maximum(probabilities, 1 - probabilities)
    lines += [
        '',
        f'calibration error {measures.calibration_error(sure, together):.3f}',
        '',
        '| gender_threshold | answered | right of these |',
        '|---|---|---|',
    ]
    lines += [
        _row(f'{threshold}', [f'{100 * share:.1f}', f'{100 * right:.1f}'])
        for threshold, share, right in measures.answered(sure, together, THRESHOLDS)
    ]
    return '\n'.join(lines)


def combined(outputs: Outputs, rules: GenderRules) -> np.ndarray:
    """Return the (N,) probabilities of "male" by a model's rules."""
    count = len(next(iter(next(iter(outputs.values())).values())))
    return np.array(
        [
            rules.combined(
                {
                    part: {name: values[index] for name, values in named.items()}
                    for part, named in outputs.items()
                }
            )[1]
            for index in range(count)
        ]
    )


def groups_of(pictures: PictureSet) -> dict[str, np.ndarray]:
    """Return masks of all pictures and, where ages are known, of children."""
    groups = {'all': np.ones(len(pictures), bool)}
    if 'age' in pictures.labels:
        age = pictures.labels['age']
        groups |= {name: (age >= low) & (age <= high) for name, (low, high) in CHILDREN.items()}
    return {f'{name} ({rows.sum()})': rows for name, rows in groups.items()}


def _compared(together: np.ndarray, alone: np.ndarray) -> str:
    """Return one network's accuracy and the interval of what the combination adds."""
    low, high = measures.interval_of_difference(together, alone)
    return f'{100 * alone.mean():.1f} ({100 * low:+.1f} to {100 * high:+.1f})'


def age_table(pictures: PictureSet, by_framing: dict[float, np.ndarray]) -> str:
    """Return the errors of the age at each framing.

    :param by_framing: (N, 101) probabilities.
    """
    truth, covered = pictures.labels['age'], measures.covered(pictures.labels['age'])
    lines = [
        f'age, {pictures.name}; ranges on the {100 * covered.mean():.0f} % of pictures whose '
        'age lies in one',
        '',
        '| framing | mean absolute error, years | exact range | one off |',
        '|---|---|---|---|',
    ]
    for framing, scores in by_framing.items():
        ages = [labels.age(row) for row in scores]
        years = np.array([age.years for age in ages])
        ranges = np.array([AGE_RANGES.index(age.range) for age in ages])
        off = np.abs(ranges - measures.range_of(truth))[covered]
        lines.append(
            _row(
                f'{framing}',
                [
                    f'{np.abs(years - truth).mean():.2f}',
                    f'{100 * (off == 0).mean():.1f}',
                    f'{100 * (off <= 1).mean():.1f}',
                ],
            )
        )
    return '\n'.join(lines)


def attributes_table(pictures: PictureSet, scores: np.ndarray) -> str:
    """Return accuracies of the attributes in percent."""
    labels = pictures.labels['attributes'] > 0
    plain, balanced = measures.attribute_accuracies(scores > 0.5, labels)
    error = np.mean(
        [
            measures.calibration_error(
                np.maximum(scores[:, index], 1 - scores[:, index]),
                (scores[:, index] > 0.5) == labels[:, index],
            )
            for index in range(len(ATTRIBUTES))
        ]
    )
    lines = [
        f'attributes, {pictures.name}: mean accuracy {100 * plain.mean():.2f}, balanced '
        f'{100 * balanced.mean():.2f}, calibration error {error:.3f}',
        '',
        '| attribute | share | accuracy | balanced |',
        '|---|---|---|---|',
    ]
    lines += [
        _row(
            name,
            [
                f'{100 * value:.1f}'
                for value in (labels[:, index].mean(), plain[index], balanced[index])
            ],
        )
        for index, name in enumerate(ATTRIBUTES)
    ]
    return '\n'.join(lines)


def _row(head: str, cells: list[str]) -> str:
    """Return a line of a Markdown table."""
    return f'| {head} | ' + ' | '.join(cells) + ' |'


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--model', default='1', choices=catalogue.model_names())
    arguments = parser.parse_args()
    rules = GenderRules(catalogue.model(arguments.model).gender)
    with load_model(arguments.model) as model:
        parts = tuple(part for part in PARTS if part in model.parts)
        for name in ('utkface_val', 'celeba_val'):
            pictures = load_set(name, arguments.data)
            outputs = outputs_of(model, pictures, parts)
            print(gender_table(pictures, outputs, rules), end='\n\n', flush=True)
            if 'age' in pictures.labels:
                print(
                    age_table(
                        pictures,
                        {
                            framing: outputs_of(model, pictures, ('age',), framing)['age']['age']
                            for framing in FRAMINGS
                        },
                    ),
                    end='\n\n',
                    flush=True,
                )
            elif 'attributes' in parts:
                print(attributes_table(pictures, outputs['attributes']['attributes']), flush=True)


if __name__ == '__main__':
    main()
