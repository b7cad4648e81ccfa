# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From an order to a network in a folder of weights; called again, it goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import warnings
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from face_affect_ros.quoting import quoted
from face_affect_ros.registry import catalogue

from ..data.sets import load_set
from ..export import export
from ..exporting.file_figures import figures
from ..fitting import calibrate
from ..recipe import Recipe
from ..train import train
from . import initial_weights
from . import preparation
from .adaptation import adapted
from .faults import DataError
from .faults import DataIssue
from .preparation import SETS
from .report import Report
from .rows import VALIDATION
from .training_job import EMBEDDED
from .training_job import SCRATCH
from .training_job import TrainingJob

MAY_CHANGE: dict[str, Any] = {'epochs': 0, 'average': 0.0, 'bfloat16': False}
"""Fields of a recipe, each with a stand-in, that may change between two calls of one run."""

MINUTES = 0.5
"""From one checkpoint to the next: with few pictures a training may be short."""

LICENCE = 'that of the pictures it was trained on'


@dataclass(frozen=True)
class Result:
    """A network that can be used.

    :param network: whose place it takes.
    :param file: where it is, in the folder of weights.
    :param figures: on the validation pictures, by name.
    :param embedded: figures of the embedded network on the same pictures, where it sees the same
        crops.
    :param pictures: of the validation part.
    """

    network: str
    file: Path
    figures: dict[str, float]
    embedded: dict[str, float]
    pictures: int


def prepare(order: TrainingJob) -> tuple[Report, list[DataIssue]]:
    """Look at all pictures and, where nothing is wrong, make them ready.

    :raises DataError: nothing can be read, or the run is one on other pictures.
    """
    listing = order.listing()
    known = _state(order).get('data')
    if known not in (None, preparation.key_of(listing, order.terms)):
        raise _another_run(order, 'pictures')
    return preparation.prepare(listing, order.terms, _prepared(order))


def run_job(order: TrainingJob, report: Report) -> Result:
    """Train on the prepared pictures, export, measure and register.

    :raises DataError: the run is another one, or the start is none.
    """
    _be_quiet()
    torch.set_num_threads(order.threads)
    recipe = adapted(order, report, initial_weights.start_folder(order))
    _keep_to_one_run(order, recipe)
    if order.begin == EMBEDDED:
        initial_weights.write_embedded(order, recipe, _prepared(order))
    if _state(order).get('finished') != recipe.epochs:
        train(recipe, _prepared(order), minutes=MINUTES)
        _note(order, finished=recipe.epochs)
    _calibrate(order, recipe)
    return _delivered(order, recipe, report)


def _prepared(order: TrainingJob) -> Path:
    """Return the folder of the prepared pictures."""
    return order.run / 'data'


def _keep_to_one_run(order: TrainingJob, recipe: Recipe):
    """Note what this run is; raise ``DataError`` where it is another one already."""
    lasting = replace(recipe, start=order.begin, folder=None, **MAY_CHANGE)
    now = json.loads(json.dumps(asdict(lasting)))
    before = _state(order).get('recipe', now)
    differing = [name for name in now if before.get(name) != now[name]]
    if differing:
        raise _another_run(order, ', '.join(differing))
    _note(order, recipe=now, data=preparation.stored_key(_prepared(order)))


def _another_run(order: TrainingJob, what: str) -> DataError:
    """Return what to tell when a run's folder is that of another run."""
    return DataError(
        f'{quoted(order.run)} is a run with other {what}: choose another folder with '
        '--runs, or delete it'
    )


def _state(order: TrainingJob) -> dict[str, Any]:
    """Return what is known of the run."""
    try:
        return json.loads((order.run / 'run.json').read_text())
    except (OSError, ValueError):
        return {}


def _note(order: TrainingJob, **changes):
    """Write down more about the run."""
    order.run.mkdir(parents=True, exist_ok=True)
    part = order.run / 'run.json.part'
    part.write_text(json.dumps({**_state(order), **changes}, indent=1))
    part.replace(order.run / 'run.json')


def _calibrate(order: TrainingJob, recipe: Recipe):
    """Write the calibration that export builds in."""
    measured = calibrate.calibrate(recipe, _prepared(order)) if recipe.held_out else None
    np.savez(recipe.run / 'calibration.npz', **(measured or initial_weights.calibration(recipe)))


def _delivered(order: TrainingJob, recipe: Recipe, report: Report) -> Result:
    """Export, measure, and put the file with its entry into the folder of weights."""
    made = recipe.run / f'{order.target}.onnx'
    export(recipe, made)
    data = made.read_bytes()
    pictures = load_set(SETS[VALIDATION], _prepared(order))
    measured = figures(data, recipe, pictures)
    order.weights.mkdir(parents=True, exist_ok=True)
    file = order.weights / made.name
    register(order.weights, order.target, _entry(order, recipe, data, measured, report))
    os.replace(made, file) if _same_disk(made, file.parent) else file.write_bytes(data)
    return Result(
        order.target, file, measured, _of_embedded(order, recipe, pictures), len(pictures)
    )


def _same_disk(file: Path, folder: Path) -> bool:
    """Return whether a file can be moved to a folder by name."""
    return file.stat().st_dev == folder.stat().st_dev


def _entry(
    order: TrainingJob, recipe: Recipe, data: bytes, measured: dict[str, float], report: Report
) -> dict[str, Any]:
    """Return the result's entry of the catalogue."""
    entry = catalogue.network(order.target)
    begun = {EMBEDDED: f', started from the embedded {order.target}', SCRATCH: ''}.get(
        order.begin, f', started from the run {Path(order.begin).name}'
    )
    licence = f'{LICENCE}; {entry.licence}' if order.begin == EMBEDDED else LICENCE
    used = ' and '.join(f'{count} for {part}' for part, count in report.used.items())
    return {
        'file': f'{order.target}.onnx',
        'sha256': hashlib.sha256(data).hexdigest(),
        'task': entry.task,
        'outputs': list(recipe.exported),
        'licence': licence,
        'source': f'trained with face-affect train {order.name} on {order.data.resolve().name} '
        f'({used}){begun}',
        'crop': {'size': recipe.size, 'channels': recipe.channels, 'factor': recipe.factor},
        'figures': {f'own {name}': value for name, value in measured.items()},
    }


def register(weights: Path, name: str, entry: dict[str, Any]):
    """Put a network's entry into a folder of weights, beside those that are there.

    :raises WeightsError: there are some that are none.
    """
    catalogue.networks(weights)
    path = weights / catalogue.ENTRIES
    entries = yaml.safe_load(path.read_text()) or {} if path.exists() else {}
    part = path.with_name(f'{path.name}.part')
    part.write_text(yaml.safe_dump({**entries, name: entry}, sort_keys=False))
    part.replace(path)


def _of_embedded(order: TrainingJob, recipe: Recipe, pictures) -> dict[str, float]:
    """Return the embedded network's figures, if it sees what the new one sees."""
    entry = catalogue.network(order.target)
    crop = catalogue.CropSpec(recipe.size, recipe.channels, recipe.factor)
    if entry.crop != crop or entry.outputs != recipe.exported:
        return {}
    return figures(catalogue.read_weights(order.target), recipe, pictures)


def _be_quiet():
    """Keep frameworks from talking of what users cannot change."""
    for name in ('lightning.pytorch', 'lightning.fabric'):
        logging.getLogger(name).setLevel(logging.WARNING)
    for module in ('lightning', 'torch'):
        warnings.filterwarnings('ignore', module=module)
