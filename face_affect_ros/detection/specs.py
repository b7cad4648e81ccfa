# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The detectors that there are, an entry each; importing this loads none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from typing import Any

from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.detection.settings import SsdSettings

if TYPE_CHECKING:
    from face_affect_ros.detection.detector import Detector
    from face_affect_ros.engines.protocol import Engine


@dataclass(frozen=True)
class DetectorSpec:
    """A detector.

    :param name: as parameters, models and messages name it.
    :param networks: names of its networks, in the order in which its class takes their engines.
    :param settings: the dataclass of its settings, which has a default for each.
    :param implementation: ``module:class``, called with the engines and the settings.
    :param box_factor: side of a face's square in longer sides of its box, where the face has no
        landmarks; measured on pictures where others have them.
    :param uses_library: whether a library finds the faces, besides its networks.
    """

    name: str
    networks: tuple[str, ...]
    settings: type
    implementation: str
    box_factor: float
    uses_library: bool = False

    def load(self, engines: Sequence[Engine], settings: Any) -> Detector:
        """Return the detector.

        :raises FrameworkError: a library that it needs is missing.
        """
        module, _, name = self.implementation.partition(':')
        return getattr(import_module(module), name)(engines, settings)


DETECTORS: dict[str, DetectorSpec] = {
    spec.name: spec
    for spec in (
        DetectorSpec(
            'mtcnn',
            ('mtcnn_pnet', 'mtcnn_rnet', 'mtcnn_onet'),
            MtcnnSettings,
            'face_affect_ros.detection.mtcnn:Mtcnn',
            box_factor=1.08,
        ),
        DetectorSpec(
            'opencv_ssd',
            ('opencv_ssd', 'mtcnn_onet'),
            SsdSettings,
            'face_affect_ros.originals.opencv_ssd:OpencvSsd',
            box_factor=0.93,
        ),
        DetectorSpec(
            'dlib',
            ('mtcnn_pnet', 'mtcnn_rnet', 'mtcnn_onet'),
            DlibSettings,
            'face_affect_ros.detection.dlib_hog:DlibHog',
            box_factor=1.19,
            uses_library=True,
        ),
    )
}
"""All detectors by name."""
