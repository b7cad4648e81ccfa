# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The work of the stages ``detection`` and ``attributes``, for streams of any origin."""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Sequence

import numpy as np

from face_affect_ros import quality
from face_affect_ros.detection.finder import DEFAULT_RATE
from face_affect_ros.detection.finder import FaceFinder
from face_affect_ros.detection.protocol import Detector
from face_affect_ros.faces import TRAITS
from face_affect_ros.faces import Face
from face_affect_ros.model import Model
from face_affect_ros.model import face_frames
from face_affect_ros.model import of_face
from face_affect_ros.model import views
from face_affect_ros.stream.items import DescribedFaces
from face_affect_ros.stream.items import DetectedFaces
from face_affect_ros.stream.items import Frame
from face_affect_ros.stream.items import advanced
from face_affect_ros.tracking.tracker import Tracker
from face_affect_ros.tracking.traits import TraitKeeper


class Detect:
    """Frames to tracked faces with their context crops.

    :param detector: finds the faces.
    :param tracker: tells who is who from frame to frame; None: nobody does.
    :param search_rate: searches of whole frames a second, Hz; 0: all (``FaceFinder``).
    """

    def __init__(self, detector: Detector, tracker: Tracker | None = None,
                 search_rate: float = DEFAULT_RATE) -> None:
        """Keep the parts."""
        self.finder = FaceFinder(detector, search_rate)
        self.tracker = tracker

    def __call__(self, frame: Frame) -> DetectedFaces:
        """Return the faces of a frame, largest first."""
        begin = time.monotonic()
        detections = self.finder.find(frame.image, _time_of(frame))
        if self.tracker is not None:
            detections = self.tracker.update(detections, _time_of(frame))
        found = DetectedFaces(
            frame.header, frame.stamp_ns, frame.size, detections,
            tuple(views(frame.image, detections)), frame.passage, frame.image)
        return advanced(found, detection_ms=(time.monotonic() - begin) * 1e3)


class Describe:
    """Faces with their context crops to faces with all that the model tells of them.

    The emotion is that of the frame; traits are refreshed by need and combined over a track.

    :param model: describes the faces.
    :param traits: says when traits are computed; None: as by default.
    """

    def __init__(self, model: Model, traits: TraitKeeper | None = None) -> None:
        """Keep the parts."""
        self.model = model
        self.traits = TraitKeeper(traits_of(model)) if traits is None else traits

    def __call__(self, found: DetectedFaces) -> DescribedFaces:
        """Return the same faces, described."""
        begin = time.monotonic()
        faces = tuple(self._describe(found)) if len(found.detections) else ()
        described = DescribedFaces(
            found.header, found.stamp_ns, found.size, self.model.name, faces, found.passage,
            found.image)
        return advanced(described, attributes_ms=(time.monotonic() - begin) * 1e3)

    def _describe(self, found: DetectedFaces) -> list[Face]:
        model, detections, seen = self.model, found.detections, found.views
        frames = face_frames(detections)
        qualities = quality.of_faces(seen, frames, detections)

        def compute(part: str, rows: Sequence[int]) -> Mapping[str, np.ndarray]:
            return model.scores(
                [seen[row] for row in rows], [frames[row] for row in rows], (part,))[part]

        of_frame = model.scores(
            seen, frames, [part for part in model.parts if part not in self.traits.parts])
        known = self.traits.update(
            detections.track_ids.tolist(), qualities, _time_of(found), compute)
        return [
            model.decide(detections, row, {**of_face(of_frame, row), **traits.scores},
                         qualities[row], traits.age)
            for row, traits in enumerate(known)]


def traits_of(model: Model) -> list[str]:
    """Return the parts of a model that are refreshed by need, in its order."""
    return [part for part in model.parts if part in TRAITS]


def _time_of(item: Frame | DetectedFaces) -> float:
    """Return the frame's time in seconds: its stamp, or where it has none, its reception."""
    return item.stamp_ns * 1e-9 if item.stamp_ns else item.passage.received_at
