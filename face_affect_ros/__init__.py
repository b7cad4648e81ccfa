# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces, emotion, gender, age and facial attributes from camera pictures.

>>> import face_affect_ros
>>> with face_affect_ros.load_model(1) as model:
...     for face in model.analyze('picture.jpg'):
...         print(face.box, face.emotion.label, face.gender.label)

Importing this package loads nothing heavy: every public name is resolved at its first use.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from face_affect_ros.faces import Age
    from face_affect_ros.faces import Box
    from face_affect_ros.faces import Distribution
    from face_affect_ros.faces import Face
    from face_affect_ros.images import ImageError
    from face_affect_ros.images import ImageWarning
    from face_affect_ros.model import Model
    from face_affect_ros.pipeline import load_model

# From 1.29 on ONNX Runtime sends reports to Microsoft and keeps a database and an identifier of
# the machine in the user's cache, unless this is set before it is loaded. Who wants that sets 0.
os.environ.setdefault('ORT_DISABLE_TELEMETRY', '1')

_HOME = {
    'Age': 'faces',
    'Box': 'faces',
    'Distribution': 'faces',
    'Face': 'faces',
    'ImageError': 'images',
    'ImageWarning': 'images',
    'Model': 'model',
    'load_model': 'pipeline',
}

__all__ = [
    'Age',
    'Box',
    'Distribution',
    'Face',
    'ImageError',
    'ImageWarning',
    'Model',
    'load_model',
]


def __getattr__(name: str):
    """Resolve a public name at its first use."""
    if name not in _HOME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    value = getattr(import_module(f'{__name__}.{_HOME[name]}'), name)
    globals()[name] = value
    return value


def __dir__():
    """List the public names, also those not resolved yet."""
    return sorted({*globals(), *__all__})
