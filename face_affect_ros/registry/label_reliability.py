# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How consistently people label each attribute: a network cannot be surer than its teachers.

Agreement is Cohen's kappa: 1 where labels never contradict each other, 0 where they agree as
often as two people who guess (Cohen 1960; words for it: Landis and Koch 1977).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / 'attributes.yaml'

WORDS = {0.8: 'almost perfect', 0.6: 'substantial', 0.4: 'moderate', 0.2: 'fair', -1.0: 'slight'}
"""Least kappa and word, the best first."""


@dataclass(frozen=True)
class Labelling:
    """How consistently people label one attribute in CelebA.

    :param same_person: kappa between the labels of two pictures of a person, -1..1. What a
        person keeps (nose, gender) should agree; what passes (a smile, a hat) need not.
    :param predicted: kappa between the labels and this package's network on pictures that it
        never saw, -1..1: labels that can be foretold are not arbitrary.
    :param at_chance: whether two annotators who label the same pictures agree no more often than
        by chance (Wu et al. 2023, "Consistency and accuracy of CelebA attribute values").
    """

    same_person: float
    predicted: float
    at_chance: bool = False

    @property
    def agreement(self) -> float:
        """The higher kappa of the two: people agree at least as well; 0 where at chance."""
        return 0.0 if self.at_chance else max(self.same_person, self.predicted)

    @property
    def consistency(self) -> str:
        """The word for ``agreement``, one of ``WORDS``."""
        return next(word for least, word in WORDS.items() if self.agreement >= least)


@cache
def labelling() -> Mapping[str, Labelling]:
    """Return each attribute's labelling by name, in CelebA's order."""
    return {name: Labelling(**entry) for name, entry in yaml.safe_load(FILE.read_text()).items()}
