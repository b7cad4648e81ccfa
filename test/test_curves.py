# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The curves of a run, read from its log and drawn."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import cv2
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))  # training/ is not installed
curves = import_module('training.fitting.curves')

LOG = """emotion_fer2013_val,epoch,loss,score,step
,0,2.5,,99
0.4,0,,0.4,99
,1,1.5,,199
0.6,1,,0.6,199
"""


@pytest.fixture
def log(tmp_path) -> Path:
    """Return a log as Lightning writes it."""
    path = tmp_path / 'metrics.csv'
    path.write_text(LOG)
    return path


def test_a_log(log):
    """Each value at its step; cells that are empty are none."""
    assert curves.curves_of(log) == {
        'loss': [(99.0, 2.5), (199.0, 1.5)],
        'score': [(99.0, 0.4), (199.0, 0.6)],
        'emotion_fer2013_val': [(99.0, 0.4), (199.0, 0.6)],
    }


def test_no_log(tmp_path):
    """It is named."""
    with pytest.raises(FileNotFoundError, match=r'metrics\.csv'):
        curves.curves_of(tmp_path / 'metrics.csv')


def test_the_picture(log, tmp_path):
    """It can be read, and is not blank."""
    pytest.importorskip('matplotlib', reason='drawing needs the extra "train"')
    curves.draw('emotion_vdcn', curves.curves_of(log), tmp_path / 'curves.png')
    picture = cv2.imread(str(tmp_path / 'curves.png'))
    assert picture.shape[1] > picture.shape[0] > 100
    assert picture.std() > 5
