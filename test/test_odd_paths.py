# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Every subcommand, given paths that lead nowhere: short errors, no traceback."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from restricted import run

from face_affect_ros import cli

PATHS = {
    'too long': 'x' * 256,
    'far too long': 'y' * 5000,
    'a loop': 'loop',
    'in a loop': 'loop/a',
    'a link to nothing': 'broken',
    'a file': 'file',
    'in a file': 'file/a',
    'device': '/dev/null',
    'with NUL': 'a\0b',
    'two lines': 'a\nb',
    'undecodable': os.fsdecode(b'\xff\xfe'),
    'URL': 'https://example.org/a',
    'data URI': 'data:image/png;base64,' + 'A' * 5000,
    'missing': 'missing',
}
USES = {
    'bench': ['bench', '--image', '{}'],
    'verify': ['models', 'verify', '--originals', '{}'],
    'fetch from': ['models', 'fetch', 'opencv_ssd', '--from', '{}', '--to', 'out'],
    'fetch to': ['models', 'fetch', 'opencv_ssd', '--from', 'empty', '--to', '{}'],
    'fetch name': ['models', 'fetch', '{}'],
    'model': ['classify', 'a.png', '--model', '{}'],
    'number': ['classify', 'a.png', '--max-faces', '{}'],
    'command': ['{}'],
    'node': ['run', '{}'],
    'option': ['classify', 'a.png', '--{}'],
}
TRAINING = {
    'recipe': ['train', '{}', '--data', 'data', '--check'],
    'data': ['train', 'emotion_mini_xception', '--data', '{}', '--check'],
    'validation': [
        'train',
        'emotion_mini_xception',
        '--data',
        'data',
        '--validation',
        '{}',
        '--check',
    ],
    'start': [
        'train',
        'emotion_mini_xception',
        '--data',
        'data',
        '--starting-from',
        '{}',
        '--check',
    ],
    'network': ['train', 'emotion_mini_xception', '--data', 'data', '--as', '{}', '--check'],
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Make a current folder with what is named above."""
    monkeypatch.chdir(tmp_path)
    os.symlink('loop', 'loop')
    os.symlink('gone', 'broken')
    Path('file').write_text('x')
    os.mkdir('empty')
    for name in ('a.png', 'data/happy/a.png', 'data/sad/b.png'):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(name, np.full((40, 60, 3), 90 + len(name), np.uint8))
    yield
    for path in tmp_path.rglob('closed'):
        path.chmod(0o700)


def check(arguments, capsys):
    """Run a command that must fail, and look at its errors."""
    assert cli.main(arguments) in (1, 2)
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    errors = [line for line in lines if line.startswith('face-affect')]
    assert errors and all(line.isprintable() and len(line) <= 800 for line in lines)
    assert 'x' * 100 not in captured.err and 'y' * 100 not in captured.err
    assert 'A' * 100 not in captured.err


@pytest.mark.parametrize('path', PATHS.values(), ids=PATHS)
@pytest.mark.parametrize('use', USES.values(), ids=USES)
def test_paths_that_lead_nowhere(use, path, capsys):
    """Whatever the path is for, it is named in short."""
    check([word.replace('{}', path) for word in use], capsys)


@pytest.mark.parametrize('path', PATHS.values(), ids=PATHS)
@pytest.mark.parametrize('use', TRAINING.values(), ids=TRAINING)
def test_training_with_paths_that_lead_nowhere(use, path, capsys):
    """Pictures, runs and names of recipes and networks."""
    pytest.importorskip('face_affect_ros_training')
    if '--starting-from' not in use:
        check([word.replace('{}', path) for word in use], capsys)


def test_closed_folders_of_originals_are_named():
    """What is not found may lie in them."""
    os.makedirs('originals/closed')
    os.chmod('originals/closed', 0)
    done = run('models', 'fetch', 'opencv_ssd', '--from', 'originals', '--to', 'out')
    assert done.returncode == 1 and "cannot be looked into ('originals/closed')" in done.stderr
    done = run('models', 'fetch', 'opencv_ssd', '--from', 'empty', '--to', 'out')
    assert done.returncode == 1 and 'looked into' not in done.stderr


def test_closed_folders_of_training_pictures_are_named():
    """A class that is half there is told before anything is trained."""
    pytest.importorskip('face_affect_ros_training')
    os.mkdir('data/happy/closed')
    os.chmod('data/happy/closed', 0)
    done = run('train', 'emotion_mini_xception', '--data', 'data', '--check')
    assert done.returncode == 1
    assert "folder 'data/happy/closed' cannot be looked into" in done.stderr
