# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The paper's tables are recomputed, and what contradicts itself in them is told."""

from __future__ import annotations

import json

import pytest

pytest.importorskip('sklearn')
pytest.importorskip('pyarrow')
pytest.importorskip('matplotlib')

from face_affect_ros.cli import main
from face_affect_ros.evaluation.paper import published
from face_affect_ros.evaluation.paper import sections


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
