# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure how consistently people labelled each attribute, and write it into the registry.

    python -m training.data.label_agreement --data ../shared/data

Two lower bounds, as Cohen's kappa: the labels of two training pictures of one person against each
other, and the validation labels against the shipped network.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
import yaml
from sklearn.metrics import cohen_kappa_score

from face_affect_ros import load_model
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.registry import label_reliability

from .network_outputs import outputs_of
from .sets import PictureSet
from .sets import load_set

HEADER = """\
# How consistently people label each attribute in CelebA (registry/label_reliability.py),
# measured by `python -m training.data.label_agreement`; at_chance: published by Wu et al. 2023.

"""
AT_CHANCE = ('High_Cheekbones', 'Oval_Face', 'Pointy_Nose')


def pairs_of_persons(identity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of both pictures of all pairs that show one person, both ways round.

    :param identity: (N,) the person of each picture.
    """
    order = np.argsort(identity, kind='stable')
    starts = np.flatnonzero(np.diff(identity[order], prepend=-1, append=-1))
    groups = [order[start:end] for start, end in pairwise(starts)]
    pairs = [
        (first, second)
        for group in groups
        for first in group
        for second in group
        if first != second
    ]
    first, second = np.array(pairs, int).reshape(-1, 2).T
    return first, second


def kappa(first: np.ndarray, second: np.ndarray) -> float:
    """Return Cohen's kappa of two (N,) bool labellings; 0 where neither varies."""
    found = float(cohen_kappa_score(first, second)) if len(np.unique([first, second])) > 1 else 0.0
    return found if np.isfinite(found) else 0.0


def entries(train: PictureSet, validation: PictureSet, answers: np.ndarray) -> dict[str, dict]:
    """Return the registry's entry of each attribute.

    :param answers: (N, 40) bool, the network's on the validation pictures.
    """
    labels, truth = train.labels['attributes'] > 0, validation.labels['attributes'] > 0
    first, second = pairs_of_persons(train.labels['identity'])
    return {
        name: {
            'same_person': round(kappa(labels[first, column], labels[second, column]), 2),
            'predicted': round(kappa(truth[:, column], answers[:, column]), 2),
            **({'at_chance': True} if name in AT_CHANCE else {}),
        }
        for column, name in enumerate(ATTRIBUTES)
    }


def main():
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    arguments = parser.parse_args()
    validation = load_set('celeba_val', arguments.data)
    with load_model(1) as model:
        outputs = outputs_of(model, validation, ('attributes',))
    answers = outputs['attributes']['attributes'] > 0.5
    found = entries(load_set('celeba_train', arguments.data), validation, answers)
    label_reliability.FILE.write_text(
        HEADER + yaml.safe_dump(found, sort_keys=False, default_flow_style=None)
    )
    for name, entry in found.items():
        known = label_reliability.Labelling(**entry)
        print(f'{name:20} {known.agreement:5.2f} {known.consistency}')


if __name__ == '__main__':
    main()
