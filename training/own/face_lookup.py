# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Look at a user's picture: is it one, and where is the face that its label is about?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np

from face_affect_ros import crops
from face_affect_ros import images
from face_affect_ros.detection.mtcnn import MtcnnSettings
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.pipeline import load_detector
from face_affect_ros.settings import ModelSettings

from .rows import Sample

LONGEST = 640
"""Longer side in pixels to which a picture is shrunk before faces are looked for."""

SMALLEST = 20.0
"""Side in pixels, then, of the smallest face that is looked for."""


@dataclass(frozen=True)
class Face:
    """The face that a picture shows.

    :param view: the context crop that networks get their crops from.
    :param frame: (5,) the face's square in it, as ``PictureSet.frames`` has it.
    :param score: face probability, 0..1.
    """

    view: crops.ContextCrop
    frame: np.ndarray
    score: float


@dataclass(frozen=True)
class FaceLookup:
    """What was seen in a picture.

    :param digest: of the file.
    :param faces: how many faces it shows.
    :param face: the largest; None: there is none.
    """

    digest: str
    faces: int
    face: Face | None


class FaceLocator:
    """Finds the face of each picture.

    :param is_cut: pictures are cut faces: each is one face whose box is the picture.
    """

    def __init__(self, is_cut: bool = False):
        self._is_cut = is_cut
        self._detector = load_detector(
            1, ModelSettings(mtcnn=MtcnnSettings(min_face_size=SMALLEST))
        )

    def locate(self, row: Sample) -> FaceLookup:
        """Return what a picture shows.

        :raises ImageError: it is no picture that can be read.
        """
        try:
            data = row.read()
        except OSError as error:
            raise images.ImageError(
                images.NO_IMAGE, f'cannot be read: {error.strerror or error}'
            ) from error
        picture = images.decode(data, 'the file')
        digest = hashlib.sha256(data).hexdigest()
        if self._is_cut:
            return FaceLookup(digest, 1, self._cut_face(picture))
        return self._found(picture, digest)

    def _found(self, picture: np.ndarray, digest: str) -> FaceLookup:
        """Return the faces that the detector finds, or the one that fills the picture."""
        scale = min(1.0, LONGEST / max(picture.shape[:2]))
        small = (
            picture
            if scale == 1.0
            else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        )
        found = self._detector.detect(small)
        if len(found):
            return FaceLookup(
                digest,
                len(found),
                _face(
                    picture, found.boxes[0] / scale, found.landmarks[0] / scale, found.scores[0]
                ),
            )
        face = self._cut_face(picture)
        seen = face.score >= MIN_ALIGN_SCORE
        return FaceLookup(digest, int(seen), face if seen else None)

    def _cut_face(self, picture: np.ndarray) -> Face:
        """Return the face whose box is the picture, as ``boxes=`` describes it."""
        box = np.array([0, 0, picture.shape[1], picture.shape[0]], np.float32)
        (landmarks,), (score,) = self._detector.landmarks_in_boxes(picture, box[None])
        believed = landmarks if score >= MIN_ALIGN_SCORE else np.full_like(landmarks, np.nan)
        return _face(picture, box, believed, score, crops.BOX_FACTOR)


def _face(
    picture: np.ndarray,
    box: np.ndarray,
    landmarks: np.ndarray,
    score: float,
    box_factor: float = DETECTORS['mtcnn'].box_factor,
) -> Face:
    """Cut a face's view as the pipeline does, and say where its square lies in it."""
    view = crops.cut_context(picture, box)
    frame = crops.square_of_face(box, landmarks, box_factor)
    return Face(
        view,
        np.array(
            [
                (frame.x - view.x) * view.scale,
                (frame.y - view.y) * view.scale,
                frame.side * view.scale,
                *frame.right,
            ]
        ),
        float(score),
    )
