# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The networks of the original papers: catalogue, files, engines of their frameworks, conversion.

The rest of the package enters here, and only where an original network is asked for. Engines and
converters are imported when they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from face_affect_ros.originals.catalogue import Original
from face_affect_ros.originals.catalogue import OriginalFile
from face_affect_ros.originals.catalogue import check_present
from face_affect_ros.originals.catalogue import model
from face_affect_ros.originals.catalogue import original
from face_affect_ros.originals.catalogue import originals
from face_affect_ros.originals.catalogue import read_files

if TYPE_CHECKING:
    from face_affect_ros.engines.protocol import Engine
    from face_affect_ros.networks.face_network import FacePredictor
    from face_affect_ros.settings import ModelSettings

__all__ = [
    'Original',
    'OriginalFile',
    'check_present',
    'digest',
    'load_engine',
    'load_network',
    'model',
    'original',
    'originals',
    'read_files',
    'together',
]


def load_engine(name: str, settings: ModelSettings) -> Engine:
    """Load an original network by name, its files checked.

    :raises UnknownNameError: there is no such network.
    :raises WeightsError: a file is missing or altered.
    :raises FrameworkError: its framework is missing.
    """
    from face_affect_ros.originals import loading

    return loading.load(
        original(name),
        settings.weights_dir,
        settings.engine,
        settings.threads,
        settings.device,
    )


def digest(name: str, settings: ModelSettings) -> str:
    """Return the SHA-256 of what an original network is loaded from, empty where it is missing.

    :raises UnknownNameError: there is no such network.
    """
    from face_affect_ros.originals import loading

    return loading.digest(original(name), settings.weights_dir, settings.engine)


def load_network(name: str, engine: Engine) -> FacePredictor:
    """Return the original network of a name as what describes faces.

    :raises WeightsError: its labels are not those of its task, or it describes no faces.
    """
    from face_affect_ros.originals.networks import OriginalNetwork

    return OriginalNetwork(engine, original(name))


def together(networks: Sequence[FacePredictor]) -> FacePredictor:
    """Return several networks, each of a task of its own, as one."""
    from face_affect_ros.originals.networks import OriginalNetworks

    return OriginalNetworks(networks)
