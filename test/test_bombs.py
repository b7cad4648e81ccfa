# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures that would cost seconds and gigabytes, sent to the running nodes."""

import pytest

pytest.importorskip('robot', reason='no ROS here')

from reliability import bombs
from reliability.nodes import Nodes

pytestmark = [pytest.mark.ros, pytest.mark.slow]


@pytest.fixture(scope='module')
def nodes(tmp_path_factory):
    """Start the nodes, without a camera's pictures."""
    started = Nodes('composed', '/bombs', tmp_path_factory.mktemp('log'))
    started.wait_until_well()
    started.show(False)
    yield started
    assert started.close() == [0]
    assert not started.ended
    assert not started.log_faults()


@pytest.mark.parametrize('name', [*bombs.BOMBS, *bombs.MESSAGES])
def test_a_bomb_costs_little_and_the_next_picture_is_answered(nodes, name):
    """In memory and processor time."""
    assert not bombs.fault(bombs.measure(nodes, name))
