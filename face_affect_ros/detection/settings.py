# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How each detector searches, as data; importing this loads no detector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from face_affect_ros.parameter import check
from face_affect_ros.parameter import declare

NATIVE_SIZE = 80
"""Side in pixels of the smallest face that dlib sees at a picture's own size."""

PROPOSED = -1
"""Value of ``upsample`` by which dlib looks only where P-Net and R-Net propose a face."""


def _min_face_size() -> Any:
    return declare(
        40.0,
        'Side of the smallest face looked for, pixels; smaller takes longer.',
        limits=(12, 4096),
    )


def _min_confidence() -> Any:
    return declare(
        0.0,
        "Least confidence of a face, 0..1; 0: the detector's own threshold.",
        limits=(0, 1),
    )


def _max_faces() -> Any:
    return declare(0, 'Only the largest this many faces are kept; 0: all.', limits=(0, 10000))


def _landmark_nms() -> Any:
    return declare(
        0.3,
        'Faces whose landmarks lie nearer, in sides of the smaller box, are one; 0: off.',
        limits=(0, 1),
    )


@dataclass(frozen=True)
class MtcnnSettings:
    """How MTCNN searches.

    :param min_face_size: smallest face side in pixels that is looked for, at least 12.
    :param scale_factor: ratio of neighbouring pyramid levels, above 0 and below 1.
    :param thresholds: least face probability after P-, R- and O-Net, 0..1.
    :param nms: greatest overlap left within a pyramid level, between levels, after R- and after
        O-Net, 0..1.
    :param min_confidence: least confidence of a face, 0..1, in place of the last of
        ``thresholds``; 0: that one.
    :param max_faces: only the largest this many are kept; 0 = all.
    :param landmark_nms: mean distance of two faces' landmarks, in longer sides of the smaller box,
        below which the surer one stays; 0: both do, as in the reference implementation.
    :raises ValueError: a value is out of its range.
    """

    min_face_size: float = _min_face_size()
    scale_factor: float = declare(
        0.709, 'Ratio of neighbouring levels of the image pyramid.', limits=(0.1, 0.95)
    )
    thresholds: tuple[float, float, float] = declare(
        (0.6, 0.7, 0.8), 'Least face probability after P-, R- and O-Net.', limits=(0, 1)
    )
    nms: tuple[float, float, float, float] = (0.5, 0.7, 0.7, 0.7)
    max_faces: int = _max_faces()
    landmark_nms: float = _landmark_nms()
    min_confidence: float = _min_confidence()

    def __post_init__(self):
        check(self)
        if len(self.nms) != 4 or not all(0 <= value <= 1 for value in self.nms):
            raise ValueError(f'nms is {self.nms}, must be four values in 0..1')

    @property
    def stage_thresholds(self) -> tuple[float, float, float]:
        """Least face probability after P-, R- and O-Net, ``min_confidence`` heeded."""
        first, second, last = self.thresholds
        return first, second, self.min_confidence or last


@dataclass(frozen=True)
class SsdSettings:
    """How the SSD searches.

    :param min_face_size: smallest face side in pixels that is told of.
    :param min_confidence: least confidence of a face, 0..1; 0: 0.5, its own threshold.
    :param max_faces: only the largest this many are kept; 0 = all.
    :param landmark_nms: as of ``MtcnnSettings``.
    :raises ValueError: a value is out of its range.
    """

    min_face_size: float = _min_face_size()
    min_confidence: float = _min_confidence()
    max_faces: int = _max_faces()
    landmark_nms: float = _landmark_nms()

    def __post_init__(self):
        check(self)


@dataclass(frozen=True)
class DlibSettings:
    """How dlib searches.

    :param min_face_size: smallest face side in pixels that is looked for. Above 80 a whole picture
        is reduced, which finds the same larger faces for less.
    :param upsample: -1: dlib looks only where P-Net and R-Net of MTCNN propose a face, enlarged to
        what it sees. 0..3: it looks at the whole picture, doubled at most so often: faces are seen
        from 80, 40, 20 or 10 pixels on, but none below ``min_face_size``.
    :param min_confidence: least confidence of a face, 0..1; 0: 0.82, dlib's own threshold, which
        is a score of 0. No box has less than 0.03. A proposed face has O-Net's if that is higher.
    :param max_faces: only the largest this many are kept; 0 = all.
    :param landmark_nms: as of ``MtcnnSettings``.
    :raises ValueError: a value is out of its range.
    """

    min_face_size: float = _min_face_size()
    upsample: int = declare(
        PROPOSED,
        'Where dlib looks: -1 where P-Net and R-Net propose a face; 0 to 3 at the whole picture, '
        'doubled at most so often (faces from 80, 40, 20, 10 pixels on).',
        limits=(PROPOSED, 3),
    )
    min_confidence: float = _min_confidence()
    max_faces: int = _max_faces()
    landmark_nms: float = _landmark_nms()

    def __post_init__(self):
        check(self)

    @property
    def seen_from(self) -> float:
        """Side in pixels from which dlib sees faces in a whole picture."""
        return NATIVE_SIZE / 2.0 ** max(self.upsample, 0)

    def scale(self, height: int, width: int) -> float:
        """Return by what a whole picture's sides are multiplied before the filters see it.

        Nothing larger than the largest picture that can be loaded is made.
        """
        from face_affect_ros.images import MAX_PIXELS

        largest = max(1.0, math.sqrt(MAX_PIXELS / max(1, height * width)))
        return min(NATIVE_SIZE / self.seen_from, NATIVE_SIZE / self.min_face_size, largest)
