# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""On what ONNX Runtime computes: devices by name, and whether they work here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from face_affect_ros.engines.protocol import FrameworkError
from face_affect_ros.engines.protocol import first_line
from face_affect_ros.quoting import shortened

AUTO = 'auto'


class DeviceError(FrameworkError):
    """A device that ONNX Runtime cannot compute on here; one line that names what it needs."""


@dataclass(frozen=True)
class Device:
    """A device.

    :param provider: ONNX Runtime's execution provider.
    :param package: the package on PyPI whose ONNX Runtime has it.
    :param options: returns the provider's options for a number of threads.
    """

    provider: str
    package: str
    options: Callable[[int], dict[str, str]] = lambda threads: {}


DEVICES = {
    'cpu': Device('CPUExecutionProvider', 'onnxruntime'),
    'cuda': Device('CUDAExecutionProvider', 'onnxruntime-gpu'),
    'openvino': Device(
        'OpenVINOExecutionProvider',
        'onnxruntime-openvino',
        lambda threads: {'device_type': 'CPU', 'num_of_threads': str(threads)},
    ),
}
"""All devices by name."""

PREFERRED = ('cuda', 'cpu')
"""What ``auto`` takes, the first that works. OpenVINO gives the same answers, but searches and
describes a picture of 640x480 on one thread in 109 ms where the CPU provider takes 102."""

_NEGATION = (
    b'\x08\x08:2\n\x0b\n\x01x\x12\x01y"\x03Neg\x12\x01gZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n'
    b'\x02\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r'
)
"""An ONNX network of one node, y = -x."""


def names() -> tuple[str, ...]:
    """Return what a device can be called."""
    return (*DEVICES, AUTO)


def available() -> tuple[str, ...]:
    """Return the devices whose providers the installed ONNX Runtime has; they may still fail."""
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return tuple(name for name, device in DEVICES.items() if device.provider in there)


def in_use(name: str) -> str:
    """Return the device that a name stands for: of ``auto`` the first preferred one that works.

    :raises DeviceError: it does not work here.
    """
    if name != AUTO:
        fault = _fault(name)
        if fault:
            raise DeviceError(fault)
        return name
    return next((each for each in PREFERRED if not _fault(each)), 'cpu')


def session(source: str | bytes, options: Any, name: str, threads: int) -> Any:
    """Return an ``InferenceSession`` that computes on a device of ``DEVICES``.

    :param source: path or bytes of a network.
    :raises DeviceError: ONNX Runtime fell back to another one.
    """
    import onnxruntime

    device = DEVICES[name]
    if name == 'cuda' and hasattr(onnxruntime, 'preload_dlls'):
        onnxruntime.preload_dlls()  # CUDA as packages of pip
    made = onnxruntime.InferenceSession(
        source, options, providers=[(device.provider, device.options(threads))]
    )
    if device.provider not in made.get_providers():
        raise DeviceError(
            f'device {name}: ONNX Runtime has the {device.provider}, but it does not start: its '
            'hardware, driver or libraries are missing; device auto takes what works'
        )
    return made


@cache
def _fault(name: str) -> str:
    """Return why a device does not work here; empty: it does."""
    import onnxruntime

    device, there = DEVICES[name], available()
    if name not in there:
        return (
            f'device {name} needs the {device.provider}, which the installed ONNX Runtime '
            f'{onnxruntime.__version__} lacks (it has {", ".join(there)}): pip uninstall '
            f'onnxruntime, then pip install {device.package}'
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session(_NEGATION, options, name, 1)
    except DeviceError as error:
        return str(error)
    except Exception as error:  # ONNX Runtime's own are many
        return f'device {name} does not work: {shortened(first_line(error))}'
    return ''
