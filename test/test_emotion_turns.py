# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Emotions where a frame has no time for all faces."""

import numpy as np

from face_affect_ros.tracking.emotion_turns import EmotionTurns


class Network:
    """A network that takes 10 ms for a face and answers with the number of its run."""

    def __init__(self):
        self.now = 0.0
        self.runs = []

    def clock(self):
        return self.now

    def compute(self, rows):
        self.runs.append(list(rows))
        self.now += 0.01 * len(rows)
        return [{'emotion': {'emotion': np.full(7, float(len(self.runs)))}} for _ in rows]


def frames(ids, count, budget_ms=40):
    """Return the network and what is known after some frames of the same faces."""
    network = Network()
    turns = EmotionTurns(network.clock)
    for _ in range(count):
        known = turns.update(ids, budget_ms, network.compute)
    return network, turns, known


def test_all_faces_where_there_is_time():
    network, _, known = frames([5, 6, 7], 3)
    assert network.runs == [[0, 1, 2]] * 3
    assert all(answers['emotion']['emotion'][0] == 3 for answers in known)


def test_known_faces_take_turns():
    """Of twelve faces four a frame, and nobody waits longer than three frames."""
    network, _, known = frames(list(range(1, 13)), 7)
    assert network.runs[1:4] == [[8, 9, 10, 11], [0, 1, 2, 3], [4, 5, 6, 7]]
    assert [len(run) for run in network.runs[1:]] == [4] * 6
    assert min(answers['emotion']['emotion'][0] for answers in known) >= 5


def test_the_first_run_is_small():
    """A crowd that is there from the start does not hold the first frame up."""
    network, _, known = frames(list(range(1, 33)), 1)
    assert network.runs == [list(range(8))]
    assert [bool(answers) for answers in known] == [True] * 8 + [False] * 24


def test_new_faces_come_first_and_those_without_a_track_always():
    network, turns, _ = frames(list(range(1, 13)), 2)
    known = turns.update([*range(1, 13), 99, 0], 40, network.compute)
    assert {12, 13} <= set(network.runs[-1])
    assert all(known)


def test_who_has_not_been_looked_at_has_no_answer():
    network, turns, _ = frames([1], 1)
    known = turns.update(list(range(1, 13)), 40, network.compute)
    assert [bool(answers) for answers in known].count(False) == 12 - 4 - 1


def test_no_budget_is_any_time():
    network, *_ = frames(list(range(1, 13)), 3, budget_ms=0)
    assert network.runs == [list(range(12))] * 3


def test_cleared():
    network, turns, _ = frames(list(range(1, 13)), 3)
    turns.clear()
    known = turns.update(list(range(1, 13)), 40, network.compute)
    assert sum(map(bool, known)) == 4
