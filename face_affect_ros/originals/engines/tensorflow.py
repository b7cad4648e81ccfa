# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""TensorFlow as an engine for Keras networks in HDF5."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.engines.protocol import first_line
from face_affect_ros.originals.engines import stderr_filter

HDF5 = b'\x89HDF\r\n\x1a\n'
"""What every HDF5 file begins with."""

REMEDY = 'pip install "face_affect_ros[tensorflow]"'


class KerasEngine:
    """One Keras network on the CPU: one input, one output.

    :param model: path of the HDF5 file, or its bytes.
    :param threads: intra-op threads, at least 1. TensorFlow has one pool a process: the first
        network that is loaded there decides.
    :raises FrameworkError: TensorFlow is not installed, or Keras runs on another backend.
    :raises ValueError: the file is no network that Keras can load.
    """

    def __init__(self, model: str | Path | bytes, threads: int = 1):
        """Load the network; nothing of how it was trained is."""
        name = 'the given bytes' if isinstance(model, bytes) else str(model)
        _check_signature(model, name)
        tensorflow = _tensorflow()
        _limit(tensorflow, threads)
        try:
            with _as_file(model) as path:
                network = tensorflow.keras.models.load_model(path, compile=False)
            signature = tensorflow.TensorSpec((None, *network.input_shape[1:]), 'float32')
            self._run = tensorflow.function(
                lambda batch: network(batch, training=False), input_signature=[signature]
            )
        except Exception as error:
            raise ValueError(f'Keras cannot load {name}: {first_line(error)}') from error

    def run(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the output for the one (N, H, W, C) float32 input."""
        (batch,) = inputs
        return (self._run(np.asarray(batch, np.float32)).numpy(),)


def _tensorflow() -> Any:
    """Return the framework, imported without its chatter."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    os.environ.setdefault('KERAS_BACKEND', 'tensorflow')
    try:
        with stderr_filter.without():
            import tensorflow

            backend = tensorflow.keras.backend.backend()
    except ImportError as error:
        raise FrameworkError(
            f'TensorFlow does not run here ({first_line(error)}): {REMEDY}'
        ) from error
    if backend != 'tensorflow':
        raise FrameworkError(
            f'Keras runs on {backend} in this process: set KERAS_BACKEND=tensorflow'
        )
    return tensorflow


def _limit(tensorflow: Any, threads: int) -> None:
    """Set the size of the thread pools, unless they are running already."""
    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        pass


def _check_signature(model: str | Path | bytes, name: str) -> None:
    """Raise ``ValueError`` where a file is not HDF5: Keras reads other, unsafer formats too."""
    try:
        start = model[: len(HDF5)] if isinstance(model, bytes) else _start(Path(model))
    except OSError as error:
        raise ValueError(f'Keras cannot load {name}: {error.strerror}') from error
    if start != HDF5:
        raise ValueError(f'Keras cannot load {name}: it is no HDF5 file')


def _start(path: Path) -> bytes:
    """Return a file's first bytes."""
    with path.open('rb') as file:
        return file.read(len(HDF5))


@contextmanager
def _as_file(model: str | Path | bytes) -> Iterator[str]:
    """Give a path to what Keras reads from paths only."""
    if not isinstance(model, bytes):
        yield str(model)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'network.hdf5'
        path.write_bytes(model)
        yield str(path)
