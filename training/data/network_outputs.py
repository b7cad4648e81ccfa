# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a model's networks say of every picture of a set, by the way that users run them."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from tqdm import tqdm

from face_affect_ros.faces import Box
from face_affect_ros.model import Model
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares

from .sets import PictureSet

Outputs = dict[str, dict[str, np.ndarray]]
"""(N, K) float32 probabilities by part and output."""


def outputs_of(
    model: Model, pictures: PictureSet, parts: tuple[str, ...], framing: float = 1.0
) -> Outputs:
    """Return the probabilities of all pictures; each picture's frame is the given box.

    :param framing: factor of the side of each aligned square: wider above 1, tighter below.
    """
    found = [
        _outputs(model, as_bgr(picture), parts, framing)
        for picture in tqdm(pictures.pictures, desc=f'{pictures.name} x{framing}', leave=False)
    ]
    return {
        part: {
            name: np.concatenate([scores[part][name] for scores in found])
            for name in found[0][part]
        }
        for part in parts
    }


def _outputs(model: Model, picture: np.ndarray, parts: tuple[str, ...], framing: float):
    """Return the probabilities of one picture."""
    height, width = picture.shape[:2]
    detections = model.align(picture, [Box(0, 0, width, height)])
    frames = [replace(frame, side=frame.side * framing) for frame in face_squares(detections)]
    return model.scores(context_crops(picture, detections), frames, parts)


def as_bgr(picture: np.ndarray) -> np.ndarray:
    """Return a picture in three colours."""
    return picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
