# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces of pictures as points: the detector, the crop, the network."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from face_affect_ros import crops
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.given_boxes import align_boxes
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.faces import Box
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face
from face_affect_ros.identity.verification import Verification
from face_affect_ros.identity.verification import VerificationRule
from face_affect_ros.images import ImageLike
from face_affect_ros.images import load
from face_affect_ros.model import TOGETHER
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_at
from face_affect_ros.model import face_squares
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_engine
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

NETWORK = 'identity_embedding'
"""The network in the catalogue."""

COLUMNS = 128

BATCH = 8
"""Faces in one run of the network."""

Boxes = Sequence[Box] | Sequence[Face] | np.ndarray


class FaceCountError(ValueError):
    """A picture shows no face, or several, where one is needed.

    :param count: faces in it.
    """

    def __init__(self, message: str, count: int):
        """Keep both."""
        super().__init__(message)
        self.count = count


class Embedder:
    """Gives every face a point, near to those of the same person. Threads may share it.

    :param detector: finds faces where no boxes are given.
    :param engine: runs the network.
    :param entry: of the network in the catalogue.
    """

    def __init__(self, detector: Detector, engine: Engine, entry: catalogue.Network):
        """Keep them; no picture is seen before one is given."""
        if entry.crop is None:
            raise ValueError(f'network {entry.name} has no crop in the catalogue')
        self._detector, self._engine, self._crop = detector, engine, entry.crop
        self.network_sha256 = entry.sha256
        """Of the network's file: embeddings of different networks cannot be compared."""
        self.rule = VerificationRule(**entry.verification)
        """What distances mean."""

    def embed(self, image: ImageLike, boxes: Boxes | None = None) -> np.ndarray:
        """Return (N, 128) float32 embeddings of length 1, a row a face.

        :param image: (H, W, 3) uint8 BGR or (H, W) array, PIL picture, path, open file or encoded
            bytes.
        :param boxes: the faces, as of ``Model.analyze``, in whose order the rows come; None: those
            that the detector finds, largest first.
        :raises ImageError: the picture cannot be read.
        :raises ValueError: ``boxes`` are no boxes.
        """
        return _stacked([np.asarray(face.embedding) for face in self.faces(image, boxes)])

    def faces(self, image: ImageLike, boxes: Boxes | None = None) -> list[Face]:
        """Return faces with their embeddings, otherwise as ``embed``.

        ``Face``s that were given keep all that they say: ``faces(image, model.analyze(image))``.
        """
        frame = load(image)
        if self._detector is None:
            raise ValueError('the embedder is closed')
        if boxes is None:
            detections = self._detector.detect(frame)
            found = [face_at(detections, index) for index in range(len(detections))]
        else:
            found = self._aligned(frame, boxes)
        return [
            replace(face, embedding=point)
            for start in range(0, len(found), TOGETHER)
            for face, point in self._embedded(frame, found[start : start + TOGETHER])
        ]

    def only_face(self, image: ImageLike) -> Face:
        """Return the face of a picture of one person, with its embedding.

        :raises FaceCountError: it shows none, or several.
        """
        found = self.faces(image)
        if len(found) != 1:
            shown = 'no face was found' if not found else f'{len(found)} faces were found'
            raise FaceCountError(f'{shown} where one is needed: give a picture of one', len(found))
        return found[0]

    def verify(self, first: ImageLike, second: ImageLike) -> Verification:
        """Tell whether two pictures, or two (128,) embeddings, show one person.

        :raises FaceCountError: a picture does not show exactly one face.
        :raises ImageError: a picture cannot be read.
        """
        points = []
        for place, given in (('first', first), ('second', second)):
            if isinstance(given, np.ndarray) and given.shape == (COLUMNS,):
                points.append(given)
                continue
            try:
                points.append(np.asarray(self.only_face(given).embedding))
            except FaceCountError as error:
                raise FaceCountError(f'{place} picture: {error}', error.count) from error
        return self.rule.judge(points[0], points[1])

    def embed_crops(
        self, contexts: Sequence[crops.ContextCrop], squares: Sequence[crops.FaceSquare]
    ) -> np.ndarray:
        """Return (N, 128) float32 embeddings of faces that were cut already.

        :param contexts: the context crop of each face (``model.context_crops``).
        :param squares: the square of each face (``model.face_squares``).
        """
        if self._engine is None:
            raise ValueError('the embedder is closed')
        found = np.empty((len(squares), COLUMNS), np.float32)
        for start in range(0, len(squares), BATCH):
            rows = slice(start, start + BATCH)
            cut = [
                crops.cut(view, square, self._crop)
                for view, square in zip(contexts[rows], squares[rows])
            ]
            (found[rows],) = self._engine.run(np.stack(cut))
        return found

    def close(self) -> None:
        """Let go of the networks."""
        self._engine = self._detector = None  # type: ignore[assignment]

    def __enter__(self) -> Embedder:
        """Enter a context that closes the embedder at its end."""
        return self

    def __exit__(self, *_exception):
        self.close()

    def _aligned(self, frame: np.ndarray, boxes: Iterable[Any]) -> list[Face]:
        """Return given faces as they are where they have landmarks; others get theirs."""
        given = boxes if isinstance(boxes, (str, bytes, Box, Face)) else list(boxes)
        detections = align_boxes(self._detector, frame, given)
        return [
            each
            if isinstance(each, Face) and each.landmarks
            else replace(each, landmarks=face_at(detections, index).landmarks)
            if isinstance(each, Face)
            else face_at(detections, index)
            for index, each in enumerate(given)
        ]

    def _embedded(self, frame: np.ndarray, faces: list[Face]) -> Iterator[tuple[Face, np.ndarray]]:
        """Yield some faces with their embeddings."""
        nowhere = np.full((5, 2), np.nan, np.float32)
        detections = Detections(
            np.array([[*face.box] for face in faces], np.float32),
            np.array([face.confidence for face in faces], np.float32),
            np.array([face.landmarks or nowhere for face in faces], np.float32),
        )
        points = self.embed_crops(context_crops(frame, detections), face_squares(detections))
        return zip(faces, points)


def _stacked(points: list[np.ndarray]) -> np.ndarray:
    """Return (N, 128) float32, also of no face."""
    return np.array(points, np.float32).reshape(-1, COLUMNS)


def load_embedder(
    model: str | int = 1, settings: ModelSettings | None = None, network: str = NETWORK
) -> Embedder:
    """Load the embedding network and a model's detector.

    :param model: whose detector finds faces: 1, 2 or its name.
    :param settings: threads, of the detector, where weights are looked for.
    :param network: its name in the catalogue.
    :raises UnknownNameError: there is no such model or network.
    :raises WeightsError: a weight file is missing or altered.
    """
    settings = settings or ModelSettings()
    return Embedder(
        load_detector(model, settings),
        load_engine(network, settings),
        catalogue.network(network, settings.weights_dir),
    )
