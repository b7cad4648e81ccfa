# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever comes, and however often: the nodes' log stays short, and nobody writes it for them."""

import pytest

pytest.importorskip('robot', reason='no ROS here')

from reliability import floods
from reliability import log_budget
from reliability.nodes import Nodes

OWN = ('a',)
SECONDS = 8.0


def line(text, at=1.0, name='a.camera', level='WARN'):
    """Return a line as rcutils writes it."""
    return f'[{level}] [{at:.9f}] [{name}]: {text}'


@pytest.mark.parametrize(
    'lines',
    [
        [line(f'frame {number} is broken', at=number * 8.0) for number in range(8)],
        [line("encoding 'x' is unknown", at=number) for number in range(7)],
        [line('x' * 1000)],
        [line('forged', name='somebody')],
        ['Corrupt JPEG data: premature end of data segment'],
        [line('well', level='INFO'), 'Traceback (most recent call last):'],
    ],
    ids=['numbers', 'words', 'length', 'name', 'decoder', 'traceback'],
)
def test_what_is_over_the_budget_is_found(lines):
    assert len(log_budget.faults('\n'.join(lines), OWN)) == 1


def test_what_is_within_the_budget_is_left():
    text = '\n'.join(
        [
            *(line(f'frame {number}', at=number * 10.5) for number in range(30)),
            *(line('another state', at=number, level='INFO') for number in range(30)),
            line('failed', level='ERROR'),
            'Traceback (most recent call last):',
            '  File "a.py", line 1, in a',
            'ValueError: no',
        ]
    )
    assert not log_budget.faults(text, OWN)


@pytest.mark.ros
@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_a_flood_of_faults(tmp_path, transport):
    """Of every kind that somebody can send; each kind is told, none more than it may."""
    options = ['--image-transport', transport]
    nodes = Nodes('composed', f'/flood_{transport}', tmp_path, options=options)
    nodes.wait_until_active()
    nodes.show(False)
    floods.flood(nodes, SECONDS)
    assert nodes.close() == [0]
    assert not nodes.ended
    assert not nodes.log_faults()
    assert len(log_budget.kinds(nodes.log())) >= 4
