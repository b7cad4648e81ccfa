# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What all engines have in common, whatever framework computes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    import numpy as np


class FrameworkError(Exception):
    """A framework is missing or unsuitable; one line that names the command to get it."""


class Engine(Protocol):
    """One network, loaded and ready. Threads may share it."""

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the outputs for the inputs, both in the network's order."""


def first_line(error: BaseException) -> str:
    """Return what a framework says, which may be long, as one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
