# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages say the same as the vocabulary in ``faces.py``."""

import pytest

from face_affect_ros import faces

msg = pytest.importorskip('face_affect_ros.msg', reason='core only: no messages')
srv = pytest.importorskip('face_affect_ros.srv', reason='core only: no messages')

NOT_GIVEN = 255


def constants(message, prefix):
    """Return the constants of a message that begin with a prefix, without it."""
    return {
        name[len(prefix) :]: getattr(message, name)
        for name in dir(type(message))
        if name.startswith(prefix) and not name.endswith('__DEFAULT')
    }


def places(labels, first=0):
    """Return what the constants of a label list must be."""
    names = [label.upper().replace('-', '_') for label in labels]
    return {name: first + index for index, name in enumerate(names)}


@pytest.mark.parametrize(
    ('message', 'prefix', 'expected'),
    [
        (
            'FaceAttributes',
            'EMOTION_',
            {**places(faces.EMOTIONS), 'UNDECIDED': 254, 'NOT_GIVEN': NOT_GIVEN},
        ),
        (
            'FaceAttributes',
            'GENDER_',
            {**places(faces.GENDERS, 1), 'UNDECIDED': 0, 'NOT_GIVEN': NOT_GIVEN},
        ),
        ('FaceAttributes', 'AGE_RANGE_', {**places(faces.AGE_RANGES), 'NOT_GIVEN': NOT_GIVEN}),
        ('FaceAttributes', 'ATTRIBUTE_', places(faces.ATTRIBUTES)),
        ('FaceDetection', 'LANDMARK_', places(faces.LANDMARKS)),
    ],
)
def test_constants_are_places_in_the_label_lists(message, prefix, expected):
    """Each label has its constant, each constant its label."""
    assert constants(getattr(msg, message)(), prefix) == expected


def test_an_unfilled_label_is_not_given():
    """A publisher that forgets a label does not say "angry"."""
    message = msg.FaceAttributes()
    assert {message.emotion, message.gender, message.age_range} == {NOT_GIVEN}


def test_error_codes():
    """Behaviour trees may hold the numbers: they never move."""
    names = (
        'NONE',
        'NO_IMAGE',
        'STALE_IMAGE',
        'BAD_IMAGE',
        'UNSUPPORTED_ENCODING',
        'TOO_LARGE',
        'TIMEOUT',
        'NOT_ACTIVE',
        'INTERNAL',
    )
    response = srv.ClassifyImage.Response()
    assert [getattr(response, name) for name in names] == list(range(len(names)))
