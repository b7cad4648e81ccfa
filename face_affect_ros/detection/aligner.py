# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""O-Net without the rest of MTCNN: landmarks in boxes that others found."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection.patches import Part
from face_affect_ros.detection.patches import to_pixels
from face_affect_ros.detection.pyramid import Workspace
from face_affect_ros.faces import Detections

MIN_ALIGN_SCORE = 0.7
"""Face probability from which O-Net's landmarks in a given box are believed."""

ALIGN_SIDES = np.array([0.35, 0.44, 0.55, 0.69, 0.86, 1.08, 1.35])[:, None]
"""Sides of the squares that are tried around a given box's centre, in its longer sides."""


class Aligner:
    """Finds landmarks in boxes.

    :param onet: engine of O-Net, ``run(picture, squares) -> outputs``.
    :param workspace: buffers to share.
    """

    def __init__(self, onet, workspace: Workspace | None = None):
        """Keep the network."""
        self._onet = onet
        self._workspace = workspace or Workspace()

    def align(self, image: np.ndarray, xywh: np.ndarray,
              sides: np.ndarray = ALIGN_SIDES) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Find landmarks in boxes by one pass through O-Net.

        How tight a box is nobody may know, and O-Net wants it as MTCNN cuts it: squares of
        several sizes around its centre are tried in one batch and the one counts in which O-Net
        is surest of a face. A tight and a loose box of one face so give the same landmarks.

        :param image: (H, W, 3) uint8 BGR.
        :param xywh: (N, 4) boxes in pixels; may reach beyond the image.
        :param sides: (K, 1) sides of the squares tried, in longer sides of the box.
        :returns: (N, 5, 2) float32 landmarks in pixels, (N,) float32 face probabilities, and the
            (N, 4) squares that counted.
        """
        tried = np.concatenate([boxes.squared(boxes.to_xyxy(box * np.ones((len(sides), 1))), sides)
                                for box in xywh] or [np.empty((0, 4))])
        landmarks, scores = self.look(image, tried)
        scores = scores.reshape(-1, len(sides))
        best = scores.argmax(axis=1) + np.arange(len(scores)) * len(sides)
        return landmarks[best], scores.max(axis=1, initial=0), tried[best]

    def look(self, image: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in squares.

        :param image: (H, W, 3) uint8 BGR.
        :param squares: (N, 4) left, top, right, bottom in pixels; may reach beyond the image.
        :returns: (N, 5, 2) float32 landmarks in pixels and (N,) float32 face probabilities.
        """
        part = Part.around(squares, image, self._workspace)
        scores, _, points = part.seen_by(self._onet, squares, (0, 4, 10))
        return to_pixels(points, squares), scores


class AligningDetector(ABC):
    """What detectors that see landmarks by O-Net have in common (``protocol.Detector``).

    :param aligner: O-Net.
    """

    def __init__(self, aligner: Aligner):
        """Keep O-Net."""
        self._aligner = aligner

    @abstractmethod
    def search(self, image: np.ndarray) -> tuple[Detections, np.ndarray]:
        """Return the faces of a picture, largest first, and where their landmarks were seen.

        :param image: (H, W, 3) uint8 BGR.
        :returns: N faces and the (N, 4) squares in which O-Net saw the landmarks.
        """

    def detect(self, image: np.ndarray) -> Detections:
        """Return the faces of a picture, largest first.

        :param image: (H, W, 3) uint8 BGR.
        """
        return self.search(image)[0]

    def look(self, image: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in squares where a face was seen before: ``Aligner.look``."""
        return self._aligner.look(image, squares)

    def align(self, image: np.ndarray, xywh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in boxes that came from elsewhere: ``Aligner.align``."""
        return self._aligner.align(image, xywh)[:2]
