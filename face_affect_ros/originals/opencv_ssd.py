# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""OpenCV's face detector: a single-shot detector at 300x300 (Liu and others 2016) on a ResNet-10.

It looks at the whole picture once, squeezed to a square, so small faces of large pictures are
lost. It gives no landmarks: O-Net does, where it sees a face in the box.
"""

from __future__ import annotations

import cv2
import numpy as np

from face_affect_ros import crops
from face_affect_ros.detection import boxes
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.detection.onet_landmarks import OnetDetector
from face_affect_ros.detection.onet_landmarks import OnetLandmarks
from face_affect_ros.detection.settings import SsdSettings
from face_affect_ros.faces import Detections
from face_affect_ros.originals.catalogue import original

THRESHOLD = 0.5
"""Least face probability."""

SCORE, EDGES = 2, slice(3, 7)
"""Columns of a row of the network's output; edges are fractions of the picture's sides."""


class OpencvSsd(OnetDetector):
    """The detector ``opencv_ssd``.

    :param networks: engines of the SSD, ``run(batch) -> outputs``, and of O-Net.
    :param settings: how to search.
    """

    name = 'opencv_ssd'

    def __init__(self, networks, settings: SsdSettings | None = None):
        self.networks = tuple(networks)
        self._ssd, onet = self.networks
        super().__init__(OnetLandmarks(onet))
        self._input = original(self.name).input
        self.settings = settings or SsdSettings()

    def _search(self, image: np.ndarray, settings: SsdSettings) -> tuple[Detections, np.ndarray]:
        """Return faces, with landmarks where O-Net is sure, and squares: see the base class."""
        xyxy, scores = self._found(image, settings)
        order = np.argsort(-boxes.area(xyxy), kind='stable')[: settings.max_faces or None]
        left_out = len(xyxy) - len(order)
        xywh, scores = boxes.to_xywh(xyxy[order]).astype(np.float32), scores[order]
        landmarks, certainty, squares = self._onet_landmarks.landmarks_in_boxes(image, xywh)
        landmarks = np.where((certainty >= MIN_ALIGN_SCORE)[:, None, None], landmarks, np.nan)
        faces = Detections(xywh, scores, landmarks, detector=self.name, left_out=left_out)
        kept = boxes.nms_by_landmarks(faces, settings.landmark_nms)
        return faces.take(kept), squares[kept]

    def _found(self, image: np.ndarray, settings: SsdSettings) -> tuple[np.ndarray, np.ndarray]:
        """Return (N, 4) boxes in pixels and (N,) scores of all faces that are large enough."""
        side = self._input.size
        squeezed = cv2.resize(
            crops.no_single_pixel(image), (side, side), interpolation=cv2.INTER_LINEAR
        )
        rows = self._ssd.run(self._input.batch(squeezed[None]))[0].reshape(-1, EDGES.stop)
        height, width = image.shape[:2]
        xyxy = rows[:, EDGES] * np.array([width, height, width, height])
        sides = xyxy[:, 2:] - xyxy[:, :2]
        found = (
            (rows[:, SCORE] > (settings.min_confidence or THRESHOLD))
            & (sides.min(axis=1) > 0)
            & (sides.max(axis=1) >= settings.min_face_size)
        )
        return xyxy[found], rows[found, SCORE]
