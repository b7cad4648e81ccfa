# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The original networks of the catalogue as ONNX: which converter each one's files go to."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from face_affect_ros.originals import file_signatures
from face_affect_ros.originals.catalogue import Original
from face_affect_ros.originals.conversion.arrays import ConversionError

if TYPE_CHECKING:
    import onnx

NEEDED = ('onnx', 'h5py')
"""Modules of the extra ``convert``."""

NOT_READ = {
    'numpy': 'its .npy file is a Python pickle, which is not read; the same network is there as '
    'Caffe file'
}
"""Frameworks whose files are not converted, with the reason."""

Files = Mapping[str, bytes]


def missing() -> list[str]:
    """Return the modules that converting needs and that are not installed."""
    from importlib.util import find_spec

    return [name for name in NEEDED if find_spec(name) is None]


def convert(entry: Original, files: Files) -> onnx.ModelProto:
    """Return an original network as ONNX.

    It takes the original's input, with a batch of any size, and gives the original's output.

    :param files: contents by suffix, as ``originals.read_files`` gives them.
    :raises ConversionError: a file is damaged or not what it should be, or is not converted; the
        message names the network.
    """
    try:
        if entry.framework in NOT_READ:
            raise ConversionError(NOT_READ[entry.framework])
        _refuse_other_kinds(files)
        return CONVERTERS[entry.framework](entry, files)
    except ConversionError as error:
        raise ConversionError(f'{entry.name}: {error}') from error


def _refuse_other_kinds(files: Files) -> None:
    """Refuse pickles, web pages and the like."""
    for suffix, data in files.items():
        kind = file_signatures.kind(data)
        if kind:
            raise ConversionError(f'the {suffix} file is {kind}')


def _keras(_entry: Original, files: Files) -> onnx.ModelProto:
    """Convert one HDF5 file."""
    return _module('keras').convert(_file(files, '.hdf5'))


def _caffe(_entry: Original, files: Files) -> onnx.ModelProto:
    """Convert a prototxt and a caffemodel."""
    return _module('caffe').convert(_file(files, '.prototxt'), _file(files, '.caffemodel'))


def _mxnet(entry: Original, files: Files) -> onnx.ModelProto:
    """Convert a symbol and its .params up to the layer that is read."""
    return _module('mxnet').convert(
        _file(files, '.json'), _file(files, '.params'), entry.output, entry.input.shape()[1:]
    )


def _tensorflow(entry: Original, files: Files) -> onnx.ModelProto:
    """Convert a frozen graph and OpenCV's description of it."""
    return _module('tensorflow').convert(
        _file(files, '.pb'), _file(files, '.pbtxt'), entry.input.shape()[1:]
    )


def _file(files: Files, suffix: str) -> bytes:
    """Return the file of a suffix."""
    if suffix not in files:
        raise ConversionError(f'it has no {suffix} file')
    return files[suffix]


def _module(name: str):
    """Return a converter's module, loaded at its first use."""
    return import_module(f'face_affect_ros.originals.conversion.{name}')


CONVERTERS: dict[str, Callable[[Original, Files], onnx.ModelProto]] = {
    'caffe': _caffe,
    'keras': _keras,
    'mxnet': _mxnet,
    'tensorflow': _tensorflow,
}
