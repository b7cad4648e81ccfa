# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The training loop's pieces: loss of a batch, schedule and validation of several heads."""

from __future__ import annotations

import lightning
import torch

from ..architectures.build import build
from ..recipe import Recipe
from .losses import LOSSES
from .losses import consistency_loss
from .losses import moon_loss
from .losses import soft_label_loss
from .optimize import optimizer_of
from .optimize import schedule_of

YEARS_A_POINT = 20.0
"""Years of mean error that count as much as an accuracy of 1 where a network has both heads."""


def accuracy(answers: torch.Tensor, labels: torch.Tensor, balanced: bool) -> torch.Tensor:
    """Return the accuracy over attributes, (N, K) answers on labels 1, 0 and -1 (unknown).

    :param balanced: the mean of the accuracies with and without each attribute.
    """
    if not balanced:
        return (answers == (labels > 0))[labels >= 0].float().mean()
    sides = [(answers == side) & (labels == side) for side in (0, 1)]
    shares = [hits.sum(0) / (labels == side).sum(0) for side, hits in enumerate(sides)]
    return torch.stack(shares).nanmean()


class FaceModule(lightning.LightningModule):
    """A network in training."""

    def __init__(self, recipe: Recipe, steps: int):
        """Build the network; ``steps`` is the length of the whole training."""
        super().__init__()
        self.recipe, self.steps = recipe, steps
        self.network = build(recipe)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return all heads' scores of (N, C, S, S) uint8 crops."""
        image = image.float().contiguous(memory_format=torch.channels_last)
        return self.network(image).float()

    def training_step(self, batch, _index):
        """Return the loss of all heads; of two framings, their mean and what parts them."""
        framings = [batch[name] for name in ('image', 'again') if name in batch]
        scores = self(torch.cat(framings)).chunk(len(framings))
        total = torch.stack([self._loss(part, batch) for part in scores]).mean()
        if len(framings) == 2:
            total = total + self.recipe.consistency * consistency_loss(*scores, self.recipe)
        self.log('loss', total, prog_bar=True)
        return total

    def _loss(self, scores, batch):
        """Return the weighted loss of all heads against labels and teachers."""
        losses = {}
        for head, place in self.recipe.slices.items():
            if head in ('emotion', 'gender') and not (batch[head] >= 0).any():
                continue
            losses[head] = LOSSES[head](scores[:, place], batch[head], self.recipe)
        if 'attribute_weights' in batch:
            losses['attributes'] = moon_loss(
                scores[:, self.recipe.slices['attributes']],
                batch['attributes'],
                batch['attribute_weights'],
            )
        share = self.recipe.teacher_weight
        for head, place in self.recipe.slices.items():
            if f'soft_{head}' in batch:
                soft = soft_label_loss(head, scores[:, place], batch[f'soft_{head}'], self.recipe)
                losses[head] = (1 - share) * losses.get(head, 0.0) + share * soft
        return sum(self.recipe.heads[head] * loss for head, loss in losses.items())

    def on_validation_epoch_start(self):
        """Start collecting."""
        self._seen: dict[int, list] = {}

    def validation_step(self, batch, _index, dataloader_idx=0):
        """Collect scores and labels of a validation set."""
        scores = self(batch['image'])
        found = {}
        for head, place in self.recipe.slices.items():
            part = scores[:, place]
            if head == 'emotion' or head == 'gender':
                known = batch[head] >= 0
                found[head] = (part.argmax(1) == batch[head])[known].float()
            elif head == 'age':
                years = part.softmax(1) @ torch.arange(101.0, device=part.device)
                error = (years - batch[head]).abs()
                found[head] = error[torch.isfinite(error)]
            elif head == 'attributes':
                known = (batch[head] >= 0).any(1)
                found[head] = torch.stack([part, batch[head].to(part.dtype)], 2)[known]
        self._seen.setdefault(dataloader_idx, []).append(found)

    def on_validation_epoch_end(self):
        """Log accuracies and errors of every validation set, and the exported head's mean."""
        exported = []
        for index, parts in self._seen.items():
            for head in parts[0]:
                values = torch.cat([part[head] for part in parts])
                if len(values):
                    value = self._measure(head, values)
                    self.log(
                        f'{head}_{self.recipe.validation[index]}',
                        value,
                        prog_bar=True,
                        sync_dist=True,
                    )
                    if head in self.recipe.exported:
                        exported.append(-value / YEARS_A_POINT if head == 'age' else value)
        if exported:
            self.log('score', torch.stack(exported).mean(), sync_dist=True)

    def _measure(self, head: str, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of a head's hits or errors; of attributes the recipe's accuracy."""
        if head != 'attributes':
            return values.mean()
        scores, labels = values.unbind(2)
        return accuracy(scores > 0, labels, self.recipe.attribute_target == 'balanced')

    def configure_optimizers(self):
        """Return the recipe's optimizer and learning rate."""
        optimizer = optimizer_of(self.recipe, self.network)
        return {
            'optimizer': optimizer,
            'lr_scheduler': schedule_of(self.recipe, optimizer, self.steps),
        }
