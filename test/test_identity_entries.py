# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Entries of networks that embed faces: what distances mean is told of them, and of no others."""

from __future__ import annotations

import pytest
import yaml

from face_affect_ros.registry import catalogue
from face_affect_ros.registry.entries import EntryError
from face_affect_ros.registry.entries import read_entries

NAME = 'identity_embedding'


@pytest.fixture
def entries() -> dict:
    """Return the package's own entries."""
    return yaml.safe_load((catalogue.HOME / catalogue.ENTRIES).read_bytes())


def read(entries: dict):
    """Read entries as a folder's."""
    return read_entries(yaml.safe_dump(entries).encode())


def test_the_packages_own_are_right(entries):
    """As they are."""
    assert read(entries)[NAME]['verification']['threshold'] > 0


@pytest.mark.parametrize(
    'rule',
    [None, {'threshold': 0.7}, {'threshold': 0, 'slope': 2, 'even': 1}, 'near', [0.7, 2, 1]],
)
def test_a_rule_is_whole(entries, rule):
    """Missing, in part, without a sense or of another kind: refused by its name."""
    entries[NAME]['verification'] = rule
    if rule is None:
        del entries[NAME]['verification']
    with pytest.raises(EntryError, match=f'{NAME}.verification'):
        read(entries)


def test_no_other_network_has_one(entries):
    """Also not one of detection."""
    for name in ('mtcnn_onet', 'emotion_vdcn'):
        with pytest.raises(EntryError, match=f'{name}.verification'):
            read({name: {**entries[name], 'verification': entries[NAME]['verification']}})


@pytest.mark.parametrize('field, value', [('outputs', ['age']), ('tta', [{'factor': 1.0}])])
def test_its_outputs_are_no_tasks(entries, field, value):
    """An embedding is nothing that is told of a face."""
    entries[NAME][field] = value
    with pytest.raises(EntryError, match=f'{NAME} has {field}'):
        read(entries)
