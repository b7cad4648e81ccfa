# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Maps of what drives a decision: hiding what the network looks at lowers it most."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import samples

from face_affect_ros.cli import explain
from face_affect_ros.cli import main
from face_affect_ros.evaluation import explanation
from face_affect_ros.evaluation.occlusion import Occlusion
from face_affect_ros.faces import EMOTIONS


class Corner:
    """Tells "happy" by the brightness of the crop's upper left corner alone."""

    def run(self, batch):
        """Return probabilities of emotions."""
        bright = batch[:, :8, :8].reshape(len(batch), -1).mean(1) / 255
        scores = np.zeros((len(batch), 7), np.float32)
        scores[:, EMOTIONS.index('happy')] = bright
        scores[:, 0] = 0.2
        return [scores]


def test_the_place_that_decides(monkeypatch):
    """Is found, and nothing else matters."""
    monkeypatch.setattr(explanation, 'load_engine', lambda name, settings: Corner())
    explainer = explanation.Explainer('1', Occlusion, tasks=['emotion'])
    picture = np.zeros((128, 128, 3), np.uint8)
    picture[:64] = 255
    faces = samples.model().align(picture, np.array([[0, 0, 128, 128]]))
    ((found,),) = explainer.explain(picture, faces)
    assert (found.decision.task, found.decision.label) == ('emotion', 'happy')
    x, y = explanation.strongest(found.influence)
    assert x < 0.2 and y < 0.2
    size = len(found.crop)
    assert found.influence.shape == (size, size)
    assert np.abs(found.influence[size // 2 :, size // 2 :]).max() < 1e-6


def test_overlay_is_red_for_and_blue_against():
    """On a grey face."""
    influence = np.zeros((32, 32), np.float32)
    influence[:, :8], influence[:, 24:] = 1, -1
    found = explanation.overlay(np.full((32, 32, 3), 100, np.uint8), influence, 64).astype(int)
    assert found[32, 4, 2] > found[32, 4, 0] + 50 and found[32, 60, 0] > found[32, 60, 2] + 50
    assert np.ptp(found[32, 32]) == 0


def test_an_open_mouth_is_seen_at_the_mouth(capsys, tmp_path, astronaut_file):
    """Of a real face: her mouth tells that it is open; a picture a decision, and the mean."""
    command = ['explain', str(astronaut_file), '--attributes', 'Mouth_Slightly_Open', '--mean']
    assert main([*command, '--tasks', 'attributes', 'emotion', '--to', str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    names = {file.name for file in tmp_path.iterdir()}
    mouth = 'attributes_moon.attributes.Mouth_Slightly_Open.png'
    happy = 'emotion_mini_xception.emotion.happy.png'
    assert names == {
        f'{begin}.{end}'
        for begin in ('astronaut.face1.occlusion', 'mean.occlusion')
        for end in (mouth, happy)
    }
    assert all(cv2.imread(str(tmp_path / name)).shape == (256, 256, 3) for name in names)
    (line,) = (line for line in printed.splitlines() if 'face 1: attributes' in line)
    down = int(line.partition('across, ')[2].partition('%')[0])
    assert 50 <= down <= 75  # at factor 1.45 the mouth is below the middle


def test_the_mean_of_a_data_set(capsys, tmp_path, astronaut_file):
    """One picture a class of the networks, and none of single faces; bad pictures are named."""
    pytest.importorskip('sklearn')
    pytest.importorskip('matplotlib')
    pytest.importorskip('pyarrow')
    table = tmp_path / 'faces.csv'
    table.write_text(f'path,emotion\n{astronaut_file},happy\n{astronaut_file},sad\nno.png,sad\n')
    command = ['explain', '--data', str(table), '--tasks', 'emotion']
    assert main([*command, '--to', str(tmp_path / 'out')]) == 1
    printed, errors = capsys.readouterr()
    assert 'no.png' in errors
    names = [file.name for file in (tmp_path / 'out').iterdir()]
    assert names == ['mean.occlusion.emotion_mini_xception.emotion.happy.png']
    assert '2 faces' in printed


def test_without_the_extra(capsys, monkeypatch, tmp_path, astronaut_file):
    """A method by gradients names what is missing and the command, before anything is read."""
    known = explain.find_spec
    command = ['explain', str(astronaut_file), '--method', 'grad-cam', '--to', str(tmp_path)]
    monkeypatch.setattr(
        explain, 'find_spec', lambda name: None if name == 'torch' else known(name)
    )
    assert main(command) == 1
    errors = capsys.readouterr().err
    assert 'torch' in errors and 'pip install "face_affect_ros[train]"' in errors


@pytest.mark.parametrize('more', [[], ['{}', '--data', '{}']])
def test_pictures_or_a_data_set(more, capsys, tmp_path, astronaut_file):
    """One of both, not neither."""
    words = [word.format(astronaut_file) for word in more]
    assert main(['explain', *words, '--to', str(tmp_path)]) == 2
    assert 'pictures, or a data set' in capsys.readouterr().err


def test_what_cannot_be_read(capsys, tmp_path, astronaut_file):
    """Is named, and the rest is done."""
    (tmp_path / 'bad.png').write_bytes(b'x')
    command = ['explain', str(tmp_path / 'bad.png'), str(astronaut_file), '--tasks', 'emotion']
    assert main([*command, '--to', str(tmp_path / 'out')]) == 1
    printed, errors = capsys.readouterr()
    assert 'bad.png' in errors and 'emotion happy' in printed
    assert main(['explain', str(astronaut_file)]) == 2
