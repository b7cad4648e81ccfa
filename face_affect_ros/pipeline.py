# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Models assembled by name, from the registry's data."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.detection.detector import Detector
from face_affect_ros.detection.specs import DETECTORS
from face_affect_ros.engines import devices
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.engines.protocol import Engine
from face_affect_ros.model import Model
from face_affect_ros.networks import trial
from face_affect_ros.networks.face_network import FaceNetwork
from face_affect_ros.networks.face_network import FacePredictor
from face_affect_ros.networks.face_network import TaskOutput
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

EngineLoader = Callable[[str, ModelSettings], Any]
"""Loads a network by its name: ``run(*inputs) -> outputs``."""


def spec_of(model: str | int, settings: ModelSettings) -> catalogue.ModelSpec:
    """Return what a model is made of with these settings.

    :raises UnknownNameError: there is no such model.
    """
    spec = _original_model(model) if settings.weights == 'original' else catalogue.model(model)
    if settings.detector == 'auto':
        return spec
    return replace(spec, detector=settings.detector)


def check_used(models: Iterable[str | int], settings: ModelSettings) -> None:
    """Check that a detector of one of the models uses each setting of detectors that is given.

    :raises ParameterError: none does.
    :raises UnknownNameError: there is no such model.
    """
    settings.check_used_by(spec_of(model, settings).detector for model in models)


def settings_of(model: str | int, settings: ModelSettings) -> ModelSettings:
    """Return what of settings for several models concerns this one."""
    return settings.of_detector(spec_of(model, settings).detector)


def _original_model(model: str | int) -> catalogue.ModelSpec:
    """Return what a model of the original networks is made of."""
    from face_affect_ros import originals

    return originals.model(model)


def _is_original(name: str) -> bool:
    """Return whether a network is one of the originals, which are not looked at in vain."""
    if name in catalogue.networks():
        return False
    from face_affect_ros import originals

    return name in originals.originals()


def _given(settings: ModelSettings | None) -> ModelSettings:
    """Return settings, the defaults where none are given.

    :raises TypeError: they are something else.
    """
    if settings is not None and not isinstance(settings, ModelSettings):
        raise TypeError(
            f'settings is {quoted(settings)}: give a ModelSettings, as ModelSettings(threads=2)'
        )
    return settings or ModelSettings()


def load_engine(name: str, settings: ModelSettings) -> Engine:
    """Load a network by name, its files checked.

    :raises WeightsError: a file is missing, not whole or no such network.
    :raises FrameworkError: dlib, or the framework of an original network, is missing, or the
        device does not work here.
    """
    if _is_original(name):
        from face_affect_ros import originals

        return originals.load_engine(name, settings)
    path = catalogue.checked_path(name, settings.weights_dir)
    entry = catalogue.network(name, settings.weights_dir)
    try:
        # By its path: a session keeps bytes that it is given for as long as it lives.
        loaded = OnnxEngine(path, settings.threads, settings.device)
        if entry.folder:
            _try_out(loaded, entry)
    except trial.TrialError as error:
        raise catalogue.fault(entry, path, 'is another network', str(error)) from error
    except ValueError as error:
        reason = shortened(str(error.__cause__ or error))
        raise catalogue.fault(entry, path, 'is no network', reason) from error
    return loaded


class SharedEngines:
    """Loads each network once for all who use it at the same time; threads may share it.

    Networks of ONNX Runtime are shared, those of other frameworks are loaded for each.
    """

    def __init__(self) -> None:
        """Begin without a network."""
        self._lock = threading.Lock()
        self._loaded: weakref.WeakValueDictionary[Any, OnnxEngine] = weakref.WeakValueDictionary()

    def __call__(self, name: str, settings: ModelSettings) -> Engine:
        """Return a network by name, as ``load_engine`` does."""
        key = (
            *(name, settings.threads, settings.device),
            *(settings.weights_dir, settings.engine, settings.weights),
        )
        with self._lock:
            shared = self._loaded.get(key)
            if shared is not None:
                return shared
            engine = load_engine(name, settings)
            if isinstance(engine, OnnxEngine):
                self._loaded[key] = engine
            return engine


def _try_out(engine: OnnxEngine, entry: catalogue.Network) -> None:
    """Raise ``TrialError`` where a network of a user's is not what it is meant for."""
    if entry.crop is not None:
        trial.try_out(engine, entry)
        return
    expected = OnnxEngine(catalogue.checked_path(entry.name)).signature
    if engine.signature != expected:
        raise trial.TrialError('it has not the inputs and outputs of the embedded one')


def load_detector(
    model: str | int = 1, settings: ModelSettings | None = None, engine: EngineLoader = load_engine
) -> Detector:
    """Load a model's detector alone: ``detect(frame) -> Detections``.

    :raises UnknownNameError: there is no such model.
    :raises ParameterError: settings of a detector that is not the model's.
    :raises WeightsError: a weight file is missing or altered.
    :raises FrameworkError: dlib, or the framework of an original network, is missing.
    """
    settings = _given(settings)
    check_used([model], settings)
    spec = spec_of(model, settings)
    detector = DETECTORS[spec.detector]
    return detector.load(
        [engine(name, settings) for name in detector.networks], settings.search(spec.detector)
    )


class LoadedModel(Model):
    """A model that ``load_model`` put together.

    Pickled and copied, it is its name and its settings: the networks are loaded again on the other
    side, which needs the same weights, by the usual loader of engines.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to load it again.

        :raises ValueError: it is closed.
        """
        if self.closed:
            raise ValueError('the model is closed')
        return load_model, (self.name, self.settings)


def load_model(
    model: str | int = 1, settings: ModelSettings | None = None, engine: EngineLoader = load_engine
) -> Model:
    """Load a model with all its networks.

    :param model: 1, or its name.
    :param settings: thresholds, threads, where weights are looked for.
    :param engine: loads each network.
    :raises UnknownNameError: there is no such model; the message names those that there are.
    :raises WeightsError: a weight file is missing or altered; the message names it.
    :raises FrameworkError: dlib, or the framework of an original network, is missing, or the
        device does not work here.
    """
    settings = _given(settings)
    spec = spec_of(model, settings)
    rules = GenderRules(spec.gender)
    needed = _needed(spec, rules, settings)
    _check_present(spec, needed, settings)

    load_task = _TaskLoader(spec, settings, engine)
    networks = {task: load_task(task) for task in needed}
    return LoadedModel(
        spec.name,
        load_detector(model, settings, engine),
        networks,
        rules,
        settings,
        spec.emotion_threshold,
        attribute_thresholds(model, settings),
        {task: partial(load_task, task) for task in spec.networks},
    )


def attribute_thresholds(model: str | int, settings: ModelSettings) -> Mapping[str, float]:
    """Return the thresholds of attributes that were chosen for a model's networks, if any."""
    entries = _entries(model, settings)
    return {label: value for entry in entries for label, value in entry.thresholds.items()}


def threshold_sources(model: str | int, settings: ModelSettings) -> Mapping[str, str]:
    """Return on what those thresholds were chosen, by network."""
    return {
        entry.name: entry.thresholds_from
        for entry in _entries(model, settings)
        if entry.thresholds
    }


def _entries(model: str | int, settings: ModelSettings) -> list[catalogue.Network]:
    """Return the catalogue's entries of a model's networks, without originals."""
    names = [name for name in network_names(model, settings) if not _is_original(name)]
    return [catalogue.network(name, settings.weights_dir) for name in names]


def network_names(model: str | int, settings: ModelSettings) -> list[str]:
    """Return the networks that a model loads: its detector's and those that describe faces."""
    spec = spec_of(model, settings)
    needed = _needed(spec, GenderRules(spec.gender), settings)
    return [
        *DETECTORS[spec.detector].networks,
        *chain.from_iterable(spec.networks[task] for task in needed),
    ]


def summary_of_detector(model: str | int, settings: ModelSettings) -> str:
    """Return in a line what finds faces."""
    spec = spec_of(model, settings)
    return f'model {spec.name}: faces by {_line(spec.detector, DETECTORS[spec.detector].networks)}'


def summary_of_networks(model: str | int, settings: ModelSettings) -> str:
    """Return in a line which networks describe faces, and where they come from."""
    spec = spec_of(model, settings)
    needed = _needed(spec, GenderRules(spec.gender), settings)
    together: dict[str, list[str]] = {}
    for task in needed:
        together.setdefault(', '.join(spec.networks[task]), []).append(task)
    tasks = '; '.join(f'{", ".join(told)} by {names}' for names, told in together.items())
    place = f', weights_dir {quoted(settings.weights_dir)}' if settings.weights_dir else ''
    engine = f', engine {settings.engine}' if settings.weights == 'original' else ''
    device = devices.in_use(settings.device)
    return (
        f'model {spec.name}: {tasks or "nothing is told of faces"} ({settings.weights} '
        f'weights{engine}{place}; threads {settings.threads}, device {device})'
    )


def _line(detector: str, networks: Sequence[str]) -> str:
    return f'{detector} ({", ".join(networks)})' if networks else detector


def _needed(spec: catalogue.ModelSpec, rules: GenderRules, settings: ModelSettings) -> list[str]:
    """Return the tasks whose networks run for those that are on, in the model's order."""
    wanted = rules.needed(settings.tasks, spec.networks)
    return [task for task in spec.networks if task in wanted]


def _check_present(
    spec: catalogue.ModelSpec, tasks: Sequence[str], settings: ModelSettings
) -> None:
    """Raise ``WeightsError`` where files of originals are missing, before anything is loaded."""
    if settings.engine == 'native':
        from face_affect_ros import originals

        names = [
            *DETECTORS[spec.detector].networks,
            *chain.from_iterable(spec.networks[task] for task in tasks),
        ]
        originals.check_present(
            [originals.original(name) for name in names if name in originals.originals()],
            settings.weights_dir,
        )


class _TaskLoader:
    """Loads the network of a task; tasks that name the same one share it while it is in use."""

    def __init__(
        self, spec: catalogue.ModelSpec, settings: ModelSettings, engine: EngineLoader
    ) -> None:
        self._networks, self._settings, self._engine = spec.networks, settings, engine
        self._loaded: weakref.WeakValueDictionary[tuple[str, ...], Any] = (
            weakref.WeakValueDictionary()
        )

    def __call__(self, task: str) -> FacePredictor:
        names = self._networks[task]
        if [*self._networks.values()].count(names) == 1:
            return _load_networks(names, self._settings, self._engine)
        network = self._loaded.get(names)
        if network is None:
            network = _load_networks(names, self._settings, self._engine)
            self._loaded[names] = network
        return TaskOutput(network, task)


def _load_networks(
    names: Sequence[str], settings: ModelSettings, engine: EngineLoader
) -> FacePredictor:
    """Load the network, or all networks, of a task."""
    networks = [load_network(name, settings, engine) for name in names]
    if len(networks) == 1:
        return networks[0]
    from face_affect_ros import originals

    return originals.together(networks)


def load_network(
    name: str, settings: ModelSettings | None = None, engine: EngineLoader = load_engine
) -> FacePredictor:
    """Load a network that describes faces.

    :raises UnknownNameError: there is no such network.
    :raises WeightsError: its file is missing or altered.
    :raises ValueError: it describes no faces.
    """
    settings = _given(settings)
    if _is_original(name):
        from face_affect_ros import originals

        return originals.load_network(name, engine(name, settings))
    entry = catalogue.network(name, settings.weights_dir)
    return FaceNetwork(
        engine(name, settings),
        catalogue.crop_of(name, settings.weights_dir),
        entry.outputs,
        entry.tta if settings.tta else (),
    )
