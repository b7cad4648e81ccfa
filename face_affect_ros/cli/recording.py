# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An engine that remembers what it was asked and when, and can be timed alone on the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from face_affect_ros.engines.protocol import Engine

if TYPE_CHECKING:
    from face_affect_ros.model import Model
    from face_affect_ros.settings import ModelSettings


@dataclass(frozen=True)
class Call:
    """One run of a network: the steady clock before and after, in seconds."""

    start: float
    end: float


class RecordedEngine:
    """An engine in a recorder's clothes.

    :param engine: what really runs the network.
    """

    def __init__(self, engine: Engine):
        self._engine = engine
        self._inputs: list[list[np.ndarray]] = []
        self._keeps = False
        self.calls: list[Call] = []

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the network and note the call."""
        start = time.perf_counter()
        outputs = self._engine.run(*inputs)
        self.calls.append(Call(start, time.perf_counter()))
        if self._keeps:
            self._inputs.append([array.copy() for array in inputs])
        return outputs

    def forget(self, keep_inputs: bool = False):
        """Drop all calls.

        :param keep_inputs: copy the inputs of the calls to come, in place of those kept so far.
            Copies take time: do not measure a pass that makes them.
        """
        self.calls = []
        self._keeps = keep_inputs
        if keep_inputs:
            self._inputs = []

    def time_alone(self) -> float:
        """Run the kept inputs again, one after the other, and return the seconds it took."""
        start = time.perf_counter()
        for inputs in self._inputs:
            self._engine.run(*inputs)
        return time.perf_counter() - start


@dataclass(frozen=True)
class Assembly:
    """A model whose engines are recorded.

    :param search: name of its detector where that finds faces without a network, else empty.
    :param detection: engines of the detector in the order in which it uses them, by name.
    :param description: engines of the other networks by what they tell, in the order of use.
    """

    model: Model
    search: str
    detection: dict[str, RecordedEngine]
    description: dict[str, RecordedEngine]

    @property
    def engines(self) -> dict[str, RecordedEngine]:
        """All engines by stage."""
        return {**self.detection, **self.description}


def assemble(name: str, settings: ModelSettings) -> Assembly:
    """Load a model as ``load_model`` does, every engine recorded.

    :raises WeightsError: a weight file is missing or altered.
    """
    from face_affect_ros import pipeline
    from face_affect_ros.detection.specs import DETECTORS

    recorded: dict[str, RecordedEngine] = {}

    def engine(network: str, settings: ModelSettings) -> RecordedEngine:
        recorded[network] = RecordedEngine(pipeline.load_engine(network, settings))
        return recorded[network]

    model = pipeline.load_model(name, settings, engine)
    spec = pipeline.spec_of(name, settings)
    detector = DETECTORS[spec.detector]
    return Assembly(
        model=model,
        search=detector.name if detector.uses_library else '',
        detection={network: recorded[network] for network in detector.networks},
        description={
            label: recorded[network]
            for tasks in model.runs
            for label, network in _labelled(tasks, spec.networks[tasks[0]])
        },
    )


def _labelled(tasks: Sequence[str], names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the networks of tasks: one alone under the tasks' names, several under their own."""
    return [(', '.join(tasks) if len(names) == 1 else name, name) for name in names]
