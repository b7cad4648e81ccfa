# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How consistently people label each attribute, as the registry has it."""

import pytest

from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.registry import label_reliability


def test_every_attribute_has_its_entry():
    """In CelebA's order, each measured."""
    found = label_reliability.labelling()
    assert tuple(found) == ATTRIBUTES
    for name, entry in found.items():
        assert -1 <= entry.same_person <= 1 and -1 <= entry.predicted <= 1, name
        assert entry.consistency in label_reliability.WORDS.values()


def test_what_is_known_of_them():
    """A person's gender is labelled as it was before; three attributes by chance."""
    found = label_reliability.labelling()
    assert found['Male'].consistency == 'almost perfect'
    assert [name for name in ATTRIBUTES if found[name].at_chance] == [
        'High_Cheekbones',
        'Oval_Face',
        'Pointy_Nose',
    ]
    assert {found[name].consistency for name in ATTRIBUTES if found[name].at_chance} == {'slight'}


@pytest.mark.parametrize(
    ('kappas', 'word'),
    [
        ((0.8, 0.1), 'almost perfect'),
        ((0.1, 0.79), 'substantial'),
        ((0.4, 0.4), 'moderate'),
        ((0.2, -0.2), 'fair'),
        ((0.19, 0.0), 'slight'),
        ((-0.5, -1.0), 'slight'),
    ],
)
def test_the_better_bound_counts(kappas, word):
    """Words for kappa are Landis and Koch's."""
    assert label_reliability.Labelling(*kappas).consistency == word
