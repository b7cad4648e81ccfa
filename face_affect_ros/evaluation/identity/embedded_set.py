# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A set of labelled pictures as embeddings: who each shows, and what groups it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol

import numpy as np

from face_affect_ros import images
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.given_boxes import align_boxes
from face_affect_ros.evaluation.data.data_set import DataSet
from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.evaluation.identity import skin_tone
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import Detections
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares

BATCH = 16


class CropEmbedder(Protocol):
    """What embeds faces that were cut already."""

    def embed_crops(self, contexts, squares) -> np.ndarray:
        """Return (N, D) points."""


@dataclass(frozen=True)
class EmbeddedSet:
    """Pictures of a set as points.

    :param name: of the set.
    :param people: (N,) whom each shows.
    :param points: (N, D) by what embedded them.
    :param groups: (N,) names of groups by grouping; empty: unknown.
    :param faults: what could not be used, for people.
    """

    name: str
    people: np.ndarray
    points: Mapping[str, np.ndarray]
    groups: Mapping[str, np.ndarray]
    faults: tuple[str, ...] = field(default=())


def embed_set(
    data: DataSet,
    detector: Detector,
    embedders: Mapping[str, CropEmbedder],
    is_crops: bool,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> EmbeddedSet:
    """Embed the face of every picture, the largest one or, of crops, the frame.

    :param is_crops: the pictures are cut faces.
    :raises DataSetError: the set does not say whom a picture shows.
    """
    truth, _ = read_truth(data, ColumnMapping())
    if truth.person is None:
        raise DataSetError('the set has no column "person" or "identity": nobody to verify')
    kept: list[int] = []
    angles, faults = [], []
    found: dict[str, list[np.ndarray]] = {name: [] for name in embedders}
    for start in range(0, len(data), BATCH):
        contexts, squares = [], []
        for row in range(start, min(start + BATCH, len(data))):
            try:
                frame, detections = _face(data, row, detector, is_crops)
            except (OSError, images.ImageError) as error:
                faults.append(f'{data.places[row]}: {error}')
                continue
            if not len(detections):
                faults.append(f'{data.places[row]}: no face was found')
                continue
            kept.append(row)
            contexts += context_crops(frame, detections)
            squares += face_squares(detections)
            angles.append(skin_tone.typology_angle(contexts[-1], squares[-1]))
        for name, embedder in embedders.items():
            found[name].append(embedder.embed_crops(contexts, squares))
        progress(min(start + BATCH, len(data)), len(data))
    rows = np.array(kept, int)
    return EmbeddedSet(
        data.name,
        truth.person[rows],
        {name: np.concatenate(parts) for name, parts in found.items()},
        _groups(truth, rows, np.array(angles)),
        tuple(faults),
    )


def _face(
    data: DataSet, row: int, detector: Detector, is_crops: bool
) -> tuple[np.ndarray, Detections]:
    """Return a picture and its face, if there is one."""
    frame = images.load(data.read(row))
    if is_crops:
        height, width = frame.shape[:2]
        return frame, align_boxes(detector, frame, [(0, 0, width, height)])
    return frame, detector.detect(frame).take(slice(0, 1))  # type: ignore[arg-type]


def _groups(truth, rows: np.ndarray, angles: np.ndarray) -> dict[str, np.ndarray]:
    """Return the groupings that the set has."""
    found = {}
    if 'gender' in truth.tasks:
        names = np.array([*GENDERS, ''], dtype=object)
        found['gender'] = names[truth.gender[rows]]
    tones = skin_tone.bands(angles)
    if (tones != '').any():
        found['skin tone (proxy)'] = tones
    return found
