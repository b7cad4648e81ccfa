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

pytestmark = [pytest.mark.ros, pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 26


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
    """In a quarter of a minute: threads, files and shared memory, and memory by leaps."""
    nodes = Nodes('composed', '/soak', tmp_path)
    nodes.wait_until_well()
    done = soak.soak(nodes, 15.0, random.Random(SEED), lambda _: None)
    assert nodes.close() == [0]
    leaps = [fault for fault in done.faults() if not fault.startswith('memory')]
    assert not leaps and done.growth_mb < 50
    assert not nodes.log_faults()
