# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network that looks at crops of faces and tells one thing or several.

All that are trained here are of this kind, whatever their layers: they take uint8 crops as
``crops.py`` cuts them and give probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from face_affect_ros import crops
from face_affect_ros.registry.catalogue import CropSpec


class Describer(Protocol):
    """What describes faces, be it one network or several."""

    def scores(self, views: Sequence[crops.View],
               frames: Sequence[crops.FaceFrame]) -> Mapping[str, np.ndarray]:
        """Return (N, K) float32 probabilities of N faces by what they are of."""


class FaceNetwork:
    """A network that takes uint8 crops and gives probabilities.

    :param engine: ``run(batch) -> outputs``.
    :param crop: the crop that it was trained on.
    :param outputs: names of its outputs, in its order.
    """

    def __init__(self, engine, crop: CropSpec, outputs: Sequence[str]):
        """Keep the network, its crop and its outputs' names."""
        self._engine, self._crop, self._outputs = engine, crop, tuple(outputs)

    def scores(self, views: Sequence[crops.View],
               frames: Sequence[crops.FaceFrame]) -> Mapping[str, np.ndarray]:
        """Return (N, K) float32 probabilities of N faces by output, run as one batch.

        :raises ValueError: the network has not the outputs that the registry names.
        """
        batch = np.stack([
            crops.cut(view, frame, self._crop) for view, frame in zip(views, frames)])
        found = self._engine.run(batch)
        if len(found) != len(self._outputs):
            raise ValueError(f'a network gives {len(found)} outputs where the registry names '
                             f'{", ".join(self._outputs)}')
        return dict(zip(self._outputs, found))
