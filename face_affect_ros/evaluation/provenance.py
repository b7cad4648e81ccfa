# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an evaluation was made of: version, weights, packages, hardware."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from face_affect_ros import originals
from face_affect_ros.pipeline import network_names
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

PACKAGES = (
    'face_affect_ros',
    'numpy',
    'onnxruntime',
    'opencv-python-headless',
    'pyarrow',
    'scikit-learn',
    'scipy',
)


def software() -> dict[str, str]:
    """Return the versions of what computes, by package; those that are missing are left out."""
    found = {'python': platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hardware() -> dict[str, Any]:
    """Return the machine's processor, number of cores and system."""
    import os

    return {'processor': _processor(), 'cores': os.cpu_count(), 'system': platform.system()}


def weights_of(models: Iterable[str], settings: ModelSettings) -> dict[str, dict[str, str]]:
    """Return the SHA-256 of each network file that a model needs, by model and network.

    Of a model that the catalogue does not have nothing is known.
    """
    return {model: _hashes(model, settings) for model in models}


def _hashes(model: str, settings: ModelSettings) -> dict[str, str]:
    try:
        names = network_names(model, settings)
    except catalogue.UnknownNameError:
        return {}
    return {name: _hash(name, settings) for name in names}


def _hash(name: str, settings: ModelSettings) -> str:
    known = catalogue.networks(settings.weights_dir if settings.weights == 'embedded' else None)
    if name in known:
        return known[name].sha256.lower()
    return originals.digest(name, settings)


def _processor() -> str:
    """Return the processor's name as Linux has it, else as Python knows it."""
    try:
        with open('/proc/cpuinfo', encoding='utf-8') as lines:
            for line in lines:
                if line.startswith('model name'):
                    return line.partition(':')[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
