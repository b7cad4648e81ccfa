# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The paper's tables are recomputed, and what contradicts itself in them is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip('sklearn')
pytest.importorskip('pyarrow')
pytest.importorskip('matplotlib')

from face_affect_ros.cli import main
from face_affect_ros.evaluation.paper import published
from face_affect_ros.evaluation.paper import sections
from face_affect_ros.evaluation.report import parquet
from face_affect_ros.faces import EMOTIONS


@pytest.mark.parametrize(
    'table', published.TABLES, ids=lambda table: f'{table.task} {table.model}'
)
def test_the_counts_give_the_averages(table):
    """Sums and hits are the table's, and what it says of itself follows from them."""
    averages = sections.averages(table)
    assert averages['accuracy'] == pytest.approx(table.right / table.pictures, abs=5e-5)
    for name, value in table.averages.items():
        assert averages[name] == pytest.approx(value, abs=5e-5), name
    if table.matrix is not None:
        assert tuple(table.matrix.sum(1)) == table.truth
        assert table.matrix.trace() == table.right


def test_what_contradicts_itself():
    """The numbers that do not fit are in the words."""
    told = ' '.join(sections.contradictions())
    for words in ('are 96', '42 men and 54 women', '40 and 56', '0.9348', '0.5436 and 0.4508'):
        assert words in told


def test_what_the_sample_can_show():
    """Emotion is decided, gender is not."""
    emotion, gender, _ = sections.conclusions()
    assert 'Model 1 is better holds' in emotion and '61 of 96' in emotion
    assert 'Model 2 is better is not established' in gender and '90 of 96' in gender


def test_the_command(capsys, tmp_path):
    """Prints the four tables and writes a report with their figures."""
    assert main(['evaluate', 'paper', '--to', str(tmp_path / 'out')]) == 0
    printed = capsys.readouterr().out
    assert printed.count('## Paper, Model') == 4
    assert '| truth: female | 43 (98 %) | 11 (21 %) | 79.6 % |' in printed
    found = json.loads((tmp_path / 'out/report.json').read_text())
    accuracy = found['models']['paper 2']['gender']['accuracy']
    assert accuracy['value'] == 0.9375 and 0.86 < accuracy['low'] < 0.9 < accuracy['high'] < 0.98
    assert (tmp_path / 'out/report.html').stat().st_size > 5000


def test_the_same_tables_of_ours(capsys, tmp_path):
    """Six emotions: disgust is no truth, and as an answer the likeliest of the six is taken."""
    scores = np.full((5, 7), 0.1, np.float32)
    scores[:, EMOTIONS.index('disgust')] = 0.3
    scores[:, EMOTIONS.index('fear')] = 0.2
    columns = {
        'row': np.arange(5),
        'model': ['2'] * 5,
        'condition': ['clean'] * 4 + ['noise=20'],
        'error': [None] * 5,
        'emotion': ['sad', 'disgust', 'sad', None, 'sad'],
        'emotion_scores': scores,
        'truth_emotion': ['sad', 'fear', 'disgust', 'happy', 'angry'],
    }
    (tmp_path / 'made').mkdir()
    parquet.write(columns, tmp_path / 'made/predictions.parquet')
    out = tmp_path / 'out'
    assert main(['evaluate', 'paper', '--ours', str(tmp_path / 'made'), '--to', str(out)]) == 0
    printed = capsys.readouterr().out
    assert '## Ours, Model 2, emotion' in printed and '3 pictures of made; 1 without' in printed
    assert 'truth: fear | 0 (0 %) | 1 (100 %) |' in printed
    found = json.loads((out / 'report.json').read_text())['models']['ours 2']['emotion']
    assert found['accuracy']['value'] == pytest.approx(2 / 3, abs=1e-6)


def test_folders_without_predictions(capsys, tmp_path):
    """Are named, with the command that makes some."""
    assert main(['evaluate', 'paper', '--ours', str(tmp_path)]) == 1
    assert 'face-affect evaluate data' in capsys.readouterr().err
