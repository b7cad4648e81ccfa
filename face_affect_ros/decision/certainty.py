# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How likely it is that what is told of a face is right, by the networks' own probabilities.

They are calibrated on pictures held out of training. On spoilt validation pictures (noise, blur,
darkness, a hidden half) they tell right answers from wrong ones; size, sharpness and direction of
the face do not (``certainty_roc_auc`` of ``face-affect evaluate data --degrade``).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from face_affect_ros.tasks import AGE_BINS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

CLOSE_YEARS = 7
"""Error of an age up to which it counts as right."""

_YEARS = np.arange(AGE_BINS)


def of_answer(task: str, scores: np.ndarray) -> float:
    """Return how likely an answer is right, 0..1.

    Of several labels it is the probability of the best; of an age that of the ages within
    ``CLOSE_YEARS`` of the expected one; of labels by themselves the mean of their better sides.

    :param task: one of ``TASKS``.
    :param scores: (K,) probabilities.
    """
    kind = TASKS[task].kind
    if kind == MULTILABEL:
        return float(np.maximum(scores, 1 - scores).mean())
    shares = scores / scores.sum(dtype=np.float64)
    if kind != YEARS:
        return float(shares.max())
    return float(shares[np.abs(_YEARS - shares @ _YEARS) <= CLOSE_YEARS].sum())


def of_face(answers: Mapping[str, np.ndarray | None]) -> float | None:
    """Return the mean over what is told of a face; None: nothing is.

    :param answers: (K,) probabilities by task.
    """
    given = [of_answer(task, scores) for task, scores in answers.items() if scores is not None]
    return sum(given) / len(given) if given else None
