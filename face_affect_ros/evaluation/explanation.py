# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which parts of a face drive each decision of a model's networks, whatever the method."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


@dataclass(frozen=True)
class Decision:
    """One number that a network gives for a face: a probability, or years.

    :param task: of what.
    :param label: that was decided for; of an age the years, of attributes each one by itself.
    :param output: place of the task among the network's outputs.
    :param weights: (K,) float32; the number is the output times these.
    """

    task: str
    label: str
    output: int
    weights: np.ndarray

    @property
    def is_years(self) -> bool:
        """Whether the number is an age, not a probability."""
        return TASKS[self.task].kind == YEARS


class Method(Protocol):
    """How influence is found, of one network."""

    def influences(self, crop: np.ndarray, decisions: Sequence[Decision]) -> list[np.ndarray]:
        """Return a (S, S) float32 map for each decision about a crop.

        :param crop: (S, S) or (S, S, 3) uint8.
        """


class MethodLoader(Protocol):
    """Makes a method for a network."""

    def __call__(self, engine: Engine, data: bytes, /) -> Method:
        """Return it for a network.

        :param engine: that runs it.
        :param data: its file.
        """


@dataclass(frozen=True)
class Explanation:
    """What one network looked at in one face.

    :param network: its name.
    :param decision: about what.
    :param value: the probability, or the years.
    :param crop: (S, S, 3) uint8 BGR, what the network saw, upright.
    :param influence: (S, S) float32, in the method's measure: how much that place speaks for the
        decision; below 0: against it.
    """

    network: str
    decision: Decision
    value: float
    crop: np.ndarray
    influence: np.ndarray


class Explainer:
    """Explains what the networks of a model say of faces.

    :param model: name of the model.
    :param method: makes the method for each network.
    :param tasks: of the networks, by which a model names them; those that it has not are left out.
    """

    def __init__(
        self,
        model: str,
        method: MethodLoader,
        settings: ModelSettings | None = None,
        tasks: Sequence[str] = (),
    ):
        """Load the networks."""
        settings = settings or ModelSettings()
        self._networks: list[tuple[catalogue.Network, Engine, Method]] = []
        for names in spec_of(model, settings).networks.values():
            entry = catalogue.network(names[0], settings.weights_dir)
            if not tasks or set(tasks) & set(entry.outputs):
                engine = load_engine(entry.name, settings)
                data = catalogue.read_weights(entry.name, settings.weights_dir)
                self._networks.append((entry, engine, method(engine, data)))
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
                for entry, engine, method in self._networks
                for found in self._of_network(entry, engine, method, view, square, attributes)
            ]
            for view, square in zip(views, squares)
        ]

    def _of_network(
        self,
        entry: catalogue.Network,
        engine: Engine,
        method: Method,
        view: crops.ContextCrop,
        square: crops.FaceSquare,
        attributes: Sequence[str],
    ) -> Iterator[Explanation]:
        """Yield an explanation of each decision of a network."""
        assert entry.crop is not None  # it describes faces
        crop = crops.cut(view, square, entry.crop)
        outputs = engine.run(crop[None])
        decisions = [
            decision
            for place, task in enumerate(entry.outputs)
            if not self._wanted or task in self._wanted
            for decision in _decisions(task, place, outputs[place][0], attributes)
        ]
        if not decisions:
            return
        colour = crop if crop.ndim == 3 else cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR)
        for decision, influence in zip(decisions, method.influences(crop, decisions)):
            value = float(outputs[decision.output][0] @ decision.weights)
            yield Explanation(entry.name, decision, value, colour, influence)


def _decisions(
    task: str, place: int, scores: np.ndarray, attributes: Sequence[str]
) -> Iterator[Decision]:
    """Yield what is decided by a network's output for one face."""
    known = TASKS[task]
    if known.kind == YEARS:
        years = np.arange(len(scores), dtype=np.float32)
        yield Decision(task, f'{labels.age(scores).years:.0f} years', place, years)
        return
    one_each = np.eye(len(scores), dtype=np.float32)
    if known.kind == MULTICLASS:
        best = int(scores.argmax())
        yield Decision(task, known.labels[best], place, one_each[best])
        return
    for name in attributes:
        if name in known.labels:
            yield Decision(task, name, place, one_each[known.labels.index(name)])


class MeanExplanation:
    """The mean crop and map of many faces of one class."""

    def __init__(self) -> None:
        """Begin without a face."""
        self.faces = 0
        self._crop = self._influence = np.zeros(1)

    def add(self, found: Explanation) -> None:
        """Take in a face; crops of one network are all of one size."""
        self._crop = self._crop + found.crop.astype(np.float64)
        self._influence = self._influence + found.influence
        self.faces += 1

    @property
    def crop(self) -> np.ndarray:
        """(S, S, 3) uint8 BGR."""
        return (self._crop / self.faces).astype(np.uint8)

    @property
    def influence(self) -> np.ndarray:
        """(S, S) float32."""
        return (self._influence / self.faces).astype(np.float32)


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
    """Return where a map is highest: x and y in sides of the crop, 0..1."""
    y, x = np.unravel_index(int(influence.argmax()), influence.shape)
    return (float(x) + 0.5) / influence.shape[1], (float(y) + 0.5) / influence.shape[0]
