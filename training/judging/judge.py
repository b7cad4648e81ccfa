# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Judge the embedded networks beside the originals on the same validation rows.

    python -m training.judging.judge --data DATA --originals ORIGINALS/mini_xception
    python -m training.judging.judge --data ../shared/data --model 2

Ours are judged as users run them: ``analyze(picture, boxes=...)`` with the picture's frame, times
1.0 to 2.0, as the box. The originals get the same boxes, cut without alignment, in the
scaling of their authors; at each one's best factor this is the crop that suits it best.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from face_affect_ros import crops
from face_affect_ros import load_model
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import GENDERS
from face_affect_ros.faces import Box
from face_affect_ros.pipeline import load_network
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings

from ..data.sets import PictureSet
from ..data.sets import load_set
from .breakdown import breakdown
from .scoring import as_bgr

FACTORS = (1.0, 1.3, 1.6, 2.0)
LABELS = {'emotion': EMOTIONS, 'gender': GENDERS}
TASKS = {'fer2013_val': 'emotion', 'utkface_val': 'gender', 'celeba_val': 'gender'}
ORIGINALS = {
    'emotion': 'fer2013_mini_XCEPTION.102-0.66.onnx',
    'gender': 'gender_mini_XCEPTION.21-0.95.onnx',
}

Answers = Callable[[np.ndarray, float, str], int]


@dataclass(frozen=True)
class Row:
    """Accuracies (0..1) of one network on one set at one box factor."""

    network: str
    validation: str
    task: str
    factor: float
    accuracy: float
    unambiguous: float | None
    children: float | None


def ours(name: str, tta: bool = False) -> Answers:
    """Answer with a model's embedded networks, aligned, as at run time; the best label, always."""
    model = load_model(
        name, ModelSettings(parts=('emotion', 'gender'), emotion_threshold=0.0, tta=tta)
    )

    def answer(picture: np.ndarray, factor: float, task: str) -> int:
        height, width = picture.shape[:2]
        (face,) = model.analyze(picture, boxes=[Box(0, 0, width, height).scaled(factor)])
        return LABELS[task].index(getattr(face, task).label)

    return answer


def ours_on_frames(model: str) -> Answers:
    """Answer with a model's networks, the picture's frame being the crop: no landmarks."""
    names = {
        task: name
        for names in reversed(catalogue.model(model).networks.values())
        for name in names
        for task in catalogue.network(name).outputs
    }
    networks = {
        task: (load_network(name), catalogue.crop_of(name).factor)
        for task, name in names.items()
        if task in LABELS
    }

    def answer(picture: np.ndarray, factor: float, task: str) -> int:
        height, width = picture.shape[:2]
        network, own_factor = networks[task]
        frame = crops.FaceSquare(width / 2, height / 2, max(width, height) * factor / own_factor)
        return int(network.scores([crops.whole(picture)], [frame])[task][0].argmax())

    return answer


def original(folder: Path) -> Answers:
    """Answer with the original weights: the box cut upright, grey, -1..1."""
    import onnxruntime

    sessions = {
        task: onnxruntime.InferenceSession(folder / name) for task, name in ORIGINALS.items()
    }

    def answer(picture: np.ndarray, factor: float, task: str) -> int:
        height, width = picture.shape[:2]
        frame = crops.FaceSquare(width / 2, height / 2, max(width, height))
        grey = crops.cut_face(crops.whole(picture).grey, frame, 64, factor)
        scaled = (grey.astype(np.float32) / 255 - 0.5) * 2
        session = sessions[task]
        (scores,) = session.run(None, {session.get_inputs()[0].name: scaled[None, :, :, None]})
        return int(scores[0].argmax())

    return answer


def answers_of(name: str, answer: Answers, pictures: PictureSet, factor: float) -> np.ndarray:
    """Return a network's answers (class indices) on a set at one box factor."""
    task = TASKS[pictures.name]
    return np.array(
        [
            answer(as_bgr(picture), factor, task)
            for picture in tqdm(
                pictures.pictures, desc=f'{name} {pictures.name} x{factor}', leave=False
            )
        ]
    )


def judge(name: str, answers: np.ndarray, pictures: PictureSet, factor: float) -> Row:
    """Judge one network's answers on one set at one box factor."""
    task = TASKS[pictures.name]
    right = answers == pictures.labels[task]
    return Row(
        name,
        pictures.name,
        task,
        factor,
        float(right.mean()),
        _share(right, ~pictures.labels['ambiguous']) if task == 'emotion' else None,
        _share(right, pictures.labels['age'] < 13) if 'age' in pictures.labels else None,
    )


def _share(right: np.ndarray, rows: np.ndarray) -> float:
    """Return the accuracy on some rows."""
    return float(right[rows].mean())


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table in percent."""
    lines = [
        '| network | validation | box factor | accuracy | unambiguous | under 13 |',
        '|---|---|---|---|---|---|',
    ]
    for row in rows:
        values = [
            f'{100 * value:.1f}' if value is not None else ''
            for value in (row.accuracy, row.unambiguous, row.children)
        ]
        lines.append(
            f'| {row.network} | {row.validation} | {row.factor} | ' + ' | '.join(values) + ' |'
        )
    return '\n'.join(lines)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--originals', type=Path, help='folder of the original networks')
    parser.add_argument('--model', default='1', choices=catalogue.model_names())
    parser.add_argument('--sets', nargs='*', default=list(TASKS), choices=list(TASKS))
    parser.add_argument('--breakdown', action='store_true', help='also by class and group')
    parser.add_argument('--json', action='store_true')
    arguments = parser.parse_args()
    model = arguments.model
    judged = {'ours': (ours(model), FACTORS)}
    if any(
        catalogue.network(name).tta
        for names in catalogue.model(model).networks.values()
        for name in names
    ):
        judged['ours, TTA'] = (ours(model, tta=True), FACTORS[:1])
    if arguments.originals:
        judged['original'] = (original(arguments.originals), FACTORS)
    judged['ours, frame as crop'] = (ours_on_frames(model), FACTORS[:1])
    rows = []
    for part in arguments.sets:
        pictures = load_set(part, arguments.data)
        for name, (answer, factors) in judged.items():
            for factor in factors:
                answers = answers_of(name, answer, pictures, factor)
                rows.append(judge(name, answers, pictures, factor))
                if arguments.breakdown and (name, factor) == ('ours', 1.0):
                    print(breakdown(pictures, answers), end='\n\n')
    print(json.dumps([asdict(row) for row in rows], indent=1) if arguments.json else table(rows))


if __name__ == '__main__':
    main()
