# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One gender from several networks that speak of it.

Each network's logit of "male" is weighted, the sum gives one distribution. Which weights depends
on who has spoken: a network that is switched off, or has not seen this face yet, is not taken for
undecided. The weights are data of the model (``model1.yaml``). There is no bias: each network is
calibrated, and what is left to a bias is how many men there were among the pictures it is fitted
to, which says nothing of who stands before the robot.
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from itertools import chain
from itertools import combinations

import numpy as np

from face_affect_ros.tasks import TASKS

MALE_COLUMNS = {
    name: task.male_column for name, task in TASKS.items() if task.male_column is not None
}
"""Where a network's output says how likely "male" is, by the output's name."""

MIN_PROBABILITY = 1e-6
"""A probability nearer to 0 or 1 counts as this: no network outvotes all others for ever."""


class GenderRules:
    """How the networks of a model are combined.

    :param rules: for every set of tasks that may have spoken the weight of each.
    :raises ValueError: a set has no rule, or two.

    ``tasks`` are those whose networks speak of gender.
    """

    def __init__(self, rules: Sequence[Mapping[str, float]]):
        self._rules = {frozenset(rule): rule for rule in rules}
        tasks = sorted(set(chain.from_iterable(self._rules)))
        missing = [
            names
            for count in range(1, len(tasks) + 1)
            for names in combinations(tasks, count)
            if frozenset(names) not in self._rules
        ]
        if missing or len(self._rules) != len(rules):
            what = f'no rule for {" + ".join(missing[0])}' if missing else 'two rules for one set'
            raise ValueError(f'gender combination: {what}')
        self.tasks = frozenset(tasks)

    def needed(self, wanted: Iterable[str], networks: Collection[str]) -> set[str]:
        """Return the tasks whose networks run for some tasks to be told.

        Where gender has no network of its own, also those that speak of it.

        :param networks: tasks that have a network.
        """
        tasks = {*wanted}
        if 'gender' in tasks and 'gender' not in networks:
            tasks |= self.tasks
        return tasks

    def combined(self, scores: Mapping[str, Mapping[str, np.ndarray]]) -> np.ndarray | None:
        """Return one face's (2,) probabilities of female and male; None where nobody has spoken.

        Terms are added in the rule's order: which network ran first changes no bit.

        :param scores: the face's probabilities (K,) by task and output, of those that ran.
        """
        logits = {
            task: float(logit(values[MALE_COLUMNS[output]]))
            for task, outputs in scores.items()
            for output, values in outputs.items()
            if output in MALE_COLUMNS
        }
        if not logits:
            return None
        rule = self._rules[frozenset(logits)]
        total = sum(weight * logits[task] for task, weight in rule.items())
        male = 1 / (1 + np.exp(-total))
        return np.array([1 - male, male])


def logit(probability: np.ndarray | float) -> np.ndarray:
    """Return the logits of probabilities, bounded."""
    bounded = np.clip(np.asarray(probability, np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.log(bounded / (1 - bounded))
