# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The few attributes that tell most about a face, in short words: a picture has no room for 40.

Only what can be seen and told briefly is in the list, nothing that judges a person's looks, and
of that only what people label consistently.
Gender and age have words of their own, emotion too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from face_affect_ros.decision.gender_fusion import logit
from face_affect_ros.registry.label_reliability import labelling

MOST = 3
"""How many attributes are told of a face."""

MIN_PROBABILITY = 0.6
"""Least probability of what is told."""

LEAST_AGREEMENT = 0.4
"""Least kappa of the labels that it was learned from (``registry.labelling``)."""


@dataclass(frozen=True)
class _Word:
    """How an attribute is told.

    :param text: in a word or two.
    :param usual: share of the faces in CelebA's training part that have it, 0..1.
    """

    text: str
    usual: float


WORDS: Mapping[str, _Word] = {
    '5_o_Clock_Shadow': _Word('stubble', 0.108),
    'Bald': _Word('bald', 0.023),
    'Bangs': _Word('bangs', 0.154),
    'Black_Hair': _Word('black hair', 0.232),
    'Blond_Hair': _Word('blond', 0.149),
    'Blurry': _Word('blurry', 0.048),
    'Brown_Hair': _Word('brown hair', 0.209),
    'Bushy_Eyebrows': _Word('bushy brows', 0.144),
    'Eyeglasses': _Word('glasses', 0.066),
    'Goatee': _Word('goatee', 0.065),
    'Gray_Hair': _Word('grey hair', 0.044),
    'Heavy_Makeup': _Word('make-up', 0.385),
    'Mouth_Slightly_Open': _Word('mouth open', 0.486),
    'Mustache': _Word('moustache', 0.040),
    'Rosy_Cheeks': _Word('rosy cheeks', 0.065),
    'Sideburns': _Word('sideburns', 0.056),
    'Straight_Hair': _Word('straight hair', 0.207),
    'Wavy_Hair': _Word('wavy hair', 0.318),
    'Wearing_Earrings': _Word('earrings', 0.184),
    'Wearing_Hat': _Word('hat', 0.049),
    'Wearing_Lipstick': _Word('lipstick', 0.469),
    'Wearing_Necklace': _Word('necklace', 0.118),
    'Wearing_Necktie': _Word('necktie', 0.076),
}
"""Attributes that are told, by their names."""


def of(
    attributes: Mapping[str, float] | None, thresholds: Mapping[str, float] | None = None
) -> tuple[str, ...]:
    """Return the words for at most ``MOST`` attributes, those that say most first.

    What says most is what is likely here and unusual elsewhere: by the probability's logit above
    that of the usual share.

    :param attributes: probability by name; None: not given.
    :param thresholds: least probability of what is told, by name (``Face.attribute_thresholds``);
        of others, and of all where there are none, ``MIN_PROBABILITY``.
    """
    likely = (
        {
            name: attributes[name]
            for name in WORDS
            if _told(name)
            and attributes.get(name, 0.0) >= (thresholds or {}).get(name, MIN_PROBABILITY)
        }
        if attributes
        else {}
    )
    gains = {
        name: logit(probability) - logit(WORDS[name].usual) for name, probability in likely.items()
    }
    told = sorted(gains, key=lambda name: -gains[name])[:MOST]
    return tuple(WORDS[name].text for name in told)


def _told(name: str) -> bool:
    """Return whether an attribute's labels are consistent enough to be told."""
    return labelling()[name].agreement >= LEAST_AGREEMENT
