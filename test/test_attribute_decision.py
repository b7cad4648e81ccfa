# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Attributes are told where they are likely, or from thresholds that were chosen for each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import samples
import yaml

from face_affect_ros.cli.words import describe
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.drawing import highlights
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import Detections
from face_affect_ros.model import Model
from face_affect_ros.pipeline import attribute_thresholds
from face_affect_ros.pipeline import threshold_sources
from face_affect_ros.registry.entries import EntryError
from face_affect_ros.registry.entries import read_entries
from face_affect_ros.settings import ModelSettings

CHOSEN = {'Eyeglasses': 0.2, 'Wearing_Hat': 0.9}
ENTRY = {
    'file': 'a.onnx',
    'sha256': '0' * 64,
    'task': 'attributes',
    'licence': 'x',
    'source': 'x',
    'crop': {'size': 64, 'channels': 1, 'factor': 1.0},
}


@pytest.mark.parametrize(('decision', 'words'), [('likely', ('hat',)), ('balanced', ('glasses',))])
def test_words_follow_the_decision(decision, words):
    """A hat at 0.8 is likely but below its threshold; glasses at 0.3 are above theirs."""
    settings = ModelSettings(tasks=('attributes',), attribute_decision=decision)
    model = Model(
        'x',
        samples.detector(),
        {'attributes': None},  # decide() runs no network
        GenderRules(()),
        settings,
        attribute_thresholds=CHOSEN,
    )
    scores = np.full(40, 0.01, np.float32)
    scores[ATTRIBUTES.index('Eyeglasses')], scores[ATTRIBUTES.index('Wearing_Hat')] = 0.3, 0.8
    found = Detections(np.array([[0, 0, 9, 9.0]]), [1.0], np.full((1, 5, 2), np.nan))
    face = model.decide(found, 0, {'attributes': {'attributes': scores}})
    assert highlights.of(face.attributes, face.attribute_thresholds) == words
    assert describe('p', [face])[0].split('   ')[0].endswith(words[0])
    assert face.attributes['Eyeglasses'] == pytest.approx(0.3)  # probabilities stay
    likely = model.decide(
        found,
        0,
        {'attributes': {'attributes': scores}},
        settings=replace(settings, attribute_decision='likely'),
    )
    assert likely.attribute_thresholds is None


def test_model_1_has_thresholds_that_were_chosen():
    """One for each attribute, most of them far from a half."""
    chosen = attribute_thresholds(1, ModelSettings())
    assert tuple(chosen) == ATTRIBUTES
    assert np.abs(np.array([*chosen.values()]) - 0.5).mean() > 0.1
    assert not attribute_thresholds(2, ModelSettings())
    assert 'celeba_val' in threshold_sources(1, ModelSettings())['attributes_moon']


def test_an_entry_with_thresholds():
    """Of attributes that there are, between 0 and 1."""
    entry = {**ENTRY, 'thresholds': CHOSEN}
    found = read_entries(yaml.safe_dump({'own': entry}).encode())
    assert found['own']['thresholds'] == CHOSEN


@pytest.mark.parametrize('wrong', [{}, {'Shoe': 0.5}, {'Bald': 0}, {'Bald': 1.0}, {'Bald': 'x'}])
def test_an_entry_with_others(wrong):
    """Is refused with what it must be."""
    entry = {**ENTRY, 'thresholds': wrong}
    with pytest.raises(EntryError, match='attributes to numbers between 0 and 1'):
        read_entries(yaml.safe_dump({'own': entry}).encode())
