# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The training loop's pieces: loss of a batch, schedule and validation of several tasks."""

from __future__ import annotations

import lightning
import torch

from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import YEARS

from ..architectures.build import build
from ..recipe import Recipe
from ..tasks import LEARNED
from .losses import LOSSES
from .losses import consistency_loss
from .losses import moon_loss
from .losses import soft_label_loss
from .metrics import COLLECTED
from .metrics import measured
from .optimize import optimizer_of
from .optimize import schedule_of

YEARS_A_POINT = 20.0
"""Years of mean error that count as much as an accuracy of 1 where a network has both tasks."""


class FaceModule(lightning.LightningModule):
    """A network in training."""

    def __init__(self, recipe: Recipe, steps: int):
        """Build the network; ``steps`` is the length of the whole training."""
        super().__init__()
        self.recipe, self.steps = recipe, steps
        self.network = build(recipe)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return all tasks' scores of (N, C, S, S) uint8 crops."""
        image = image.float().contiguous(memory_format=torch.channels_last)
        return self.network(image).float()

    def training_step(self, batch, _index):
        """Return the loss of all tasks; of two framings, their mean and what parts them."""
        framings = [batch[name] for name in ('image', 'again') if name in batch]
        scores = self(torch.cat(framings)).chunk(len(framings))
        total = torch.stack([self._loss(part, batch) for part in scores]).mean()
        if len(framings) == 2:
            total = total + self.recipe.consistency * consistency_loss(*scores, self.recipe)
        self.log('loss', total, prog_bar=True)
        return total

    def _loss(self, scores, batch):
        """Return the weighted loss of all tasks against labels and teachers."""
        losses = {}
        for task, place in self.recipe.slices.items():
            kind = LEARNED[task].kind
            if kind == MULTICLASS and not (batch[task] >= 0).any():
                continue
            losses[task] = LOSSES[kind](scores[:, place], batch[task], self.recipe)
        if 'attribute_weights' in batch:
            losses['attributes'] = moon_loss(
                scores[:, self.recipe.slices['attributes']],
                batch['attributes'],
                batch['attribute_weights'],
            )
        share = self.recipe.teacher_weight
        for task, place in self.recipe.slices.items():
            if f'soft_{task}' in batch:
                soft = soft_label_loss(task, scores[:, place], batch[f'soft_{task}'], self.recipe)
                losses[task] = (1 - share) * losses.get(task, 0.0) + share * soft
        return sum(self.recipe.tasks[task] * loss for task, loss in losses.items())

    def on_validation_epoch_start(self):
        """Start collecting."""
        self._seen: dict[int, list] = {}

    def validation_step(self, batch, _index, dataloader_idx=0):
        """Collect scores and labels of a validation set."""
        scores = self(batch['image'])
        found = {
            task: COLLECTED[LEARNED[task].kind](scores[:, place], batch[task])
            for task, place in self.recipe.slices.items()
            if LEARNED[task].kind in COLLECTED
        }
        self._seen.setdefault(dataloader_idx, []).append(found)

    def on_validation_epoch_end(self):
        """Log accuracies and errors of every validation set, and the exported task's mean."""
        exported = []
        for index, parts in self._seen.items():
            for task in parts[0]:
                values = torch.cat([part[task] for part in parts])
                if len(values):
                    kind = LEARNED[task].kind
                    value = measured(kind, values, self.recipe)
                    self.log(
                        f'{task}_{self.recipe.validation[index]}',
                        value,
                        prog_bar=True,
                        sync_dist=True,
                    )
                    if task in self.recipe.exported:
                        exported.append(-value / YEARS_A_POINT if kind == YEARS else value)
        if exported:
            self.log('score', torch.stack(exported).mean(), sync_dist=True)

    def configure_optimizers(self):
        """Return the recipe's optimizer and learning rate."""
        optimizer = optimizer_of(self.recipe, self.network)
        return {
            'optimizer': optimizer,
            'lr_scheduler': schedule_of(self.recipe, optimizer, self.steps),
        }
