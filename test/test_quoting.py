# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a user gives is quoted on one short line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.quoting import LENGTH
from face_affect_ros.quoting import printable
from face_affect_ros.quoting import quoted


class Unspeakable:
    """Something whose ``repr`` fails."""

    def __repr__(self):
        raise RuntimeError('not now')


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ('short', "'short'"),
        (b'short', "b'short'"),
        (Path('a/b'), "'a/b'"),
        (7, '7'),
        (None, 'None'),
        ("it's", '"it\'s"'),
        ('Grüße', "'Grüße'"),
        ([1.5, 2], '[1.5, 2]'),
        ('two\nlines', r"'two\nlines'"),
        ('\x1b[31mred', r"'\x1b[31mred'"),
        ('\udcff.png', r"'\udcff.png'"),
        ('\u202egnp', r"'\u202egnp'"),
        (np.str_('text'), "'text'"),
    ],
)
def test_as_python_writes_it(value, text):
    """Control characters, surrogates and what turns the direction of writing are escaped."""
    assert quoted(value) == text


def test_what_has_no_text_is_named_by_its_type():
    """An error about a value does not raise another."""
    assert 'Unspeakable' in quoted(Unspeakable())


@pytest.mark.parametrize(
    'value',
    [
        'x' * 132_530,
        b'x' * 132_530,
        Path('x' * 500),
        '\n' * 500,
        '\udcff' * 500,
        10**5000,
        [[0] * 1000] * 1000,
        np.zeros((50, 50)),
        {number: 'x' * 99 for number in range(99)},
    ],
    ids=lambda value: type(value).__name__,
)
def test_at_most_a_hundred_characters(value):
    """However large the value is."""
    text = quoted(value)
    assert len(text) <= LENGTH == 100 and text.isprintable()


def test_both_ends_stay():
    """The end of a path is its name."""
    text = quoted('/media/' + 'folder/' * 90 + 'picture.jpg')
    assert text.startswith("'/media/folder/") and text.endswith("picture.jpg'")
    assert '...' in text and len(text) == 100


@given(st.text(st.characters()) | st.binary() | st.lists(st.text()) | st.floats())
def test_anything_is_one_printable_line(value):
    """Nothing can forge a line of a log or colour a terminal."""
    assert quoted(value).isprintable() and len(quoted(value)) <= 100
    assert printable(str(value)).isprintable()


def test_printable_keeps_what_prints():
    """Letters of any language and backslashes stay as they are."""
    assert printable('Grüße \\ 日本') == 'Grüße \\ 日本'
    assert printable('a\nb\x1b\udcff') == r'a\nb\x1b\udcff'
