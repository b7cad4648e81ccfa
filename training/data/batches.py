# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Batches for training and validation: crops with the labels that their set has."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import ConcatDataset
from torch.utils.data import DataLoader
from torch.utils.data import Dataset
from torch.utils.data import WeightedRandomSampler

from face_affect_ros import crops

from ..architectures.moon import label_weights
from ..recipe import RUNS
from ..recipe import Recipe
from ..tasks import LEARNED
from ..tasks import missing_labels
from .augment import jittered
from .sets import PictureSet
from .sets import load_set

CHILD = 13.0
"""Age in years under which a picture counts as a child's."""


class Crops(Dataset):
    """The crops of one set, varied at random (training) or as at run time (validation)."""

    def __init__(
        self,
        pictures: PictureSet,
        recipe: Recipe,
        varied: bool,
        soft: dict[str, np.ndarray] | None = None,
    ):
        """Prepare the targets of the recipe's tasks."""
        self.frames = [pictures.frame(index) for index in range(len(pictures))]
        self.pictures = pictures.pictures
        self.targets = targets(pictures, recipe)
        self.targets.update({f'soft_{task}': answers for task, answers in (soft or {}).items()})
        self.recipe, self.varied = recipe, varied
        self.framings = ('image', 'again') if varied and recipe.consistency else ('image',)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> dict[str, np.ndarray]:
        """Return one crop, (C, S, S) uint8, and its targets; with ``again``, framed anew."""
        item = {name: values[index] for name, values in self.targets.items()}
        for name in self.framings:
            crop = self._crop(index)
            item[name] = crop[None] if crop.ndim == 2 else crop.transpose(2, 0, 1)
        return item

    def _crop(self, index: int) -> np.ndarray:
        """Cut one crop."""
        recipe = self.recipe
        picture, frame = in_channels(self.pictures[index], recipe.channels), self.frames[index]
        if not self.varied:
            return crops.cut_face(crops.whole(picture), frame, recipe.size, recipe.factor)
        random = np.random.default_rng(torch.randint(2**62, (1,)).item())
        return jittered(picture, frame, recipe.size, recipe.factor, recipe.jitter, random)


def in_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    """Return a picture as grey (channels 1) or BGR (3), converted as the pipeline converts."""
    if channels == 1 and picture.ndim == 3:
        return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if channels == 3 and picture.ndim == 2:
        return cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    return np.asarray(picture)


def targets(pictures: PictureSet, recipe: Recipe) -> dict[str, np.ndarray]:
    """Return a target array a task; NaN or -1 where the set does not have the label."""
    count, labels = len(pictures), pictures.labels
    found = {
        task: labels[task] if task in labels else missing_labels(LEARNED[task], count)
        for task in recipe.tasks
    }
    if recipe.attribute_target:
        balanced = recipe.attribute_target == 'balanced'
        found['attribute_weights'] = label_weights(found['attributes'], balanced)
    return found


def training_batches(recipe: Recipe, data: Path, workers: int, processes: int = 1) -> DataLoader:
    """Return the shuffled, varied batches of all training sets; a share each of processes."""
    parts, sets = [], []
    for pictures in (load_set(name, data) for name in recipe.sets):
        soft = soft_labels(recipe, pictures.name, len(pictures))
        if recipe.held_out:
            rows = ~pictures.held_out()
            pictures = pictures.take(rows)
            soft = {task: answers[rows] for task, answers in soft.items()}
        sets.append(pictures)
        parts.append(Crops(pictures, recipe, varied=True, soft=soft))
    weights = torch.from_numpy(np.concatenate([draws(part, recipe) for part in sets]))
    repeated = bool((weights != 1).any())
    sampler = WeightedRandomSampler(weights, int(weights.sum().round()), replacement=repeated)
    return DataLoader(
        ConcatDataset(parts),
        recipe.batch // processes,
        sampler=sampler,
        num_workers=workers,
        drop_last=True,
        persistent_workers=workers > 0,
        worker_init_fn=_one_thread,
    )


def draws(pictures: PictureSet, recipe: Recipe) -> np.ndarray:
    """Return how often each picture of a set is drawn in an epoch, (N,) float64."""
    often = np.full(len(pictures), recipe.draws.get(pictures.name, 1.0))
    if 'age' in pictures.labels:
        often[pictures.labels['age'] < CHILD] *= recipe.children
    return often


def validation_batches(recipe: Recipe, data: Path) -> list[DataLoader]:
    """Return the batches of each validation set, crops as at run time."""
    return [
        DataLoader(Crops(load_set(name, data), recipe, varied=False), 256)
        for name in recipe.validation
    ]


def soft_label_file(teacher: str, name: str) -> Path:
    """Return the file of what a teacher says of a set (``pseudo_label`` writes it)."""
    return RUNS / teacher / f'{name}.taught.npz'


def soft_labels(recipe: Recipe, name: str, count: int) -> dict[str, np.ndarray]:
    """Return the teachers' mean probabilities for a set, (N, K) by task of the recipe.

    NaN in tasks that teachers tell of other sets only.

    :param count: N.
    """
    said: dict[str, list[np.ndarray]] = {}
    for teacher, sets in recipe.teachers.items():
        with np.load(soft_label_file(teacher, name if name in sets else sets[0])) as answers:
            for task in answers.files:
                told = said.setdefault(task, [])
                if name in sets:
                    told.append(answers[task].astype(np.float32))
    unknown = {task: np.full((count, LEARNED[task].columns), np.nan, np.float32) for task in said}
    return {
        task: np.mean(said[task] or [unknown[task]], axis=0)
        for task in recipe.tasks
        if task in said
    }


def _one_thread(_worker: int):
    """Keep OpenCV in a worker to one thread."""
    cv2.setNumThreads(0)
