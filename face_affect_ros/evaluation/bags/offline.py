# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A bag's frames through the nodes' stages (``stream/replay.py``), by the frames' own times.

The time of the recording stands for that of the reception.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from face_affect_ros import pipeline
from face_affect_ros.evaluation.bags.frames import BagFrame
from face_affect_ros.stream.replay import ReplaySettings
from face_affect_ros.stream.replay import ReplayStages
from face_affect_ros.stream.types import Counts
from face_affect_ros.stream.types import DescribedFaces
from face_affect_ros.stream.types import DetectedFaces
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming
from face_affect_ros.stream.types import advanced

STREAM = 1
"""What messages name as the stream that their counts belong to."""


@dataclass(frozen=True)
class Answer:
    """What was found in one frame.

    :param found: the faces; its timing has the milliseconds of detection.
    :param described: the same faces, described.
    """

    frame: BagFrame
    found: DetectedFaces
    described: DescribedFaces


class OfflineStages:
    """Detection and attributes of one model for one stream.

    :param model: its name.
    :param settings: thresholds and rates.
    :param on_jump: told by how many seconds the stamps jumped, where another stream begins.
    """

    def __init__(
        self,
        model: str,
        settings: ReplaySettings,
        on_jump: Callable[[float], object] = lambda _: None,
    ) -> None:
        """Load the networks."""
        loaded = pipeline.load_model(model, pipeline.settings_of(model, settings.model))
        self.model = loaded.name
        self._stages = ReplayStages(loaded, settings, on_jump)
        self._processed = 0

    def __call__(self, frame: BagFrame, describe: bool = True) -> Answer:
        """Return what is found in the next frame, which must have a picture.

        :param describe: False: only the faces are looked for, as where the second stage dropped
            the frame.
        """
        assert frame.image is not None
        begin = time.monotonic() - frame.decode_ms * 1e-3
        self._processed += 1
        counts = Counts(frame.number + 1, self._processed, frame.number + 1 - self._processed)
        timing = FrameTiming(
            frame.recorded_ns, frame.recorded_ns * 1e-9, counts=counts, stream=STREAM
        )
        found = self._stages.detect(Frame(frame.header, frame.stamp_ns, frame.image, timing))
        described = self._stages.describe(found) if describe else _undescribed(found, self.model)
        return Answer(
            frame, advanced(found, received_at=begin), advanced(described, received_at=begin)
        )


def _undescribed(found: DetectedFaces, model: str) -> DescribedFaces:
    return DescribedFaces(found.header, found.stamp_ns, found.size, model, (), found.timing)
