# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels by stamp, frame, track, box and interval find their faces; what does not is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation.bags.labels import NOT_FOUND
from face_affect_ros.evaluation.bags.labels import ColumnsError
from face_affect_ros.evaluation.bags.labels import Faces
from face_affect_ros.evaluation.bags.labels import match
from face_affect_ros.evaluation.bags.labels import nanoseconds

BEGIN_S = 1_700_000_000
PERIOD_NS = 100_000_000
STAMPS = BEGIN_S * 10**9 + PERIOD_NS * np.arange(6)

FACES = Faces(
    STAMPS,
    frame=np.array([0, 1, 1, 2, 4]),
    track=np.array([1, 1, 2, 2, 1]),
    boxes=np.array(
        [[0, 0, 10, 10], [1, 0, 10, 10], [50, 0, 10, 10], [51, 0, 10, 10], [4, 0, 9, 9]]
    ),
    answered=frozenset({0, 1, 2, 3, 4}),
)
"""Frame 0: face 1. Frame 1: faces 1 and 2. Frame 2: face 2. Frame 3: none. Frame 4: face 1.
Frame 5 could not be decoded."""

NOWHERE = (np.nan,) * 4


def matched(box=NOWHERE, **cells):
    """Return frames with faces that one row is about, and why it is about none."""
    found = match({name: [cell] for name, cell in cells.items()}, np.array([box], float), FACES)
    pairs = list(zip(found.frame.tolist(), found.face.tolist()))
    return pairs, list(found.misses)


@pytest.mark.parametrize(
    ('cells', 'pairs'),
    [
        ({'frame': '0'}, [(0, 0)]),
        ({'frame': '1', 'track': '2'}, [(1, 2)]),
        ({'frame': '1', 'box': (49, 1, 10, 10)}, [(1, 2)]),
        ({'frame': '1', 'box': (200, 1, 10, 10)}, [(1, NOT_FOUND)]),
        ({'frame': '3'}, [(3, NOT_FOUND)]),
        ({'stamp': f'{BEGIN_S}.2'}, [(2, 3)]),
        ({'stamp': str(STAMPS[2])}, [(2, 3)]),
        ({'stamp': f'{BEGIN_S}.395'}, [(4, 4)]),
        ({'start': '0', 'end': '0.25', 'track': '1'}, [(0, 0), (1, 1)]),
        ({'start': '0.1', 'end': '0.2', 'track': '2'}, [(1, 2), (2, 3)]),
        ({'start': f'{BEGIN_S}.4', 'end': f'{BEGIN_S}.4'}, [(4, 4)]),
        (
            {'start': '0', 'end': '0.3', 'box': (0, 0, 10, 10)},
            [
                (0, 0),
                (1, 1),
                (2, NOT_FOUND),
                (3, NOT_FOUND),
            ],
        ),
        ({'start': '0', 'end': '0.1'}, [(0, 0)]),
    ],
)
def test_what_a_row_is_about(cells, pairs):
    """Frames and faces, or that the face was not found."""
    assert matched(**cells) == (pairs, [])


@pytest.mark.parametrize(
    ('cells', 'reason'),
    [
        ({'frame': '6'}, 'no such frame'),
        ({'frame': '-1'}, 'no such frame'),
        ({'frame': 'x'}, "'x' is no frame number"),
        ({'frame': '5'}, 'could not be decoded'),
        ({'frame': '1'}, 'several faces'),
        ({'frame': '1', 'track': '7'}, 'no such track'),
        ({'stamp': '12.5'}, 'no frame at that time'),
        ({'stamp': ''}, 'no time'),
        ({'start': '7', 'end': '8', 'track': '1'}, 'no frame at that time'),
        ({'start': '0.2', 'end': '0.1', 'track': '1'}, 'no frame at that time'),
    ],
)
def test_why_a_row_matches_nothing(cells, reason):
    """In words, with the line in the file."""
    pairs, reasons = matched(**cells)
    assert pairs == [] and len(reasons) == 1 and reason in reasons[0]


def test_problems_name_count_and_lines():
    """The first line of a table is its heading."""
    columns = {'frame': ['0', '9', '0', '8']}
    found = match(columns, np.full((4, 4), np.nan), FACES)
    assert found.problems('labels.csv', 4) == [
        'labels.csv: 2 of 4 rows match nothing: no such frame (line 3, 5)'
    ]
    assert found.label.tolist() == [0, 2]


@pytest.mark.parametrize('names', [[], ['track'], ['frame', 'stamp'], ['start']])
def test_tables_must_say_when(names):
    """By one kind of column."""
    with pytest.raises(ColumnsError, match='stamp'):
        match({name: [] for name in names}, np.empty((0, 4)), FACES)


@given(st.integers(10**18, 2 * 10**18))
def test_times_keep_every_nanosecond(stamp_ns):
    """Whether they are written as seconds or as nanoseconds."""
    seconds, rest = divmod(stamp_ns, 10**9)
    assert nanoseconds(str(stamp_ns)) == nanoseconds(f' {seconds}.{rest:09d} ') == stamp_ns


@given(st.decimals(0, 1000, places=3))
def test_small_times_count_from_the_first_frame(seconds):
    """Where there is one."""
    assert nanoseconds(str(seconds), 10**18) == 10**18 + int(seconds * 10**9)
    assert nanoseconds(str(seconds)) == int(seconds * 10**9)


@pytest.mark.parametrize('text', ['', 'noon', 'nan', 'inf', '1:30'])
def test_what_is_no_time(text):
    """Is a ValueError."""
    with pytest.raises(ValueError, match='time'):
        nanoseconds(text)
