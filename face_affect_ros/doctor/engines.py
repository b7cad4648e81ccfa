# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What runs the networks: is it there, and does it compute?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import note
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem
from face_affect_ros.engines import devices
from face_affect_ros.registry.catalogue import WeightsError

REMEDY = 'pip install --force-reinstall onnxruntime (on Humble with -c constraints/humble.txt)'


def check_onnx_runtime() -> Iterator[Finding]:
    """Return whether ONNX Runtime loads and has what the networks are computed with."""
    try:
        import onnxruntime
    except Exception as error:  # a library that does not fit raises what it likes
        yield problem('engines-missing', f'ONNX Runtime cannot be imported: {error}', REMEDY)
        return
    there = onnxruntime.get_available_providers()
    if 'cpu' not in devices.available():
        yield problem('engines-missing', 'ONNX Runtime has no CPUExecutionProvider', REMEDY)
        return
    try:
        _find_faces()
    except WeightsError:  # which the check of the weights tells
        return
    except Exception as error:
        yield problem('engines-failed', f'the detector of Model 1 fails: {error}', REMEDY)
        return
    usable = ', '.join(devices.available())
    yield ok(
        'engines',
        f'ONNX Runtime {onnxruntime.__version__} has the devices {usable}; device auto is '
        f'{devices.in_use(devices.AUTO)}',
        providers=list(there),
    )


def check_dlib() -> Iterator[Finding]:
    """Return whether dlib, which Model 2 finds faces with, is there."""
    if find_spec('dlib') is None:
        yield note(
            'engines-dlib',
            'no dlib: model:=2 and detector:=dlib do not start',
            'pip install dlib-bin, if you want them',
        )
    else:
        yield ok('engines', f'dlib {_dlib_version()}, for model:=2 and detector:=dlib')


def _find_faces() -> None:
    import numpy as np

    from face_affect_ros import pipeline

    pipeline.load_detector(1).detect(np.zeros((64, 64, 3), np.uint8))


def _dlib_version() -> str:
    for name in ('dlib-bin', 'dlib'):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return '(unknown version)'
