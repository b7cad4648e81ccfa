# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures are spoilt by as much as was asked for, the same at every call."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros.evaluation import degradations

SMOOTH = cv2.GaussianBlur(
    np.random.default_rng(0).integers(0, 256, (96, 64, 3), np.uint8), (0, 0), 6
)
ONE_OF_EACH = 'noise=20 jpeg=20 dark=0.3 blur=2 size=32 grey hidden=lower'.split()


def one(text: str) -> degradations.Degradation:
    """Return what a text of one degradation asks for."""
    (found,) = degradations.parse(text)
    return found


@pytest.mark.parametrize('text', ONE_OF_EACH)
@pytest.mark.parametrize('channels', [1, 3])
def test_every_kind(text, channels):
    """Keeps shape and type, leaves the picture given alone, and depends on the row alone."""
    picture = SMOOTH if channels == 3 else np.ascontiguousarray(SMOOTH[..., 0])
    before = picture.copy()
    first, again = (one(text).apply(picture, 4) for _ in range(2))
    assert first.shape == picture.shape and first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(picture, before)
    assert text == 'grey' or (first != picture).any()


def test_noise_is_of_its_row():
    """So that all models see the same, and no two pictures do."""
    flat = np.full((100, 100, 3), 128, np.uint8)
    first, second = (one('noise=20').apply(flat, row).astype(float) for row in (4, 5))
    assert (first != second).any()
    assert first.std() == pytest.approx(20, rel=0.03)
    assert np.corrcoef(first[..., 0].ravel(), first[..., 1].ravel())[0, 1] < 0.1


def test_noise_is_as_strong_as_it_is_called():
    """In grey levels, of each pixel by itself, without a shift of the mean."""
    noise = (
        degradations.noisy(
            np.full((200, 200, 3), 127, np.uint8), 20.0, np.random.default_rng(3)
        ).astype(float)
        - 127
    )
    assert noise.std() == pytest.approx(20, rel=0.02)
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert abs(np.corrcoef(noise[:, 1:].ravel(), noise[:, :-1].ravel())[0, 1]) < 0.02


def test_light_and_grey_levels():
    """One is the other's inverse; twice the light is not twice the grey level."""
    levels = np.arange(256, dtype=np.uint8)
    back = degradations.to_levels(degradations.to_light(levels)).astype(int)
    assert np.abs(back - levels)[20:].max() <= 1
    assert degradations.to_levels(2 * degradations.to_light(np.uint8([100])))[0] == pytest.approx(
        138, abs=2
    )


def test_how_much():
    """Each number is what it is called."""
    flat = np.full((64, 64, 3), 188, np.uint8)  # half of the light, by sRGB
    assert one('dark=0.5').apply(flat, 0)[0, 0, 0] == pytest.approx(137, abs=1)
    hidden = np.zeros((60, 60, 3), np.uint8)
    hidden[:30] = 120
    lower = one('hidden=lower').apply(hidden, 0)
    assert (lower[:30] == 120).all() and (lower[30:] == 60).all()
    right = one('hidden=right').apply(hidden, 0)
    assert (right[:, 30:] == 60).all() and (right[:, :30] == hidden[:, :30]).all()
    assert (np.ptp(one('grey').apply(SMOOTH, 0), axis=2) == 0).all()


def test_size_is_that_of_the_longer_side():
    """A picture of 64x96 loses what 21x32 cannot hold; a smaller one nothing."""
    shrunk = cv2.resize(SMOOTH, (21, 32), interpolation=cv2.INTER_AREA)
    back = cv2.resize(shrunk, (64, 96), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(one('size=32').apply(SMOOTH, 0), back)
    np.testing.assert_array_equal(one('size=96').apply(SMOOTH, 0), SMOOTH)


def test_several_values_and_several_at_once():
    """A value each, in the order given; steps one after the other."""
    assert [each.name for each in degradations.parse('noise=5,20')] == ['noise=5', 'noise=20']
    both = degradations.parse('grey+noise=5,20')
    assert [each.name for each in both] == ['grey+noise=5', 'grey+noise=20']
    noisy = both[1].apply(SMOOTH, 3)
    assert (np.ptp(noisy, axis=2) > 0).any()  # noise comes last and is of each colour
    assert degradations.Degradation().apply(SMOOTH, 0) is SMOOTH


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('fog=2', 'there are noise, jpeg'),
        ('noise', 'grey levels, 0..128'),
        ('noise=-1', 'grey levels'),
        ('jpeg=20.5', 'quality, 1..100'),
        ('grey=1', 'give grey alone'),
        ('hidden=front', 'lower, upper, left, right'),
        ('dark=nan', 'share of the light'),
    ],
)
def test_what_is_none(text, words):
    """Is refused with what there is."""
    with pytest.raises(ValueError, match=words.replace('.', r'\.')):
        degradations.parse(text)


@given(st.text(max_size=40))
def test_any_text(text):
    """Is understood, or refused in at most 300 characters."""
    try:
        found = degradations.parse(text)
    except ValueError as error:
        assert len(str(error)) <= 300
    else:
        assert found and all(each.steps for each in found)
