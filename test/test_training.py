# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe trains, goes on where it stopped, and exports a network that the package can run."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_training import build_in_a_hurry
from small_training import easy
from small_training import picture_set
from small_training import prepare_runs

from face_affect_ros import crops
from face_affect_ros.engines.onnx import OnnxEngine
from face_affect_ros.networks.face_network import FaceNetwork
from face_affect_ros.registry import catalogue
from face_affect_ros.registry.catalogue import CropSpec

torch = pytest.importorskip('torch')
onnx = pytest.importorskip('onnx')

batches = pytest.importorskip('training.data.batches')
export = pytest.importorskip('training.export')
figures = pytest.importorskip('training.exporting.file_figures')
fit = pytest.importorskip('training.fitting.face_module')
losses = pytest.importorskip('training.fitting.losses')
optimize = pytest.importorskip('training.fitting.optimize')
label_agreement = pytest.importorskip('training.data.label_agreement')
compare_forms = pytest.importorskip('training.exporting.compare_forms')
networks = pytest.importorskip('training.architectures.build')
recipes = pytest.importorskip('training.recipe')
restore = pytest.importorskip('training.fitting.restore')
static_int8 = pytest.importorskip('training.exporting.static_int8')
pseudo_label = pytest.importorskip('training.fitting.pseudo_label')
trainer = pytest.importorskip('training.train')
LEARNED = pytest.importorskip('training.tasks').LEARNED
PictureSet = pytest.importorskip('training.data.sets').PictureSet


@pytest.fixture
def runs(tmp_path, monkeypatch) -> Path:
    """Return the folder of runs; sets are synthetic, every step leaves a checkpoint."""
    prepare_runs(tmp_path, monkeypatch)
    return tmp_path


@pytest.mark.slow
def test_from_training_to_the_package(runs, monkeypatch):
    """Train, go on, export, describe: one network through its whole life."""
    steps = []
    step = fit.FaceModule.training_step
    monkeypatch.setattr(
        fit.FaceModule, 'training_step', lambda *given: (steps.append(1), step(*given))[1]
    )
    recipe = easy(epochs=6)
    folder = trainer.train(replace(recipe, epochs=2), Path('nowhere'), workers=0, limit=3)
    assert folder == runs / recipe.name
    assert (folder / 'best.pt').exists()
    assert len(steps) == 2 * 3
    trainer.train(recipe, Path('nowhere'), workers=0, limit=3)
    assert len(steps) == 6 * 3  # what was done is not done again

    target = folder / 'shipped.onnx'
    digest = export.export(recipe, target)
    assert digest == hashlib.sha256(target.read_bytes()).hexdigest()
    model = onnx.load(target)
    assert model.ir_version <= 8
    assert max(entry.version for entry in model.opset_import) <= 17

    pictures = picture_set('fer2013_val')
    views = [crops.whole(picture) for picture in pictures.pictures]
    network = FaceNetwork(OnnxEngine(target), CropSpec(recipe.size, 1, recipe.factor), ['emotion'])
    scores = network.scores(views, [pictures.frame(index) for index in range(len(pictures))])[
        'emotion'
    ]
    assert scores.shape == (64, 7)
    assert scores.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (scores.argmax(axis=1) == pictures.labels['emotion']).mean() > 0.9


@pytest.mark.slow
def test_the_export_computes_what_was_trained(runs):
    """The file gives PyTorch's probabilities for batches of any size, of the shipped task only."""
    recipe = easy('gender_mini_xception', held_out=False)
    recipe.run.mkdir(parents=True)
    torch.manual_seed(0)
    network = networks.build(recipe)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # as after training, not as it begins
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    torch.save(network.state_dict(), recipe.run / 'best.pt')
    export.export(recipe, recipe.run / 'shipped.onnx')
    engine = OnnxEngine(recipe.run / 'shipped.onnx')
    for count in (1, 5):
        images = np.random.default_rng(count).integers(
            0, 256, (count, recipe.size, recipe.size), np.uint8
        )
        both = (images, np.ascontiguousarray(images[..., ::-1]))
        with torch.no_grad():
            scores = [network.eval()(torch.from_numpy(part)[:, None].float()) for part in both]
        expected = np.mean(
            [part[:, recipe.slices['gender']].softmax(1).numpy() for part in scores], axis=0
        )
        np.testing.assert_allclose(engine.run(images)[0], expected, atol=1e-4)


def test_a_start_from_another_recipe():
    """Weights of the same name and shape are taken over, the others are named."""
    source, target = (
        networks.build(easy(tasks=tasks)) for tasks in ({'emotion': 1.0}, {'gender': 1.0})
    )
    fresh = networks.start_from(target, source.state_dict())
    assert fresh and all(name.startswith('head') for name in fresh)
    for name, value in target.state_dict().items():
        if name not in fresh:
            assert torch.equal(value, source.state_dict()[name])


@pytest.mark.parametrize('name', [path.stem for path in sorted(recipes.RECIPES.glob('*.yaml'))])
def test_every_recipe_has_its_network(name):
    """Its architecture exists and gives all tasks' outputs."""
    recipe = recipes.load_recipe(name)
    network = networks.build(recipe).eval()
    shape = (2, recipe.channels, recipe.size, recipe.size)
    with torch.no_grad():
        assert network(torch.zeros(shape)).shape == (2, recipe.outputs)


def test_an_unknown_architecture():
    """Is named beside those that there are."""
    with pytest.raises(ValueError, match=r"'max_xception'.*mini_xception"):
        networks.build(easy(architecture='max_xception'))


def test_validation_crops_are_those_of_the_run_time():
    """Exactly, and the same every time; training crops vary."""
    pictures, recipe = picture_set('fer2013_val', 4), recipes.load_recipe('emotion_mini_xception')
    still = batches.Crops(pictures, recipe, varied=False)
    varied = batches.Crops(pictures, recipe, varied=True)
    for index in range(4):
        expected = crops.cut_face(
            crops.whole(pictures.pictures[index]),
            pictures.frame(index),
            recipe.size,
            recipe.factor,
        )
        np.testing.assert_array_equal(still[index]['image'], expected[None])
        assert still[index]['emotion'] == pictures.labels['emotion'][index]
    assert any((varied[0]['image'] != varied[0]['image']).any() for _ in range(5))


@pytest.mark.parametrize('task', list(LEARNED))
def test_a_label_that_a_set_does_not_have_costs_nothing(task):
    """Sets with different labels train together: missing ones give no loss and no gradient."""
    recipe = easy(tasks={task: 1.0}, exported=(task,))
    bare = picture_set('utkface_train', 3)
    bare.labels.clear()
    target = torch.from_numpy(batches.targets(bare, recipe)[task])
    full = torch.from_numpy(batches.targets(picture_set('utkface_train', 3), recipe)[task])
    scores = torch.randn(6, LEARNED[task].columns, requires_grad=True)
    loss = losses.LOSSES[LEARNED[task].kind](scores, torch.cat([full, target]), recipe)
    loss.backward()
    assert torch.isfinite(loss) and loss > 0
    assert scores.grad[:3].abs().sum() > 0
    assert scores.grad[3:].abs().sum() == 0


def test_the_rate_is_divided_by_ten_three_times():
    """Whenever the validation score has not improved for a while, and not while it does."""
    recipe = easy(optimizer='sgd', schedule='plateau', rate=0.01)
    optimizer = optimize.optimizer_of(recipe, networks.build(recipe))
    schedule = optimize.schedule_of(recipe, optimizer, steps=100)
    assert schedule['monitor'] == 'score'
    rates = []
    for epoch in range(60):
        schedule['scheduler'].step(min(epoch, 9) / 10)
        rates.append(round(optimizer.param_groups[0]['lr'], 9))
    assert rates[:10] == [0.01] * 10
    assert sorted(set(rates), reverse=True) == [0.01, 0.001, 0.0001, 0.00001]


@pytest.mark.slow
def test_a_recipe_by_the_papers_protocol(runs):
    """Momentum, plateaus, no averaging of the weights: it trains like the others."""
    recipe = easy(optimizer='sgd', schedule='plateau', average=0.0, rate=0.01)
    folder = trainer.train(recipe, Path('nowhere'), workers=0, limit=2)
    assert (folder / 'best.pt').exists()


@pytest.mark.parametrize('changes', [{'optimizer': 'lbfgs'}, {'schedule': 'linear'}])
def test_an_unknown_optimizer_or_schedule(changes):
    """Is refused by its name, beside the known ones."""
    recipe = easy(**changes)
    with pytest.raises(ValueError, match=next(iter(changes.values()))):
        optimizer = optimize.optimizer_of(recipe, networks.build(recipe))
        optimize.schedule_of(recipe, optimizer, steps=10)


@pytest.mark.parametrize(
    ('recipe', 'start'),
    [('emotion_vdcn_b', 'emotion_vdcn_a'), ('attributes_moon_first', 'moon_taught')],
)
def test_a_start_by_name(runs, recipe, start):
    """The dense layers are those that were trained, of a shallower network too."""
    before = recipes.load_recipe(start)
    recipe = replace(recipes.load_recipe(recipe), size=before.size)
    trained = networks.build(before)
    before.run.mkdir()
    torch.save(trained.state_dict(), before.run / 'best.pt')
    network = networks.build(recipe)
    networks.start(network, recipe)
    assert torch.equal(network.head.weight, trained.head.weight)


def test_pairs_of_a_person_both_ways_round():
    """Every pair of its pictures; none of who has one."""
    first, second = label_agreement.pairs_of_persons(np.array([7, 3, 7, 5, 7]))
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [
        (0, 2),
        (0, 4),
        (2, 0),
        (2, 4),
        (4, 0),
        (4, 2),
    ]


def test_the_forms_of_a_file():
    """From what was trained to what ships; only the first keeps every weight as it was."""
    forms = compare_forms.forms_of(easy('age_gender_levi_hassner'))
    assert [form.rank for form in forms.values()] == [0, 112, 112]
    assert [form.storage for form in forms.values()] == ['float32', 'float32', 'int8']


@pytest.mark.parametrize(
    ('task', 'probabilities', 'expected'),
    [
        ('age', np.eye(101, dtype=np.float32)[[40, 8] * 32], {'age error years': 0.0}),
        ('gender', np.tile([[0.9, 0.1]], (64, 1)), {'gender accuracy': 0.5}),
        (
            'attributes',
            np.tile([[0.1]], (64, 40)),
            {'attributes accuracy': 0.5, 'attributes balanced': 0.5},
        ),
    ],
)
def test_what_a_task_is_worth(task, probabilities, expected):
    """In its own unit."""
    found = figures.figures_of({task: probabilities}, picture_set('utkface_val'))
    assert found == pytest.approx(expected)


def test_ambiguous_emotions_are_told_apart():
    """Where a set says which of its pictures its raters disagree on."""
    pictures = picture_set('fer2013_val')
    answers = np.eye(7)[np.where(np.arange(64) < 16, 0, pictures.labels['emotion'])]
    pictures.labels['ambiguous'] = np.arange(64) < 8
    found = figures.figures_of({'emotion': answers}, pictures)
    assert found == pytest.approx(
        {'emotion accuracy': 0.75, 'emotion unambiguous': 48 / 56}, abs=1e-4
    )


def test_a_label_that_a_set_does_not_have_is_not_judged(runs):
    """CelebA tells no age: the network's gender alone is measured on it."""
    recipe = easy('age_gender_levi_hassner', rank=0, storage='float32', held_out=False, size=61)
    recipe.run.mkdir()
    torch.save(networks.build(recipe).state_dict(), recipe.run / 'best.pt')
    export.export(recipe, recipe.run / 'made.onnx')
    pictures = picture_set('celeba_val')
    del pictures.labels['age']
    found = figures.figures((recipe.run / 'made.onnx').read_bytes(), recipe, pictures)
    assert found.keys() == {'gender accuracy'}


@pytest.mark.parametrize('name', ['emotion_mini_xception', 'emotion_vdcn', 'gender_age_resnet'])
def test_an_embedded_file_becomes_a_run_again(name, runs):
    """Exported from there it says what it said, dense layers or shortcuts, stored in few bits."""
    recipe = replace(recipes.load_recipe(name), folder=runs / 'again')
    restore.restore(recipe, name, picture_set(recipe.sets[0]), recipe.run)
    export.export(recipe, recipe.run / 'made.onnx')
    colours = (3,) if recipe.channels == 3 else ()
    images = np.random.default_rng(1).integers(
        0, 256, (4, recipe.size, recipe.size, *colours), np.uint8
    )
    again = OnnxEngine(recipe.run / 'made.onnx').run(images)
    first = OnnxEngine(catalogue.checked_path(name)).run(images)
    for mine, theirs in zip(again, first, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-3)


def test_held_out_pictures_are_whole_persons():
    """A twentieth of the pictures; nobody is on both sides; the same rows every time."""
    pictures = picture_set('celeba_train', 2000)
    pictures.labels['identity'] = np.arange(2000) // 4
    rows = pictures.held_out()
    assert rows.mean() == pytest.approx(0.05, abs=0.01)
    kept, out = (set(pictures.labels['identity'][part]) for part in (~rows, rows))
    assert not kept & out
    np.testing.assert_array_equal(rows, pictures.held_out())


def test_held_out_pictures_are_not_trained_on(runs):
    """Batches never show them."""
    recipe = easy('emotion_mini_xception_consistent', batch=1, held_out=True)
    shown = sum(1 for _ in batches.training_batches(recipe, Path('nowhere'), workers=0))
    assert shown == 64 - 4


def test_a_network_that_computes_in_8_bits(runs, tmp_path):
    """Nearly what the float network says, from a smaller file, by integer arithmetic."""
    recipe = easy('emotion_vdcn', width=0.125)
    recipe.run.mkdir()
    torch.save(build_in_a_hurry(recipe).state_dict(), recipe.run / 'best.pt')
    source, target = tmp_path / 'float32.onnx', tmp_path / 'int8.onnx'
    export.export(replace(recipe, storage='float32'), source)
    crops = figures.crops_of(picture_set('fer2013_train'), recipe)
    static_int8.quantize(source, target, crops)
    assert target.stat().st_size < 0.4 * source.stat().st_size
    operators = {node.op_type for node in onnx.load(target).graph.node}
    assert {'QuantizeLinear', 'DequantizeLinear'} <= operators
    (expected,) = OnnxEngine(source).run(crops)
    (found,) = static_int8.runner(target)(crops)
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_agreement_of_labels():
    """Of fifty proposals two readers accept 20 and reject 15 together: 0.4."""
    first = np.repeat([True, True, False, False], [20, 5, 10, 15])
    second = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert label_agreement.kappa(first, second) == pytest.approx(0.4)
    assert label_agreement.kappa(first | True, first | True) == 0
    assert label_agreement.kappa(first, first | True) == 0
