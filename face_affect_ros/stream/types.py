# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What travels from stage to stage, by reference: read-only, and nothing of ROS looked into.

``header`` is the camera's own, handed through unchanged; ``stamp_ns`` is its time in nanoseconds
(0: the driver gives none). Steady times are those of ``time.monotonic``.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from typing import Protocol
from typing import TypeVar

import numpy as np

from face_affect_ros.crops import ContextCrop
from face_affect_ros.faces import Detections
from face_affect_ros.faces import Face


@dataclass(frozen=True)
class Counts:
    """What became of the frames since activation, as of one frame: received = processed + dropped.

    :param received: frames that the camera had received, this one included.
    :param processed: frames that the stage has finished.
    :param dropped: frames lost on the way or in the work.
    """

    received: int = 0
    processed: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class FrameTiming:
    """One frame's way through the stages.

    :param received_ns: system clock at the camera's callback in ns; 0: it came from no camera.
    :param received_at: steady clock at the camera's callback in seconds.
    :param detection_ms: what detection took, NaN: did not run.
    :param attributes_ms: what the description took, NaN: did not run.
    :param counts: the counts of the stage that the item comes from.
    :param stream: which activation of which stage that was; 0: it is not through any.
    """

    received_ns: int
    received_at: float
    detection_ms: float = math.nan
    attributes_ms: float = math.nan
    counts: Counts = field(default_factory=Counts)
    stream: int = 0

    @classmethod
    def begin(cls, number: int = 0) -> FrameTiming:
        """Return the timing of the ``number``-th frame, received now."""
        return cls(time.time_ns(), time.monotonic(), counts=Counts(received=number))


class StreamItem(Protocol):
    """Whatever has a timing."""

    @property
    def timing(self) -> FrameTiming:
        """The frame's way so far."""


I = TypeVar('I', bound=StreamItem)  # noqa: E741


def advanced(item: I, **changes: Any) -> I:
    """Return the item with changes to its timing."""
    return replace(item, timing=replace(item.timing, **changes))  # type: ignore[type-var]


@dataclass(frozen=True)
class RawFrame:
    """A camera's message as it came.

    :param message: the serialised message, or whatever the camera's stage makes a frame of.
    """

    message: Any
    timing: FrameTiming


@dataclass(frozen=True)
class Frame:
    """A camera frame.

    :param image: (H, W, 3) uint8 BGR, read-only, C-contiguous.
    """

    header: Any
    stamp_ns: int
    image: np.ndarray
    timing: FrameTiming

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True)
class DetectedFaces:
    """The faces of a frame with their context crops.

    :param size: width and height of the frame in pixels.
    :param detections: the faces, largest first.
    :param contexts: a context crop a face, in the same order.
    :param image: the frame's picture where it is at hand (same process), else None.
    """

    header: Any
    stamp_ns: int
    size: tuple[int, int]
    detections: Detections
    contexts: tuple[ContextCrop, ...]
    timing: FrameTiming
    image: np.ndarray | None = None


@dataclass(frozen=True)
class DescribedFaces:
    """The faces of a frame with all that was found out about them.

    :param size: width and height of the frame in pixels.
    :param model: name of the model that answered.
    :param faces: largest first.
    :param image: the frame's picture where it is at hand (same process), else None.
    :param contexts: a context crop a face, in the same order, where somebody wants them.
    """

    header: Any
    stamp_ns: int
    size: tuple[int, int]
    model: str
    faces: tuple[Face, ...]
    timing: FrameTiming
    image: np.ndarray | None = None
    contexts: tuple[ContextCrop, ...] = ()
