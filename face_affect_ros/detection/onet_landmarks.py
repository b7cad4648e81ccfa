# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""O-Net without the rest of MTCNN: landmarks in boxes that others found."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection import tiles
from face_affect_ros.detection.image_pyramid import BufferPool
from face_affect_ros.detection.image_regions import ImageRegion
from face_affect_ros.detection.image_regions import span
from face_affect_ros.detection.image_regions import to_pixels
from face_affect_ros.faces import Detections

MIN_ALIGN_SCORE = 0.7
"""Face probability from which O-Net's landmarks in a given box are believed."""

ALIGN_SIDES = np.array([0.35, 0.44, 0.55, 0.69, 0.86, 1.08, 1.35])[:, None]
"""Sides of the squares that are tried around a given box's centre, in its longer sides."""


MOST_SEEN = 384
"""Side in pixels of a square of a large picture from which it is shrunk: O-Net takes 48."""


class OnetLandmarks:
    """Finds landmarks in boxes.

    :param onet: engine of O-Net, ``run(picture, squares) -> outputs``.
    :param buffers: buffers to share.
    """

    def __init__(self, onet, buffers: BufferPool | None = None):
        self._onet = onet
        self._buffers = buffers or BufferPool()

    def landmarks_in_boxes(
        self, image: np.ndarray, xywh: np.ndarray, sides: np.ndarray = ALIGN_SIDES
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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
        tried = np.concatenate(
            [boxes.squared(boxes.to_xyxy(box * np.ones((len(sides), 1))), sides) for box in xywh]
            or [np.empty((0, 4))]
        )
        landmarks, scores = self.refine_landmarks(image, tried)
        scores = scores.reshape(-1, len(sides))
        best = scores.argmax(axis=1) + np.arange(len(scores)) * len(sides)
        return landmarks[best], scores.max(axis=1, initial=0), tried[best]

    def refine_landmarks(
        self, image: np.ndarray, squares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in squares.

        :param image: (H, W, 3) uint8 BGR.
        :param squares: (N, 4) left, top, right, bottom in pixels; may reach beyond the image.
        :returns: (N, 5, 2) float32 landmarks in pixels and (N,) float32 face probabilities.
        """
        if image.shape[0] * image.shape[1] <= tiles.WHOLE_PIXELS or not len(squares):
            return self._look(image, squares)
        seen = [self._look_closely(image, square) for square in squares]
        return (
            np.concatenate([landmarks for landmarks, _ in seen]),
            np.concatenate([scores for _, scores in seen]),
        )

    def _look(self, image: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        part = ImageRegion.around(squares, image, self._buffers)
        scores, _, points = part.run_on(self._onet, squares, (0, 4, 10))
        return to_pixels(points, squares), scores

    def _look_closely(
        self, image: np.ndarray, square: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in one (4,) square of a large picture: no more of it is looked at."""
        (left, top), (right, bottom) = square[:2], square[2:]
        shrink = int(max(1, (right - left) // MOST_SEEN))
        x0, x1 = span(left - shrink, right + shrink, image.shape[1])
        y0, y1 = span(top - shrink, bottom + shrink, image.shape[0])
        part = image[y0:y1, x0:x1]
        if shrink > 1:
            part = cv2.resize(
                part,
                (-(-(x1 - x0) // shrink), -(-(y1 - y0) // shrink)),
                interpolation=cv2.INTER_AREA,
            )
        place = np.array([x0, y0])
        factor = np.array([(x1 - x0) / part.shape[1], (y1 - y0) / part.shape[0]])
        landmarks, scores = self._look(
            part, ((square - np.tile(place, 2)) / np.tile(factor, 2))[None]
        )
        return (landmarks * factor + place).astype(np.float32), scores


class OnetDetector(ABC):
    """What detectors that see landmarks by O-Net have in common (``detector.Detector``).

    :param onet_landmarks: O-Net.
    """

    def __init__(self, onet_landmarks: OnetLandmarks):
        self._onet_landmarks = onet_landmarks

    settings: Any
    networks: tuple[Any, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make it again: its engines load their files anew."""
        return type(self), (self.networks, self.settings)

    @abstractmethod
    def _search(self, image: np.ndarray, settings: Any) -> tuple[Detections, np.ndarray]:
        """Search by one set of settings: see ``detect_with_regions``."""

    def detect_with_regions(self, image: np.ndarray) -> tuple[Detections, np.ndarray]:
        """Return the faces of a picture, largest first, and where their landmarks were seen.

        :param image: (H, W, 3) uint8 BGR.
        :returns: N faces and the (N, 4) squares in which O-Net saw the landmarks.
        """
        settings = self.settings  # another thread may replace them meanwhile
        return self._search(image, settings)

    def detect(self, image: np.ndarray, reduction: int = 1) -> Detections:
        """Return the faces of a picture, largest first.

        :param image: (H, W, 3) uint8 BGR.
        :param reduction: by what its sides were divided: the smallest face is as much smaller.
        """
        settings = self.settings
        if reduction > 1:
            settings = replace(settings, min_face_size=settings.min_face_size / reduction)
        return self._search(image, settings)[0]

    def refine_landmarks(
        self, image: np.ndarray, squares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in squares where a face was seen before, as ``OnetLandmarks`` does."""
        return self._onet_landmarks.refine_landmarks(image, squares)

    def landmarks_in_boxes(
        self, image: np.ndarray, xywh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in boxes that came from elsewhere, as ``OnetLandmarks`` does."""
        return self._onet_landmarks.landmarks_in_boxes(image, xywh)[:2]
