# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime as an engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros import interruption
from face_affect_ros.engines import devices
from face_affect_ros.engines.protocol import FrameworkError


class OnnxEngine:
    """One ONNX network.

    :param model: path of the file, or its bytes.
    :param threads: intra-op threads, at least 1.
    :param device: one of ``devices.names()``.
    :raises DeviceError: the device does not work here.
    :raises ValueError: the bytes are no network that ONNX Runtime can load.
    """

    def __init__(self, model: str | Path | bytes, threads: int = 1, device: str = 'cpu'):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # each would keep the most that its network needed
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.add_session_config_entry('session.disable_quant_qdq', '1')
        self._arguments = model, threads, device
        self.device = devices.in_use(device)
        source = model if isinstance(model, bytes) else str(model)
        try:
            self._session = devices.session(source, options, self.device, threads)
        except FrameworkError:
            raise
        except Exception as error:
            name = 'the given bytes' if isinstance(model, bytes) else model
            raise ValueError(f'ONNX Runtime cannot load {name}: {error}') from error
        self._inputs = [entry.name for entry in self._session.get_inputs()]
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to load it again, from its file; bytes go along."""
        return OnnxEngine, self._arguments

    @property
    def signature(self) -> tuple[tuple[str, tuple[int | None, ...]], ...]:
        """Type and shape of each input, then of each output; None: any length."""
        ends = *self._session.get_inputs(), *self._session.get_outputs()
        return tuple(
            (end.type, tuple(length if isinstance(length, int) else None for length in end.shape))
            for end in ends
        )

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the outputs for the inputs, both in the file's order."""
        interruption.check()
        return tuple(self._session.run(self._outputs, dict(zip(self._inputs, inputs))))
