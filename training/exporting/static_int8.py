# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network that computes in 8 bits: weights and activations, with ranges measured on pictures.

Jacob et al. 2018 ("Quantization and training of neural networks for efficient integer-arithmetic-
only inference"), by ONNX Runtime's own tool. How much faster it is depends on the processor:
VNNI multiplies four pairs of bytes at once.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader
from onnxruntime.quantization import QuantFormat
from onnxruntime.quantization import QuantType
from onnxruntime.quantization import quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from .file_figures import Run

BATCH = 32
OPERATORS = ('Conv', 'Gemm', 'MatMul', 'MaxPool', 'Add', 'Relu')
"""What is computed in 8 bits; the softmax and the scaling of the input are not."""


class _Reader(CalibrationDataReader):
    """Hands crops to the tool in batches."""

    def __init__(self, crops: np.ndarray):
        self._batches = iter(np.array_split(crops, -(-len(crops) // BATCH)))

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Return the next batch, None at the end."""
        batch = next(self._batches, None)
        return None if batch is None else {'image': batch}


def quantize(source: Path, target: Path, crops: np.ndarray):
    """Write a float32 network as one that computes in 8 bits.

    Weights have 7 bits: without VNNI sums of two products of 8 bits would overflow.

    :param crops: (N, S, S) or (N, S, S, 3) uint8 training crops, by which ranges are measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / 'prepared.onnx'
        quant_pre_process(str(source), str(prepared))
        quantize_static(
            str(prepared),
            str(target),
            _Reader(crops),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=list(OPERATORS),
        )


def runner(file: Path) -> Run:
    """Return what runs such a file on one thread, in 8 bits, as engines do not."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=['CPUExecutionProvider'])
    return lambda crops: session.run(None, {'image': crops})
