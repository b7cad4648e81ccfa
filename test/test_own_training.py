# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a folder of pictures to a network that the package uses, through the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import own_faces
import pytest

from face_affect_ros import cli
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.pipeline import load_model
from face_affect_ros.registry import catalogue
from face_affect_ros.settings import ModelSettings
from face_affect_ros.tasks import TASKS

pytest.importorskip('face_affect_ros_training')
EXTRA = 'training needs the extra "train": pip install "face_affect_ros[train]"'
RECIPE = 'emotion_mini_xception'


@pytest.fixture(scope='module')
def frameworks():
    """Skip by name where the frameworks are not installed."""
    return [pytest.importorskip(name, reason=EXTRA) for name in ('torch', 'lightning', 'onnx')]


@pytest.fixture(scope='module')
def classes(astronaut, tmp_path_factory):
    """Return a folder of faces, two or three of each emotion."""
    return own_faces.write_classes(
        tmp_path_factory.mktemp('classes'),
        astronaut,
        {name: 2 + index % 2 for index, name in enumerate(EMOTIONS)},
    )


def train(runs: Path, data: Path, *options: str, recipe: str = RECIPE) -> int:
    """Run the command."""
    return cli.main(
        ['train', recipe, '--data', str(data), '--runs', str(runs), '--threads', '1', *options]
    )


@pytest.mark.slow
@pytest.mark.usefixtures('frameworks')
def test_from_a_folder_to_the_package(classes, tmp_path, capsys, astronaut):
    """Trained, measured, registered; used by the model; not done again; other data refused."""
    weights = tmp_path / 'weights'
    options = ('--epochs', '1', '--output', str(weights))
    assert train(tmp_path, classes, *options) == 0
    told = capsys.readouterr().out
    assert 'emotion accuracy' in told and f'--weights-dir {weights}' in told

    entry = catalogue.network(RECIPE, weights)
    assert entry.sha256 != catalogue.network(RECIPE).sha256
    assert 'own emotion accuracy' in entry.figures
    assert str(tmp_path) not in f'{entry.source} {entry.licence}'
    picture = own_faces.face(astronaut, 2)
    with load_model(1) as model, load_model(1, ModelSettings(weights_dir=str(weights))) as own:
        before, after = model.analyze(picture)[0], own.analyze(picture)[0]
    assert sum(after.emotion.scores.values()) == pytest.approx(1, abs=1e-4)
    assert after.emotion.scores != before.emotion.scores
    assert after.age == before.age
    assert cli.main(['models', 'verify', '--weights-dir', str(weights)]) == 0

    best = (tmp_path / RECIPE / 'best.pt').stat().st_mtime_ns
    capsys.readouterr()
    assert train(tmp_path, classes, *options, '--json') == 0
    result = json.loads(capsys.readouterr().out)
    assert result['network'] == RECIPE and result['used'] == {'train': 10, 'validation': 7}
    assert (tmp_path / RECIPE / 'best.pt').stat().st_mtime_ns == best

    assert train(tmp_path, classes, *options, '--rate', '0.5') == 1
    assert 'other rate' in capsys.readouterr().err
    fewer = own_faces.write_classes(tmp_path / 'fewer', astronaut, dict.fromkeys(EMOTIONS, 2))
    assert train(tmp_path, fewer, *options) == 1
    assert 'other pictures' in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures('frameworks')
def test_a_training_that_was_cut_goes_on(classes, tmp_path, monkeypatch, capsys):
    """From its checkpoint: epochs that are done are not done again."""
    from face_affect_ros_training.fitting import face_module as fit
    from face_affect_ros_training.own import job_runner

    monkeypatch.setattr(job_runner, 'MINUTES', 0)
    epochs, done = [], fit.FaceModule.on_validation_epoch_start

    def cut(module):
        epochs.append(module.current_epoch)
        if epochs == [0, 1]:
            raise KeyboardInterrupt
        done(module)

    monkeypatch.setattr(fit.FaceModule, 'on_validation_epoch_start', cut)
    assert train(tmp_path, classes, '--epochs', '3') == 130
    assert 'goes on' in capsys.readouterr().err
    assert train(tmp_path, classes, '--epochs', '3') == 0
    assert epochs[2:] and 0 not in epochs[2:] and epochs[-1] == 2


@pytest.mark.usefixtures('frameworks')
@pytest.mark.parametrize(
    'name', [name for name in catalogue.networks() if catalogue.network(name).task in TASKS]
)
def test_a_shipped_file_can_be_trained_on(name, frameworks, tmp_path):
    """Taken apart and shipped again it says the same, and so it does while its norms learn."""
    torch = frameworks[0]
    from face_affect_ros.engines.onnx import OnnxEngine
    from face_affect_ros_training.export import Shipped
    from face_affect_ros_training.exporting.from_onnx import start_of
    from face_affect_ros_training.recipe import load_recipe

    recipe, data = load_recipe(name), catalogue.read_weights(name)
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(6, recipe.channels, 8, 8, generator=random) * 255
    crops = torch.nn.functional.interpolate(coarse, recipe.size, mode='bilinear').byte()
    start = start_of(data, recipe, crops)
    torch.save(start.network.state_dict(), tmp_path / 'best.pt')
    sizes = [recipe.slices[head].stop - recipe.slices[head].start for head in recipe.exported]
    parts = np.split(np.stack([start.slopes, start.offsets]), np.cumsum(sizes)[:-1], axis=1)
    np.savez(tmp_path / 'calibration.npz', **dict(zip(recipe.exported, parts)))
    images = crops[:, 0] if recipe.channels == 1 else crops.permute(0, 2, 3, 1).contiguous()
    expected = OnnxEngine(data).run(images.numpy())
    with torch.no_grad():
        found = Shipped(recipe, tmp_path / 'best.pt').eval()(images)
        for one, other in zip(found, expected):
            np.testing.assert_allclose(one.numpy(), other, atol=1e-4)
        network = start.network
        still = network(crops.float())
        for module in network.modules():
            module.training = isinstance(module, torch.nn.BatchNorm2d)
        torch.testing.assert_close(network(crops.float()), still, atol=0.02, rtol=0.02)


@pytest.mark.usefixtures('frameworks')
def test_a_file_of_another_architecture(frameworks):
    """Is named as such, not half taken over."""
    torch = frameworks[0]
    from face_affect_ros_training.exporting.from_onnx import StartError
    from face_affect_ros_training.exporting.from_onnx import start_of
    from face_affect_ros_training.recipe import load_recipe

    recipe = load_recipe('attributes_moon')
    with pytest.raises(StartError, match='layer'):
        start_of(
            catalogue.read_weights(RECIPE),
            recipe,
            torch.zeros(2, 1, recipe.size, recipe.size, dtype=torch.uint8),
        )


def test_without_the_frameworks(monkeypatch, classes, tmp_path, capsys):
    """One line that says what to install; --check needs none of them."""
    for name in ('torch', 'lightning'):
        monkeypatch.setitem(sys.modules, name, None)
    assert train(tmp_path, classes) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and 'torch and lightning' in lines[0]
    assert 'pip install "face_affect_ros[train]"' in lines[0]
    assert list(tmp_path.iterdir()) == []
    assert train(tmp_path, classes, '--check') == 0


def test_nothing_is_trained_on_faulty_pictures(classes, tmp_path, capsys):
    """No checkpoint, no file: exit code 1 before any framework is asked."""
    pytest.importorskip('torch', reason=EXTRA)
    (tmp_path / 'data/happy').mkdir(parents=True)
    (tmp_path / 'data/happy/a.jpg').write_bytes(b'none')
    assert train(tmp_path / 'runs', tmp_path / 'data') == 1
    assert 'unreadable picture: 1' in capsys.readouterr().err
    left = [path for path in (tmp_path / 'runs').rglob('*') if path.is_file()]
    assert left == []
