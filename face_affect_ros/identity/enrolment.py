# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a face shows enough to be enrolled or verified: one of its kind, large and sharp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from face_affect_ros import crops
from face_affect_ros.decision import quality
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face
from face_affect_ros.identity.embedder import Embedder
from face_affect_ros.identity.embedder import FaceCountError
from face_affect_ros.identity.errors import UnusableFaceError
from face_affect_ros.images import ImageLike
from face_affect_ros.images import load
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares

LEAST_SIDE = 32.0
"""Pixels of a face's square from which a face is told from others: of a few pictures the distance
to the same face in full size is 0.2 to 0.5 at 32 pixels and 0.5 to 0.8 at 16."""

LEAST_SHARPNESS = 0.05
"""``quality.sharpness_factor`` below which a face is too blurred: of the same pictures, blurred by
4 % of the square's side it is 0 and the distance to the sharp face 0.5 to 0.9."""


@dataclass(frozen=True)
class Usability:
    """What a face shows.

    :param side: of its square, pixels.
    :param sharpness: 0 (blurred) to 1.
    """

    side: float
    sharpness: float

    @property
    def problem(self) -> str:
        """Why the face is unusable; empty: it is usable."""
        if self.side < LEAST_SIDE:
            return f'too small: {self.side:.0f} pixels, {LEAST_SIDE:.0f} are the least'
        if self.sharpness < LEAST_SHARPNESS:
            return 'too blurred'
        return ''


def usability(image: np.ndarray, face: Face) -> Usability:
    """Return what a face of a picture shows.

    :param image: (H, W, 3) uint8 BGR.
    """
    nowhere = np.full((5, 2), np.nan, np.float32)
    one = Detections(
        np.array([[*face.box]]),
        np.array([face.confidence]),
        np.array([face.landmarks or nowhere]),
    )
    (square,), (context,) = face_squares(one), context_crops(image, one)
    cut = crops.cut_face(context.grey, square, quality.LOOK_SIZE)
    return Usability(square.side, quality.sharpness_factor(cut))


def face_to_enrol(embedder: Embedder, image: ImageLike, largest: bool = False) -> Face:
    """Return the face of a picture of one person, with its embedding.

    :param largest: of several faces take the largest.
    :raises FaceCountError: there is no face, or there are several and ``largest`` is not set.
    :raises UnusableFaceError: the face is too small or too blurred.
    :raises ImageError: the picture cannot be read.
    """
    frame = load(image)
    found = embedder.faces(frame)
    if not found or (len(found) > 1 and not largest):
        shown = f'{len(found)} faces were found' if found else 'no face was found'
        raise FaceCountError(f'{shown} where one is needed: give a picture of one', len(found))
    problem = usability(frame, found[0]).problem
    if problem:
        raise UnusableFaceError(f'the face is {problem}: give a sharper, larger picture')
    return found[0]
