# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a network loses: each task against labels, teachers and its answer to another framing."""

from __future__ import annotations

import torch
from torch.nn import functional

from face_affect_ros.tasks import MULTICLASS
from face_affect_ros.tasks import MULTILABEL
from face_affect_ros.tasks import YEARS

from ..recipe import Recipe
from ..tasks import LEARNED
from ..tasks import VOTES

AGE_DEVIATION = 2.5
"""Years; an age is learned as a normal distribution this wide over the one-year bins."""


def class_loss(scores, target, recipe):
    """Cross-entropy of the classes of the pictures that have one; there may be none."""
    loss = functional.cross_entropy(
        scores, target, ignore_index=-1, label_smoothing=recipe.smoothing, reduction='none'
    )
    return _mean_of_known(loss, target >= 0)


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
        scores, target.clamp(min=0).to(scores.dtype), reduction='none'
    )
    return _mean_of_labels(loss, known.to(scores.dtype))


def moon_loss(scores, target, weights):
    """MOON's objective: weighted squared error on labels of -1 and +1 (``moon.label_weights``)."""
    known = (target >= 0).to(scores.dtype)
    return _mean_of_labels(weights * (scores - (2 * target - 1)).square(), known)


def soft_label_loss(task, scores, answers, recipe):
    """Return a task's loss against its teachers' probabilities, (N, K), NaN where it has none."""
    known = torch.isfinite(answers).all(1)
    answers = answers.nan_to_num(0.0)
    if not LEARNED[task].is_independent:
        return _mean_of_known(-(answers * scores.log_softmax(1)).sum(1), known)
    if recipe.attribute_target:
        loss = (scores - (2 * answers - 1)).square()
    else:
        loss = functional.binary_cross_entropy_with_logits(
            scores, answers.to(scores.dtype), reduction='none'
        )
    return _mean_of_labels(loss, known[:, None].expand_as(loss))


def consistency_loss(one: torch.Tensor, other: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return what the tasks that ship lose where two framings of a face get two answers.

    :param one: (N, outputs) scores of all tasks.
    :param other: the same of the same faces, framed otherwise; each teaches the other.
    """
    loss = one.new_zeros(())
    for task in recipe.exported:
        place = recipe.slices[task]
        for pupil, teacher in ((one, other), (other, one)):
            answers = probabilities(task, teacher[:, place].detach(), recipe)
            loss = loss + recipe.tasks[task] * soft_label_loss(
                task, pupil[:, place], answers, recipe
            )
    return loss / 2


def probabilities(task: str, scores: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Return a task's (N, K) probabilities; of MOON's scores, where between -1 and 1 they lie."""
    if not LEARNED[task].is_independent:
        return scores.softmax(1)
    if recipe.attribute_target:
        return (scores.clamp(-1, 1) + 1) / 2
    return scores.sigmoid()


def _mean_of_labels(loss, known):
    """Average over the known labels; ten attributes then weigh as much as a class label."""
    return (loss * known).sum() / known.sum().clamp(min=1) * 4


def _mean_of_known(loss, known):
    """Average over the pictures that have the label."""
    return (loss * known).sum() / known.sum().clamp(min=1)


LOSSES = {
    MULTICLASS: class_loss,
    MULTILABEL: attributes_loss,
    YEARS: age_loss,
    VOTES: votes_loss,
}
"""The loss of (N, K) scores against labels, by the kind of the task."""
