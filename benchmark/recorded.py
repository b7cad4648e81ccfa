# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run ``face-affect`` and note in a file when each run of a network ended and what it took.

.venv/bin/python benchmark/recorded.py FILE run detection
"""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RUN = struct.Struct('<dd')
"""One run of a network: steady clock at its end and its length, both in seconds."""


def noted(run: Callable, file: int) -> Callable:
    """Return an engine's ``run`` that notes its times in an open file."""

    def timed(*arguments):
        begin = time.monotonic()
        outputs = run(*arguments)
        end = time.monotonic()
        os.write(file, RUN.pack(end, end - begin))
        return outputs

    return timed


def runs_of(folder: Path) -> np.ndarray:
    """Return (N, 2) float64 runs, their ends and lengths in seconds, of the files in a folder."""
    return np.concatenate([np.fromfile(file).reshape(-1, 2) for file in folder.iterdir()])


def seconds_within(runs: np.ndarray, begin: float, end: float) -> float:
    """Return what the runs that ended between two times of the steady clock took, in seconds."""
    return float(runs[(runs[:, 0] > begin) & (runs[:, 0] <= end), 1].sum())


def main():
    """Be ``face-affect``."""
    from face_affect_ros import cli
    from face_affect_ros.engines.onnx import OnnxEngine

    file = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    OnnxEngine.run = noted(OnnxEngine.run, file)
    sys.exit(cli.main())


if __name__ == '__main__':
    main()
