# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Who counts as a child: of young children networks tell the gender less well than of others.

``docs/models/gender.md`` has the figures by age.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from face_affect_ros.decision import labels
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

CHILD_BELOW_YEARS = 13.0
"""Expected age below which somebody counts as a child."""


def is_child(scores: Mapping[str, Mapping[str, np.ndarray]]) -> bool:
    """Return whether a face's expected age is below ``CHILD_BELOW_YEARS``.

    :param scores: the face's (K,) probabilities by task and output; without an age: False.
    """
    ages = [
        labels.age(values).years
        for outputs in scores.values()
        for name, values in outputs.items()
        if TASKS[name].kind == YEARS
    ]
    return bool(ages) and min(ages) < CHILD_BELOW_YEARS
