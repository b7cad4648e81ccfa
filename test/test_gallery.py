# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Galleries: who is enrolled, who is recognised, who is forgotten."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import samples
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros.identity import Embedder
from face_affect_ros.identity import FaceCountError
from face_affect_ros.identity import Gallery
from face_affect_ros.identity import PersonNameError
from face_affect_ros.identity import UnknownPersonError
from face_affect_ros.identity import UnusableFaceError
from face_affect_ros.identity import load_embedder


@pytest.fixture(scope='module')
def embedder() -> Embedder:
    with load_embedder() as loaded:
        yield loaded


def near(person: np.ndarray, count: int, spread: float, seed: int = 0) -> np.ndarray:
    """Return (count, 128) points of one person, so far from his or her own in the mean."""
    noise = np.random.default_rng(seed).normal(size=(count, 128))
    points = person + spread * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


PEOPLE = dict(zip(('Ada', 'Bo', 'Chimamanda'), np.eye(3, 128)))


@pytest.fixture
def gallery(embedder) -> Gallery:
    filled = Gallery(embedder)
    for name, person in PEOPLE.items():
        filled.enrol(name, near(person, 4, 0.3))
    return filled


def test_a_picture_is_enrolled_and_recognised(embedder):
    """Of the astronaut in other light and size her name comes back; of nobody's face none."""
    gallery = Gallery(embedder)
    assert gallery.recognise(samples.astronaut())[0].name == 'unknown'
    assert gallery.enrol('Eileen Collins', samples.astronaut()) == 1
    (found,) = gallery.recognise((samples.astronaut()[::2, ::-2] * 0.8).astype(np.uint8))
    assert found.name == 'Eileen Collins' and found.is_known
    assert found.probability > 0.9 and found.distance < 0.7
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
    assert gallery.recognise(noise) == []
    (nobody,) = gallery.recognise(embedder.embed(noise, [(40, 40, 100, 100)]))
    assert nobody.name == 'unknown' and not nobody.is_known


@pytest.mark.parametrize(
    ('picture', 'error', 'told'),
    [
        (np.zeros((120, 160, 3), np.uint8), FaceCountError, 'no face'),
        (np.hstack([samples.astronaut()] * 2), FaceCountError, '2 faces'),
        (cv2.resize(samples.astronaut(), None, fx=0.2, fy=0.2), UnusableFaceError, 'too small'),
        (cv2.GaussianBlur(samples.astronaut(), (0, 0), 5), UnusableFaceError, 'too blurred'),
    ],
    ids=['nobody', 'two', 'small', 'blurred'],
)
def test_a_picture_that_tells_not_who_it_is_is_refused(embedder, picture, error, told):
    """By name of what is wrong; nobody is enrolled then, whatever else was given."""
    gallery = Gallery(embedder)
    with pytest.raises(error, match=told):
        gallery.enrol('Ada', samples.astronaut(), picture)
    assert gallery.names == ()


def test_people_are_told_apart(gallery):
    """The nearest person is named, with the others as candidates; a stranger is not."""
    for number, (name, person) in enumerate(PEOPLE.items(), 10):
        (found,) = gallery.recognise(near(person, 1, 0.3, number))
        assert found.name == name and found.candidates[0][0] == name
        assert found.candidates[0][1] == found.probability
        assert {each for each, _ in found.candidates} == set(PEOPLE)
    (stranger,) = gallery.recognise(np.eye(128)[50])
    assert stranger.name == 'unknown' and stranger.probability > 0.99


def test_enrolling_again_adds(gallery):
    """Further pictures are kept beside those before; the same one counts once."""
    more = near(PEOPLE['Ada'], 2, 0.3, 7)
    assert gallery.enrol('Ada', more) == 6
    assert gallery.enrol('Ada', more) == 6
    assert gallery.names == ('Ada', 'Bo', 'Chimamanda') and len(gallery) == 3


def test_who_is_forgotten_is_unknown(gallery):
    """And cannot be forgotten twice."""
    gallery.forget('Bo')
    assert gallery.names == ('Ada', 'Chimamanda')
    assert gallery.recognise(near(PEOPLE['Bo'], 1, 0.1))[0].name == 'unknown'
    with pytest.raises(UnknownPersonError, match=r"'Bo' is not enrolled; 'Ada', 'Chimamanda' is"):
        gallery.forget('Bo')


@given(
    seed=st.integers(0, 2**32 - 1),
    spread=st.floats(0, 1.5),
    least=st.floats(0, 1),
    neighbours=st.integers(1, 6),
)
@settings(max_examples=60)
def test_answers_are_probabilities(embedder, seed, spread, least, neighbours):
    """All people and nobody together have 1; whom we name is the nearest, and likely enough."""
    gallery = Gallery(embedder)
    for number, (name, person) in enumerate(PEOPLE.items()):
        gallery.enrol(name, near(person, number + 1, 0.4, seed))
    faces = near(PEOPLE['Ada'], 5, spread, seed + 1)
    for found in gallery.recognise(faces, least, neighbours):
        chances = [chance for _, chance in found.candidates]
        assert chances == sorted(chances, reverse=True)
        assert all(0 <= chance <= 1 for chance in chances) and sum(chances) <= 1 + 1e-9
        if found.is_known:
            assert (found.name, found.probability) == found.candidates[0]
            assert found.probability >= least and found.distance <= embedder.rule.threshold
        else:
            assert found.probability == pytest.approx(1 - sum(chances), abs=1e-9)


def test_a_match_must_be_nearer_among_many(embedder):
    """With one enrolled the face is she; among 300 strangers the same distance says less."""
    face = near(PEOPLE['Ada'], 1, 0.65, 3)
    gallery = Gallery(embedder)
    gallery.enrol('Ada', PEOPLE['Ada'][None])
    (alone,) = gallery.recognise(face)
    for number in range(300):
        stranger = np.random.default_rng(number).normal(size=(1, 128))
        gallery.enrol(f'person {number}', stranger / np.linalg.norm(stranger))
    (among,) = gallery.recognise(face)
    assert alone.name == 'Ada' and alone.distance == among.distance
    assert among.probability < alone.probability


@pytest.mark.parametrize(
    'name',
    ['', '  ', ' Ada', 'Ada ', 'a/b', 'a\\b', 'A\nB', 'A\0B', 'x' * 65, '..', '.', 'Unknown', 7,
     None, 'a\u202eb', '\ud800'],
)  # fmt: skip
def test_names_that_nobody_can_have(gallery, name):
    """Neither to enrol nor to forget; the error shows the name on one short line."""
    for attempt in (lambda: gallery.enrol(name, np.eye(1, 128)), lambda: gallery.forget(name)):
        with pytest.raises(PersonNameError) as raised:
            attempt()
        assert str(raised.value).isprintable() and len(str(raised.value)) <= 300
    assert gallery.names == tuple(PEOPLE)


def test_names_that_look_the_same_are_the_same(gallery):
    """An accent of its own or within the letter."""
    gallery.enrol('Jose\u0301', np.eye(128)[20])
    assert 'Jos\u00e9' in gallery.names
    gallery.forget('Jos\u00e9')
    assert gallery.names == tuple(PEOPLE)


@pytest.mark.parametrize(
    ('points', 'told'),
    [
        (np.zeros((2, 128), np.float32), 'length 1'),
        (np.full((2, 128), np.nan), 'length 1'),
        (np.eye(2, 64), 'shape'),
        (np.zeros((0, 128)), 'nothing to enrol'),
    ],
)
def test_what_is_no_embedding(gallery, points, told):
    """Is refused; nobody is enrolled by it."""
    with pytest.raises(ValueError, match=told):
        gallery.enrol('Dora', points)
    assert gallery.names == tuple(PEOPLE)
