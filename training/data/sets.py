# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Training pictures: read once, aligned once as the pipeline aligns them, and cached.

    python -m training.data.sets --data ../shared/data

A set is one Parquet file. Its pictures are decoded to one array; every picture gets the square
that the run-time crop policy would cut (``crops.square_of_landmarks`` on O-Net's landmarks).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from face_affect_ros import crops
from face_affect_ros.faces import ATTRIBUTES

from . import packed

CACHE = Path(__file__).parents[1] / 'cache'
MIN_SCORE = 0.7
"""Face probability below which a picture's landmarks are not believed."""

HELD_OUT = 20
"""One picture, or person, in so many is kept out of training where a recipe says so."""

SETS = tuple(
    f'{name}_{part}'
    for part in ('val', 'train')
    for name in ('fer2013', 'utkface', 'celeba', 'resting')
)

GREY = ('fer2013', 'resting')
"""What the names of sets of grey pictures begin with."""

FER2013_MEDIAN = np.array(
    [[0.32, 0.39], [0.68, 0.39], [0.50, 0.57], [0.37, 0.78], [0.61, 0.78]], np.float32
)
"""Median landmarks of FER2013, in picture sides, for its pictures in which O-Net sees no face."""


@dataclass(frozen=True)
class PictureSet:
    """A set of pictures with their squares and labels.

    :param name: file name without ending, as ``fer2013_train``.
    :param pictures: (N, S, S) or (N, S, S, 3) uint8, grey or BGR; or ``packed.Packed``.
    :param frames: (N, 5) float64: centre x, y, side, and the upright crop's x axis, in pixels.
    :param scores: (N,) float32, O-Net's best face probability.
    :param labels: label arrays of length N by name.
    """

    name: str
    pictures: np.ndarray | packed.Packed
    frames: np.ndarray
    scores: np.ndarray
    labels: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.frames)

    def frame(self, index: int) -> crops.FaceSquare:
        """Return the square of one picture."""
        x, y, side, right_x, right_y = self.frames[index]
        return crops.FaceSquare(x, y, side, (right_x, right_y))

    def held_out(self) -> np.ndarray:
        """Return the (N,) bool mask of a twentieth of the pictures, all of a person or none."""
        group = self.labels.get('identity', self.labels.get('person', np.arange(len(self))))
        return group % HELD_OUT == 0

    def take(self, rows: np.ndarray) -> PictureSet:
        """Return the pictures of the given rows (indices or a mask)."""
        labels = {key: values[rows] for key, values in self.labels.items()}
        return PictureSet(
            self.name, self.pictures[rows], self.frames[rows], self.scores[rows], labels
        )


def load_set(name: str, data: Path, cache: Path = CACHE) -> PictureSet:
    """Load a set; decode and align its pictures the first time.

    A set that was packed into the folder (``packed.save``) is ready as it is.
    """
    if packed.is_there(data, name):
        return PictureSet(name, *packed.load(data, name))
    cache.mkdir(parents=True, exist_ok=True)
    table = _read_table(data / f'{name}.parquet')
    pictures = _pictures(name, table['image'], cache)
    frames_file = cache / f'{name}.frames.npz'
    if not frames_file.exists():
        frames, scores = _align(pictures, name)
        np.savez(frames_file, frames=frames, scores=scores)
    with np.load(frames_file) as stored:
        frames, scores = stored['frames'], stored['scores']
    return PictureSet(name, pictures, frames, scores, _labels(name, table))


def _read_table(path: Path) -> dict[str, np.ndarray]:
    """Read the columns of a Parquet file."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def _pictures(name: str, encoded: np.ndarray, cache: Path) -> np.ndarray | packed.Packed:
    """Return the decoded pictures of a set from the cache, which is filled the first time.

    Those of one size are an array; those that differ are packed.
    """
    stacked, packed_file = cache / f'{name}.pictures.npy', cache / f'{name}.pictures.npz'
    if not stacked.exists() and not packed_file.exists():
        pictures = _decode(encoded, name)
        if len({picture.shape for picture in pictures}) == 1:
            np.save(stacked, np.stack(pictures))
        else:
            with packed.Writer(cache / f'{name}.pixels') as writer:
                for picture in pictures:
                    writer.add(picture)
                np.savez(packed_file, places=writer.finish().places)
    if stacked.exists():
        return np.load(stacked, mmap_mode='r')
    with np.load(packed_file) as stored:
        return packed.Packed(cache / f'{name}.pixels', stored['places'])


def _decode(encoded: np.ndarray, name: str) -> list[np.ndarray]:
    """Decode all pictures of a set."""
    import cv2

    flag = cv2.IMREAD_GRAYSCALE if name.startswith(GREY) else cv2.IMREAD_COLOR
    return [
        cv2.imdecode(np.frombuffer(data, np.uint8), flag)
        for data in tqdm(encoded, desc=f'decode {name}', unit='pictures')
    ]


def _align(pictures: np.ndarray | packed.Packed, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the squares and face probabilities of all pictures, each seen as one given box."""
    import cv2

    from face_affect_ros.pipeline import load_detector

    detector = load_detector(1)
    frames, scores = np.empty((len(pictures), 5)), np.empty(len(pictures), np.float32)
    for index in tqdm(range(len(pictures)), desc=f'align {name}', unit='pictures'):
        picture = pictures[index]
        colour = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
        height, width = picture.shape[:2]
        (landmarks,), (scores[index],) = detector.landmarks_in_boxes(
            colour, np.array([[0, 0, width, height]])
        )
        if scores[index] < MIN_SCORE and name.startswith('fer2013'):
            landmarks = FER2013_MEDIAN * picture.shape[0]
        frame = crops.square_of_landmarks(landmarks)
        frames[index] = frame.x, frame.y, frame.side, *frame.right
    return frames, scores


def _labels(name: str, table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the label arrays of a set by name."""
    if name.startswith('fer2013'):
        return {
            'emotion': table['emotion'].astype(np.int64),
            'votes': np.stack(list(table['votes'])).astype(np.float32),
            'ambiguous': table['ambiguous'].astype(bool),
        }
    if name.startswith('resting'):
        return {'emotion': table['emotion'].astype(np.int64), 'person': table['person']}
    if name.startswith('utkface'):
        gender = table['gender'].astype(np.int64)
        attributes = np.full((len(gender), len(ATTRIBUTES)), -1, np.int64)
        attributes[:, ATTRIBUTES.index('Male')] = gender
        return {
            'age': table['age'].astype(np.float32),
            'gender': gender,
            'attributes': attributes,
            'race': table['race'].astype(np.int64),
        }
    attributes = np.stack([table[attribute] for attribute in ATTRIBUTES], axis=1)
    return {
        'attributes': attributes.astype(np.int64),
        'gender': attributes[:, ATTRIBUTES.index('Male')].astype(np.int64),
        'identity': table['identity'],
    }


def main():
    """Fill the cache."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--sets', nargs='*', default=SETS)
    arguments = parser.parse_args()
    for name in arguments.sets:
        pictures = load_set(name, arguments.data)
        seen = np.mean(pictures.scores > MIN_SCORE)
        print(f'{name}: {len(pictures)} pictures, a face is seen in {seen:.1%}')


if __name__ == '__main__':
    main()
