# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Importing the package costs nothing: what is heavy is loaded at its first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

import face_affect_ros

HEAVY = ('numpy', 'cv2', 'onnxruntime', 'rclpy', 'PIL', 'scipy', 'yaml', 'tqdm')


def output_of(code: str) -> str:
    """Return what a fresh interpreter prints; it does not look into the working folder."""
    return subprocess.run(
        [sys.executable, '-c', f'import sys; sys.path = [p for p in sys.path if p]; {code}'],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    ).stdout.strip()


@pytest.mark.parametrize(
    'module', ['face_affect_ros', 'face_affect_ros.faces', 'face_affect_ros.cli']
)
def test_importing_loads_nothing_heavy(module):
    """No array library, no runtime, no ROS, no decoder."""
    loaded = output_of(f'import {module}; print(*(n for n in {HEAVY} if n in sys.modules))')
    assert loaded == ''


def test_tracking_loads_no_optimizer():
    """It takes 30 MB and a quarter of a second, also in the nodes."""
    code = "import face_affect_ros.stream.stages; print('scipy.optimize' in sys.modules)"
    assert output_of(code) == 'False'


def test_listing_the_names_loads_nothing_heavy():
    """As completion in a shell does."""
    loaded = output_of(
        'import face_affect_ros; names = dir(face_affect_ros); '
        f'print(*(n for n in {HEAVY} if n in sys.modules)); '
        'assert set(face_affect_ros.__all__) <= set(names)'
    )
    assert loaded == ''


@pytest.mark.parametrize('name', face_affect_ros.__all__)
def test_every_public_name_resolves(name):
    """Also the first time, and by ``from face_affect_ros import NAME``."""
    assert output_of(f'from face_affect_ros import {name}; print({name}.__name__)') == name


def test_every_public_name_is_the_one_of_its_module():
    """There is one ``Face``, wherever it is imported from."""
    from face_affect_ros.faces import Face

    assert face_affect_ros.Face is Face
    assert face_affect_ros.__all__ == sorted(face_affect_ros.__all__)


def test_other_names_are_no_attributes():
    """The message is Python's own."""
    with pytest.raises(AttributeError, match="'face_affect_ros' has no attribute 'load_modle'"):
        face_affect_ros.load_modle  # noqa: B018
