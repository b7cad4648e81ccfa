# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What all detectors have in common."""

from __future__ import annotations

from typing import Any
from typing import Protocol

import numpy as np

from face_affect_ros.faces import Detections


class Detector(Protocol):
    """Finds faces. Threads may share it."""

    name: str
    """As in the registry."""

    settings: Any
    """How it searches; may be replaced at any time and counts from the next picture on."""

    def detect(self, image: np.ndarray, reduction: int = 1) -> Detections:
        """Return the faces of a (H, W, 3) uint8 BGR picture, largest first.

        :param reduction: by what its sides were divided: the smallest face is as much smaller.
        """

    def detect_with_regions(self, image: np.ndarray) -> tuple[Detections, np.ndarray]:
        """Return the same, and the (N, 4) squares in which the landmarks were seen."""

    def refine_landmarks(
        self, image: np.ndarray, squares: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (N, 5, 2) landmarks in pixels and (N,) face probabilities of squares.

        :param squares: (N, 4) left, top, right, bottom in pixels, as ``detect_with_regions``
            gives them.
        """

    def landmarks_in_boxes(
        self, image: np.ndarray, xywh: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the same of boxes from elsewhere, however tight they are."""
