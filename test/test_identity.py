# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Embeddings of faces: what they are whatever the picture, and whom they take for whom."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from face_affect_ros import load_model
from face_affect_ros.faces import Box
from face_affect_ros.identity import Embedder
from face_affect_ros.identity import FaceCountError
from face_affect_ros.identity import VerificationRule
from face_affect_ros.identity import cluster
from face_affect_ros.identity import distances
from face_affect_ros.identity import load_embedder

skimage_data = pytest.importorskip('skimage.data')


@pytest.fixture(scope='module')
def embedder() -> Embedder:
    with load_embedder() as loaded:
        yield loaded


@pytest.fixture(scope='module')
def astronaut() -> np.ndarray:
    return np.ascontiguousarray(skimage_data.astronaut()[..., ::-1])


@pytest.fixture(scope='module')
def her_face(embedder, astronaut) -> np.ndarray:
    return embedder.embed(astronaut)[0]


def unit(points: np.ndarray) -> np.ndarray:
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_a_face_is_a_point_of_length_1(embedder, astronaut):
    """One row a face, largest first, and no row where there is none."""
    points = embedder.embed(astronaut)
    assert points.shape == (1, 128) and points.dtype == np.float32
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-5)
    nothing = embedder.embed(np.zeros((120, 160, 3), np.uint8))
    assert nothing.shape == (0, 128) and nothing.dtype == np.float32


@settings(max_examples=12, deadline=None)
@given(
    x=st.integers(-40, 400),
    y=st.integers(-40, 400),
    side=st.integers(1, 300),
    seed=st.integers(0, 3),
)
def test_whatever_is_in_a_box(embedder, x, y, side, seed):
    """Noise, a corner, a single pixel: always finite and of length 1, always the same."""
    picture = np.random.default_rng(seed).integers(0, 256, (300, 320, 3), np.uint8)
    points = embedder.embed(picture, [(x, y, side, side)])
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(points, embedder.embed(picture, [Box(x, y, side, side)]))


def test_boxes_come_back_in_their_order(embedder, astronaut, her_face):
    """Also where most of them show nobody, and more than one batch of them."""
    face = embedder.faces(astronaut)[0]
    boxes = [Box(300, 300, 60, 60), *[face.box] * 9, Box(0, 400, 50, 50)]
    points = embedder.embed(astronaut, boxes)
    assert points.shape == (11, 128)
    assert distances(points, her_face[None])[1:10].max() < 0.3
    assert distances(points, her_face[None])[[0, 10]].min() > 0.3


@pytest.mark.parametrize(
    'change',
    [
        lambda picture: picture[:, ::-1],
        lambda picture: (picture * 0.7).astype(np.uint8),
        lambda picture: picture[::2, ::2],
        lambda picture: np.repeat(picture.mean(2, keepdims=True), 3, 2).astype(np.uint8),
        lambda picture: np.pad(picture, ((40, 0), (0, 70), (0, 0))),
    ],
    ids=['mirrored', 'darker', 'half the size', 'grey', 'elsewhere'],
)
def test_who_it_is_does_not_hang_on_the_picture(embedder, astronaut, her_face, change):
    """The same face is the same person by the documented threshold."""
    changed = np.ascontiguousarray(change(astronaut))
    assert embedder.verify(her_face, changed).same


def test_known_values(her_face):
    """The embedding of a known picture: another network, crop or detector changes it."""
    assert her_face[KNOWN_PLACES] == pytest.approx(KNOWN_VALUES, abs=0.02)


def test_faces_keep_what_is_known_of_them(embedder, astronaut, her_face):
    """Faces that a model described get an embedding besides; by itself it gives none."""
    with load_model(1) as model:
        described = model.analyze(astronaut)
    assert described[0].embedding is None
    found = embedder.faces(astronaut, described)
    assert found == described and found[0].emotion is described[0].emotion
    assert found[0].embedding == pytest.approx(her_face, abs=1e-6)
    assert 'embedding' not in repr(found[0])


def test_verify_needs_one_face_a_picture(embedder, astronaut):
    """It says which picture is at fault, and how many faces it shows."""
    two = np.hstack([astronaut, astronaut])
    with pytest.raises(FaceCountError, match='second picture: 2 faces') as raised:
        embedder.verify(astronaut, two)
    assert raised.value.count == 2
    with pytest.raises(FaceCountError, match='first picture: no face') as raised:
        embedder.verify(np.zeros((100, 100), np.uint8), astronaut)
    assert raised.value.count == 0


def test_a_closed_embedder_says_so(astronaut):
    """It is no crash of something inside."""
    with load_embedder() as embedder:
        pass
    with pytest.raises(ValueError, match='closed'):
        embedder.embed(astronaut)


@given(
    st.floats(0.1, 1.9),
    st.floats(1, 50),
    st.floats(0.1, 1.9),
    st.lists(st.floats(0, 2), min_size=2),
)
def test_probabilities_fall_with_distance(threshold, slope, even, at):
    """They are probabilities, a half where the rule says so."""
    rule = VerificationRule(threshold, slope, even)
    said = rule.probability(np.sort(at))
    assert ((said >= 0) & (said <= 1)).all() and (np.diff(said) <= 0).all()
    assert rule.probability(even) == pytest.approx(0.5)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6))
def test_distances_are_a_metric(seed, count, others):
    """0 to itself, symmetric, at most 2, no way round is shorter."""
    random = np.random.default_rng(seed)
    a, b = (unit(random.normal(size=(n, 128))) for n in (count, others))
    found = distances(a, b)
    assert found.shape == (count, others) and (found >= 0).all() and (found <= 2 + 1e-9).all()
    assert np.allclose(found, distances(b, a).T)
    assert np.allclose(np.diag(distances(a, a)), 0, atol=1e-6)
    assert (found[0, 0] <= distances(a[:1], a)[0] + distances(a, b[:1])[:, 0] + 1e-9).all()


def test_people_are_parted():
    """Groups by size, who is alone apart; the order of the faces does not matter."""
    random = np.random.default_rng(0)
    people = unit(random.normal(size=(4, 128)))
    shown = np.array([0, 1, 0, 2, 0, 1, 3, 1, 0])
    faces = unit(people[shown] + 0.01 * random.normal(size=(len(shown), 128)))
    found = cluster(faces, 0.7)
    assert found.tolist() == [0, 1, 0, -1, 0, 1, -1, 1, 0]
    order = random.permutation(len(shown))
    assert np.array_equal(cluster(faces[order], 0.7), found[order])


def test_few_faces_are_clustered_too():
    """None and one."""
    assert cluster(np.zeros((0, 128)), 0.7).tolist() == []
    assert cluster(unit(np.ones((1, 128))), 0.7).tolist() == [-1]
    assert cluster(unit(np.ones((1, 128))), 0.7, least=1).tolist() == [0]
    with pytest.raises(ValueError, match='shape'):
        cluster(np.zeros(128), 0.7)


def test_scikit_learn_is_only_needed_to_cluster():
    """The package of the extra is named where it is missing."""
    code = (
        'import sys; sys.modules["sklearn"] = None\n'
        'import numpy as np; from face_affect_ros.identity import cluster, load_embedder\n'
        'load_embedder().close()\n'
        'try: cluster(np.eye(2, 128), 0.7)\n'
        'except ImportError as error: print(error)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert 'face_affect_ros[identity]' in done.stdout, done.stderr


KNOWN_PLACES = [0, 1, 2, 3, 127]
KNOWN_VALUES = [0.096, 0.080, -0.059, 0.222, 0.720]
