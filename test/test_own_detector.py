# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A detector of one's own is one file and one entry: everything else is made of these."""

import os

import pytest

DETECTOR = """
from dataclasses import dataclass

import numpy as np

from face_affect_ros.detection.onet_landmarks import OnetLandmarks
from face_affect_ros.detection.onet_landmarks import OnetDetector
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.detection.specs import DetectorSpec
from face_affect_ros.faces import Detections
from face_affect_ros.parameter import check
from face_affect_ros.parameter import declare


@dataclass(frozen=True)
class CentreSettings:
    max_faces: int = MtcnnSettings.max_faces
    share: float = declare(0.5, 'Share of the picture that is called a face.', limits=(0.1, 1))

    def __post_init__(self):
        check(self)


class Centre(OnetDetector):
    name = 'centre'

    def __init__(self, networks, settings):
        self.networks, self.settings = tuple(networks), settings
        super().__init__(OnetLandmarks(*networks))

    def _search(self, image, settings):
        size = np.array(image.shape[1::-1], np.float32)
        box = np.concatenate([size * (1 - settings.share) / 2, size * settings.share])
        landmarks, scores, squares = self._onet_landmarks.landmarks_in_boxes(image, box[None])
        return Detections(box[None], scores, landmarks, detector=self.name), squares


DETECTORS['centre'] = DetectorSpec(
    'centre', ('mtcnn_onet',), CentreSettings, 'centre:Centre', box_factor=1.0)
"""


@pytest.fixture
def run(run_with_module):
    """Return a function that runs code in a fresh process after this file's module."""
    return run_with_module('centre', DETECTOR)


def test_in_python(run):
    """By its name, with its own settings."""
    assert (
        run("""
import numpy as np
from face_affect_ros import load_model
from face_affect_ros.settings import ModelSettings
settings = ModelSettings(detector='centre', tasks=(),
                         other_detectors={'centre': centre.CentreSettings(share=0.25)})
face, = load_model(1, settings).detect(np.zeros((80, 120, 3), np.uint8))
print(face.box)
""")
        == 'Box(x=45.0, y=30.0, width=30.0, height=20.0)\n'
    )


def test_on_the_command_line(run):
    """As a choice, and its setting as an option."""
    shown = run("""
from face_affect_ros import cli
try:
    cli.main(['classify', '--help'])
except SystemExit:
    pass
""")
    assert 'centre' in shown and '--share' in shown
    assert 'Share of the picture' in shown


def test_as_parameters_and_in_the_documentation(run):
    """Of the nodes that have networks."""
    pytest.importorskip('face_affect_ros.msg')
    shown = run(f"""
import sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import parameters_page
print(parameters_page.page())
""")
    rows = [row for row in shown.splitlines() if row.startswith('| `share`')]
    assert len(rows) == 2 and '0.1 to 1' in rows[0]
    assert any('`centre`' in row for row in shown.splitlines() if row.startswith('| `detector`'))
