# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge all that models tell on validation pictures, clean and spoilt: one table.

    python -m training.judging.judge_model --data ../shared/data --models 1 2
    python -m training.judging.judge_model --data ../shared/data --runs face_traits_lite

Each picture's frame is the given box; landmarks are looked for in the picture as it is, spoilt or
not. Noise is of 20 grey levels in each colour, seeded by the row; a hidden half is evenly grey.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from face_affect_ros import crops
from face_affect_ros.decision.gender_fusion import GenderRules
from face_affect_ros.detection.onet_landmarks import MIN_ALIGN_SCORE
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.evaluation.degradations import noisy
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import NEUTRAL
from face_affect_ros.networks.face_network import FaceNetwork
from face_affect_ros.networks.face_network import FacePredictor
from face_affect_ros.pipeline import load_detector
from face_affect_ros.pipeline import load_network
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.catalogue import CropSpec

from ..data.sets import CACHE
from ..data.sets import PictureSet
from ..data.sets import load_set
from ..export import export
from ..recipe import load_recipe
from . import measures
from .judge_traits import combined
from .scoring import Outputs
from .scoring import as_bgr

NOISE = 20.0
"""Standard deviation in grey levels."""

ALL = 'all'
"""The part that a network for all tasks is for."""

SPEAK_OF_GENDER = ('gender', 'age', 'attributes')
BATCH = 32
REPEATS = 40

Networks = dict[str, FacePredictor]
"""Networks by part, as ``registry/modelN.yaml`` names them."""


def as_it_is(picture: np.ndarray, _row: int) -> np.ndarray:
    """Return the picture."""
    return picture


def under_noise(picture: np.ndarray, row: int) -> np.ndarray:
    """Add noise of ``NOISE`` grey levels to each colour by itself, of a grey picture too."""
    return noisy(picture, NOISE, np.random.default_rng(row))


def lower_half_hidden(picture: np.ndarray, _row: int) -> np.ndarray:
    """Give the lower half the picture's mean."""
    hidden = picture.copy()
    hidden[len(picture) // 2 :] = picture.mean()
    return hidden


def frames_of(
    pictures: PictureSet, spoil: Callable[[np.ndarray, int], np.ndarray], cache: Path = CACHE
) -> list[crops.FaceSquare]:
    """Return the squares of spoilt pictures as they are found at run time, kept in the cache."""
    if spoil is as_it_is:
        return [pictures.frame(row) for row in range(len(pictures))]
    file = cache / f'{pictures.name}.{spoil.__name__}.npy'
    if not file.exists():
        detector = load_detector(1)
        found = []
        for row in tqdm(range(len(pictures)), desc=file.stem, leave=False):
            picture = spoil(as_bgr(pictures.pictures[row]), row)
            box = np.array([0, 0, picture.shape[1], picture.shape[0]])
            (landmarks,), (score,) = detector.landmarks_in_boxes(picture, box[None])
            known = landmarks if score >= MIN_ALIGN_SCORE else np.full((5, 2), np.nan)
            frame = crops.square_of_face(box, known)
            found.append((frame.x, frame.y, frame.side, *frame.right))
        np.save(file, np.array(found))
    return [
        crops.FaceSquare(x, y, side, (right_x, right_y))
        for x, y, side, right_x, right_y in np.load(file)
    ]


def outputs_of(
    networks: Networks,
    pictures: PictureSet,
    spoil: Callable[[np.ndarray, int], np.ndarray] = as_it_is,
) -> Outputs:
    """Return the probabilities of all pictures by part and output."""
    frames = frames_of(pictures, spoil)
    found: dict[str, list] = {part: [] for part in networks}
    for start in tqdm(range(0, len(pictures), BATCH), desc=pictures.name, leave=False):
        rows = range(start, min(start + BATCH, len(pictures)))
        views = [crops.whole(spoil(as_bgr(pictures.pictures[row]), row)) for row in rows]
        for part, network in networks.items():
            found[part].append(network.scores(views, frames[start : start + BATCH]))
    return {
        part: {name: np.concatenate([scores[name] for scores in batches]) for name in batches[0]}
        for part, batches in found.items()
    }


class Judge:
    """Fills one column of the table.

    :param networks: of the model.
    :param male: (N,) probabilities of "male" by all outputs.
    :param sets: validation sets by name.
    :param shares: (40,) of the training pictures that have each attribute: the thresholds at which
        accuracies with and without it are balanced.
    """

    def __init__(
        self,
        networks: Networks,
        male: Callable[[Outputs], np.ndarray],
        sets: dict[str, PictureSet],
        shares: np.ndarray,
    ):
        """Keep the networks and where they are judged."""
        self._networks, self._male, self._sets = networks, male, sets
        self._shares = shares
        self._asked: dict[tuple, Outputs] = {}

    def figures(self) -> dict[str, float]:
        """Return accuracies and recalls in percent, errors in years, milliseconds, by name."""
        return {
            **self._emotion(),
            **self._gender(),
            **self._age(),
            **self._attributes(),
            **self._spoilt(),
            'milliseconds a face': self._milliseconds(),
        }

    def _emotion(self):
        """Judge FER2013 and faces that rest."""
        answers, labels = self._emotions('fer2013_val')
        clear = ~self._sets['fer2013_val'].labels['ambiguous']
        resting, truth = self._emotions('resting_val')
        neutral = truth == EMOTIONS.index(NEUTRAL)
        return {
            'fer2013_val': _percent(answers == labels),
            'fer2013_val, unambiguous': _percent((answers == labels)[clear]),
            'resting_val': _percent(resting == truth),
            'resting_val, neutral recall': _percent((resting == truth)[neutral]),
        }

    def _gender(self):
        """Judge gender."""
        found = {}
        for name in ('utkface_val', 'celeba_val'):
            male = self._male(self._told(name, SPEAK_OF_GENDER)) > 0.5
            right = male == (self._sets[name].labels['gender'] > 0)
            found[f'gender, {name}'] = _percent(right)
            if name == 'utkface_val':
                years = self._sets[name].labels['age']
                for low, high in ((0, 3), (4, 8)):
                    found[f'gender, {low} to {high} years'] = _percent(
                        right[(years >= low) & (years <= high)]
                    )
        return found

    def _age(self):
        """Judge age."""
        return {'age error, years': self._age_error(self._told('utkface_val', ['age']))}

    def _attributes(self):
        """Judge attributes."""
        scores = _output(self._told('celeba_val', ['attributes']), 'attributes')
        if scores is None:
            return {}
        labels = self._sets['celeba_val'].labels['attributes'] > 0
        plain, _ = measures.attribute_accuracies(scores > 0.5, labels)
        _, balanced = measures.attribute_accuracies(scores > self._shares, labels)
        return {'attributes': 100 * plain.mean(), 'attributes, balanced': 100 * balanced.mean()}

    def _spoilt(self):
        """Judge age and emotion on spoilt pictures."""
        found = {
            'age error under noise, years': self._age_error(
                self._told('utkface_val', ['age'], under_noise)
            )
        }
        for spoil, words in ((under_noise, 'under noise'), (lower_half_hidden, 'half hidden')):
            answers, labels = self._emotions('fer2013_val', spoil)
            found[f'emotion, {words}'] = _percent(answers == labels)
        return found

    def _emotions(self, name, spoil=as_it_is):
        """Return the answers on a set and its labels."""
        scores = _output(self._told(name, ['emotion'], spoil), 'emotion')
        return scores.argmax(1), self._sets[name].labels['emotion']

    def _age_error(self, outputs):
        """Return the mean absolute error of the expected age."""
        scores = _output(outputs, 'age')
        years = scores / scores.sum(1, keepdims=True) @ np.arange(scores.shape[1])
        return float(np.abs(years - self._sets['utkface_val'].labels['age']).mean())

    def _told(self, name, parts, spoil=as_it_is):
        """Return what the networks of some parts, or one of all, tell of a set, once asked."""
        asked = self._asked.setdefault((name, spoil), {})
        networks = {
            part: network
            for part, network in self._networks.items()
            if part not in asked and part in (*parts, ALL)
        }
        asked.update(outputs_of(networks, self._sets[name], spoil) if networks else {})
        return asked

    def _milliseconds(self):
        """Return the least time that all networks take for one face."""
        view = crops.whole(as_bgr(self._sets['utkface_val'].pictures[0]))
        frame = self._sets['utkface_val'].frame(0)
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            for network in self._networks.values():
                network.scores([view], [frame])
            times.append(time.perf_counter() - start)
        return 1000 * min(times)


def _output(outputs: Outputs, name: str) -> np.ndarray | None:
    """Return an output, of the network that is there for it where several have it."""
    parts = [name, *outputs]
    return next((outputs[part][name] for part in parts if name in outputs.get(part, {})), None)


def _percent(hits: np.ndarray) -> float:
    """Return a share in percent."""
    return 100 * float(np.mean(hits))


def of_model(name: str) -> tuple[Networks, Callable[[Outputs], np.ndarray]]:
    """Return a model's networks and how it tells gender."""
    spec = catalogue.model(name)
    rules = GenderRules(spec.gender)
    networks = {part: load_network(names[0]) for part, names in spec.networks.items()}
    return networks, lambda outputs: combined(
        {
            part: named
            for part, named in outputs.items()
            if 'gender' in named or part == 'attributes'
        },
        rules,
    )


def of_run(name: str) -> tuple[Networks, Callable[[Outputs], np.ndarray]]:
    """Return the network of a run as its file would ship, and how it tells gender."""
    recipe = load_recipe(name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / 'made.onnx'
        export(recipe, file)
        engine = OnnxEngine(file.read_bytes())
    crop = CropSpec(recipe.size, recipe.channels, recipe.factor)
    return {ALL: FaceNetwork(engine, crop, recipe.exported)}, lambda outputs: outputs[ALL][
        'gender'
    ][:, 1]


def table(columns: dict[str, dict[str, float]]) -> str:
    """Return the figures as a Markdown table, a column a model."""
    rows: Iterable[str] = dict.fromkeys(row for column in columns.values() for row in column)
    lines = [['', *columns], ['---'] * (len(columns) + 1)]
    lines += [
        [row, *(f'{column[row]:.2f}' if row in column else '' for column in columns.values())]
        for row in rows
    ]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def main():
    """Judge from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--models', nargs='*', default=[], choices=catalogue.model_names())
    parser.add_argument('--runs', nargs='*', default=[], metavar='RECIPE')
    arguments = parser.parse_args()
    sets = {
        name: load_set(name, arguments.data)
        for name in ('fer2013_val', 'resting_val', 'utkface_val', 'celeba_val')
    }
    judged = {f'Model {name}': of_model(name) for name in arguments.models}
    judged |= {name: of_run(name) for name in arguments.runs}
    shares = load_set('celeba_train', arguments.data).labels['attributes'].mean(0)
    print(table({name: Judge(*parts, sets, shares).figures() for name, parts in judged.items()}))


if __name__ == '__main__':
    main()
