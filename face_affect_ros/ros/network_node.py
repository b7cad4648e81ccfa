# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the nodes with networks have in common: loading, and settings that change meanwhile."""

from __future__ import annotations

from typing import Any
from typing import Generic
from typing import TypeVar

from face_affect_ros import pipeline
from face_affect_ros.ros import process
from face_affect_ros.ros.stage_node import StageNode
from face_affect_ros.settings import ModelSettings
from face_affect_ros.settings import model_settings
from face_affect_ros.stream.stage import Stage
from face_affect_ros.stream.stages import AttributesStage
from face_affect_ros.stream.stages import DetectionStage

Work = TypeVar('Work', DetectionStage, AttributesStage)


class NetworkNode(StageNode, Generic[Work]):
    """A managed node whose stage runs networks.

    Subclasses say in ``load`` what runs and in ``tune`` what may change while it does; they create
    the stage.
    """

    stage: Stage[Any, Any]

    work: Work | None = None
    """What the stage does with each item; None while the node is unconfigured."""

    def load(self, model: str, settings: ModelSettings) -> Work:
        """Load the networks."""
        raise NotImplementedError

    def tune(self, work: Work, settings: ModelSettings) -> None:
        """Give everything that may change while running its parameters."""
        raise NotImplementedError

    def configure(self) -> None:
        """Load the networks with the parameters as they are."""
        settings = model_settings(self.parameters)
        process.compute_with(settings.threads)
        work = self.load(self.parameters['model'], settings)
        self.tune(work, settings)
        self.work = work

    def activate(self) -> None:
        """Start with nothing known."""
        self.loaded().clear()

    def clean_up(self) -> None:
        """Let go of the networks."""
        self.work = None

    def loaded(self) -> Work:
        """Return the work of a configured node, which another thread may be cleaning up."""
        work = self.work
        assert work is not None
        return work

    def forget_newest(self) -> None:
        """Drop what waits; the next is another stream's."""
        self.stage.clear()
        if self.work is not None:
            self.work.time.expect_jump()

    def parameters_changed(self, names: set[str]) -> None:
        """Take new thresholds and rates into use from the next picture on."""
        if self.work is not None:
            settings = model_settings(self.parameters)
            pipeline.check_used([self.parameters['model']], settings)
            self.tune(self.work, settings)
