# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which parts of a face drive a decision: how far the probability falls where a part is hidden.

Occlusion maps (Zeiler and Fergus 2014, section 2.2): a square of the crop's mean slides over what
the network sees. They need the network's answers alone, of whatever engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from face_affect_ros import crops
from face_affect_ros.decision import labels
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.faces import Detections
from face_affect_ros.model import context_crops
from face_affect_ros.model import face_squares
from face_affect_ros.pipeline import load_engine
from face_affect_ros.pipeline import spec_of
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import TASKS
from face_affect_ros.tasks import YEARS

PATCH = 0.2
"""Side of what hides, in sides of the crop."""

STEPS = 12
"""Places of it along a side."""

BATCH = 24
"""Crops in one run of a network."""


@dataclass(frozen=True)
class Explanation:
    """What one network looked at in one face.

    :param task: of what.
    :param label: that was decided for; of an age the years, of attributes each one by itself.
    :param value: its probability, or the years.
    :param crop: (S, S, 3) uint8 BGR, what the network saw, upright.
    :param influence: (S, S) float32: how far the value falls where that place is hidden; below 0:
        it rises.
    """

    task: str
    label: str
    value: float
    crop: np.ndarray
    influence: np.ndarray


class Explainer:
    """Explains what the networks of a model say of faces.

    :param model: name of the model.
    :param tasks: of the networks, by which a model names them; those that it has not are left out.
    """

    def __init__(
        self, model: str, settings: ModelSettings | None = None, tasks: Sequence[str] = ()
    ):
        """Load the networks."""
        settings = settings or ModelSettings()
        networks = spec_of(model, settings).networks
        self._networks: dict[str, tuple[catalogue.Network, Engine]] = {}
        for task, names in networks.items():
            entry = catalogue.network(names[0], settings.weights_dir)
            if not tasks or set(tasks) & set(entry.outputs):
                self._networks[task] = entry, load_engine(names[0], settings)
        self._wanted = tuple(tasks)

    def explain(
        self, picture: np.ndarray, detections: Detections, attributes: Sequence[str] = ()
    ) -> list[list[Explanation]]:
        """Return the explanations of each face.

        :param picture: (H, W, 3) uint8 BGR.
        :param detections: its faces.
        :param attributes: names of those that are explained; empty: none.
        """
        views, squares = context_crops(picture, detections), face_squares(detections)
        return [
            [
                found
                for entry, engine in self._networks.values()
                for found in self._of_network(entry, engine, view, square, attributes)
            ]
            for view, square in zip(views, squares)
        ]

    def _of_network(
        self,
        entry: catalogue.Network,
        engine: Engine,
        view: crops.ContextCrop,
        square: crops.FaceSquare,
        attributes: Sequence[str],
    ) -> Iterator[Explanation]:
        """Yield an explanation of each decision of a network."""
        assert entry.crop is not None  # it describes faces
        crop = crops.cut(view, square, entry.crop)
        hidden = [
            np.concatenate(outputs)
            for outputs in zip(*(engine.run(batch) for batch in _batches(crop)))
        ]
        colour = crop if crop.ndim == 3 else cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR)
        for task, whole, each in zip(entry.outputs, engine.run(crop[None]), hidden):
            if self._wanted and task not in self._wanted:
                continue
            for label, values in _values(task, np.concatenate([whole, each]), attributes):
                falls = (values[0] - values[1:]).reshape(STEPS, STEPS).astype(np.float32)
                yield Explanation(task, label, float(values[0]), colour, _enlarged(falls, crop))


def _values(
    task: str, scores: np.ndarray, attributes: Sequence[str]
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what was decided with its value in each row, the first of the crop as it is."""
    known = TASKS[task]
    if known.kind == YEARS:
        yield f'{labels.age(scores[0]).years:.0f} years', scores @ np.arange(scores.shape[1])
    elif known.kind == MULTICLASS:
        best = int(scores[0].argmax())
        yield known.labels[best], scores[:, best]
    else:
        for name in attributes:
            yield name, scores[:, known.labels.index(name)]


def _batches(crop: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the crop with each of its places hidden, row by row."""
    size = len(crop)
    half = max(1, round(PATCH * size / 2))
    centers = np.linspace(0, size - 1, STEPS).round().astype(int)
    mean = crop.mean((0, 1)).round().astype(np.uint8)
    made = []
    for y in centers:
        for x in centers:
            covered = crop.copy()
            covered[max(0, y - half) : y + half, max(0, x - half) : x + half] = mean
            made.append(covered)
    for start in range(0, len(made), BATCH):
        yield np.stack(made[start : start + BATCH])


def _enlarged(values: np.ndarray, crop: np.ndarray) -> np.ndarray:
    """Return a value a pixel of the crop."""
    size = len(crop)
    centers = np.linspace(0, size - 1, STEPS)
    places = np.interp(np.arange(size), centers, np.arange(STEPS)).astype(np.float32)
    across, down = np.meshgrid(places, places)
    return cv2.remap(values, across, down, cv2.INTER_LINEAR)


def overlay(crop: np.ndarray, influence: np.ndarray, side: int = 256) -> np.ndarray:
    """Return a crop with what drives the decision in red, what speaks against it in blue.

    :returns: (side, side, 3) uint8 BGR.
    """
    small = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    fall = cv2.resize(influence, (side, side), interpolation=cv2.INTER_LINEAR)
    strength = fall / max(float(np.abs(fall).max()), 1e-6)
    share = 0.65 * np.abs(strength)[..., None]
    tint = np.where(strength[..., None] > 0, (40, 40, 230), (230, 110, 40))
    return np.clip((1 - share) * grey[..., None] + share * tint, 0, 255).astype(np.uint8)


def strongest(influence: np.ndarray) -> tuple[float, float]:
    """Return where hiding lowers the value most: x and y in sides of the crop, 0..1."""
    y, x = np.unravel_index(int(influence.argmax()), influence.shape)
    return (float(x) + 0.5) / influence.shape[1], (float(y) + 0.5) / influence.shape[0]
