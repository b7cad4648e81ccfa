# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a network of a user's is what its entry says, found out before it is needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from face_affect_ros.engines.protocol import Engine
from face_affect_ros.quoting import shortened
from face_affect_ros.registry.catalogue import CropSpec
from face_affect_ros.registry.catalogue import Network
from face_affect_ros.registry.entries import IDENTITY
from face_affect_ros.tasks import TASKS

EMBEDDING = 128
"""Numbers of an embedding."""

COUNTS = (1, 2)
"""Faces that the network is shown at once: it has to take any number."""


class TrialError(ValueError):
    """A network is not what its entry says; the text says in what."""


def try_out(engine: Engine, entry: Network) -> None:
    """Show a network that describes faces such crops as it will get.

    :raises TrialError: it does not take them, or does not give what the entry names.
    """
    for crop in dict.fromkeys(each for each in (entry.crop, *entry.tta) if each is not None):
        for count in COUNTS:
            _check_outputs(_run(engine, crop, count), entry.outputs, count)


def _run(engine: Engine, crop: CropSpec, count: int) -> Sequence[np.ndarray]:
    """Return what the network says of crops that show nothing."""
    shape = (count, crop.size, crop.size) + ((3,) if crop.channels == 3 else ())
    crops = np.random.default_rng(count).integers(0, 256, shape, np.uint8)
    try:
        return engine.run(crops)
    except Exception as error:  # ONNX Runtime's have no common class
        raise TrialError(
            f'it does not take uint8 crops {list(shape)} ({shortened(str(error))})'
        ) from error


def _columns(output: str) -> int:
    """Return how many numbers an output has a face."""
    return EMBEDDING if output == IDENTITY else TASKS[output].columns


def _check_outputs(found: Sequence[np.ndarray], outputs: Sequence[str], count: int) -> None:
    """Raise ``TrialError`` unless outputs are as many, as wide and as they are said to be."""
    if len(found) != len(outputs):
        raise TrialError(f'it gives {len(found)} outputs, its entry names {", ".join(outputs)}')
    for name, scores in zip(outputs, found):
        expected = (count, _columns(name))
        if (
            not isinstance(scores, np.ndarray)
            or scores.dtype != np.float32
            or (scores.shape != expected)
        ):
            raise TrialError(
                f'its output for {name} is {_described(scores)}, must be float32 {list(expected)}'
            )
        if not _are_probabilities(scores, name):
            raise TrialError(
                f'its output for {name} is no probabilities: 0..1'
                + ('' if TASKS[name].is_independent else ', 1 in all')
            )


def _described(scores: object) -> str:
    if not isinstance(scores, np.ndarray):
        return f'a {type(scores).__name__}'
    return f'{scores.dtype} {list(scores.shape)}'


def _are_probabilities(scores: np.ndarray, name: str) -> bool:
    within = bool((scores >= 0).all() and (scores <= 1).all())  # which no NaN is
    return within and (
        TASKS[name].is_independent or bool((abs(scores.sum(axis=1) - 1) < 0.01).all())
    )
