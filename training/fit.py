# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The training loop's pieces: losses, schedule and validation of a network with several heads."""

from __future__ import annotations

import math

import lightning
import torch
from torch import nn
from torch.nn import functional

from training.networks import build
from training.recipe import Recipe

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
    return (loss * known).sum() / known.sum().clamp(min=1) * 4


def _mean_of_known(loss, known):
    """Average over the pictures that have the label."""
    return (loss * known).sum() / known.sum().clamp(min=1)


LOSSES = {'emotion': emotion_loss, 'gender': emotion_loss, 'votes': votes_loss,
          'age': age_loss, 'attributes': attributes_loss}


class Training(lightning.LightningModule):
    """A network in training."""

    def __init__(self, recipe: Recipe, steps: int):
        """Build the network; ``steps`` is the length of the whole training."""
        super().__init__()
        self.recipe, self.steps = recipe, steps
        self.network = build(recipe.architecture, recipe.outputs, recipe.channels)

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
        if 'teacher' in batch:
            head, share = self.recipe.exported, self.recipe.teacher_weight
            own = scores[:, self.recipe.slices[head]].log_softmax(1)
            taught = -(batch['teacher'] * own).sum(1).mean()
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
                known = batch[head] >= 0
                found[head] = ((part > 0) == (batch[head] > 0))[known].float()
        self._seen.setdefault(dataloader_idx, []).append(found)

    def on_validation_epoch_end(self):
        """Log accuracies and errors of every validation set, and the exported head's mean."""
        exported = []
        for index, parts in self._seen.items():
            for head in parts[0]:
                values = torch.cat([part[head] for part in parts])
                if len(values):
                    value = values.mean()
                    self.log(f'{head}_{self.recipe.validation[index]}', value, prog_bar=True)
                    if head == self.recipe.exported:
                        exported.append(-value if head == 'age' else value)
        if exported:
            self.log('score', torch.stack(exported).mean())

    def configure_optimizers(self):
        """Return AdamW, without decay of norms and biases, and a warm-up with a cosine."""
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        others = [p for p in self.network.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{'params': decayed, 'weight_decay': self.recipe.weight_decay},
             {'params': others, 'weight_decay': 0.0}], lr=self.recipe.rate)
        warmup = max(1, round(self.recipe.warmup * self.steps / self.recipe.epochs))

        def factor(step: int) -> float:
            if step < warmup:
                return (step + 1) / warmup
            return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, self.steps - warmup)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {'optimizer': optimizer,
                'lr_scheduler': {'scheduler': schedule, 'interval': 'step'}}


def start_from(network: nn.Module, weights: dict[str, torch.Tensor]) -> list[str]:
    """Copy all weights of the same name and shape; return the names left as they were."""
    own = network.state_dict()
    fitting = {name: value for name, value in weights.items()
               if name in own and own[name].shape == value.shape}
    own.update(fitting)
    network.load_state_dict(own)
    return sorted(own.keys() - fitting.keys())
