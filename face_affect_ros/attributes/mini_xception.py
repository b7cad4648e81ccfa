# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""mini-XCEPTION (Arriaga, Valdenegro-Toro, Ploeger 2017): one label of a grey face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from face_affect_ros import crops
from face_affect_ros.registry.catalogue import CropSpec


class MiniXception:
    """A mini-XCEPTION that takes uint8 crops and gives probabilities.

    :param engine: ``run(batch) -> outputs``.
    :param crop: the crop that it was trained on.
    """

    def __init__(self, engine, crop: CropSpec):
        """Keep the network and its crop."""
        self._engine, self._crop = engine, crop

    def scores(self, views: Sequence[crops.View], frames: Sequence[crops.FaceFrame]) -> np.ndarray:
        """Return the (N, K) float32 probabilities of N faces, run as one batch."""
        return self._engine.run(np.stack([
            crops.cut_face(view.grey, frame, self._crop.size, self._crop.factor)
            for view, frame in zip(views, frames)]))[0]
