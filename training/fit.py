# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The training loop's pieces: losses, schedule and validation of a network with several heads."""

from __future__ import annotations

import lightning
import torch
from torch.nn import functional

from .networks import build
from .optimize import optimizer_of
from .optimize import schedule_of
from .recipe import Recipe

YEARS_A_POINT = 20.0
"""Years of mean error that count as much as an accuracy of 1 where a network has both heads."""

AGE_DEVIATION = 2.5
"""Years; an age is learned as a normal distribution this wide over the one-year bins."""


def emotion_loss(scores, target, recipe):
    """Cross-entropy of the classes of the pictures that have one."""
    return functional.cross_entropy(
        scores, target, ignore_index=-1, label_smoothing=recipe.smoothing)


def votes_loss(scores, target, _recipe):
    """Cross-entropy with the raters' votes as a distribution."""
    known = torch.isfinite(target).all(1)
    votes = target.nan_to_num(1.0)
    share = votes / votes.sum(1, keepdim=True)
    return _mean_of_known(-(share * scores.log_softmax(1)).sum(1), known)


def age_loss(scores, target, _recipe):
    """Cross-entropy with a normal distribution over 101 one-year bins."""
    known = torch.isfinite(target)
    years = torch.arange(scores.shape[1], device=scores.device)
    near = -0.5 * ((years - target.nan_to_num(0.0)[:, None]) / AGE_DEVIATION).square()
    return _mean_of_known(-(near.softmax(1) * scores.log_softmax(1)).sum(1), known)


def attributes_loss(scores, target, _recipe):
    """Binary cross-entropy of the attributes of the pictures that have them."""
    known = target >= 0
    loss = functional.binary_cross_entropy_with_logits(
        scores, target.clamp(min=0).to(scores.dtype), reduction='none')
    return _mean_of_labels(loss, known.to(scores.dtype))


def moon_loss(scores, target, weights):
    """MOON's objective: weighted squared error on labels of -1 and +1 (``moon.label_weights``)."""
    known = (target >= 0).to(scores.dtype)
    return _mean_of_labels(weights * (scores - (2 * target - 1)).square(), known)


def taught_loss(head, scores, answers, recipe):
    """Return a head's loss against its teachers' probabilities, (N, K)."""
    if head != 'attributes':
        return -(answers * scores.log_softmax(1)).sum(1).mean()
    if recipe.attribute_target:
        return moon_loss(scores, answers, 1.0)
    return attributes_loss(scores, answers, recipe)


def _mean_of_labels(loss, known):
    """Average over the known labels; ten attributes then weigh as much as a class label."""
    return (loss * known).sum() / known.sum().clamp(min=1) * 4


def _mean_of_known(loss, known):
    """Average over the pictures that have the label."""
    return (loss * known).sum() / known.sum().clamp(min=1)


LOSSES = {'emotion': emotion_loss, 'gender': emotion_loss, 'votes': votes_loss,
          'age': age_loss, 'attributes': attributes_loss}


def accuracy(answers: torch.Tensor, labels: torch.Tensor, balanced: bool) -> torch.Tensor:
    """Return the accuracy over attributes, (N, K) answers on labels 1, 0 and -1 (unknown).

    :param balanced: the mean of the accuracies with and without each attribute.
    """
    if not balanced:
        return (answers == (labels > 0))[labels >= 0].float().mean()
    sides = [(answers == side) & (labels == side) for side in (0, 1)]
    shares = [hits.sum(0) / (labels == side).sum(0) for side, hits in enumerate(sides)]
    return torch.stack(shares).nanmean()


class Training(lightning.LightningModule):
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
        """Return the weighted loss of all heads."""
        scores = self(batch['image'])
        losses = {}
        for head, place in self.recipe.slices.items():
            if head in ('emotion', 'gender') and not (batch[head] >= 0).any():
                continue
            losses[head] = LOSSES[head](scores[:, place], batch[head], self.recipe)
        if 'attribute_weights' in batch:
            losses['attributes'] = moon_loss(
                scores[:, self.recipe.slices['attributes']], batch['attributes'],
                batch['attribute_weights'])
        share = self.recipe.teacher_weight
        for head, place in self.recipe.slices.items():
            if f'taught_{head}' in batch:
                taught = taught_loss(head, scores[:, place], batch[f'taught_{head}'], self.recipe)
                losses[head] = (1 - share) * losses.get(head, 0.0) + share * taught
        total = sum(self.recipe.heads[head] * loss for head, loss in losses.items())
        self.log('loss', total, prog_bar=True)
        return total

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
                found[head] = torch.stack([part, batch[head].to(part.dtype)], 2)
        self._seen.setdefault(dataloader_idx, []).append(found)

    def on_validation_epoch_end(self):
        """Log accuracies and errors of every validation set, and the exported head's mean."""
        exported = []
        for index, parts in self._seen.items():
            for head in parts[0]:
                values = torch.cat([part[head] for part in parts])
                if len(values):
                    value = self._measure(head, values)
                    self.log(f'{head}_{self.recipe.validation[index]}', value, prog_bar=True)
                    if head in self.recipe.exported:
                        exported.append(-value / YEARS_A_POINT if head == 'age' else value)
        if exported:
            self.log('score', torch.stack(exported).mean())

    def _measure(self, head: str, values: torch.Tensor) -> torch.Tensor:
        """Return the mean of a head's hits or errors; of attributes the recipe's accuracy."""
        if head != 'attributes':
            return values.mean()
        scores, labels = values.unbind(2)
        return accuracy(scores > 0, labels, self.recipe.attribute_target == 'balanced')

    def configure_optimizers(self):
        """Return the recipe's optimizer and learning rate."""
        optimizer = optimizer_of(self.recipe, self.network)
        return {'optimizer': optimizer,
                'lr_scheduler': schedule_of(self.recipe, optimizer, self.steps)}
