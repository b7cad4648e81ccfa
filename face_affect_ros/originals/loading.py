# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Load an original network: in its own framework, or converted in ONNX Runtime."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.originals.catalogue import Original
from face_affect_ros.originals.catalogue import is_file
from face_affect_ros.originals.catalogue import read_files
from face_affect_ros.originals.engines.mxnet import MxnetEngine
from face_affect_ros.originals.engines.opencv import OpencvEngine
from face_affect_ros.originals.engines.tensorflow import KerasEngine
from face_affect_ros.originals.paths import originals_folder
from face_affect_ros.quoting import quoted
from face_affect_ros.registry.catalogue import WeightsError


def load(
    entry: Original,
    weights_dir: str | Path,
    engine: str = 'native',
    threads: int = 1,
    device: str = 'cpu',
) -> Engine:
    """Load an original network and try it once on nothing.

    :param weights_dir: folder of the originals; empty: where they are fetched to.
    :param engine: ``native``, its own framework, or ``onnx``, its converted form.
    :param threads: threads that compute it, at least 1.
    :param device: on what ONNX Runtime computes its converted form.
    :raises WeightsError: a file is missing, altered or no such network, or its labels are not as
        many as its outputs; the message names it and the remedy.
    :raises FrameworkError: its framework is missing.
    """
    try:
        loaded = (
            _load_converted(entry, weights_dir, threads, device)
            if engine == 'onnx'
            else _load_native(entry, weights_dir, threads)
        )
        outputs = loaded.run(np.zeros(entry.input.shape(), np.float32))
    except ValueError as error:
        raise WeightsError(f'original network {entry.name}: {error}') from error
    columns = prod(outputs[0].shape[1:])
    if entry.labels and columns != len(entry.labels):
        raise WeightsError(
            f'original network {entry.name} has {columns} outputs, but the '
            f'catalogue names {len(entry.labels)} labels'
        )
    return loaded


def digest(entry: Original, weights_dir: str | Path, engine: str) -> str:
    """Return the SHA-256 of an original network's converted file, or of all of its files.

    :returns: hexadecimal; empty where a file is missing or altered.
    """
    try:
        files = (
            [_converted(entry, weights_dir).read_bytes()]
            if engine == 'onnx'
            else read_files(entry, weights_dir).values()
        )
    except (OSError, WeightsError):
        return ''
    return hashlib.sha256(b''.join(files)).hexdigest()


def _converted(entry: Original, weights_dir: str | Path) -> Path:
    """Return where a network's ONNX form lies."""
    return Path(weights_dir or originals_folder()) / entry.converted


def _load_native(entry: Original, weights_dir: str | Path, threads: int) -> Engine:
    """Load its files, checked, in its own framework."""
    if entry.framework not in FRAMEWORKS:
        raise WeightsError(
            f'original network {entry.name} has no engine of its own ({entry.framework} arrays)'
        )
    return FRAMEWORKS[entry.framework](entry, read_files(entry, weights_dir), threads)


def _load_converted(entry: Original, weights_dir: str | Path, threads: int, device: str) -> Engine:
    """Load its ONNX form."""
    path = _converted(entry, weights_dir)
    if not is_file(path):
        place = f' --from {quoted(path.parent)}' if weights_dir else ''
        raise WeightsError(
            f'original network {entry.name} lacks {path.name} in {path.parent}; '
            f'make it with: face-affect models convert {entry.name}{place}'
        )
    return OnnxEngine(path, threads, device)


Files = Mapping[str, bytes]

FRAMEWORKS: Mapping[str, Callable[[Original, Files, int], Engine]] = {
    'keras': lambda entry, files, threads: KerasEngine(files['.hdf5'], threads),
    'mxnet': lambda entry, files, threads: MxnetEngine(
        files['.json'], files['.params'], entry.input.shape(), entry.output, threads
    ),
    'caffe': lambda entry, files, threads: OpencvEngine(
        'caffe', files['.prototxt'], files['.caffemodel']
    ),
    'tensorflow': lambda entry, files, threads: OpencvEngine(
        'tensorflow', files['.pbtxt'], files['.pb']
    ),
}
"""How each framework's files are loaded, by suffix."""
