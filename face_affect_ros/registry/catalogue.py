# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of networks and models: what exists, where its file lies, whether it is whole.

A folder of weights may have a ``networks.yaml`` of its own, as ``face-affect train`` writes it:
its entries take the places of those of the same names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HOME = Path(__file__).parent
EMBEDDED = HOME / 'weights'
ENTRIES = 'networks.yaml'

ENGINES = ('onnx', 'native')
"""What runs networks: ONNX Runtime, or each original network's own framework."""

WEIGHTS = ('embedded', 'original')
"""Which networks a model is made of: this package's, or those of the papers."""


class WeightsError(Exception):
    """A weight file is missing or is not the one that the catalogue names."""


class UnknownNameError(ValueError):
    """There is no network or model of that name."""


@dataclass(frozen=True)
class CropSpec:
    """The crop that a network wants.

    :param size: side in pixels.
    :param channels: 1 = grey, 3 = BGR.
    :param factor: side of the crop in sides of the face's square, or of the box.
    :param kind: ``aligned`` by landmarks; ``box``, the detector's box, its sides scaled each by
        itself; or ``square``, upright around the box, of its longer side.
    """

    size: int
    channels: int
    factor: float
    kind: str = 'aligned'


@dataclass(frozen=True)
class Network:
    """One network file.

    :param name: unique name.
    :param file: file name, in the embedded weights or in ``weights_dir``.
    :param sha256: of the file, hexadecimal.
    :param task: what it is for: ``detection`` or one of ``faces.PARTS``.
    :param licence: what the file may be used for.
    :param source: where it is from: who trained it on what.
    :param crop: what it wants to see, where it describes faces.
    :param outputs: what its outputs are, in the file's order; not given: its task.
    :param tta: crops whose probabilities, each with its mirror image's, are averaged where
        test-time augmentation is asked for; empty: this network gains nothing by it.
    :param figures: measured quality on validation data, by name.
    :param folder: of weights that has this entry; None: it is one of this package.
    """

    name: str
    file: str
    sha256: str
    task: str
    licence: str
    source: str
    crop: CropSpec | None = None
    outputs: tuple[str, ...] = ()
    tta: tuple[CropSpec, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True)
class ModelSpec:
    """A model: a detector, the networks that describe faces, and how labels are decided.

    :param name: ``"1"`` or ``"2"``.
    :param description: one line for people.
    :param detector: name of the detector.
    :param detector_networks: its networks, in its order.
    :param networks: names of the networks, one or several, by part, in the order in which they
        run.
    :param gender: how the networks that speak of gender are combined: for every set of them the
        weight of each by its part, and a ``bias`` (gender.py).
    :param emotion_threshold: emotion probability below which the answer is neutral, 0..1; 0: the
        best label, always.
    """

    name: str
    description: str
    detector: str
    detector_networks: tuple[str, ...]
    networks: Mapping[str, tuple[str, ...]]
    gender: tuple[Mapping[str, float], ...] = ()
    emotion_threshold: float = 0.0


def networks(weights_dir: str | Path | None = None) -> Mapping[str, Network]:
    """Return all networks by name.

    :param weights_dir: folder whose entries take precedence over this package's.
    :raises WeightsError: its entries are none; the message names the file.
    """
    return {**_embedded(), **_own(Path(weights_dir))} if weights_dir else _embedded()


def network(name: str, weights_dir: str | Path | None = None) -> Network:
    """Return a network; raise ``UnknownNameError`` with the known names."""
    known = networks(weights_dir)
    if name not in known:
        raise UnknownNameError(f'no network {name!r}; there are {", ".join(known)}')
    return known[name]


def crop_of(name: str, weights_dir: str | Path | None = None) -> CropSpec:
    """Return what a network that describes faces wants to see.

    :raises ValueError: its entry does not say.
    """
    crop = network(name, weights_dir).crop
    if crop is None:
        raise ValueError(f'network {name} has no crop in the catalogue: it describes no faces')
    return crop


def model_names() -> tuple[str, ...]:
    """Return the names of the models that there are."""
    return tuple(sorted(path.stem.removeprefix('model') for path in HOME.glob('model*.yaml')))


@cache
def detectors() -> Mapping[str, tuple[str, ...]]:
    """Return the names of each detector's networks by its name."""
    entries = yaml.safe_load((HOME / 'detectors.yaml').read_text())
    return {name: tuple(networks) for name, networks in entries.items()}


def model(name: str | int) -> ModelSpec:
    """Return a model by its name or number; raise ``UnknownNameError`` with the known ones."""
    if str(name) not in model_names():
        raise UnknownNameError(f'no model {str(name)!r}; there are {", ".join(model_names())}')
    return model_spec(str(name), yaml.safe_load((HOME / f'model{name}.yaml').read_text()))


def model_spec(name: str, entry: Mapping[str, Any]) -> ModelSpec:
    """Build a model's entry from its YAML."""
    return ModelSpec(
        name=name, description=entry['description'], detector=entry['detector'],
        detector_networks=detectors()[entry['detector']],
        networks={part: (names,) if isinstance(names, str) else tuple(names)
                  for part, names in entry['networks'].items()},
        gender=tuple(entry['gender']), emotion_threshold=entry.get('emotion_threshold', 0.0))


def read_weights(name: str, weights_dir: str | Path | None = None) -> bytes:
    """Return a network's file, checked against its hash.

    :param weights_dir: folder that is looked into before the embedded weights.
    :raises WeightsError: the file is missing or altered; the message names it and the remedy.
    """
    return _checked(name, weights_dir)[1]


def checked_path(name: str, weights_dir: str | Path | None = None) -> Path:
    """Return the path of a network's file, checked as by ``read_weights``."""
    return _checked(name, weights_dir)[0]


def _checked(name: str, weights_dir: str | Path | None) -> tuple[Path, bytes]:
    """Return path and contents of a network's file."""
    entry = network(name, weights_dir)
    path = weights_path(entry, weights_dir)
    remedy = _remedy(entry, path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f'weight file of {name} is missing: {path} ({error.strerror}); {remedy}') from error
    found = hashlib.sha256(data).hexdigest()
    if found != entry.sha256:
        raise WeightsError(
            f'weight file of {name} is altered: {path} has sha256 {found[:12]}..., expected '
            f'{entry.sha256[:12]}...; {remedy}')
    return path, data


def _remedy(entry: Network, path: Path) -> str:
    """Return what to do about a network's file that is missing or altered."""
    if entry.folder:
        return f'train it again, or take its entry out of {entry.folder / ENTRIES}'
    if path.parent == EMBEDDED:
        return 'reinstall face_affect_ros to restore it'
    return f'take it out of {path.parent}, or put the right file there'


def weights_path(entry: Network, weights_dir: str | Path | None = None) -> Path:
    """Return where a network's file is looked for.

    :raises WeightsError: ``weights_dir`` is no folder.
    """
    if weights_dir and not Path(weights_dir).is_dir():
        raise WeightsError(f'weights_dir {weights_dir} is no folder')
    if entry.folder:
        return entry.folder / entry.file
    if weights_dir and (Path(weights_dir) / entry.file).exists():
        return Path(weights_dir) / entry.file
    return EMBEDDED / entry.file


@cache
def _embedded() -> Mapping[str, Network]:
    """Return this package's networks by name."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load((HOME / ENTRIES).read_text())
    return {name: _network(name, entry) for name, entry in entries.items()}


def _own(folder: Path) -> Mapping[str, Network]:
    """Return the networks by name that a folder of weights has entries of.

    :raises WeightsError: the entries cannot be read, or one is none.
    """
    path = folder / ENTRIES
    if not path.is_file():
        return {}
    try:
        entries = yaml.safe_load(path.read_text()) or {}
        return {name: _own_network(name, entry, folder) for name, entry in entries.items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError, ValueError, KeyError,
            AttributeError) as error:
        reason = ' '.join(str(error).split())
        raise WeightsError(f'{path} is no list of networks ({type(error).__name__}: {reason}); '
                           'write it again with face-affect train, or take it away') from error


def _own_network(name: str, entry: dict[str, Any], folder: Path) -> Network:
    """Return an entry of a folder of weights.

    :raises ValueError: it is for something else than the network whose place it takes.
    """
    found = _network(name, {**entry, 'folder': folder})
    known = _embedded().get(name)
    if known and known.task != found.task:
        raise ValueError(f'{name} is for {known.task}, not for {found.task}')
    if Path(found.file).name != found.file:
        raise ValueError(f'{name} has the file {found.file}, which is not in this folder')
    return found


def _network(name: str, entry: dict[str, Any]) -> Network:
    """Build an entry from its YAML."""
    crop = CropSpec(**entry['crop']) if 'crop' in entry else None
    outputs = tuple(entry.get('outputs', [entry['task']]))
    tta = tuple(CropSpec(**{**entry['crop'], **changes}) for changes in entry.get('tta', ()))
    return Network(**{**entry, 'name': name, 'crop': crop, 'outputs': outputs, 'tta': tta})
