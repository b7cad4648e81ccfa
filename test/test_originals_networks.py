# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What original networks see of a picture, and what they say of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from originals import AGE
from originals import AGE_GENDER
from originals import EMOTION
from originals import GENDER
from originals import MOON
from originals import Fixed
from samples import ASTRONAUT_BOX
from samples import astronaut

from face_affect_ros import crops
from face_affect_ros.faces import AGE_RANGES
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import GENDERS
from face_affect_ros.originals import catalogue as originals
from face_affect_ros.originals.networks import OriginalNetwork
from face_affect_ros.originals.networks import OriginalNetworks


def seen(box=ASTRONAUT_BOX) -> tuple[list[crops.ContextCrop], list[crops.FaceSquare]]:
    """Return the view and the frame of a box in the astronaut's picture."""
    array = np.array(box, np.float32)
    return [crops.cut_context(astronaut(), array)], [
        crops.square_of_face(array, np.full((5, 2), np.nan))
    ]


class TestWhatTheySee:
    """Crops and scaling, worked out from the originals' own sources."""

    @pytest.mark.parametrize(('name', 'factor'), [(EMOTION, 1.0), (GENDER, 1.3)])
    def test_mini_xception(self, name, factor):
        """Grey 64x64, (x / 255 - 0.5) * 2, a square around the box, channels last."""
        engine = Fixed([1 / 7] * 7 if name == EMOTION else [0.5] * 2)
        OriginalNetwork(engine, originals.original(name)).scores(*seen())
        x, y, width, height = ASTRONAUT_BOX
        side = factor * height
        expected = reference(
            cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY),
            (x + width / 2 - side / 2, y + height / 2 - side / 2, side, side),
            64,
        )
        assert engine.asked.shape == (1, 64, 64, 1)
        assert engine.asked.dtype == np.float32
        assert_close(engine.asked[0, :, :, 0], (expected / 255 - 0.5) * 2, 2)

    def test_moon(self):
        """Grey 128x128, / 255, the box with a quarter more on each side, channels first."""
        engine = Fixed([0.0] * 40)
        OriginalNetwork(engine, originals.original(MOON)).scores(*seen())
        x, y, width, height = ASTRONAUT_BOX
        expected = reference(
            cv2.cvtColor(astronaut(), cv2.COLOR_BGR2GRAY),
            (x - width / 4, y - height / 4, width * 1.5, height * 1.5),
            128,
        )
        assert engine.asked.shape == (1, 1, 128, 128)
        assert_close(engine.asked[0, 0], expected / 255, 1)

    @pytest.mark.parametrize(('name', 'classes'), [(AGE, 8), (AGE_GENDER, 2)])
    def test_levi_hassner(self, name, classes):
        """BGR 227x227 less the mean of each channel, channels first."""
        engine = Fixed([1 / classes] * classes)
        entry = originals.original(name)
        OriginalNetwork(engine, entry).scores(*seen())
        views, frames = seen()
        expected = crops.cut_box(views[0], frames[0], 227, entry.crop.factor).astype(float)
        assert engine.asked.shape == (1, 3, 227, 227)
        assert_close(
            engine.asked[0], (expected - (78.4263, 87.7689, 114.8958)).transpose(2, 0, 1), 255
        )

    def test_several_faces_at_once(self):
        """Rows in the order of the faces."""
        engine = Fixed([0.9, 0.1], [0.2, 0.8])
        boxes = [ASTRONAUT_BOX, (20.0, 30.0, 60.0, 40.0)]
        views, frames = (
            [part for parts in kind for part in parts] for kind in zip(*map(seen, boxes))
        )
        network = OriginalNetwork(engine, originals.original(GENDER))
        np.testing.assert_array_equal(network.scores(views, frames)['gender'], engine.rows)
        both = engine.asked
        engine.rows = engine.rows[:1]
        for index in (0, 1):
            network.scores(views[index : index + 1], frames[index : index + 1])
            np.testing.assert_array_equal(engine.asked[0], both[index])


def reference(picture: np.ndarray, box: tuple[float, ...], size: int) -> np.ndarray:
    """Cut a part of a picture, its border repeated, and resize it; as the originals' demos do."""
    x, y, width, height = box
    margin = 200
    bordered = cv2.copyMakeBorder(picture, *[margin] * 4, cv2.BORDER_REPLICATE)
    left, top = round(x) + margin, round(y) + margin
    return cv2.resize(
        bordered[top : top + round(height), left : left + round(width)],
        (size, size),
        interpolation=cv2.INTER_AREA,
    ).astype(float)


def assert_close(found: np.ndarray, expected: np.ndarray, span: float):
    """Check that two crops are the same picture: filters and half pixels may differ."""
    assert np.abs(found - expected).mean() < 0.03 * span
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.98


class TestWhatTheySay:
    """Outputs in the project's terms."""

    def test_gender_of_levi_hassner(self):
        """It says male first."""
        scores = OriginalNetwork(Fixed([0.9, 0.1]), originals.original(AGE_GENDER)).scores(*seen())
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('male')], 0.9)
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('female')], 0.1)

    def test_gender_of_mini_xception(self):
        """It says woman first."""
        scores = OriginalNetwork(Fixed([0.9, 0.1]), originals.original(GENDER)).scores(*seen())
        np.testing.assert_allclose(scores['gender'][0, GENDERS.index('female')], 0.9)

    @pytest.mark.parametrize('place', range(8))
    def test_ages(self, place):
        """A range is spread over its years, so that its share and its middle are kept."""
        row = [0.05] * 8
        row[place] = 0.65
        scores = OriginalNetwork(Fixed(row), originals.original(AGE)).scores(*seen())['age']
        assert scores.shape == (1, 101)
        assert scores.sum() == pytest.approx(1)
        for share, label in zip(row, AGE_RANGES):
            first, last = map(int, label.split('-'))
            assert scores[0, first : last + 1].sum() == pytest.approx(share)
            assert np.ptp(scores[0, first : last + 1]) < 1e-6

    @pytest.mark.parametrize(
        ('output', 'probability'),
        [(-3.0, 0.0), (-1.0, 0.0), (-0.2, 0.4), (0.0, 0.5), (0.5, 0.75), (1.0, 1.0), (7.0, 1.0)],
    )
    def test_attributes(self, output, probability):
        """Yes from 0 on is a probability of a half or more."""
        row = [-1.0] * 40
        row[ATTRIBUTES.index('Smiling')] = output
        scores = OriginalNetwork(Fixed(row), originals.original(MOON)).scores(*seen())
        assert scores['attributes'].shape == (1, 40)
        assert scores['attributes'][0, ATTRIBUTES.index('Smiling')] == pytest.approx(probability)
        assert scores['attributes'][0].sum() == pytest.approx(probability)

    def test_together(self):
        """AgeNet and GenderNet are one part, with an output each."""
        networks = OriginalNetworks(
            [
                OriginalNetwork(Fixed([1.0] + [0.0] * 7), originals.original(AGE)),
                OriginalNetwork(Fixed([0.3, 0.7]), originals.original(AGE_GENDER)),
            ]
        )
        scores = networks.scores(*seen())
        assert set(scores) == {'age', 'gender'}
