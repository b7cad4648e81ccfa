# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MTCNN: three networks in a cascade (Zhang, Zhang, Li, Qiao 2016).

P-Net looks at an image pyramid and proposes boxes, R-Net sorts out and corrects them, O-Net does
so again and adds five landmarks. Each stage runs its candidates as one batch. O-Net alone also
gives landmarks to boxes that came from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection import tiles
from face_affect_ros.detection.image_pyramid import BufferPool
from face_affect_ros.detection.image_regions import BATCH
from face_affect_ros.detection.image_regions import ImageRegion
from face_affect_ros.detection.image_regions import to_pixels
from face_affect_ros.detection.onet_landmarks import OnetDetector
from face_affect_ros.detection.onet_landmarks import OnetLandmarks
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.faces import Detections

CELL = 12
"""Side in pixels of the square that one output of P-Net looks at."""

STRIDE = 2
"""Pixels between neighbouring outputs of P-Net."""

SEEN_FROM = 40.0
"""Pixels of a face from which O-Net sees about as much as it takes."""

FACES = 32
MOST_CELLS, MOST_PROPOSED, MOST_REFINED = 3200, 960, 256
"""Candidates that P-Net's cells, R-Net and O-Net are left with at most where no more than 32 faces
are wanted: whatever is in the picture, a search then takes a bounded time."""

FIRST = 1
"""The originals count pixels from 1 and include the last: output i spans 2 i + 1 .. 2 i + 12, and
what they learned to correct is counted the same way, here and in R- and O-Net."""


class Mtcnn(OnetDetector):
    """The detector of Model 1.

    :param networks: engines of P-, R- and O-Net, each ``run(batch) -> outputs``.
    :param settings: how to search.
    """

    name = 'mtcnn'

    def __init__(self, networks, settings: MtcnnSettings | None = None):
        """Keep the networks."""
        self.networks = tuple(networks)
        self._pnet, self._rnet, self._onet = self.networks
        self._buffers = BufferPool()
        super().__init__(OnetLandmarks(self._onet, self._buffers))
        self.settings = settings or MtcnnSettings()

    def _search(self, image: np.ndarray, settings: MtcnnSettings) -> tuple[Detections, np.ndarray]:
        return tiles.search(image, settings, settings.min_face_size, SEEN_FROM, self._search_whole)

    def _search_whole(
        self, image: np.ndarray, settings: MtcnnSettings
    ) -> tuple[Detections, np.ndarray]:
        part = ImageRegion.whole(image, self._buffers)
        return self._output(part, self._proposed_in(part, settings), settings)

    def proposals(self, image: np.ndarray, settings: MtcnnSettings) -> np.ndarray:
        """Return (N, 4) squares that P-Net proposes and R-Net keeps: left, top, right, bottom.

        :param image: (H, W, 3) uint8 BGR, searched whole.
        :param settings: how to search.
        """
        return self._proposed_in(ImageRegion.whole(image, self._buffers), settings)

    def _proposed_in(self, part: ImageRegion, settings: MtcnnSettings) -> np.ndarray:
        return self._refine(part, self._propose(part.planes, settings), settings)

    def _propose(self, picture: np.ndarray, settings: MtcnnSettings) -> np.ndarray:
        """Return (N, 4) squares that P-Net proposes in a (1, 3, H, W) picture."""
        height, width = picture.shape[2:]
        scales = _scales(height, width, settings)
        if not scales:
            return np.empty((0, 4))
        sizes = [(int(width * scale), int(height * scale)) for scale in scales]
        # One kind of work after the other, so that each finds its code and data in the caches.
        levels = list(self._buffers.levels(picture, sizes))
        seen = [self._pnet.run(level) for level in levels]
        level, corners, offsets, scores = _cells(seen, settings.thresholds[0])
        edges = np.concatenate([corners + FIRST, corners + CELL])
        edges += offsets * np.float32(CELL - FIRST)
        edges /= np.array(scales)[level]
        best = _best(scores, settings, MOST_CELLS)
        edges, scores, level = edges[:, best], scores[best], level[best]
        kept = boxes.nms(edges.T, scores, settings.nms[0], groups=level)
        xyxy, scores = edges.take(kept, axis=1).T, scores[kept]
        kept = boxes.nms(xyxy, scores, settings.nms[1])
        return boxes.squared(xyxy[kept[_best(scores[kept], settings, MOST_PROPOSED)]])

    def _refine(self, part: ImageRegion, xyxy: np.ndarray, settings: MtcnnSettings) -> np.ndarray:
        """Return the squares that R-Net keeps, corrected."""
        scores, offsets = part.run_on(self._rnet, part.sampled(xyxy, 24), (0, 4))
        sure = scores > settings.thresholds[1]
        xyxy, scores = _corrected(xyxy[sure], offsets[sure]), scores[sure]
        kept = boxes.nms(xyxy, scores, settings.nms[2])
        return boxes.squared(xyxy[kept[_best(scores[kept], settings, MOST_REFINED)]])

    def _output(
        self, part: ImageRegion, xyxy: np.ndarray, settings: MtcnnSettings
    ) -> tuple[Detections, np.ndarray]:
        """Return the candidates that O-Net keeps, corrected, and the squares that it saw.

        The largest are looked at first, and no more than it takes for ``max_faces``: the others
        count as left out.
        """
        waiting = xyxy[np.argsort(-boxes.area(xyxy), kind='stable')]
        most = settings.max_faces or len(waiting)
        sure = self._sure(part, waiting[:most], settings)
        kept = _distinct(sure, settings)
        looked_at = most
        while len(kept) < most and looked_at < len(waiting):
            more = self._sure(part, waiting[looked_at : looked_at + BATCH], settings)
            sure = tuple(np.concatenate(both) for both in zip(sure, more))
            kept, looked_at = _distinct(sure, settings), looked_at + BATCH
        xyxy, scores, landmarks, seen = (each[kept[:most]] for each in sure)
        faces = Detections(
            boxes.to_xywh(xyxy),
            scores,
            landmarks,
            detector=self.name,
            left_out=max(0, len(kept) - most) + len(waiting[looked_at:]),
        )
        kept = boxes.nms_by_landmarks(faces, settings.landmark_nms)
        return faces.take(kept), seen[kept]

    def _sure(
        self, part: ImageRegion, xyxy: np.ndarray, settings: MtcnnSettings
    ) -> tuple[np.ndarray, ...]:
        """Return what O-Net takes for faces: boxes, scores, landmarks, and squares that it saw."""
        seen = part.sampled(xyxy, 48)
        scores, offsets, points = part.run_on(self._onet, seen, (0, 4, 10))
        sure = scores > settings.stage_thresholds[2]
        xyxy, seen = _corrected(xyxy[sure], offsets[sure]), seen[sure]
        xyxy[:, 2:] += FIRST
        return xyxy, scores[sure], to_pixels(points[sure], seen), seen


def _distinct(sure: tuple[np.ndarray, ...], settings: MtcnnSettings) -> np.ndarray:
    """Return the places of faces that are not parts of surer ones, largest first."""
    xyxy, scores, *_ = sure
    inclusive = xyxy - np.array([0, 0, FIRST, FIRST])
    kept = boxes.nms(inclusive, scores, settings.nms[3], of_smaller=True)
    return kept[np.argsort(-boxes.area(xyxy[kept]), kind='stable')]


def _best(scores: np.ndarray, settings: MtcnnSettings, most: int) -> np.ndarray | slice:
    """Return the places of the best candidates, in their order; of all, where all are wanted."""
    most = most * max(FACES, settings.max_faces) // FACES
    if not settings.max_faces or len(scores) <= most:
        return slice(None)
    return np.sort(np.argpartition(-scores, most)[:most])


def _scales(height: int, width: int, settings: MtcnnSettings) -> list[float]:
    """Return the scales that bring faces of growing size to P-Net's cell."""
    scale, scales = CELL / settings.min_face_size, []
    while int(min(height, width) * scale) >= CELL:
        scales.append(scale)
        scale *= settings.scale_factor
    return scales


def _cells(seen: Sequence[tuple[np.ndarray, ...]], threshold: float) -> tuple[np.ndarray, ...]:
    """Return what P-Net says of the cells that it takes for faces, level by level.

    :param seen: P-Net's outputs, (1, columns, rows) and (1, 4, columns, rows), a pyramid level.
    :returns: (N,) levels, (2, N) left and top corners in pixels of the level, (4, N) offsets and
        (N,) scores.
    """
    scores = np.concatenate([probability.reshape(-1) for probability, _ in seen])
    offsets = np.concatenate([part.reshape(4, -1) for _, part in seen], axis=1)
    found = (scores > threshold).nonzero()[0]
    ends, begins, rows = _numbering(tuple(probability.shape[1:] for probability, _ in seen))
    level = ends.searchsorted(found, side='right')
    corners = np.array(np.divmod(found - begins[level], rows[level])) * float(STRIDE)
    return level, corners, offsets.take(found, axis=1), scores[found]


@lru_cache(maxsize=16)
def _numbering(shapes: tuple[tuple[int, int], ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how the cells of all levels are numbered, one level after the other.

    :param shapes: columns and rows of each level.
    :returns: of each level the number behind its last cell, that of its first, and its rows.
    """
    sizes = np.array(shapes)
    ends = np.cumsum(sizes.prod(axis=1))
    return ends, ends - sizes.prod(axis=1), sizes[:, 1]


def _corrected(xyxy: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move the edges of boxes by offsets given in their widths and heights."""
    size = xyxy[:, 2:] - xyxy[:, :2] + FIRST
    return xyxy + offsets * np.concatenate([size, size], axis=1)
