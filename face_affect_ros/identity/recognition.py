# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who of several people a face is, or nobody of them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from face_affect_ros.faces import UNKNOWN
from face_affect_ros.identity.verification import VerificationRule
from face_affect_ros.identity.verification import distances

NEIGHBOURS = 3
"""Embeddings of each person whose distances count: the nearest."""

LEAST_PROBABILITY = 0.5

_SMALLEST = 1e-12
"""Probabilities are kept so far from 0 and 1 that their odds are finite."""


@dataclass(frozen=True)
class Recognition:
    """Who a face is.

    :param name: ``unknown``: nobody who is enrolled.
    :param probability: of this answer, 0..1, where before the picture is seen it is as likely that
        the face is of nobody enrolled as that it is of one of them.
    :param distance: to the nearest person, 0 to 2; NaN: nobody is enrolled.
    :param candidates: the likeliest people with their probabilities, at most ten, likeliest first.
    """

    name: str
    probability: float
    distance: float
    candidates: tuple[tuple[str, float], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether it is somebody who is enrolled."""
        return self.name != UNKNOWN


MOST_CANDIDATES = 10


def recognise(
    faces: np.ndarray,
    people: Mapping[str, np.ndarray],
    rule: VerificationRule,
    least_probability: float = LEAST_PROBABILITY,
    neighbours: int = NEIGHBOURS,
) -> list[Recognition]:
    """Find out who faces are by their nearest neighbours, with an open end: ``unknown``.

    A person's distance is the mean over the ``neighbours`` nearest of his or her embeddings. The
    nearest person is the answer where the distance is at most the rule's threshold and the
    probability at least ``least_probability``. Each person has the same probability before, so
    that a match must be the nearer the more people there are.

    :param faces: (N, D) of length 1.
    :param people: (M, D) embeddings, M at least 1, by name.
    """
    if not people:
        return [Recognition(UNKNOWN, 1.0, float('nan')) for _ in faces]
    names = list(people)
    apart = np.stack(
        [
            np.sort(distances(faces, points), axis=1)[:, :neighbours].mean(axis=1)
            for points in people.values()
        ],
        axis=1,
    )
    probabilities = _posterior(rule.probability(apart))
    return [
        _decided(names, row, told, rule.threshold, least_probability)
        for row, told in zip(apart, probabilities)
    ]


def _posterior(pairwise: np.ndarray) -> np.ndarray:
    """Return the (N, P) probabilities of each person, by Bayes' rule.

    :param pairwise: (N, P) probabilities of one person where one and two are as likely, whose odds
        are the likelihood ratios.
    """
    within = np.clip(pairwise, _SMALLEST, 1 - _SMALLEST)
    odds = within / (1 - within) / pairwise.shape[1]
    return odds / (1 + odds.sum(axis=1, keepdims=True))


def _decided(
    names: Sequence[str],
    apart: np.ndarray,
    probabilities: np.ndarray,
    threshold: float,
    least_probability: float,
) -> Recognition:
    """Return the answer for one face."""
    order = np.argsort(apart, kind='stable')
    best = int(order[0])
    candidates = tuple(
        (names[place], float(probabilities[place])) for place in order[:MOST_CANDIDATES]
    )
    distance, probability = float(apart[best]), float(probabilities[best])
    if distance <= threshold and probability >= least_probability:
        return Recognition(names[best], probability, distance, candidates)
    nobody = float(1 - probabilities.sum())
    return Recognition(UNKNOWN, max(0.0, nobody), distance, candidates)
