# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's face detector finds the faces that people marked, with landmarks of O-Net's."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from originals import FOLDER
from originals import needs_originals
from samples import ASTRONAUT_BOX
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut
from test_mtcnn_reference import MARKED_FACE
from test_mtcnn_reference import MEDIA
from test_mtcnn_reference import PICTURES
from test_mtcnn_reference import marked_faces
from test_mtcnn_reference import matched

from face_affect_ros import crops
from face_affect_ros import images
from face_affect_ros.detection import boxes
from face_affect_ros.detection.settings import SsdSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.originals.opencv_ssd import OpencvSsd
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

pytestmark = [pytest.mark.shared, needs_originals]


@cache
def detector(**settings) -> OpencvSsd:
    """Return the detector with these ``SsdSettings``."""
    return load_detector(
        1,
        ModelSettings(
            engine='native',
            weights='original',
            weights_dir=str(FOLDER),
            other_detectors={'opencv_ssd': SsdSettings(**settings)},
        ),
    )


@pytest.mark.skipif(not PICTURES, reason=f'no pictures in {MEDIA}')
def test_the_marked_faces_are_found():
    """All 43 of dlib's pictures, with one face more, which nobody marked."""
    marked = marked_faces()
    found = {
        name: boxes.to_xyxy(
            detector(min_face_size=12)
            .detect(images.load(MEDIA / 'dlib_faces' / name))
            .boxes.astype(float)
        )
        for name in marked
    }
    hits = [
        int((matched(found[name], faces) > MARKED_FACE).sum()) for name, faces in marked.items()
    ]
    assert sum(hits) == sum(map(len, marked.values())) == 43
    assert sum(map(len, found.values())) == 44


def test_a_face_and_its_landmarks():
    """The astronaut, where she is."""
    detections = detector().detect(astronaut())
    assert detections.detector == 'opencv_ssd'
    assert len(detections) == 1
    assert detections.boxes[0] == pytest.approx(ASTRONAUT_BOX, abs=16)
    assert detections.scores[0] > 0.9
    assert np.abs(detections.landmarks[0] - ASTRONAUT_LANDMARKS).max() < 5


def test_no_face():
    """Black, and a picture of one pixel."""
    for picture in (np.zeros((200, 300, 3), np.uint8), np.full((1, 1, 3), 200, np.uint8)):
        detections = detector().detect(picture)
        assert len(detections) == 0
        assert detections.landmarks.shape == (0, 5, 2)


def test_settings():
    """The smallest side and the number of faces count, the largest come first."""
    height, width = astronaut().shape[:2]
    group = np.zeros((height, width * 3 // 2, 3), np.uint8)
    group[:, :width] = astronaut()
    group[: height // 2, width:] = astronaut()[::2, ::2]
    everyone = detector(min_face_size=12).detect(group)
    assert len(everyone) == 2
    assert everyone.boxes[0, 3] > everyone.boxes[1, 3]
    for settings in ({'max_faces': 1}, {'min_face_size': 100}):
        alone = detector(**{'min_face_size': 12, **settings}).detect(group)
        np.testing.assert_array_equal(alone.boxes, everyone.boxes[:1])


def test_a_box_without_landmarks_is_cut_as_large_as_with_them():
    """By the detector's own factor, within a fifth."""
    detections = detector().detect(astronaut())
    by_landmarks = crops.square_of_landmarks(detections.landmarks[0])
    by_box = crops.square_of_box(detections.boxes[0], DETECTORS['opencv_ssd'].box_factor)
    assert by_box.side == pytest.approx(by_landmarks.side, rel=0.2)
