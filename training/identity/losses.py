# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an embedding is taught by: a teacher's, margins between people, or triplets."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional


def descriptor_loss(embeddings: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean of 1 - cosine to the targets; rows of NaN have none.

    :param embeddings: (N, D), of length 1.
    :param targets: (N, D), of length 1 or NaN.
    """
    given = targets.isfinite().all(1)
    return (1 - (embeddings[given] * targets[given]).sum(1)).mean()


class SubCentreCosFace(nn.Module):
    """CosFace (Wang et al. 2018) with sub-centres (Deng et al. 2020): a person may have several.

    :param people: number of people.
    :param scale: of the cosines.
    :param margin: by which the right person's cosine is lowered.
    :param centres: a person.
    """

    def __init__(self, people: int, scale: float, margin: float, centres: int, columns: int = 128):
        """Draw the centres at random."""
        super().__init__()
        self.scale, self.margin = scale, margin
        self.centres = nn.Parameter(torch.randn(centres, people, columns) / math.sqrt(columns))

    def forward(self, embeddings: torch.Tensor, people: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy; rows whose person is -1 do not count.

        :param embeddings: (N, D), of length 1.
        :param people: (N,) from 0.
        """
        known = people >= 0
        embeddings, people = embeddings[known], people[known]
        if not len(people):
            return embeddings.sum() * 0
        cosines = torch.einsum(
            'nd,kpd->knp', embeddings, functional.normalize(self.centres, dim=2)
        )
        cosines = cosines.amax(0)
        lowered = cosines - self.margin * functional.one_hot(people, cosines.shape[1])
        return functional.cross_entropy(self.scale * lowered, people)


def triplet_loss(
    embeddings: torch.Tensor, people: torch.Tensor, margin: float
) -> tuple[torch.Tensor, dict[str, float]]:
    """Return FaceNet's loss (Schroff et al. 2015) of all anchor-positive pairs, and figures.

    The negative of a pair is the nearest of those that are farther than the positive but by less
    than the margin (semi-hard); a pair without one adds nothing.

    :param embeddings: (N, D), of length 1.
    :param people: (N,).
    :param margin: in squared distance.
    :returns: the loss, and ``pairs``, ``semi_hard`` (share of pairs with such a negative) and
        ``distance`` (mean squared distance of two people: 0 is a collapse, 2 is spread evenly).
    """
    squared = (2 - 2 * embeddings @ embeddings.T).clamp(min=0)
    same = people[:, None] == people[None, :]
    anchors, positives = torch.nonzero(
        same & ~torch.eye(len(people), dtype=torch.bool), as_tuple=True
    )
    near = squared[anchors, positives]
    with torch.no_grad():
        others = squared[anchors].masked_fill(same[anchors], math.inf)
        others = others.masked_fill(others <= near[:, None], math.inf)
        nearest, negatives = others.min(1)
        chosen = nearest < near + margin
    figures = {
        'pairs': float(len(anchors)),
        'semi_hard': float(chosen.float().mean()) if len(chosen) else 0.0,
        'distance': float(squared[~same].mean()),
    }
    losses = (near - squared[anchors, negatives] + margin)[chosen]
    return (losses.mean() if len(losses) else embeddings.sum() * 0), figures
