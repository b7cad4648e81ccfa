# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What teachers and another framing of a face teach a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_training import easy
from small_training import picture_set
from small_training import prepare_runs

from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.registry import catalogue

torch = pytest.importorskip('torch')
batches = pytest.importorskip('training.data.batches')
losses = pytest.importorskip('training.fitting.losses')
networks = pytest.importorskip('training.architectures.build')
recipes = pytest.importorskip('training.recipe')
pseudo_label = pytest.importorskip('training.fitting.pseudo_label')
trainer = pytest.importorskip('training.train')


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """Return the folder of runs; sets are synthetic, every step leaves a checkpoint."""
    prepare_runs(tmp_path, monkeypatch)
    return tmp_path


def test_students_hear_their_teachers(runs, monkeypatch):
    """What a teacher says of every training picture, for each task that both have."""
    monkeypatch.setattr(pseudo_label, 'load_set', lambda name, data: picture_set(name))
    monkeypatch.setattr(batches, 'RUNS', runs)
    teacher = easy('gender_mini_xception_first')
    teacher.run.mkdir()
    torch.save(networks.build(teacher).state_dict(), teacher.run / 'best.pt')
    pseudo_label.teach(teacher, Path('nowhere'), pseudo_label.trained(teacher))
    student = replace(easy('moon_taught'), teachers=recipes.load_recipe('moon_taught').teachers)
    assert list(student.teachers) == [teacher.name]
    batch = next(iter(batches.training_batches(student, Path('nowhere'), workers=0)))
    assert {name for name in batch if name.startswith('soft_')} == {'soft_attributes'}
    assert batch['soft_attributes'].shape == (student.batch, 40)
    network = networks.load_trained(teacher)
    picture = batches.Crops(picture_set(student.sets[0]), teacher, varied=False)[0]['image']
    views = torch.from_numpy(np.stack([picture, picture[..., ::-1]])).float()
    with torch.no_grad():
        expected = network(views)[:, teacher.slices['attributes']].sigmoid().mean(0)
    answers = batches.soft_labels(student, student.sets[0], 64)['attributes']
    np.testing.assert_allclose(answers[0], expected, atol=1e-3)


def test_a_teacher_tells_of_sets_that_nobody_has_labelled(runs, monkeypatch):
    """Faces of CelebA, of whose emotion only the teacher knows, are learned from as well."""

    def faces(name, data):
        pictures = picture_set(name)
        del pictures.labels['emotion']
        return pictures

    monkeypatch.setattr(pseudo_label, 'load_set', faces)
    monkeypatch.setattr(batches, 'load_set', faces)
    monkeypatch.setattr(batches, 'RUNS', runs)
    teacher = easy('emotion_mini_xception_framed')
    teacher.run.mkdir()
    torch.save(networks.build(teacher).state_dict(), teacher.run / 'best.pt')
    files = pseudo_label.teach(
        teacher, Path('nowhere'), pseudo_label.trained(teacher), ['celeba_train']
    )
    assert [file.name for file in files] == ['celeba_train.taught.npz']
    student = replace(teacher, sets=['celeba_train'], teachers={teacher.name: ['celeba_train']})
    batch = next(iter(batches.training_batches(student, Path('nowhere'), workers=0)))
    assert (batch['emotion'] == -1).all()
    assert batch['soft_emotion'].shape == (student.batch, 7)
    assert losses.class_loss(torch.randn(student.batch, 7), batch['emotion'], student) == 0


@pytest.mark.parametrize('name', ['gender_mini_xception', 'age_gender_levi_hassner'])
def test_an_embedded_file_teaches(name, runs, monkeypatch):
    """Its outputs for every picture, grey or colour; only what ships."""
    monkeypatch.setattr(pseudo_label, 'load_set', lambda name, data: picture_set(name))
    monkeypatch.setattr(batches, 'RUNS', runs)
    recipe = recipes.load_recipe(name)
    pseudo_label.teach(recipe, Path('nowhere'), pseudo_label.embedded(recipe))
    student = replace(recipe, teachers={name: recipe.sets})
    found = batches.soft_labels(student, recipe.sets[0], 64)
    assert found.keys() == {*recipe.exported}
    crops = batches.Crops(picture_set(recipe.sets[0]), recipe, varied=False)
    picture = np.moveaxis(crops[3]['image'], 0, -1)
    batch = picture[None, ..., 0] if recipe.channels == 1 else picture[None]
    expected = OnnxEngine(catalogue.checked_path(name)).run(np.ascontiguousarray(batch))
    for task, probabilities in zip(recipe.exported, expected):
        np.testing.assert_allclose(found[task][3], probabilities[0], atol=1e-3)


@pytest.mark.parametrize('name', ['emotion_mini_xception', 'moon_taught', 'gender_mini_xception'])
def test_the_best_student_says_what_its_teacher_says(name):
    """The loss has its minimum there."""
    recipe = easy(name)
    generator = torch.Generator().manual_seed(1)
    for task, place in recipe.slices.items():
        known = torch.randn(5, place.stop - place.start, generator=generator)
        if task == 'attributes' and recipe.attribute_target:
            known = known.tanh()
        answers = losses.probabilities(task, known, recipe)
        scores = known.clone().requires_grad_()
        losses.soft_label_loss(task, scores, answers, recipe).backward()
        assert scores.grad.abs().max() < 1e-6, task


def test_two_framings_of_a_face(runs):
    """Of the same picture with the same targets, framed independently; when training only."""
    recipe = easy(consistency=0.5, jitter={'cut': 0.0, 'degrade': 0.0, 'shift': 0.06})
    item = batches.Crops(picture_set('fer2013_train'), recipe, varied=True)[3]
    assert item['image'].shape == item['again'].shape
    assert (item['image'] != item['again']).any()
    assert 'again' not in batches.Crops(picture_set('fer2013_train'), recipe, varied=False)[3]
    assert 'again' not in batches.Crops(picture_set('fer2013_train'), easy(), varied=True)[3]
    assert trainer.train(recipe, Path('nowhere'), workers=0, limit=2) == runs / recipe.name


@pytest.mark.parametrize('name', ['emotion_mini_xception', 'moon_taught', 'gender_mini_xception'])
def test_two_answers_to_one_face_cost_least_where_they_agree(name):
    """Whatever the tasks that do not ship say; each answer is drawn towards the other."""
    recipe = easy(name)
    generator = torch.Generator().manual_seed(1)
    one, other = torch.randn(2, 5, recipe.outputs, generator=generator).tanh()
    agreed = one.clone().requires_grad_()
    losses.consistency_loss(agreed, one.clone(), recipe).backward()
    assert agreed.grad.abs().max() < 1e-6
    pair = torch.stack([one, other]).requires_grad_()
    losses.consistency_loss(*pair, recipe).backward()
    for task, place in recipe.slices.items():
        towards = (pair.grad[0] * (one - other))[:, place].sum()
        assert towards > 0 if task in recipe.exported else towards == 0
