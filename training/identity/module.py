# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An embedding in training: the loss of a batch, and how well it tells held-out people apart."""

from __future__ import annotations

import math

import lightning
import numpy as np
import torch

from face_affect_ros.evaluation.identity.pairs import all_pairs
from face_affect_ros.evaluation.identity.pairs import true_accepts

from .losses import SubCentreCosFace
from .losses import descriptor_loss
from .losses import triplet_loss
from .network import Embedder
from .recipe import IdentityRecipe

FALSE_ACCEPTS = 0.01


class IdentityModule(lightning.LightningModule):
    """A network in training.

    :param steps: length of the whole training.
    :param people: number of people of the margin loss.
    """

    def __init__(self, recipe: IdentityRecipe, network: Embedder, steps: int, people: int):
        """Keep the network; the optimizer is stepped by hand, for cached gradients."""
        super().__init__()
        self.automatic_optimization = False
        self.recipe, self.network, self.steps = recipe, network, steps
        self.margin = (
            SubCentreCosFace(people, recipe.scale, recipe.margin, recipe.centres)
            if 'margin' in recipe.losses
            else None
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Return the embeddings of (N, 3, S, S) uint8 crops."""
        return self.network(image.float().contiguous(memory_format=torch.channels_last))

    def training_step(self, batch, _index):
        """Make one step."""
        optimizer, schedule = self.optimizers(), self.lr_schedulers()
        optimizer.zero_grad()
        if 'triplet' in self.recipe.losses:
            loss = self._backward_cached(batch)
        else:
            loss = self._loss(self(batch['image']), batch)
            self.manual_backward(loss)
        self.clip_gradients(optimizer, 5.0, 'norm')
        optimizer.step()
        schedule.step()
        self.log('loss', loss.detach(), prog_bar=True)

    def _loss(self, embeddings, batch):
        """Return the weighted sum of the losses."""
        weights, total = self.recipe.losses, embeddings.sum() * 0
        if 'descriptor' in weights:
            total = total + weights['descriptor'] * descriptor_loss(embeddings, batch['point'])
        if self.margin is not None:
            total = total + weights['margin'] * self.margin(embeddings, batch['person'])
        return total

    def _backward_cached(self, batch) -> torch.Tensor:
        """Do the backward pass of a batch that does not fit into the memory at once.

        The embeddings are computed without gradients, the loss gives their gradients, and each
        chunk is computed again, with the same random numbers, to carry them on (Gao et al. 2021).
        """
        chunks = batch['image'].split(self.recipe.chunk)
        states, found = [], []
        with torch.no_grad():
            for chunk in chunks:
                states.append(torch.get_rng_state())
                found.append(self(chunk))
        embeddings = torch.cat(found).requires_grad_()
        loss, figures = triplet_loss(embeddings, batch['person'], self.recipe.margin)
        loss.backward()
        for chunk, state, gradient in zip(
            chunks, states, embeddings.grad.split(self.recipe.chunk), strict=True
        ):
            torch.set_rng_state(state)
            (self(chunk) * gradient).sum().backward()
        self.log_dict(figures, prog_bar=True)
        return loss

    def on_validation_epoch_start(self):
        """Start collecting."""
        self._seen: list[tuple[np.ndarray, np.ndarray]] = []

    def validation_step(self, batch, _index):
        """Collect embeddings of held-out people."""
        self._seen.append((self(batch['image']).numpy(), batch['person'].numpy()))

    def on_validation_epoch_end(self):
        """Log the share of true accepts among held-out people."""
        embeddings, people = (np.concatenate(parts) for parts in zip(*self._seen))
        self.log(
            'score', true_accepts(all_pairs(embeddings, people), FALSE_ACCEPTS), prog_bar=True
        )

    def configure_optimizers(self):
        """Return AdamW, whose rate rises for ``warmup`` epochs and then falls as a cosine."""
        parts = [self.network, *([self.margin] if self.margin is not None else [])]
        parameters = [p for part in parts for p in part.parameters() if p.requires_grad]
        groups = [
            {
                'params': [p for p in parameters if p.ndim > 1],
                'weight_decay': self.recipe.weight_decay,
            },
            {'params': [p for p in parameters if p.ndim <= 1], 'weight_decay': 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, self.recipe.rate)
        steps = self.steps
        warmup = max(1, round(self.recipe.warmup * steps / self.recipe.epochs))

        def factor(step: int) -> float:
            if step < warmup:
                return (step + 1) / warmup
            return 0.5 * (1 + math.cos(math.pi * min(1, (step - warmup) / max(1, steps - warmup))))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {'optimizer': optimizer, 'lr_scheduler': {'scheduler': schedule}}
