# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Steadiness, waiting times and ids of streams, on rows whose figures are known by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation.stream_metrics import changes_of
from face_affect_ros.evaluation.stream_metrics import figures
from face_affect_ros.evaluation.stream_metrics import id_switches
from face_affect_ros.evaluation.stream_metrics import tracks_of
from face_affect_ros.faces import ATTRIBUTES

NOTHING = np.full(len(ATTRIBUTES), math.nan)


def row(track=1, x=0.0, emotion=None, age=math.nan, gender=None, attributes=NOTHING):
    """Return a face of 10x10 pixels."""
    return {
        'track': track,
        'x': x,
        'y': 0.0,
        'width': 10.0,
        'height': 10.0,
        'emotion': emotion,
        'gender': gender,
        'age': age,
        'age_range': None if math.isnan(age) else '25-32',
        'attribute_scores': attributes,
    }


def figures_of(rows, times):
    """Return the figures of rows."""
    return figures(tracks_of(rows, times))


def test_label_changes_a_second():
    """Two changes in two seconds of one track, none in the two seconds of another."""
    first = [row(1, emotion=label) for label in ('happy', 'sad', 'sad', 'happy', 'happy')]
    second = [row(2, 50.0, emotion='neutral') for _ in range(5)]
    times = [0.0, 0.5, 1.0, 1.5, 2.0]
    found = figures_of(first + second, times * 2)['emotion']['changes_per_s']
    assert found.value == pytest.approx(2 / 4) and found.n == 2
    assert found.low == 0 and found.high == pytest.approx(1)


def test_what_is_not_given_is_no_change():
    """Only what was told before counts."""
    assert changes_of(['happy', None, 'happy', None, None, 'sad']) == 1
    assert changes_of([]) == changes_of([None]) == 0


@given(st.lists(st.sampled_from(['happy', 'sad', None])))
def test_changes_are_less_than_labels(labels):
    """And the same forwards and backwards."""
    assert changes_of(labels) == changes_of(labels[::-1]) <= max(0, len(labels) - 1)


def test_the_time_until_a_new_face_is_told():
    """One after half a second, one at once, one never."""
    rows = [
        *(row(1, emotion=label) for label in (None, 'happy', 'happy')),
        *(row(2, emotion='sad') for _ in range(3)),
        *(row(3) for _ in range(3)),
    ]
    emotion = figures_of(rows, [0.0, 0.5, 1.0] * 3)['emotion']
    assert emotion['first_told_s'].value == pytest.approx(0.25)
    assert emotion['first_told_s'].n == 2
    assert emotion['never_told'].value == pytest.approx(1 / 3)


def test_attributes_are_told_by_their_scores():
    """NaN is not given."""
    rows = [row(), row(attributes=np.full(len(ATTRIBUTES), 0.5))]
    assert figures_of(rows, [3.0, 4.0])['attributes']['first_told_s'].value == pytest.approx(1)


def test_the_spread_of_ages_within_a_track():
    """Its standard deviation, of the tracks with two ages or more."""
    rows = [row(1, age=20.0), row(1, age=24.0), row(2, age=70.0), row(3)]
    found = figures_of(rows, [0.0, 1.0, 0.0, 0.0])['age']['spread_years']
    assert found.value == pytest.approx(2) and found.n == 1
    assert math.isnan(found.low), 'of one track nobody knows how tracks differ'


@pytest.mark.parametrize(
    ('x', 'begin', 'restarts'),
    [(2.0, 1.5, 1), (2.0, 3.5, 0), (30.0, 1.5, 0)],
    ids=['at its place', 'too late', 'elsewhere'],
)
def test_ids_that_begin_where_another_was_lost(x, begin, restarts):
    """A minute of track has as many."""
    rows = [row(1), row(1), row(2, x), row(2, x)]
    tracking = figures_of(rows, [0.0, 1.0, begin, begin + 1])['tracking']
    assert tracking['tracks'].value == 2
    assert tracking['track_s'].value == pytest.approx(1)
    assert tracking['restarts_per_min'].value == pytest.approx(30 * restarts)


def test_faces_without_an_id_belong_to_no_track():
    """And no face at all gives no figure but their number."""
    assert tracks_of([row(0)], [0.0]) == []
    assert figures([]).keys() == {'tracking'}
    assert figures([])['tracking']['tracks'].value == 0


def test_id_switches_of_persons():
    """Anna gets a second id, which later is Ben's."""
    persons = ['anna', 'ben', 'anna', 'anna', 'ben', 'ben']
    ids = [1, 2, 1, 3, 2, 3]
    assert id_switches(persons, ids) == (2, 1)
    assert id_switches([], []) == (0, 0)
