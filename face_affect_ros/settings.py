# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set on a model, declared once."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

from face_affect_ros.detection.settings import DlibSettings
from face_affect_ros.detection.settings import MtcnnSettings
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.engines import devices
from face_affect_ros.parameter import NETWORK_NODES
from face_affect_ros.parameter import Parameter
from face_affect_ros.parameter import ParameterError
from face_affect_ros.parameter import Value
from face_affect_ros.parameter import check
from face_affect_ros.parameter import declare
from face_affect_ros.parameter import declared
from face_affect_ros.parameter import given
from face_affect_ros.quoting import quoted
from face_affect_ros.registry import catalogue
from face_affect_ros.renaming import former_field
from face_affect_ros.tasks import TASKS

ATTRIBUTES_NODE = ('attributes',)


@former_field('parts', 'tasks')
@dataclass(frozen=True)
class ModelSettings:
    """What can be set on a model.

    :param threads: intra-op threads a network, at least 1.
    :param gender_threshold: gender probability below which the answer is ``unknown``, 0..1.
    :param child_gender_threshold: the same of faces whose expected age is below 13 years, where
        it is above ``gender_threshold``.
    :param emotion_threshold: emotion probability below which the answer is ``neutral``, 0..1;
        -1: the model's own.
    :param weights_dir: folder whose files take precedence over the embedded weights; with
        original weights the folder of the originals, empty: where they are fetched to.
    :param mtcnn: how MTCNN searches.
    :param dlib: how dlib searches.
    :param tasks: what is told of a face, of ``tasks.TASKS``; other networks are not even loaded.
    :param engine: ``onnx``, or ``native``: original networks run in their own frameworks.
    :param device: on what ONNX Runtime computes, one of ``engines.devices.names()``.
    :param weights: ``embedded``, or ``original``: the networks of the papers.
    :param detector: name of a detector in place of the model's own, ``auto``.
    :param other_detectors: how detectors other than these search, by name.
    :param attribute_decision: where attributes are told in words: ``likely``, where they are
        likely, or ``balanced``, from thresholds that were chosen for each.
    :param tta: test-time augmentation: networks that gain by it look at a face several times
        (``registry.catalogue.Network``).
    :raises ValueError: a value is out of its range.
    """

    threads: int = declare(
        1,
        'Threads that compute one network, and threads of OpenCV in the process.',
        limits=(1, 64),
        fixed=True,
    )
    gender_threshold: float = declare(
        0.5,
        'Gender probability below which the answer is undecided.',
        ATTRIBUTES_NODE,
        limits=(0, 1),
    )
    weights_dir: str = declare(
        '',
        'Folder whose weight files take precedence over the embedded ones, or of the originals.',
        fixed=True,
    )
    mtcnn: MtcnnSettings = field(default_factory=MtcnnSettings)
    tasks: tuple[str, ...] = field(default_factory=lambda: tuple(TASKS))
    engine: str = declare(
        'onnx',
        'What runs original networks: ONNX Runtime, converted, or native, their own frameworks.',
        choices=catalogue.ENGINES,
        fixed=True,
    )
    weights: str = declare(
        'embedded',
        'Networks of this package, or the original ones of the papers.',
        choices=catalogue.WEIGHTS,
        fixed=True,
    )
    detector: str = declare(
        'auto',
        "What finds faces; auto: the model's own detector.",
        choices=('auto', *DETECTORS),
        fixed=True,
    )
    dlib: DlibSettings = field(default_factory=DlibSettings)
    emotion_threshold: float = declare(
        -1.0,
        "Emotion probability below which the answer is neutral; -1: the model's own.",
        ATTRIBUTES_NODE,
        limits=(-1, 1),
    )
    attribute_decision: str = declare(
        'likely',
        'From which probability attributes are told in words: likely, where they are likely; '
        'balanced, where thresholds that were chosen for each say so.',
        ATTRIBUTES_NODE,
        choices=('likely', 'balanced'),
    )
    tta: bool = declare(
        False,
        'Test-time augmentation: networks that gain by it look at a face several times, '
        'which takes as many times as long.',
        ATTRIBUTES_NODE,
        fixed=True,
    )

    other_detectors: Mapping[str, Any] = field(default_factory=dict, hash=False)
    child_gender_threshold: float = declare(
        0.9,
        'Gender probability below which the answer is undecided where the expected age is below '
        '13 years; 0: as for everybody.',
        ATTRIBUTES_NODE,
        limits=(0, 1),
    )
    device: str = declare(
        'cpu',
        'On what ONNX Runtime computes: cpu, cuda (package onnxruntime-gpu), openvino '
        '(onnxruntime-openvino), or auto, the first of cuda and cpu that works.',
        choices=devices.names(),
        fixed=True,
    )

    def __post_init__(self):
        check(self)
        if self.engine == 'native' and self.weights != 'original':
            raise ValueError('engine native runs original networks: set weights to original too')
        if self.engine == 'native' and self.device not in ('cpu', devices.AUTO):
            raise ValueError(f'device {self.device} is for engine onnx: leave one of them out')
        if isinstance(self.tasks, str) or not isinstance(self.tasks, Iterable):
            raise ValueError(
                f'tasks is {quoted(self.tasks)}, must be a tuple of {", ".join(TASKS)}'
            )
        for task in self.tasks:
            if task not in tuple(TASKS):
                raise ValueError(f'tasks has {quoted(task)}, must be of {", ".join(TASKS)}')

    def search(self, detector: str) -> Any:
        """Return how a detector searches, by its name."""
        wanted = DETECTORS[detector].settings
        for settings in (self.mtcnn, self.dlib, self.other_detectors.get(detector)):
            if type(settings) is wanted:
                return settings
        return wanted()

    def check_used_by(self, detectors: Iterable[str]) -> None:
        """Check that one of the detectors has each setting that is not at its default.

        :param detectors: names, of ``detection.specs.DETECTORS``.
        :raises ParameterError: none has; the text names those that do.
        """
        detectors = tuple(dict.fromkeys(detectors))
        used = {entry.name for name in detectors for entry in declared(DETECTORS[name].settings)}
        for spec in DETECTORS.values():
            for parameter in declared(spec.settings):
                value = getattr(self.search(spec.name), parameter.name)
                if parameter.name not in used and value != parameter.default:
                    raise parameter.refusal(
                        value,
                        f'only {_who_has(parameter)} can use it, and faces are found by '
                        f'{" and ".join(detectors)}: leave it out, or choose another detector',
                    )

    def of_detector(self, detector: str) -> ModelSettings:
        """Return settings in which only this detector's are not at their defaults."""
        searched = self.search(detector)
        return replace(
            self,
            mtcnn=searched if isinstance(searched, MtcnnSettings) else MtcnnSettings(),
            dlib=searched if isinstance(searched, DlibSettings) else DlibSettings(),
            other_detectors={
                name: search for name, search in self.other_detectors.items() if name == detector
            },
        )


def _who_has(parameter: Parameter) -> str:
    """Return the names of the detectors that have a parameter."""
    return ' and '.join(
        spec.name
        for spec in DETECTORS.values()
        if parameter.name in {entry.name for entry in declared(spec.settings)}
    )


MODEL = Parameter(
    'model',
    '1',
    'Model that finds and describes faces.',
    NETWORK_NODES,
    choices=catalogue.model_names(),
    fixed=True,
)

SWITCHES = tuple(
    Parameter(
        f'{name}.enable',
        True,
        f'Tell {task.words}; false: its network does not run, and what it tells is "not given".',
        ATTRIBUTES_NODE,
    )
    for name, task in TASKS.items()
)

MODEL_PARAMETERS = tuple(
    {
        parameter.name: parameter
        for parameter in (
            MODEL,
            *declared(ModelSettings),
            *(parameter for spec in DETECTORS.values() for parameter in declared(spec.settings)),
            *SWITCHES,
        )
    }.values()
)
"""The parameters of models, each once."""


def model_settings(values: Mapping[str, Value]) -> ModelSettings:
    """Return the settings of a model by the values of ``MODEL_PARAMETERS``.

    :param values: by name; what is missing has its default.
    :raises ParameterError: a value is out of its range, or some do not go together.
    """
    try:
        return ModelSettings(
            **given(ModelSettings, values),
            mtcnn=MtcnnSettings(**given(MtcnnSettings, values)),
            dlib=DlibSettings(**given(DlibSettings, values)),
            other_detectors=_other_detectors(values),
            tasks=tuple(task for task in TASKS if values.get(f'{task}.enable', True)),
        )
    except ValueError as error:
        raise ParameterError(str(error)) from error


def _other_detectors(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return how the other detectors search, of those that do not search as by default."""
    found = {
        name: spec.settings(**given(spec.settings, values))
        for name, spec in DETECTORS.items()
        if spec.settings not in (MtcnnSettings, DlibSettings)
    }
    return {name: search for name, search in found.items() if search != type(search)()}
