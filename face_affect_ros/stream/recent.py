# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The frames of the last moments, for who learns later which of them is needed."""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np

from face_affect_ros.stream.types import Frame

MAX_BYTES = 64 * 2**20
"""About 70 frames of 640x480, or ten of 1920x1080."""


class RecentFrames:
    """Frames by their time of reception, the newest up to a number of bytes."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._images: OrderedDict[int, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, frame: Frame) -> None:
        """Keep a frame; the oldest go where the room is used up."""
        with self._lock:
            self._forget(frame.timing.received_ns)
            self._images[frame.timing.received_ns] = frame.image
            self._bytes += frame.image.nbytes
            while self._bytes > self._max_bytes:
                self._forget(next(iter(self._images)))

    def take(self, received_ns: int) -> np.ndarray | None:
        """Return the picture received then, or None; older ones are forgotten."""
        with self._lock:
            image = self._images.get(received_ns)
            for key in [key for key in self._images if key <= received_ns]:
                self._forget(key)
            return image

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._images.clear()
            self._bytes = 0

    def _forget(self, key: int) -> None:
        image = self._images.pop(key, None)
        self._bytes -= 0 if image is None else image.nbytes
