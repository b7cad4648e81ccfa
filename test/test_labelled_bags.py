# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate bag --labels``: figures against the truth, and labels that are none."""

import json

import pytest
import recordings
from pyarrow import parquet

from face_affect_ros import cli

COUNT = 8
BOX = '50,21,44,56'
"""About where the face is."""


@pytest.fixture(scope='module')
def recording(tmp_path_factory):
    """Return a bag of one moving face."""
    return recordings.record(
        tmp_path_factory.mktemp('recording') / 'bag', recordings.frames(COUNT), 'mcap'
    )


def evaluated(recording, tmp_path, lines, capsys):
    """Evaluate with a table of labels; return exit code, report and what stderr names."""
    labels = tmp_path / 'labels.csv'
    labels.write_text('\n'.join(lines) + '\n')
    to = tmp_path / 'to'
    options = ['--labels', str(labels), '--to', str(to), '--samples', '10']
    code = cli.main(['evaluate', 'bag', str(recording), *options])
    report = to / 'report.json'
    content = json.loads(report.read_text()) if report.exists() else None
    return code, content, capsys.readouterr().err


def test_figures_are_those_of_the_predictions(recording, tmp_path, capsys):
    """Labelled by stamp or by box over an interval the accuracy is the share of equal labels."""
    tables = {
        'stamp': [
            'stamp;emotion;gender',
            *(f'{recordings.stamp(n) // 10**9}.{n};joy;f' for n in range(COUNT)),
        ],
        'box': ['start,end,x,y,width,height,emotion,gender', f'0,9,{BOX},happy,female'],
    }
    found = {}
    for name, lines in tables.items():
        folder = tmp_path / name
        folder.mkdir()
        code, report, told = evaluated(recording, folder, lines, capsys)
        assert (code, told) == (0, '')
        found[name] = report['models']['1']
    table = parquet.read_table(tmp_path / 'stamp/to/predictions.parquet').to_pydict()
    for figures in found.values():
        assert figures['emotion']['accuracy']['n'] == COUNT
        assert figures['emotion']['accuracy']['value'] == table['emotion'].count('happy') / COUNT
        assert figures['gender']['accuracy']['value'] == table['gender'].count('female') / COUNT
        assert figures['emotion']['changes_per_s']['value'] >= 0
        assert figures['detection']['found']['value'] == 1


def test_ages_and_attributes(recording, tmp_path, capsys):
    """The mean error is that of the ages told."""
    lines = ['frame,age,Smiling,Bald', *(f'{n},30,1,0' for n in range(COUNT))]
    code, report, _ = evaluated(recording, tmp_path, lines, capsys)
    assert code == 0
    ages = parquet.read_table(tmp_path / 'to/predictions.parquet').to_pydict()['age']
    error = sum(abs(age - 30) for age in ages) / COUNT
    figures = report['models']['1']
    assert figures['age']['mean_absolute_error']['value'] == pytest.approx(error, abs=1e-4)
    assert figures['attributes']['accuracy']['n'] == COUNT


def test_a_face_that_was_not_found_is_an_error(recording, tmp_path, capsys):
    """And reported apart."""
    lines = ['frame,box,emotion', f'0,{BOX.replace(",", " ")},happy', '1,0 0 9 9,happy']
    code, report, _ = evaluated(recording, tmp_path, lines, capsys)
    assert code == 0
    assert report['models']['1']['detection']['found']['value'] == 0.5
    assert report['models']['1']['emotion']['accuracy']['value'] <= 0.5


def test_labelled_persons_tell_who_keeps_an_id(recording, tmp_path, capsys):
    """Two names for one track: one id is of two persons, and nobody changes."""
    lines = ['start,end,track,person', '0,0.35,1,anna', '0.4,9,1,ben']
    code, report, _ = evaluated(recording, tmp_path, lines, capsys)
    tracking = report['models']['1']['tracking']
    assert code == 0
    assert (tracking['id_switches']['value'], tracking['shared_ids']['value']) == (0, 1)
    assert 'Labelled persons' in (tmp_path / 'to/report.md').read_text()


def test_unknown_classes_and_labels_that_match_nothing(recording, tmp_path, capsys):
    """Each is named with counts; the rest is evaluated."""
    lines = ['frame,emotion', '0,happy', '1,bored', '2,bored', '3,7', '99,sad', '98,sad']
    code, report, told = evaluated(recording, tmp_path, lines, capsys)
    assert code == 1
    assert report['models']['1']['emotion']['accuracy']['n'] == 1
    assert "2 x unknown label: emotion 'bored'" in told
    assert 'labels.csv: 2 of 6 rows match nothing: no such frame (line 6, 7)' in told


def test_labels_none_of_which_matches(recording, tmp_path, capsys):
    """No figure is made of nothing."""
    code, report, told = evaluated(recording, tmp_path, ['stamp,emotion', '5.0,happy'], capsys)
    assert code == 1 and '1 of 1 rows match nothing: no frame at that time' in told
    assert 'accuracy' not in report['models']['1']['emotion']


@pytest.mark.parametrize(
    ('lines', 'words'),
    [
        (['emotion', 'happy'], '"start" and "end"'),
        (['frame,colour', '0,red'], 'has no label'),
        (['frame,emotion', '0,bored'], 'bored'),
        ([''], 'is empty'),
    ],
)
def test_tables_that_are_none(recording, tmp_path, capsys, lines, words):
    """Exit code 1 and nothing written."""
    code, report, told = evaluated(recording, tmp_path, lines, capsys)
    assert code == 1 and report is None and words in told
