# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How many bits of 16 a camera uses, and pictures of 8 bits made of these.

Infrared and machine-vision cameras send 10, 12 or 14 bits in words of 16, with zeros on top. How
many, a picture tells by its largest values, and a stream by those of its frames.
"""

from __future__ import annotations

import numpy as np

FULL = 16
DEPTHS = (8, 10, 12, 14, FULL)
"""Bits of a sample that cameras have."""

SPARE = 0.005
"""Share of samples that may be larger than the depth has values: highlights, broken pixels, a row
of the camera's own data."""

HOLD = 100
"""Frames for which a stream keeps a depth after each frame that needed it."""

MAX_HOLD = 3000


def of_picture(samples: np.ndarray) -> int:
    """Return the bits that hold the samples of a picture, one of ``DEPTHS``.

    :param samples: of any shape, 0..65535, without alpha.
    """
    largest, spare = int(samples.max(initial=0)), int(SPARE * samples.size)
    found = FULL
    for depth in reversed(DEPTHS[:-1]):
        if largest >> depth and np.count_nonzero(samples >> depth) > spare:
            break
        found = depth
    return found


def to_eight_bits(samples: np.ndarray, depth: int) -> np.ndarray:
    """Return samples of a depth as uint8: value / 2 ** (depth - 8), larger ones 255."""
    shifted = samples >> (depth - 8)
    return (shifted if depth == FULL else np.minimum(shifted, 255)).astype(np.uint8)


class StreamDepth:
    """The bits of a stream's samples, so that its brightness does not flicker.

    A frame that needs more gets them at once. Less are taken only after a hundred frames for each
    that needed as many: a dark scene is shown dark, and a damaged frame does no harm for long.
    """

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._largest = DEPTHS[0]
        self._begin(DEPTHS[0])

    def __call__(self, samples: np.ndarray) -> int:
        """Return the bits for the next frame; one of another shape begins another stream.

        :param samples: as for ``of_picture``.
        """
        needed = of_picture(samples)
        if samples.shape != self._shape or needed > self._depth:
            self._shape = samples.shape
            self._begin(needed)
        elif needed == self._depth:
            self._begin(needed, self._needing + 1)
        else:
            self._without += 1
            self._largest = max(self._largest, needed)
            if self._without >= min(HOLD * self._needing, MAX_HOLD):
                self._begin(self._largest)
        return self._depth

    def _begin(self, depth: int, needing: int = 1) -> None:
        """Note a frame that needs a depth: how many did, and none without it since."""
        self._depth, self._needing = depth, needing
        self._without, self._largest = 0, DEPTHS[0]
