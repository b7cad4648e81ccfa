# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Original networks for tests: the real ones beside the checkout; for those that could not be had
the real graph with seeded random weights, put into a folder and a catalogue of their own."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import original_formats
import pytest

from face_affect_ros.originals import catalogue as originals
from face_affect_ros.originals.catalogue import Original

FOLDER = Path(__file__).resolve().parents[2] / 'shared/models'

needs_originals = pytest.mark.skipif(not FOLDER.is_dir(), reason=f'no original networks: {FOLDER}')
needs_tensorflow = pytest.mark.skipif(
    not find_spec('tensorflow'), reason='no TensorFlow: pip install "face_affect_ros[tensorflow]"'
)
needs_mxnet = pytest.mark.skipif(
    not os.environ.get('FACE_AFFECT_MXNET_PYTHON'),
    reason='no MXNet: FACE_AFFECT_MXNET_PYTHON names no Python that has it',
)
needs_caffe = pytest.mark.skipif(
    not hasattr(cv2.dnn, 'readNetFromCaffe'),
    reason=f'OpenCV {cv2.__version__} has no Caffe reader: pip install "opencv-python-headless<5"',
)

SEED = 3

EMOTION, GENDER = 'emotion_mini_xception_102', 'gender_mini_xception_21'
AGE, AGE_GENDER, MOON = 'age_levi_hassner', 'gender_levi_hassner', 'attributes_lightened_moon'
PAPERS = (EMOTION, GENDER, AGE, AGE_GENDER, MOON)

PICKLE = b'\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00}\x94.'
"""What no reader may load."""


class Fixed:
    """An engine that answers what it was told to and keeps what it was asked."""

    def __init__(self, *rows: list[float]):
        """Keep the answer."""
        self.rows = np.array(rows, np.float32)
        self.asked = np.empty(0)

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the answer."""
        (self.asked,) = inputs
        return (self.rows,)


def noise_of(*shape: int) -> np.ndarray:
    """Return random float32 values of -1..1."""
    return np.random.default_rng(2).uniform(-1, 1, shape).astype(np.float32)


def one_line(error: pytest.ExceptionInfo) -> str:
    """Return an error's text, which is one line."""
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def moon_symbol() -> bytes:
    """Return the lightened MOON's graph."""
    return (FOLDER / 'lightened_moon/lightened_moon_fuse-symbol.json').read_bytes()


def random_weights() -> dict[str, bytes]:
    """Return random weights in the originals' formats by ``OriginalFile.path``."""
    return {
        'lightened_moon/lightened_moon_fuse-0082.params': original_formats.params(
            original_formats.moon(moon_symbol(), SEED)
        ),
        'levi_hassner/age_net.caffemodel': original_formats.caffemodel(
            original_formats.levi_hassner(8, SEED)
        ),
        'levi_hassner/gender_net.caffemodel': original_formats.caffemodel(
            original_formats.levi_hassner(2, SEED)
        ),
    }


def fill(folder: Path) -> dict[str, Original]:
    """Make a folder of originals and return a catalogue of it.

    Real files are linked; the catalogue knows the hashes of the random weights.
    """
    for path in FOLDER.rglob('*'):
        if path.is_file():
            place = folder / path.relative_to(FOLDER)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(path)
    weights = random_weights()
    for name, data in weights.items():
        (folder / name).write_bytes(data)
    return {
        name: replace(
            entry,
            files=tuple(
                replace(file, git_blob='', sha256=hashlib.sha256(weights[file.path]).hexdigest())
                if file.path in weights
                else file
                for file in entry.files
            ),
        )
        for name, entry in originals.originals().items()
    }
