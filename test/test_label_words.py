# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labels that users write: every known word is understood, everything else is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation import label_words as labels
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS

KNOWN = {'emotion': EMOTIONS, 'gender': GENDERS}
WORDS = {
    head: {*names, *(word for word, name in labels.SYNONYMS.items() if name in names)}
    for head, names in KNOWN.items()
}
blanks = st.text(' \t', max_size=2)


@given(
    st.sampled_from([(head, word) for head, words in WORDS.items() for word in sorted(words)]),
    st.sampled_from([str.lower, str.upper, str.title]),
    blanks,
    blanks,
)
def test_words_in_any_case(pair, case, before, after):
    """A label, or a synonym of it, with blanks around it, is its place in the list."""
    head, word = pair
    expected = labels.SYNONYMS.get(word, word)
    assert KNOWN[head][labels.PARSERS[head](before + case(word) + after)] == expected


@given(st.sampled_from(sorted(KNOWN)), st.text(max_size=80))
def test_any_other_word(head, word):
    """Is an error that repeats it and tells the known ones; nothing else ever happens."""
    plain = word.strip().casefold()
    if plain in WORDS[head] or (head == 'emotion' and plain in '0123456'):
        return
    with pytest.raises(labels.LabelError) as caught:
        labels.PARSERS[head](word)
    assert caught.value.kind == labels.UNKNOWN
    assert repr(word)[:50] in caught.value.what
    assert KNOWN[head][0] in caught.value.what


def test_a_misspelt_word():
    """The one that was probably meant is suggested, also by its synonyms."""
    for wrong, meant in (('hapy', 'happy'), ('suprised', 'surprise'), ('angy', 'angry')):
        with pytest.raises(labels.LabelError, match=rf'did you mean {meant}\?'):
            labels.emotion(wrong)


@given(st.integers(0, len(EMOTIONS) - 1), st.sampled_from([str, int, float]))
def test_numbers_of_emotions(index, kind):
    """Are FER2013's, as text or as numbers."""
    assert labels.emotion(kind(index)) == index


@pytest.mark.parametrize('value', [7, -1, 1.5, '7', True])
def test_numbers_of_no_emotion(value):
    """Are refused; True is 1 and as good as that."""
    if value is True:
        assert labels.emotion(value) == 1
        return
    with pytest.raises(labels.LabelError, match=str(value)):
        labels.emotion(value)


def test_numbers_of_a_gender():
    """As text they could be either; in a Parquet file they are ours."""
    for text in ('0', '1'):
        with pytest.raises(labels.LabelError, match='write female or male'):
            labels.gender(text)
    assert [GENDERS[labels.gender(number)] for number in (0, 1)] == ['female', 'male']


@given(st.floats(0, labels.OLDEST, allow_nan=False))
def test_ages(years):
    """Any number of years, as a number or as text."""
    assert labels.age(years) == labels.age(repr(years)) == years


@given(st.floats(allow_nan=False).filter(lambda years: not 0 <= years <= labels.OLDEST))
def test_ages_of_nobody(years):
    """Below 0 and above the oldest: out of range, with the range."""
    with pytest.raises(labels.LabelError, match=f'0 to {labels.OLDEST}') as caught:
        labels.age(repr(years))
    assert caught.value.kind == labels.OUT_OF_RANGE


@given(st.text(max_size=20))
def test_ages_that_are_no_number(text):
    """Are errors of a label, whatever they are."""
    try:
        assert 0 <= labels.age(text) <= labels.OLDEST
    except labels.LabelError as error:
        assert 'age' in error.what


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ('1', 1),
        (1, 1),
        (True, 1),
        ('yes', 1),
        ('0', 0),
        (0, 0),
        (-1, 0),
        ('-1', 0),
        ('No', 0),
        (1.0, 1),
        (False, 0),
    ],
)
def test_answers(value, expected):
    """CelebA's list says -1 for no."""
    assert labels.answer('Bald', value) == expected


@pytest.mark.parametrize('value', ['2', 'maybe', 0.5])
def test_no_answers(value):
    """The attribute is named too."""
    with pytest.raises(labels.LabelError, match=rf'Bald.*{value}'):
        labels.answer('Bald', value)


@given(st.sampled_from(ATTRIBUTES), st.sampled_from([str.lower, str.upper, str]), blanks)
def test_columns_of_attributes(name, case, after):
    """Are known in any case."""
    assert labels.attribute(case(name) + after) == name
    assert labels.attribute(f'{name}_') is None


@given(st.one_of(st.none(), st.just(float('nan')), blanks))
def test_nothing_is_not_given(value):
    """Empty cells are no labels; zero is one."""
    assert not labels.is_given(value)
    assert labels.is_given(0) and labels.is_given('0')
