# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The catalogue of networks and models: what exists, where its file lies, whether it is whole.

A folder of weights may have a ``networks.yaml`` of its own, as ``face-affect train`` writes it:
its entries take the places of those of the same names; ``entries.py`` says what they may say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from face_affect_ros.quoting import quoted
from face_affect_ros.registry.entries import MAX_FILE_BYTES
from face_affect_ros.registry.entries import EntryError
from face_affect_ros.registry.entries import read_entries
from face_affect_ros.registry.files import check_folder
from face_affect_ros.registry.files import is_there
from face_affect_ros.registry.files import read_regular

HOME = Path(__file__).parent
EMBEDDED = HOME / 'weights'
ENTRIES = 'networks.yaml'

MAX_BYTES = 512_000_000
"""Largest file of a network that is read."""

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
    :param task: what it is for: ``detection``, ``identity`` or one of ``tasks.TASKS``.
    :param licence: what the file may be used for.
    :param source: where it is from: who trained it on what.
    :param crop: what it wants to see, where it describes faces.
    :param outputs: what its outputs are, in the file's order; not given: its task.
    :param tta: crops whose probabilities, each with its mirror image's, are averaged where
        test-time augmentation is asked for; empty: this network gains nothing by it.
    :param figures: measured quality on validation data, by name.
    :param thresholds: probability from which each attribute is told where the decision is
        balanced (``evaluate data --choose-thresholds balanced``); empty: none were chosen.
    :param thresholds_from: on which pictures they were chosen, for people.
    :param verification: of a network for ``identity``, what distances of its embeddings mean
        (``identity.VerificationRule``).
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
    thresholds: Mapping[str, float] = field(default_factory=dict)
    thresholds_from: str = ''
    verification: Mapping[str, float] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True)
class ModelSpec:
    """A model: a detector, the networks that describe faces, and how labels are decided.

    :param name: ``"1"`` or ``"2"``.
    :param description: one line for people.
    :param detector: name of the detector.
    :param networks: names of the networks, one or several, by task, in the order in which they
        run.
    :param gender: how the networks that speak of gender are combined: for every set of them the
        weight of each by its task, and a ``bias`` (decision/gender_fusion.py).
    :param emotion_threshold: emotion probability below which the answer is neutral, 0..1; 0: the
        best label, always.
    """

    name: str
    description: str
    detector: str
    networks: Mapping[str, tuple[str, ...]]
    gender: tuple[Mapping[str, float], ...] = ()
    emotion_threshold: float = 0.0


def networks(weights_dir: str | Path | None = None) -> Mapping[str, Network]:
    """Return all networks by name.

    :param weights_dir: folder whose entries take precedence over this package's.
    :raises WeightsError: it is no folder, or an entry in it breaks a rule (``entries.FIELDS``);
        the message names which.
    """
    return {**_embedded(), **_own(weights_folder(weights_dir))} if weights_dir else _embedded()


def network(name: str, weights_dir: str | Path | None = None) -> Network:
    """Return a network; raise ``UnknownNameError`` with the known names."""
    known = networks(weights_dir)
    if name not in known:
        raise UnknownNameError(f'no network {quoted(name)}; there are {", ".join(known)}')
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


def model(name: str | int) -> ModelSpec:
    """Return a model by its name or number; raise ``UnknownNameError`` with the known ones."""
    if str(name) not in model_names():
        raise UnknownNameError(
            f'no model {quoted(str(name))}; there are {", ".join(model_names())}'
        )
    return model_spec(str(name), yaml.safe_load((HOME / f'model{name}.yaml').read_text()))


def model_spec(name: str, entry: Mapping[str, Any]) -> ModelSpec:
    """Build a model's entry from its YAML."""
    return ModelSpec(
        name=name,
        description=entry['description'],
        detector=entry['detector'],
        networks={
            task: (names,) if isinstance(names, str) else tuple(names)
            for task, names in entry['networks'].items()
        },
        gender=tuple(entry['gender']),
        emotion_threshold=entry.get('emotion_threshold', 0.0),
    )


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
    try:
        data = read_regular(path, MAX_BYTES)
    except OSError as error:
        what = 'is missing' if isinstance(error, FileNotFoundError) else 'cannot be read'
        raise fault(entry, path, what, error.strerror or str(error)) from error
    found = hashlib.sha256(data).hexdigest()
    if found != entry.sha256.lower():
        raise fault(
            entry,
            path,
            'is altered',
            f'it has sha256 {found[:12]}..., expected {entry.sha256[:12].lower()}...',
        )
    return path, data


def fault(entry: Network, path: Path, what: str, reason: str) -> WeightsError:
    """Return an error about a network's file.

    :param what: is wrong with it, in few words.
    :param reason: is given in brackets.
    """
    if entry.folder:
        remedy = f'train it again, or take its entry out of {ENTRIES}'
    elif path.parent == EMBEDDED:
        remedy = 'reinstall face_affect_ros to restore it'
    else:
        remedy = 'take it out of its folder, or put the right file there'
    return WeightsError(f'weight file of {entry.name} {what}: {path} ({reason}); {remedy}')


def weights_path(entry: Network, weights_dir: str | Path | None = None) -> Path:
    """Return where a network's file is looked for.

    :raises WeightsError: ``weights_dir`` is no folder, or a closed one.
    """
    if not weights_dir:
        return EMBEDDED / entry.file
    path = weights_folder(weights_dir) / entry.file
    return path if entry.folder or is_there(path) else EMBEDDED / entry.file


@cache
def _embedded() -> Mapping[str, Network]:
    """Return this package's networks by name."""
    entries = read_entries((HOME / ENTRIES).read_bytes())
    return {name: _network(name, entry) for name, entry in entries.items()}


def _own(folder: Path) -> Mapping[str, Network]:
    """Return the networks by name that a folder of weights has entries of.

    :raises WeightsError: the entries cannot be read, or one is none.
    """
    path = folder / ENTRIES
    try:
        if not is_there(path):
            return {}
        entries = read_entries(read_regular(path, MAX_FILE_BYTES))
        return {name: _own_network(name, entry, folder) for name, entry in entries.items()}
    except (OSError, EntryError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise WeightsError(
            f'{ENTRIES} in {quoted(folder, 60)}: {reason}; correct it, or write it '
            'again with face-affect train'
        ) from error


def weights_folder(weights_dir: str | Path) -> Path:
    """Return a folder of weights.

    :raises WeightsError: it is none, or a closed one.
    """
    try:
        check_folder(weights_dir)
    except OSError as error:
        raise WeightsError(
            f'weights_dir {quoted(weights_dir)} is no folder that can be entered '
            f'({error.strerror}): give another, or open it (chmod u+rx)'
        ) from error
    return Path(weights_dir)


def _own_network(name: str, entry: Mapping[str, Any], folder: Path) -> Network:
    """Return an entry of a folder of weights.

    :raises EntryError: it is for something else than the network whose place it takes.
    """
    known = _embedded().get(name)
    if known is None:
        near = get_close_matches(name, _embedded(), 1, 0.0)[0]
        raise EntryError(
            f'there is no network {quoted(name)} whose place it takes; did you mean {near}?'
        )
    if known.task != entry['task']:
        raise EntryError(f'{name}.task is {entry["task"]}, must be {known.task}')
    return _network(name, {**entry, 'folder': folder})


def _network(name: str, entry: Mapping[str, Any]) -> Network:
    """Build an entry from its YAML."""
    crop = CropSpec(**entry['crop']) if 'crop' in entry else None
    outputs = tuple(entry.get('outputs', [entry['task']]))
    tta = tuple(CropSpec(**{**entry['crop'], **changes}) for changes in entry.get('tta', ()))
    return Network(**{**entry, 'name': name, 'crop': crop, 'outputs': outputs, 'tta': tta})
