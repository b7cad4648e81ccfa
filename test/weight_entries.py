# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Entries of a user's ``networks.yaml``, and what is said of wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.catalogue import WeightsError
from face_affect_ros.settings import ModelSettings

NAME = 'gender_mini_xception'


LONGEST = 300 + 200
"""Of a message, and of the path of the test's folder in it, which pytest makes."""


def entry(**changes):
    """Return a good entry for gender, with changes; None takes a field away."""
    known = catalogue.network(NAME)
    fields = {
        'file': known.file,
        'sha256': known.sha256,
        'task': 'gender',
        'licence': 'mine',
        'source': 'mine',
        'crop': {'size': 64, 'channels': 1, 'factor': 1.0},
        **changes,
    }
    return {field: value for field, value in fields.items() if value is not None}


def crop(**changes):
    """Return an entry with changes to its crop."""
    fields = {'size': 64, 'channels': 1, 'factor': 1.0, **changes}
    return entry(crop={field: value for field, value in fields.items() if value is not None})


def write(folder: Path, text):
    """Write the entries."""
    data = text if isinstance(text, bytes) else text.encode()
    (folder / catalogue.ENTRIES).write_bytes(data)


def refusal(folder: Path, task='gender') -> str:
    """Return why Model 1 cannot be loaded with a folder of weights."""
    with pytest.raises(WeightsError) as caught:
        load_model(1, ModelSettings(weights_dir=str(folder), tasks=(task,)))
    text = str(caught.value)
    assert len(text) <= LONGEST and text.isprintable()
    return text
