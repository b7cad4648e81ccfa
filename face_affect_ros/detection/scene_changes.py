# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a frame has changed since it was searched: where nothing has, nobody has come.

Frames are compared as means of blocks with the frame that was searched last, so that slow changes
add up. Blocks of faces that are known and followed do not count.
"""

from __future__ import annotations

import cv2
import numpy as np

BLOCK = 16
"""Side of a block in pixels: the smallest face that is looked for by default covers six."""

CHANGED = 6.0
"""Difference of a block's mean in any colour, in grey levels, from which it counts as changed:
sensor noise of 20 levels changes it by 1.8."""

AROUND = 1.3
"""Side of the square about a known face that does not count, in longer sides of its box."""

STILL_S = 1.0
"""Longest time in seconds without a search of a scene that stands still, and the time after a face
was lost for which everything is searched."""


class SceneChanges:
    """Remembers how a stream's frame looked that was searched last."""

    def __init__(self) -> None:
        """Begin with nothing searched."""
        self.clear()

    def clear(self) -> None:
        """Forget all: the next frame counts as changed."""
        self._searched: np.ndarray | None = None
        self._searched_at = self._lost_at = float('-inf')

    def lose(self, time: float) -> None:
        """Take note that a known face is not seen any more, at a time in seconds."""
        self._lost_at = time

    def is_still(self, image: np.ndarray, known: np.ndarray, time: float) -> bool:
        """Return whether a frame need not be searched; one that need counts as searched.

        :param image: (H, W, 3) uint8 BGR, of one size in a stream.
        :param known: (N, 4) boxes of the faces that are followed, x, y, width, height.
        :param time: of the frame in seconds.
        """
        height, width = image.shape[:2]
        grid = max(1, round(width / BLOCK)), max(1, round(height / BLOCK))
        blocks = cv2.resize(image, grid, interpolation=cv2.INTER_AREA).astype(np.float32)
        in_blocks = known * (np.array(grid) / (width, height))[[0, 1, 0, 1]]
        if time - self._searched_at < STILL_S <= time - self._lost_at and not self._has_changed(
            blocks, in_blocks
        ):
            return True
        self._searched, self._searched_at = blocks, time
        return False

    def _has_changed(self, blocks: np.ndarray, known: np.ndarray) -> bool:
        """Return whether blocks differ, but for those about boxes, in blocks."""
        changed = np.abs(blocks - self._searched).max(axis=2) > CHANGED
        for x, y, width, height in known.tolist():
            half = AROUND * max(width, height) / 2
            rows, columns = (
                slice(max(0, round(middle - half)), max(0, round(middle + half)))
                for middle in (y + height / 2, x + width / 2)
            )
            changed[rows, columns] = False
        return bool(changed.any())
