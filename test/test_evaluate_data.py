# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect evaluate data`` on real pictures: figures, restarts, workers, bad input."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

pytest.importorskip('sklearn')
pytest.importorskip('matplotlib')
pytest.importorskip('pyarrow')

import samples
from pyarrow import parquet

from face_affect_ros.cli import INTERRUPTED
from face_affect_ros.cli import main
from face_affect_ros.cli.evaluate import command_line
from face_affect_ros.evaluation import prediction_run
from face_affect_ros.faces import Box

FILES = ('report.json', 'predictions.parquet')


@pytest.fixture(scope='module')
def crops(tmp_path_factory):
    """Return a CSV file of cut faces: one face, framed and lit in several ways."""
    folder = tmp_path_factory.mktemp('crops')
    lines = ['path,emotion,gender,age,Smiling,person,light']
    x, y, width, height = (int(value) for value in samples.ASTRONAUT_BOX)
    for index in range(6):
        part = samples.astronaut()[y - 2 * index : y + height, x : x + width + 2 * index]
        cv2.imwrite(str(folder / f'{index}.png'), part // (1 + index % 2))
        person, light = index // 2, ('full', 'half')[index % 2]
        lines.append(f'{index}.png,happy,female,35,1,{person},{light}')
    (folder / 'faces.csv').write_text('\n'.join(lines) + '\n')
    return folder / 'faces.csv'


def evaluate(capsys, *arguments) -> tuple[int, str, str]:
    """Run the command; return its exit code, what it printed, and what on stderr."""
    code = main(['evaluate', 'data', *map(str, arguments), '--samples', '20'])
    return code, *capsys.readouterr()


def test_cut_faces(crops, capsys, tmp_path):
    """All tasks, subgroups and degradations, in the report and for programs; then again."""
    command = (crops, '--crops', '--degrade', 'noise=60', '--to', tmp_path, '--show-faces')
    command = (*command, '--by', 'light', 'age*light')
    code, printed, errors = evaluate(capsys, *command)
    assert code == 0 and not errors
    assert '6 pictures of 3 people of faces' in printed and '## By light' in printed
    report = json.loads((tmp_path / 'report.json').read_text())
    gender = report['models']['1']['gender']['accuracy']
    assert gender == {'value': 1.0, 'low': 1.0, 'high': 1.0, 'n': 6}
    assert report['subgroups']['light']['light half']['1']['gender']['accuracy']['n'] == 3
    assert report['degradations']['noise=60']['1']['age']['mean_absolute_error']['n'] == 6
    assert report['provenance']['weights']['1']['attributes_moon']
    assert '--to' not in report['provenance']['command']
    table = parquet.read_table(tmp_path / 'predictions.parquet').to_pydict()
    assert table['condition'] == ['clean'] * 6 + ['noise=60'] * 6
    assert table['row'] == [*range(6)] * 2 and table['truth_gender'] == ['female'] * 12
    assert len(table['attributes'][0]) == 40
    (face,) = samples.model().analyze(str(crops.parent / '0.png'), [Box(0, 0, 88, 112)])
    assert table['age'][0] == pytest.approx(face.age.years, abs=1e-4)
    page = (tmp_path / 'report.html').read_text()
    assert page.count('data:image/jpeg') >= 6
    before = [(tmp_path / name).read_bytes() for name in FILES]
    assert evaluate(capsys, *command)[:2] == (0, printed)
    assert [(tmp_path / name).read_bytes() for name in FILES] == before


@pytest.mark.slow
def test_four_workers_give_the_same_bytes(crops, capsys, tmp_path, monkeypatch):
    """As one, also where one part is there already."""
    monkeypatch.setattr(prediction_run, 'CHUNK', 2)
    command = (crops, '--crops', '--no-attributes-enable', '--no-age-enable')
    folders = tmp_path / 'one', tmp_path / 'four'
    for folder, workers in zip(folders, (1, 4)):
        assert evaluate(capsys, *command, '--to', folder, '--workers', workers)[0] == 0
    for name in FILES:
        first, second = ((folder / name).read_bytes() for folder in folders)
        assert first == second, name


def test_it_goes_on_where_it_stopped(crops, capsys, tmp_path, monkeypatch):
    """Nothing is computed twice, and the result is that of a run that was not stopped."""
    monkeypatch.setattr(prediction_run, 'CHUNK', 2)
    command = (crops, '--crops', '--no-attributes-enable', '--no-age-enable', '--to')
    write, written = prediction_run._write, []

    def stopped(predictor, rows, file):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(file.name)
        write(predictor, rows, file)

    monkeypatch.setattr(prediction_run, '_write', stopped)
    code, printed, errors = evaluate(capsys, *command, tmp_path / 'a')
    assert code == INTERRUPTED and 'goes on where it stopped' in errors and not printed
    monkeypatch.setattr(
        prediction_run, '_write', lambda *given: (written.append(given[2].name), write(*given))
    )
    assert evaluate(capsys, *command, tmp_path / 'a')[0] == 0
    assert written == ['000000.parquet', '000001.parquet', '000002.parquet']
    assert evaluate(capsys, *command, tmp_path / 'b')[0] == 0
    for name in FILES:
        assert (tmp_path / 'a' / name).read_bytes() == (tmp_path / 'b' / name).read_bytes()
    code, _, errors = evaluate(capsys, *command, tmp_path / 'a', '--limit', 3)
    assert code == 1 and 'other data, weights or options' in errors


def test_pictures_to_search(capsys, tmp_path):
    """The labelled face is found among several; a picture without one counts as an error."""
    two = np.hstack([samples.astronaut(), samples.astronaut()[:, ::-1] // 2])
    cv2.imwrite(str(tmp_path / 'two.png'), two)
    cv2.imwrite(str(tmp_path / 'none.png'), np.full((200, 200, 3), 90, np.uint8))
    x, y, width, height = samples.ASTRONAUT_BOX
    (tmp_path / 'f.csv').write_text(
        'path,gender,box\n'
        f'two.png,female,"{1024 - x - width} {y} {width} {height}"\n'
        f'two.png,female,"{x} {y} {width} {height}"\n'
        'none.png,female,\n'
    )
    code, printed, _ = evaluate(
        capsys, tmp_path / 'f.csv', '--no-attributes-enable', '--to', tmp_path / 'out'
    )
    assert code == 0 and '## Finding faces' in printed
    report = json.loads((tmp_path / 'out/report.json').read_text())['models']['1']
    assert report['detection']['found']['value'] == pytest.approx(2 / 3, abs=1e-6)
    assert report['gender']['accuracy']['value'] == pytest.approx(2 / 3, abs=1e-6)
    table = parquet.read_table(tmp_path / 'out/predictions.parquet').to_pydict()
    assert table['faces'] == [2, 2, 0] and table['found'] == [True, True, False]
    assert table['box'][0][0] > 512 > table['box'][1][0]


def test_what_is_wrong_is_named_and_the_rest_is_done(crops, capsys, tmp_path):
    """Exit code 1: a picture that does not decode, one that is not there, an unknown class."""
    (tmp_path / 'bad.png').write_bytes(b'\x89PNG\r\n\x1a\nx')
    (tmp_path / 'f.csv').write_text(
        'path,gender\n'
        f'{crops.parent / "0.png"},female\nbad.png,female\nmissing.png,male\nx.png,woman?\n'
    )
    code, printed, errors = evaluate(
        capsys, tmp_path / 'f.csv', '--crops', '--no-attributes-enable', '--no-age-enable'
    )
    assert code == 1
    for words in ('bad.png', 'missing.png', "1 x unknown label: gender 'woman?'"):
        assert words in errors and words in printed
    assert '| pictures | 1 |' in printed


@pytest.mark.parametrize(
    ('arguments', 'code', 'words'),
    [
        (['--where', 'emotion=sad'], 1, 'no picture'),
        (['--by', 'shoe'], 1, 'no such column'),
        (['--degrade', 'fog=1'], 2, 'there are noise'),
        (['--box-factor', '2'], 2, '--crops only'),
        (['--mapping', 'nowhere.yaml'], 1, 'nowhere.yaml'),
    ],
)
def test_what_cannot_be_done(crops, capsys, arguments, code, words):
    """Is named, with the exit code of a failure or of wrong usage."""
    found, printed, errors = evaluate(capsys, crops, *arguments)
    assert found == code and words in errors and not printed


def test_labels_that_match_nothing(capsys, tmp_path):
    """Are no zero: there is nothing to evaluate, and the labels are named."""
    (tmp_path / 'f.csv').write_text('path,emotion\na.png,bored\n')
    code, printed, errors = evaluate(capsys, tmp_path / 'f.csv')
    assert code == 1 and 'has no label that is known' in errors and "'bored'" in errors
    assert not printed


def test_the_command_in_a_report():
    """Without what does not change the figures."""
    given = ['evaluate', 'data', 'x y', '--workers', '4', '--to=out', '--limit', '3']
    found = command_line(given, without=('--workers', '--to'))
    assert found == "face-affect evaluate data 'x y' --limit 3"
