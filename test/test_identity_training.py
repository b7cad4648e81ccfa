# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What teaches an embedding: losses as their papers say, batches of whole people, the sphere."""

from __future__ import annotations

import itertools
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

torch = pytest.importorskip('torch', reason='no package torch (it comes with the extra "train")')
pytest.importorskip('lightning', reason='no package lightning (extra "train")')
batches = import_module('training.identity.batches')
descriptors = import_module('training.identity.descriptors')
losses = import_module('training.identity.losses')
module = import_module('training.identity.module')
recipes = import_module('training.identity.recipe')

NAMES = sorted(path.stem for path in recipes.FOLDER.glob('*.yaml'))


def points(seed: int, count: int, columns: int = 8):
    """Return points of length 1."""
    drawn = torch.from_numpy(np.random.default_rng(seed).normal(size=(count, columns)))
    return torch.nn.functional.normalize(drawn.float(), dim=1)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 3), min_size=3, max_size=12))
def test_triplets_are_the_papers(seed, shown):
    """All anchor-positive pairs, each with its nearest negative that is semi-hard."""
    embeddings, people, margin = points(seed, len(shown)), torch.tensor(shown), 0.2
    squared = torch.cdist(embeddings, embeddings).square().tolist()
    expected, pairs = [], 0
    for a, p in itertools.permutations(range(len(shown)), 2):
        if shown[a] != shown[p]:
            continue
        pairs += 1
        semi_hard = [
            squared[a][n]
            for n in range(len(shown))
            if shown[n] != shown[a] and squared[a][p] < squared[a][n] < squared[a][p] + margin
        ]
        if semi_hard:
            expected.append(squared[a][p] - min(semi_hard) + margin)
    found, told = losses.triplet_loss(embeddings, people, margin)
    assert told['pairs'] == pairs
    assert found.item() == pytest.approx(np.mean(expected) if expected else 0, abs=1e-4)


def test_a_collapse_shows():
    """The mean distance of two people, which is logged, is 0 where all points are one."""
    people = torch.tensor([0, 0, 1, 1])
    assert losses.triplet_loss(points(0, 1).repeat(4, 1), people, 0.2)[1]['distance'] == 0
    assert losses.triplet_loss(points(0, 4), people, 0.2)[1]['distance'] > 0.5


def test_cosface_lowers_the_right_persons_cosine():
    """With a margin the loss is greater; a face at its centre has the least; -1 does not count."""
    torch.manual_seed(0)
    loss = losses.SubCentreCosFace(5, 16.0, 0.3, 2, 8)
    easier = losses.SubCentreCosFace(5, 16.0, 0.0, 2, 8)
    easier.load_state_dict(loss.state_dict())
    centres = torch.nn.functional.normalize(loss.centres.detach(), dim=2)
    people = torch.arange(5)
    assert loss(centres[0], people) > easier(centres[0], people)
    for centre in centres:  # any of a person's sub-centres will do
        assert easier(centre, people) < easier(centre.roll(1, 0), people)
    more = torch.cat([centres[0], points(1, 2)])
    unknown = torch.cat([people, torch.tensor([-1, -1])])
    assert loss(more, unknown).item() == pytest.approx(loss(centres[0], people).item())
    assert loss(more, torch.full((7,), -1)) == 0


def test_rows_without_a_descriptor_teach_nothing():
    """They are NaN, and the gradient stays finite."""
    embeddings, targets = points(0, 3).requires_grad_(), points(1, 3)
    targets[1] = float('nan')
    found = losses.descriptor_loss(embeddings, targets)
    found.backward()
    assert found.item() == pytest.approx((1 - (embeddings * targets)[[0, 2]].sum(1)).mean().item())
    assert embeddings.grad.isfinite().all() and (embeddings.grad[1] == 0).all()


class Small(torch.nn.Module):
    """A network with chance in it: dropout has to fall alike in both passes."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3 * 4 * 4, 8)
        self.dropout = torch.nn.Dropout(0.5)

    def forward(self, x):
        """Return points of length 1."""
        return torch.nn.functional.normalize(self.layer(self.dropout(x.flatten(1) / 255)), dim=1)


def test_cached_gradients_are_those_of_the_whole_batch(monkeypatch):
    """The gradient of a batch of 12 in chunks of 5 is the one of a single pass by chunks."""
    recipe = replace(recipes.load_recipe('identity_triplet'), chunk=5, margin=1.0)
    torch.manual_seed(1)
    network = Small()
    training = module.IdentityModule(recipe, network, 1, 0)
    monkeypatch.setattr(training, 'log_dict', lambda *_, **__: None)
    images = torch.randint(0, 256, (12, 3, 4, 4), dtype=torch.uint8)
    batch = {'image': images, 'person': torch.arange(12) // 3}
    torch.manual_seed(2)
    training._backward_cached(batch)
    cached = network.layer.weight.grad.clone()
    network.zero_grad()
    torch.manual_seed(2)
    whole = torch.cat([training(chunk) for chunk in images.split(5)])
    losses.triplet_loss(whole, batch['person'], 1.0)[0].backward()
    assert cached.abs().max() > 0
    assert torch.allclose(cached, network.layer.weight.grad, atol=1e-6)


def test_batches_of_whole_people():
    """All pictures of a person in one batch, at most so many, nobody twice."""
    people = np.random.default_rng(0).integers(0, 60, 200)
    torch.manual_seed(0)
    drawn = list(batches.WholePeople(people, 50))
    assert len(drawn) == 4 or len(drawn) == 3
    rows = [row for batch in drawn for row in batch]
    assert len(rows) == len(set(rows)) and max(map(len, drawn)) <= 50
    for batch in drawn:
        for person in {*people[batch]}:
            assert {*np.flatnonzero(people == person)} <= {*batch}


def test_a_share_of_each_set_is_drawn():
    """Others in the next pass, none twice."""
    torch.manual_seed(0)
    sampler = batches.SomeOfEach([100, 40], [0.5, 1.0])
    first, second = list(sampler), list(sampler)
    assert len(first) == len(set(first)) == len(sampler) == 90
    assert sum(row >= 100 for row in first) == 40 and {*first} != {*second}


@given(st.integers(0, 1000))
def test_the_sphere_keeps_distances(seed):
    """Of descriptors that span less than its axes, but for a little in height."""
    random = np.random.default_rng(seed)
    spread = random.normal(size=(40, 128)) @ np.diag(np.r_[np.full(20, 0.1), np.zeros(108)])
    found = descriptors.fit_sphere(spread + 0.1).lifted(spread + 0.1)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    apart = np.linalg.norm(spread[:, None] - spread[None], axis=2) / descriptors.RADIUS
    lifted = np.linalg.norm(found[:, None] - found[None], axis=2)
    assert (lifted >= apart - 1e-3).all()
    assert np.corrcoef(apart.ravel(), lifted.ravel())[0, 1] > 0.98


@pytest.mark.parametrize('name', NAMES)
def test_recipes_say_what_there_is(name):
    """Known trunks, losses and sets; unknown fields are refused by name."""
    recipe = recipes.load_recipe(name)
    assert recipe.trunk in ('dlib_resnet', 'efficientnet_lite0') and recipe.losses
    assert not any(name.startswith('resting') or name.endswith('val') for name in recipe.sets)
    with pytest.raises(ValueError, match='lerning_rate'):
        recipes.load_recipe(name, lerning_rate=1)
    with pytest.raises(ValueError, match='contrastive'):
        recipes.load_recipe(name, losses={'contrastive': 1.0})


def test_an_unknown_recipe_names_those_that_there_are():
    """All of this kind."""
    with pytest.raises(ValueError, match='identity_triplet'):
        recipes.load_recipe('identity_quadruplet')
