# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MTCNN: three networks in a cascade (Zhang, Zhang, Li, Qiao 2016).

P-Net looks at an image pyramid and proposes boxes, R-Net sorts out and corrects them, O-Net does
so again and adds five landmarks. Each stage runs its candidates as one batch. O-Net alone also
gives landmarks to boxes that came from elsewhere (``Mtcnn.align``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.detection.pyramid import Workspace
from face_affect_ros.faces import Detections

CELL = 12
"""Side in pixels of the square that one output of P-Net looks at."""

STRIDE = 2
"""Pixels between neighbouring outputs of P-Net."""

FIRST = 1
"""The originals count pixels from 1 and include the last: output i spans 2 i + 1 .. 2 i + 12, and
what they learned to correct is counted the same way, here and in R- and O-Net."""

BATCH = 32
"""Candidates in one call of R-Net or O-Net: as many as stay in a core's cache (measured)."""

MIN_ALIGN_SCORE = 0.7
"""Face probability from which O-Net's landmarks in a given box are believed."""

ALIGN_SIDES = np.array([0.35, 0.44, 0.55, 0.69, 0.86, 1.08, 1.35])[:, None]
"""Sides of the squares that are tried around a given box's centre, in its longer sides."""


@dataclass(frozen=True)
class MtcnnSettings:
    """How MTCNN searches.

    :param min_face_size: smallest face side in pixels that is looked for, at least 12.
    :param scale_factor: ratio of neighbouring pyramid levels, above 0 and below 1.
    :param thresholds: least face probability after P-, R- and O-Net, 0..1.
    :param nms: greatest overlap left within a pyramid level, between levels, after R- and after
        O-Net, 0..1.
    :param max_faces: only the largest this many are kept; 0 = all.
    :raises ValueError: a value is out of its range.
    """

    min_face_size: float = 40.0
    scale_factor: float = 0.709
    thresholds: tuple[float, float, float] = (0.6, 0.7, 0.8)
    nms: tuple[float, float, float, float] = (0.5, 0.7, 0.7, 0.7)
    max_faces: int = 0

    def __post_init__(self):
        """Check the ranges."""
        if not self.min_face_size >= CELL:
            raise ValueError(f'min_face_size is {self.min_face_size}, must be at least {CELL}')
        if not 0.1 <= self.scale_factor <= 0.95:
            raise ValueError(f'scale_factor is {self.scale_factor}, must be in 0.1..0.95')
        if len(self.thresholds) != 3 or not all(0 <= value <= 1 for value in self.thresholds):
            raise ValueError(f'thresholds are {self.thresholds}, must be three values in 0..1')
        if len(self.nms) != 4 or not all(0 <= value <= 1 for value in self.nms):
            raise ValueError(f'nms is {self.nms}, must be four values in 0..1')
        if self.max_faces < 0:
            raise ValueError(f'max_faces is {self.max_faces}, must not be negative')


class Aligner:
    """Finds landmarks in boxes that came from elsewhere.

    :param onet: engine of O-Net, ``run(picture, squares) -> outputs``.
    :param workspace: buffers to share.
    """

    def __init__(self, onet, workspace: Workspace | None = None):
        """Keep the network."""
        self._onet = onet
        self._workspace = workspace or Workspace()

    def align(self, image: np.ndarray, xywh: np.ndarray,
              sides: np.ndarray = ALIGN_SIDES) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in boxes that came from elsewhere, by one pass through O-Net.

        How tight such a box is nobody knows, and O-Net wants it as MTCNN cuts it: squares of
        several sizes around its centre are tried in one batch and the one counts in which O-Net
        is surest of a face. A tight and a loose box of one face so give the same landmarks.

        :param image: (H, W, 3) uint8 BGR.
        :param xywh: (N, 4) boxes in pixels; may reach beyond the image.
        :param sides: (K, 1) sides of the squares tried, in longer sides of the box.
        :returns: (N, 5, 2) float32 landmarks in pixels and (N,) float32 face probabilities.
        """
        tried = np.concatenate([boxes.squared(boxes.to_xyxy(box * np.ones((len(sides), 1))), sides)
                                for box in xywh] or [np.empty((0, 4))])
        scores, _, points = _in_batches(
            self._onet, self._workspace.planar(image), tried, (0, 4, 10))
        scores = scores.reshape(-1, len(sides))
        best = scores.argmax(axis=1) + np.arange(len(scores)) * len(sides)
        return _to_pixels(points[best], tried[best]), scores.max(axis=1, initial=0)


class Mtcnn:
    """The detector of Model 1.

    :param networks: engines of P-, R- and O-Net, each ``run(batch) -> outputs``.
    :param settings: how to search.
    """

    name = 'mtcnn'

    def __init__(self, networks, settings: MtcnnSettings | None = None):
        """Keep the networks."""
        self.networks = tuple(networks)
        self._pnet, self._rnet, self._onet = self.networks
        self._workspace = Workspace()
        self._aligner = Aligner(self._onet, self._workspace)
        self.settings = settings or MtcnnSettings()

    def detect(self, image: np.ndarray) -> Detections:
        """Return the faces of a picture, largest first.

        :param image: (H, W, 3) uint8 BGR.
        """
        picture = self._workspace.planar(image)
        xyxy = self._refine(picture, self._propose(picture))
        xyxy, scores, landmarks = self._output(picture, xyxy)
        xyxy[:, 2:] += FIRST
        order = np.argsort(-boxes.area(xyxy), kind='stable')
        order = order[:self.settings.max_faces or None]
        return Detections(
            boxes.to_xywh(xyxy[order]), scores[order], landmarks[order], detector=self.name)

    def align(self, image: np.ndarray, xywh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find landmarks in boxes that came from elsewhere: ``Aligner.align``."""
        return self._aligner.align(image, xywh)

    def _propose(self, picture: np.ndarray) -> np.ndarray:
        """Return (N, 4) squares that P-Net proposes in a (1, 3, H, W) picture."""
        height, width = picture.shape[2:]
        scales = self._scales(height, width)
        if not scales:
            return np.empty((0, 4))
        sizes = [(int(width * scale), int(height * scale)) for scale in scales]
        # One kind of work after the other, so that each finds its code and data in the caches.
        levels = list(self._workspace.levels(picture, sizes))
        seen = [self._pnet.run(level) for level in levels]
        level, corners, offsets, scores = _cells(seen, self.settings.thresholds[0])
        cells = np.concatenate([corners + FIRST, corners + CELL], axis=1)
        xyxy = (cells + offsets * (CELL - FIRST)) / np.array(scales)[level, None]
        kept = boxes.nms(xyxy, scores, self.settings.nms[0], groups=level)
        xyxy, scores = xyxy[kept], scores[kept]
        return boxes.squared(xyxy[boxes.nms(xyxy, scores, self.settings.nms[1])])

    def _scales(self, height: int, width: int) -> list[float]:
        """Return the scales that bring faces of growing size to P-Net's cell."""
        scale, scales = CELL / self.settings.min_face_size, []
        while int(min(height, width) * scale) >= CELL:
            scales.append(scale)
            scale *= self.settings.scale_factor
        return scales

    def _refine(self, picture: np.ndarray, xyxy: np.ndarray) -> np.ndarray:
        """Return the squares that R-Net keeps, corrected."""
        seen = _sampled(xyxy, 24, picture.shape)
        scores, offsets = _in_batches(self._rnet, picture, seen, (0, 4))
        sure = scores > self.settings.thresholds[1]
        xyxy, scores = _corrected(xyxy[sure], offsets[sure]), scores[sure]
        return boxes.squared(xyxy[boxes.nms(xyxy, scores, self.settings.nms[2])])

    def _output(self, picture, xyxy) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return boxes, scores and landmarks of the candidates that O-Net keeps."""
        seen = _sampled(xyxy, 48, picture.shape)
        scores, offsets, points = _in_batches(self._onet, picture, seen, (0, 4, 10))
        sure = scores > self.settings.thresholds[2]
        landmarks = _to_pixels(points[sure], seen[sure])
        xyxy, scores = _corrected(xyxy[sure], offsets[sure]), scores[sure]
        kept = boxes.nms(xyxy, scores, self.settings.nms[3], of_smaller=True)
        return xyxy[kept], scores[kept], landmarks[kept]


def _cells(seen: Sequence[tuple[np.ndarray, ...]], threshold: float) -> tuple[np.ndarray, ...]:
    """Return what P-Net says of the cells that it takes for faces, level by level.

    :param seen: P-Net's outputs, (1, columns, rows) and (1, 4, columns, rows), a pyramid level.
    :returns: (N,) levels, (N, 2) left and top corners in pixels of the level, (N, 4) offsets and
        (N,) scores.
    """
    scores = np.concatenate([probability.reshape(-1) for probability, _ in seen])
    found = np.flatnonzero(scores > threshold)
    ends = np.cumsum([probability.size for probability, _ in seen])
    level = ends.searchsorted(found, side='right')
    first = np.array([0, *ends[:-1]])[level]
    rows = np.array([probability.shape[2] for probability, _ in seen])[level]
    corners = np.stack(np.divmod(found - first, rows), axis=1) * float(STRIDE)
    offsets = np.concatenate([part.reshape(4, -1) for _, part in seen], axis=1)
    return level, corners, offsets[:, found].T, scores[found]


def _corrected(xyxy: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move the edges of boxes by offsets given in their widths and heights."""
    size = xyxy[:, 2:] - xyxy[:, :2] + FIRST
    return xyxy + offsets * np.concatenate([size, size], axis=1)


def _sampled(squares: np.ndarray, size: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the squares that the reference implementation samples for candidates.

    It spreads ``size`` samples from the first to the last pixel of a square, both included, so
    that half a sample's width beyond its edges is seen as well.
    """
    last = np.array([shape[3], shape[2]] * 2) - 1.0
    ends = squares * last / (last + 1) + 0.5
    half = (ends[:, 2:] - ends[:, :2]) / (size - 1) / 2
    return ends + np.concatenate([-half, half], axis=1)


def _to_pixels(points: np.ndarray, xyxy: np.ndarray) -> np.ndarray:
    """Return (N, 5, 2) float32 landmarks in pixels from (N, 10) fractions: five x, five y."""
    fractions = points.reshape(-1, 2, 5).transpose(0, 2, 1)
    size = (xyxy[:, 2:] - xyxy[:, :2])[:, None]
    return (xyxy[:, None, :2] + fractions * size).astype(np.float32)


def _in_batches(network, picture, squares, widths: tuple[int, ...]) -> list[np.ndarray]:
    """Run squares through R- or O-Net; ``widths`` (0 = a scalar a square) shape empty outputs."""
    if not len(squares):
        return [np.empty((0, width) if width else 0, np.float32) for width in widths]
    squares = squares.astype(np.float32)
    parts = [network.run(picture, squares[start:start + BATCH])
             for start in range(0, len(squares), BATCH)]
    return [np.concatenate(part) for part in zip(*parts)]
