# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What several tests of the core look at: one real picture, the faces in it, the loaded models."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import skimage.data

from face_affect_ros.detection.mtcnn import Mtcnn
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.model import Model
from face_affect_ros.pipeline import EngineLoader
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_engine
from face_affect_ros.pipeline import load_model
from face_affect_ros.settings import ModelSettings

ASTRONAUT_BOX = (180.0, 62.0, 88.0, 112.0)
"""Where her face is, by eye: x, y, width, height in pixels of the 512x512 picture."""

ASTRONAUT_LANDMARKS = np.array([(205, 101), (247, 103), (225, 128), (203, 139), (246, 141)], float)
"""Her right eye (left in the picture), left eye, nose, mouth corners, by eye, in pixels."""


@cache
def astronaut() -> np.ndarray:
    """Return scikit-image's astronaut, 512x512 BGR, read-only: one face."""
    picture = np.ascontiguousarray(skimage.data.astronaut()[..., ::-1])
    picture.setflags(write=False)
    return picture


def lively(picture: np.ndarray, number: int) -> np.ndarray:
    """Return a picture in which a corner is lighter or darker, frame by frame."""
    changed = picture.copy()
    changed[-32:, -32:] = 60 * (number % 4)
    return changed


@cache
def small_astronaut() -> np.ndarray:
    """Return her head and shoulders, 128x128 BGR: one face of 33x42 pixels."""
    part = astronaut()[20:361, 60:401]
    return cv2.resize(part, (128, 128), interpolation=cv2.INTER_AREA)


@cache
def detector(**settings) -> Mtcnn:
    """Return the detector of Model 1 with these ``MtcnnSettings``."""
    return load_detector(1, ModelSettings(mtcnn=MtcnnSettings(**settings)))


@cache
def model() -> Model:
    """Return Model 1, shared by the tests: they must not close it."""
    return load_model(1)


def noting(loaded: list[str]) -> EngineLoader:
    """Return what loads networks as ever, and notes their names in a list."""

    def engine(name, settings):
        loaded.append(name)
        return load_engine(name, settings)

    return engine
