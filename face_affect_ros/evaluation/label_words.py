# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what people write into tables and folder names to labels.

Words are taken in any case, with the synonyms below. Numbers: an emotion's is its place in
FER2013's order; a gender's, 0 female and 1 male, is taken from Parquet files alone, for data sets
that count the other way round are too common to guess; of an attribute 1 is yes, 0 and -1 are no.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS

OLDEST = 120
"""Years; a greater age is a slip of the pen."""

SYNONYMS = {
    'anger': 'angry',
    'disgusted': 'disgust',
    'fearful': 'fear',
    'scared': 'fear',
    'happiness': 'happy',
    'joy': 'happy',
    'sadness': 'sad',
    'surprised': 'surprise',
    'f': 'female',
    'woman': 'female',
    'women': 'female',
    'girl': 'female',
    'm': 'male',
    'man': 'male',
    'men': 'male',
    'boy': 'male',
}
ANSWERS = {
    '1': 1,
    '1.0': 1,
    'true': 1,
    'yes': 1,
    '0': 0,
    '0.0': 0,
    '-1': 0,
    '-1.0': 0,
    'false': 0,
    'no': 0,
}

UNKNOWN, OUT_OF_RANGE = 'unknown label', 'label out of range'


class LabelError(ValueError):
    """A label that is none.

    ``kind`` is ``UNKNOWN`` or ``OUT_OF_RANGE``, ``what`` says which label, and what was expected.
    """

    def __init__(self, kind: str, what: str):
        """Keep both."""
        super().__init__(f'{kind}: {what}')
        self.kind, self.what = kind, what


def is_given(value: Any) -> bool:
    """Return whether a table's cell holds anything: not None, NaN or blanks."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return False
    return bool(str(value).strip())


def emotion(value: Any) -> int:
    """Return the index in ``EMOTIONS`` of a word or of FER2013's number.

    :raises LabelError: there is no such emotion.
    """
    text = _plain(value)
    if text in map(str, range(len(EMOTIONS))):
        return int(text)
    return _index('emotion', value, EMOTIONS)


def gender(value: Any) -> int:
    """Return the index in ``GENDERS`` of a word, or of a number that is no text.

    :raises LabelError: there is no such gender.
    """
    text = _plain(value)
    if text not in ('0', '1'):
        return _index('gender', value, GENDERS)
    if isinstance(value, str):
        raise LabelError(
            UNKNOWN,
            f'gender {_shown(value)} (data sets differ in what 0 and 1 '
            'mean: write female or male)',
        )
    return int(text)


def age(value: Any) -> float:
    """Return an age in years.

    :raises LabelError: it is no number, or out of 0..``OLDEST``.
    """
    try:
        years = float(_plain(value))
    except ValueError:
        years = math.nan
    if math.isnan(years):
        raise LabelError(UNKNOWN, f'age {_shown(value)} (expected: years)')
    if not 0 <= years <= OLDEST:
        raise LabelError(OUT_OF_RANGE, f'age {_shown(value)} (expected: 0 to {OLDEST} years)')
    return years


def one_of(task: str, labels: Sequence[str], value: Any) -> int:
    """Return the index of a word in the labels of a task of one's own.

    :raises LabelError: it is none of them.
    """
    plain = [label.casefold() for label in labels]
    text = _plain(value)
    if text not in plain:
        raise LabelError(UNKNOWN, f'{task} {_shown(value)} (known: {", ".join(labels)})')
    return plain.index(text)


def answer(attribute: str, value: Any) -> int:
    """Return 1 or 0, whether a face has an attribute.

    :raises LabelError: the value is neither yes nor no.
    """
    text = _plain(value)
    if text not in ANSWERS:
        raise LabelError(
            UNKNOWN,
            f'{attribute} {_shown(value)} (expected: 1, 0 or -1, or nothing '
            'where it is not known)',
        )
    return ANSWERS[text]


def attribute(column: str) -> str | None:
    """Return the attribute that a column is named after, in any case; None: it is none."""
    return _ATTRIBUTES.get(column.strip().casefold())


PARSERS: Mapping[str, Callable[[Any], float]] = {'emotion': emotion, 'gender': gender, 'age': age}
"""How a label alone is read, by the task that learns it."""

_ATTRIBUTES = {name.casefold(): name for name in ATTRIBUTES}


def _plain(value: Any) -> str:
    """Return a value as text without blanks at its ends and without capitals."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole or isinstance(value, bool) else value).strip().casefold()


def _index(kind: str, value: Any, known: Sequence[str]) -> int:
    """Return the place of a word or its synonym in a list of labels."""
    text = _plain(value)
    word = SYNONYMS.get(text, text)
    if word in known:
        return known.index(word)
    near = difflib.get_close_matches(text, [*known, *SYNONYMS], 1)
    meant = [name for name in map(lambda word: SYNONYMS.get(word, word), near) if name in known]
    hint = f'did you mean {meant[0]}? ' if meant else ''
    raise LabelError(UNKNOWN, f'{kind} {_shown(value)} ({hint}known: {", ".join(known)})')


def _shown(value: Any) -> str:
    """Return a value for people, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else f'{text[:57]}...'
