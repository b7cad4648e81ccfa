# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches of faces: crops varied at random, who they show, and where a teacher puts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import ConcatDataset
from torch.utils.data import DataLoader
from torch.utils.data import Dataset
from torch.utils.data import Sampler

from face_affect_ros import crops

from ..data.augment import jittered
from ..data.batches import in_channels
from ..data.sets import PictureSet
from ..data.sets import load_set
from .descriptors import FITTED_ON
from .descriptors import Sphere
from .descriptors import descriptors
from .descriptors import fit_sphere
from .descriptors import targets
from .recipe import IdentityRecipe

NOBODY = -1


class Faces(Dataset):
    """The faces of one set, varied at random (training) or as at run time."""

    def __init__(
        self,
        pictures: PictureSet,
        recipe: IdentityRecipe,
        varied: bool,
        people: np.ndarray | None = None,
        points: np.ndarray | None = None,
    ):
        """Keep the pictures; ``people`` (N,) and ``points`` (N, 128) are given or unknown."""
        count = len(pictures)
        self.pictures, self.recipe, self.varied = pictures, recipe, varied
        self.people = np.full(count, NOBODY) if people is None else people
        self.points = np.full((count, 128), np.nan, np.float32) if points is None else points

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, row: int) -> dict:
        """Return ``image`` (3, S, S) uint8 BGR, ``person`` and ``point``."""
        recipe = self.recipe
        picture = in_channels(self.pictures.pictures[row], 3)
        square = self.pictures.frame(row)
        if self.varied:
            random = np.random.default_rng(torch.randint(2**62, (1,)).item())
            crop = jittered(picture, square, recipe.size, recipe.factor, recipe.jitter, random)
        else:
            crop = crops.cut_face(crops.whole(picture), square, recipe.size, recipe.factor)
        return {
            'image': np.ascontiguousarray(crop.transpose(2, 0, 1)),
            'person': self.people[row],
            'point': self.points[row],
        }


class SomeOfEach(Sampler):
    """Draws a share of each set anew in every pass, mixed; none twice."""

    def __init__(self, lengths: list[int], shares: list[float]):
        """Keep what is drawn."""
        self._starts = np.cumsum([0, *lengths])
        self._counts = [round(length * share) for length, share in zip(lengths, shares)]

    def __len__(self) -> int:
        return sum(self._counts)

    def __iter__(self) -> Iterator[int]:
        random = np.random.default_rng(torch.randint(2**62, (1,)).item())
        drawn = [
            start + random.permutation(end - start)[:count]
            for start, end, count in zip(self._starts, self._starts[1:], self._counts)
        ]
        return iter(random.permutation(np.concatenate(drawn)).tolist())


class WholePeople(Sampler):
    """Draws people in a random order, all pictures of a person in one batch."""

    def __init__(self, people: np.ndarray, batch: int):
        """Sort pictures by whom they show."""
        order = np.argsort(people, kind='stable')
        self._of_each = np.split(order, np.flatnonzero(np.diff(people[order])) + 1)
        self._batch, self._pictures = batch, len(people)

    def __len__(self) -> int:
        return self._pictures // self._batch

    def __iter__(self) -> Iterator[list[int]]:
        random, batch, given = np.random.default_rng(torch.randint(2**62, (1,)).item()), [], 0
        for person in random.permutation(len(self._of_each)):
            rows = self._of_each[person].tolist()
            if len(batch) + len(rows) > self._batch:
                yield batch
                batch, given = [], given + 1
                if given == len(self):
                    return
            batch += rows


def sphere_of_training() -> Sphere:
    """Return the sphere that all students learn."""
    return fit_sphere(descriptors(FITTED_ON))


def training_batches(recipe: IdentityRecipe, data: Path, workers: int) -> tuple[DataLoader, int]:
    """Return the shuffled, varied batches and the number of people in them."""
    taught = 'descriptor' in recipe.losses
    sphere = sphere_of_training() if taught else None
    parts, count = [], 0
    for name in recipe.sets:
        pictures = load_set(name, data)
        points = targets(name, sphere) if sphere else None
        kept = ~pictures.held_out()
        if points is not None:
            kept &= np.isfinite(points).all(1)
            points = points[kept]
        pictures, people = pictures.take(kept), None
        if 'identity' in pictures.labels:
            _, people = np.unique(pictures.labels['identity'], return_inverse=True)
            count = int(people.max()) + 1
        parts.append(Faces(pictures, recipe, True, people, points))
    if 'triplet' in recipe.losses:
        (faces,) = parts
        sampler = {'batch_sampler': WholePeople(faces.people, recipe.batch)}
    else:
        shares = SomeOfEach([*map(len, parts)], [*recipe.sets.values()])
        sampler = {'batch_size': recipe.batch, 'sampler': shares, 'drop_last': True}
    loader = DataLoader(
        ConcatDataset(parts),
        num_workers=workers,
        persistent_workers=workers > 0,
        worker_init_fn=lambda _: cv2.setNumThreads(0),
        **sampler,
    )
    return loader, count


def held_out_batches(recipe: IdentityRecipe, data: Path) -> DataLoader:
    """Return the batches of the people of celeba_train who are kept out of training."""
    pictures = load_set('celeba_train', data)
    pictures = pictures.take(pictures.held_out())
    return DataLoader(Faces(pictures, recipe, False, pictures.labels['identity']), 64)
