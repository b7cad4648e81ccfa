# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib's frontal face detector: gradient histograms under five linear filters (King 2015).

It sees faces from about 80 pixels a side. Where P-Net and R-Net of MTCNN propose a face, that part
of the picture is enlarged, or reduced, to what it sees; it decides. Or it looks at the whole
picture: doubling that lets it see faces of 40 pixels, at four times the cost; reducing it costs
the small faces and saves as much. So a whole picture is reduced as far as the smallest face that
is wanted allows, and never doubled for faces that are not. Boxes come without landmarks: O-Net
gives them, where it sees a face in the box.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np

from face_affect_ros import crops
from face_affect_ros.detection import boxes
from face_affect_ros.detection import proposed_parts
from face_affect_ros.detection import tiles
from face_affect_ros.detection.mtcnn import SEEN_FROM
from face_affect_ros.detection.mtcnn import Mtcnn
from face_affect_ros.detection.onet_landmarks import ALIGN_SIDES
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.detection.onet_landmarks import OnetDetector
from face_affect_ros.detection.onet_landmarks import OnetLandmarks
from face_affect_ros.detection.settings import PROPOSED
from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.engines.protocol import first_line
from face_affect_ros.faces import Detections

REMEDY = 'pip install dlib-bin'

MAX_UPSAMPLE = 3
"""Doublings from which a face would be smaller than any other detector looks for."""

CERTAINTY = 4.9, 1.5
"""Slope and offset of the logistic curve from dlib's score to the share of boxes that are faces:
fitted to 316 boxes with scores from -1 on, in 45 pictures, faces where MTCNN sees one."""

SCORES = -1.0, 5.0
"""Least and greatest score asked of dlib: below the first almost everything is a face, no face of
our pictures has more than 3.2."""

LEAST_PROPOSED = 0.3
"""O-Net's probability from which dlib looks at what P-Net and R-Net propose: without it no more of
the same 106 faces is found, and one more that is none."""

LEAST_CONFIDENCE = 0.82
"""What is a face where no other confidence is asked for: dlib's at its own threshold.
Where the networks have proposed it O-Net's counts as well: so 100 of the 106 faces from 45 pixels
that MTCNN finds on 34 pictures are found, by dlib's alone 89."""

SMALLER = 0.6
"""Side of a proposed face that is told, in smallest faces: P-Net also sees smaller ones."""

SIDES = ALIGN_SIDES[-3:]
"""Squares that O-Net is shown of a box: of 98 faces it is surest of one of these in 93, and the
landmarks of all seven give the same crops (standard deviation of their sides 0.6 %)."""


class DlibHog(OnetDetector):
    """The detector ``dlib``.

    :param networks: engines of P-, R- and O-Net.
    :param settings: how to search.
    :raises FrameworkError: dlib is missing.
    """

    name = 'dlib'

    def __init__(self, networks, settings: DlibSettings | None = None):
        self.networks = tuple(networks)
        self._mtcnn = Mtcnn(networks)
        super().__init__(OnetLandmarks(self.networks[-1]))
        self._idle = [_frontal_detector()]
        self.settings = settings or DlibSettings()

    def _search(self, image: np.ndarray, settings: DlibSettings) -> tuple[Detections, np.ndarray]:
        if settings.upsample == PROPOSED:
            smallest = settings.min_face_size
            return tiles.search(image, settings, smallest, SEEN_FROM, self._search_proposed)
        smallest = max(settings.min_face_size, settings.seen_from)
        return tiles.search(image, settings, smallest, settings.seen_from, self._search_whole)

    def _search_proposed(
        self, image: np.ndarray, settings: DlibSettings
    ) -> tuple[Detections, np.ndarray]:
        search = MtcnnSettings(min_face_size=settings.min_face_size, max_faces=settings.max_faces)
        proposals = self._mtcnn.proposals(image, search)
        _, certainty = self.refine_landmarks(image, proposals)
        proposals = proposals[certainty >= LEAST_PROPOSED]
        xyxy, scores = proposed_parts.search(
            image, proposals, lambda part: self._run(part, 0, SCORES[0])
        )
        found, certainty, squares = self._with_landmarks(image, xyxy, scores)
        faces = replace(found, scores=np.maximum(found.scores, certainty))
        is_told = faces.scores >= (settings.min_confidence or LEAST_CONFIDENCE)
        is_told &= faces.boxes[:, 2:].max(axis=1, initial=0) > SMALLER * settings.min_face_size
        told = np.flatnonzero(is_told)
        faces, squares = self._distinct(faces.take(told), squares[told], settings)
        most = settings.max_faces or len(faces)
        left_out = max(0, len(faces) - most)
        return replace(faces.take(np.arange(len(faces))[:most]), left_out=left_out), squares[:most]

    def _search_whole(
        self, image: np.ndarray, settings: DlibSettings
    ) -> tuple[Detections, np.ndarray]:
        xyxy, scores = self._found(image, settings)
        largest = np.argsort(-boxes.area(xyxy), kind='stable')[: settings.max_faces or None]
        faces, _, squares = self._with_landmarks(image, xyxy[largest], scores[largest])
        faces = replace(faces, left_out=len(xyxy) - len(largest))
        return self._distinct(faces, squares, settings)

    def _with_landmarks(
        self, image: np.ndarray, xyxy: np.ndarray, scores: np.ndarray
    ) -> tuple[Detections, np.ndarray, np.ndarray]:
        """Return the faces in boxes with dlib's scores, largest first, as O-Net sees them.

        :returns: the faces, O-Net's (N,) face probabilities and the (N, 4) squares that it saw.
        """
        order = np.argsort(-boxes.area(xyxy), kind='stable')
        xywh = boxes.to_xywh(xyxy[order]).astype(np.float32)
        landmarks, certainty, squares = self._onet_landmarks.landmarks_in_boxes(image, xywh, SIDES)
        landmarks = np.where((certainty >= MIN_ALIGN_SCORE)[:, None, None], landmarks, np.nan)
        faces = Detections(xywh, _confidences(scores[order]), landmarks, detector=self.name)
        return faces, certainty, squares

    @staticmethod
    def _distinct(
        faces: Detections, squares: np.ndarray, settings: DlibSettings
    ) -> tuple[Detections, np.ndarray]:
        """Return the faces whose landmarks are no other's, and their squares."""
        kept = boxes.nms_by_landmarks(faces, settings.landmark_nms)
        return faces.take(kept), squares[kept]

    def _found(self, image: np.ndarray, settings: DlibSettings) -> tuple[np.ndarray, np.ndarray]:
        """Return (N, 4) boxes in pixels of the picture and dlib's (N,) scores."""
        image = crops.no_single_pixel(image)
        height, width = image.shape[:2]
        doublings, scale = _doublings(settings.scale(height, width))
        seen = _resized(image, scale)
        least = score_of(settings.min_confidence) if settings.min_confidence else 0.0
        xyxy, scores = self._run(seen, doublings, least)
        return xyxy * np.array([width / seen.shape[1], height / seen.shape[0]] * 2), scores

    def _run(
        self, image: np.ndarray, doublings: int, least: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (N, 4) boxes and dlib's (N,) scores, of at least so much."""
        rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        with self._detector() as detector:
            rectangles, scores, _ = detector.run(rgb, doublings, least)
        edges = [
            (each.left(), each.top(), each.right() + 1, each.bottom() + 1) for each in rectangles
        ]
        return np.array(edges, float).reshape(-1, 4), np.array(scores, float)

    @contextmanager
    def _detector(self) -> Iterator[Any]:
        """Lend one of dlib's objects, which hold the picture that they look at, to one thread."""
        try:
            detector = self._idle.pop()
        except IndexError:
            detector = _frontal_detector()
        try:
            yield detector
        finally:
            self._idle.append(detector)


def _doublings(scale: float) -> tuple[int, float]:
    """Return how often dlib itself is to double a picture, and by what it is scaled before."""
    doublings = math.log2(scale)
    return (int(doublings), 1.0) if doublings in range(MAX_UPSAMPLE + 1) else (0, scale)


def _resized(image: np.ndarray, scale: float) -> np.ndarray:
    """Return a picture with its sides times a factor, to whole pixels and at least one."""
    if scale == 1:
        return image
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(
        image, size, interpolation=cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    )


def _confidences(scores: np.ndarray) -> np.ndarray:
    """Return how likely boxes are faces, 0..1, by dlib's scores."""
    slope, offset = CERTAINTY
    return 1 / (1 + np.exp(-(slope * scores + offset)))


def score_of(confidence: float) -> float:
    """Return dlib's score of a confidence in 0..1, within ``SCORES``."""
    slope, offset = CERTAINTY
    if confidence in (0, 1):
        return SCORES[int(confidence)]
    score = (math.log(confidence / (1 - confidence)) - offset) / slope
    return min(max(score, SCORES[0]), SCORES[1])


def _frontal_detector() -> Any:
    """Return an object of dlib's that no other thread has.

    :raises FrameworkError: dlib is missing.
    """
    try:
        return pickle.loads(_pickled_detector())
    except ImportError as error:
        raise FrameworkError(
            f'the detector dlib needs dlib ({first_line(error)}): {REMEDY}'
        ) from error


@cache
def _pickled_detector() -> bytes:
    """Return the detector as bytes, of which dlib makes another in a thousandth of the time."""
    import dlib

    return pickle.dumps(dlib.get_frontal_face_detector())
