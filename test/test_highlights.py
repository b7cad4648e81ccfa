# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The few attributes that are told of a face."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.drawing import highlights
from face_affect_ros.faces import ATTRIBUTES


def attributes(**likely):
    """Return attributes that are all unlikely but some."""
    return {**dict.fromkeys(ATTRIBUTES, 0.02), **likely}


def test_nothing_given_nothing_told():
    """And nothing where nothing is likely."""
    assert highlights.of(None) == highlights.of({}) == highlights.of(attributes()) == ()


def test_only_what_is_likely():
    """A guess is not told."""
    assert highlights.of(attributes(Eyeglasses=0.95, Wearing_Hat=0.5)) == ('glasses',)


def test_what_is_rare_says_more():
    """As likely as a smile, a hat comes first; at most three are told."""
    found = highlights.of(
        attributes(Smiling=0.9, Wearing_Hat=0.9, Bald=0.9, Mouth_Slightly_Open=0.9, Wavy_Hair=0.9)
    )
    assert found == ('bald', 'hat', 'wavy hair')


def test_what_people_label_at_random_is_not_told():
    """However sure the network is."""
    assert highlights.of(attributes(Blurry=1.0, Straight_Hair=1.0)) == ()


def test_what_judges_is_not_told():
    """Nor what has words of its own on the plate."""
    for name in ('Attractive', 'Chubby', 'Big_Nose', 'Male', 'Young', 'Smiling'):
        assert highlights.of(attributes(**{name: 1.0})) == ()
    assert set(highlights.WORDS) < set(ATTRIBUTES)


@pytest.mark.parametrize('word', highlights.WORDS.values(), ids=lambda word: word.text)
def test_words_are_short_and_shares_are_shares(word):
    """Three of them fit a plate."""
    assert len(word.text) <= 13 and 0 < word.usual < 1


@given(st.dictionaries(st.sampled_from(ATTRIBUTES), st.floats(0, 1)))
def test_any_attributes(given_attributes):
    """Also some of them only, and certainties."""
    found = highlights.of(given_attributes)
    assert len(found) <= highlights.MOST and len(set(found)) == len(found)
