# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A short, seeded form of each part of script/chaos; the long one runs for hours."""

import random

import pytest

pytest.importorskip('robot', reason='no ROS here')

from reliability import events
from reliability import limits
from reliability import soak
from reliability.nodes import Nodes
from reliability.resources import Taken

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 26


def samples(hours=1.0, number=200, **growth):
    """Return samples of a run in which the named figures grow by so much."""
    begin = {'memory_mb': 300.0, 'threads': 30, 'files': 60, 'cpu_s': 0.0}
    made = []
    for each in range(number):
        share = each / (number - 1)
        taken = {name: value + share * growth.get(name, 0) for name, value in begin.items()}
        shared = round(20 + share * growth.get('shared', 0))
        made.append(soak.Sample(3600 * hours * share, Taken(**taken), shared))
    return made


@pytest.mark.parametrize(
    ('growth', 'found'),
    [
        ({}, ''),
        ({'memory_mb': 2}, ''),
        ({'memory_mb': 6}, 'memory grew by'),
        ({'threads': 10}, 'threads'),
        ({'files': 30}, 'open files'),
        ({'shared': 20}, 'files in /dev/shm'),
    ],
)
def test_growth_is_found(growth, found):
    """Of an hour, each figure by itself."""
    done = soak.Soak(samples(**growth), 100, 0)
    assert len(done.faults()) == bool(found)
    assert all(fault.startswith(found) for fault in done.faults())
    assert done.growth_mb_an_hour == pytest.approx(growth.get('memory_mb', 0), abs=0.3)


def test_growth_of_a_short_run_is_found():
    """By more than chance."""
    assert not soak.Soak(samples(0.1, memory_mb=10), 100, 0).faults()
    (fault,) = soak.Soak(samples(0.1, memory_mb=40), 100, 0).faults()
    assert fault.startswith('memory grew by 10')


def test_calls_that_fail_are_found():
    assert soak.Soak(samples(), 100, 1).faults() == ['1 of 100 calls failed']


def test_events_leave_the_nodes_well(tmp_path):
    """Killed, frozen, walked through their lifecycle, with garbage and callers in between."""
    nodes, chance = Nodes('apart', '/chaos', tmp_path), random.Random(SEED)
    nodes.wait_until_well()
    for event in (events.walk, events.kill, events.garbage, events.frozen_listener):
        event(nodes, chance)
        events.undo(nodes)
        nodes.wait_until_well()
    assert nodes.close() == [0, 0, 0]
    assert not nodes.ended
    assert not nodes.log_faults()


@pytest.mark.parametrize('name', ['40 open files', 'closed streams', 'address space of 400 MB'])
def test_nodes_with_less_than_they_need(tmp_path, name):
    """They work, or say why not and end."""
    assert limits.outcome(name, tmp_path)


def test_nothing_grows(tmp_path):
    """In some seconds: threads, files and shared memory, and memory by leaps."""
    nodes = Nodes('composed', '/soak', tmp_path)
    nodes.wait_until_well()
    done = soak.soak(nodes, 10.0, random.Random(SEED), lambda _: None)
    assert nodes.close() == [0]
    leaps = [fault for fault in done.faults() if not fault.startswith('memory')]
    assert not leaps and done.growth_mb < 50
    assert not nodes.log_faults()
