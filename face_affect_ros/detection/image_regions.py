# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What R- and O-Net see of a picture: squares that they sample themselves from its planes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from face_affect_ros.detection.image_pyramid import BufferPool
from face_affect_ros.engines.protocol import Engine

BATCH = 32
"""Squares in one call of R-Net or O-Net: as many as stay in a core's cache (measured)."""

BESIDE = 3
"""Pixels beside squares that belong to what is seen of them: samples lie between pixels."""


@dataclass(frozen=True)
class ImageRegion:
    """A picture, or a part of one, as R- and O-Net take it.

    :param planes: (1, 3, H, W) float32, centred; good until the buffers makes others.
    :param place: its left and top in pixels of the whole.
    :param size: height and width of the whole.
    """

    planes: np.ndarray
    place: tuple[int, int]
    size: tuple[int, ...]

    @classmethod
    def whole(cls, image: np.ndarray, buffers: BufferPool) -> ImageRegion:
        """Return all of a (H, W, 3) uint8 BGR picture."""
        return cls(buffers.planar(image), (0, 0), image.shape[:2])

    @classmethod
    def around(cls, squares: np.ndarray, image: np.ndarray, buffers: BufferPool) -> ImageRegion:
        """Return the part of a (H, W, 3) uint8 BGR picture that holds squares.

        :param squares: (N, 4) left, top, right, bottom in pixels; may reach beyond the picture.
        """
        height, width = image.shape[:2]
        left, top = squares[:, :2].min(axis=0, initial=width).tolist()
        right, bottom = squares[:, 2:].max(axis=0, initial=0).tolist()
        (left, right), (top, bottom) = span(left, right, width), span(top, bottom, height)
        planes = buffers.planar(image[top:bottom, left:right])
        return cls(planes, (left, top), (height, width))

    def sampled(self, squares: np.ndarray, count: int) -> np.ndarray:
        """Return the squares that the reference implementation samples for candidates.

        It spreads ``count`` samples from the first to the last pixel of a square, both included,
        so that half a sample's width beyond its edges is seen as well.
        """
        last = np.array([self.size[1], self.size[0]] * 2) - 1.0
        ends = squares * last / (last + 1) + 0.5
        half = (ends[:, 2:] - ends[:, :2]) / (count - 1) / 2
        return ends + np.concatenate([-half, half], axis=1)

    def run_on(
        self, network: Engine, squares: np.ndarray, widths: tuple[int, ...]
    ) -> list[np.ndarray]:
        """Return what R- or O-Net says of squares.

        :param squares: (N, 4) in pixels of the whole picture.
        :param widths: columns of each output, 0 for a scalar a square: the shape where N is 0.
        """
        if not len(squares):
            return [np.empty((0, width) if width else 0, np.float32) for width in widths]
        places = (squares - np.array(self.place * 2)).astype(np.float32)
        runs = [
            network.run(self.planes, places[start : start + BATCH])
            for start in range(0, len(places), BATCH)
        ]
        return list(runs[0]) if len(runs) == 1 else [np.concatenate(run) for run in zip(*runs)]


def span(first: float, last: float, length: int) -> tuple[int, int]:
    """Return the pixels of 0..length, at least one, that lie about a span."""
    begin = min(max(math.floor(first) - BESIDE, 0), length - 1)
    return begin, min(max(math.ceil(last) + BESIDE, begin + 1), length)


def to_pixels(points: np.ndarray, xyxy: np.ndarray) -> np.ndarray:
    """Return (N, 5, 2) float32 landmarks in pixels from (N, 10) fractions: five x, five y."""
    fractions = points.reshape(-1, 2, 5).transpose(0, 2, 1)
    size = (xyxy[:, 2:] - xyxy[:, :2])[:, None]
    return (xyxy[:, None, :2] + fractions * size).astype(np.float32)
