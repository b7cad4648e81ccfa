# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify --csv``: a row a face, in a file that spreadsheets open safely."""

import csv
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_affect_ros import cli
from face_affect_ros.cli import schema
from face_affect_ros.cli.csv_file import CsvFile
from face_affect_ros.cli.csv_file import safe_cell
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS

BLANK = cv2.imencode('.png', np.full((40, 60, 3), 90, np.uint8))[1].tobytes()
RATE, FRAMES = 10, 4


def rows_of(path):
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def two_faces(astronaut):
    """Return a picture of 1024x512 pixels with two faces."""
    return np.hstack([astronaut, astronaut[:, ::-1]])


def test_a_row_a_face_with_what_json_says(folder, two_faces, capsys):
    """One without a face and one that cannot be read have a row too."""
    cv2.imwrite('two.png', two_faces)
    Path('blank.png').write_bytes(BLANK)
    Path('broken.png').write_bytes(BLANK[:60])
    names = ['two.png', 'blank.png', 'broken.png', 'missing.png']
    assert cli.main(['classify', '--json', '--csv', 'faces.csv', *names]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = rows_of('faces.csv')
    assert [row['path'] for row in rows] == ['two.png', *names]
    assert [row['face'] for row in rows] == ['1', '2', '', '', '']
    assert [row['face_count'] for row in rows] == ['2', '2', '0', '', '']
    assert [row['error'] for row in rows] == ['', '', '', told[2]['error'], told[3]['error']]
    assert [row['width'] for row in rows] == ['1024', '1024', '60', '', '']
    for row, face in zip(rows, told[0]['faces']):
        assert float(row['box_x']) == face['box'][0]
        assert float(row['box_height']) == face['box'][3]
        assert float(row['nose_y']) == face['landmarks'][2][1]
        assert row['emotion'] == face['emotion']['label']
        assert float(row['emotion_happy']) == face['emotion']['scores']['happy']
        assert float(row['gender_confidence']) == face['gender']['confidence']
        assert float(row['age']) == face['age']['years']
        assert row['age_range'] == face['age']['range']
        assert float(row['age_25-32']) == face['age']['scores']['25-32']
        assert float(row['attributes_Smiling']) == face['attributes']['Smiling']
        assert row['track_id'] == row['time_s'] == row['frame'] == ''
    assert not any(rows[2][column] for column in rows[2] if column.startswith('emotion'))


def test_words_go_on_beside_the_table(folder, capsys):
    Path('blank.png').write_bytes(BLANK)
    assert cli.main(['classify', '--csv', 'faces.csv', 'blank.png']) == 0
    assert capsys.readouterr().out == 'blank.png: no face\n'
    assert len(rows_of('faces.csv')) == 1


def test_what_is_off_is_empty(folder, astronaut, capsys):
    """The columns are the same for all settings and models."""
    cv2.imwrite('a.png', astronaut)
    off = ['--no-age-enable', '--no-attributes-enable']
    assert cli.main(['classify', '--csv', 'faces.csv', *off, 'a.png']) == 0
    (row,) = rows_of('faces.csv')
    assert list(row) == [column.name for column in schema.columns()]
    assert row['age'] == row['age_range'] == row['attributes_Smiling'] == ''
    assert row['emotion'] in EMOTIONS


def test_a_row_a_face_and_frame_of_videos(folder, astronaut, capsys):
    picture = cv2.resize(astronaut[20:220, 100:340], None, fx=0.5, fy=0.5)
    height, width = picture.shape[:2]
    writer = cv2.VideoWriter('a.mp4', cv2.VideoWriter.fourcc(*'mp4v'), RATE, (width, height))
    for _ in range(FRAMES):
        writer.write(picture)
    writer.write(np.full_like(picture, 90))
    writer.release()
    size = ['--min-face-size', '20']
    assert cli.main(['classify', '--csv', 'faces.csv', 'a.mp4', *size]) == 0
    rows = rows_of('faces.csv')[:FRAMES]
    assert [int(row['frame']) for row in rows] == list(range(FRAMES))
    assert [float(row['time_s']) for row in rows] == pytest.approx(np.arange(FRAMES) / RATE)
    assert {row['track_id'] for row in rows} == {'1'}


def test_columns():
    """Each name stands once; boxes, landmarks and all scores are there."""
    names = [column.name for column in schema.columns()]
    assert len(names) == len(set(names))
    assert names[:3] == ['path', 'frame', 'time_s']
    assert {f'attributes_{name}' for name in ATTRIBUTES} < set(names)
    assert {'box_x', 'right_eye_x', 'left_mouth_y', 'quality', 'confidence'} < set(names)


@pytest.mark.parametrize(
    'name', ['=1+1.png', '+a.png', '-a.png', '@a.png', '\ta.png', '=,"\n.png']
)
def test_names_that_a_spreadsheet_would_run(folder, name, capsys):
    """The path in the table is one that still leads to the picture."""
    Path(name).write_bytes(BLANK)
    assert cli.main(['classify', '--csv', 'faces.csv', '--', name]) == 0
    (row,) = rows_of('faces.csv')
    assert row['path'] == f'./{name}' and os.path.samefile(row['path'], name)


@given(text=st.text(max_size=8), column=st.sampled_from(['path', 'error', 'emotion']))
def test_no_text_is_a_formula(text, column):
    """And what is safe is kept as it is."""
    cell = safe_cell(column, text)
    assert cell.endswith(text)
    assert cell == '-' or not cell.startswith(('=', '+', '-', '@', '\t', '\r'))
    if text[:1].isalnum() or text[:1] in ('/', '.'):
        assert cell == text


@given(value=st.floats(allow_nan=False) | st.integers() | st.none())
def test_numbers_stay_numbers(value):
    """Also negative ones."""
    assert safe_cell('box_x', value) is value


@given(path=st.text(st.characters(codec='utf-8'), min_size=1, max_size=20))
def test_any_path_comes_back(tmp_path_factory, path):
    """Commas, quotes and line ends in names break no row."""
    file = tmp_path_factory.mktemp('csv') / 'faces.csv'
    with CsvFile(file) as table:
        table.add(schema.picture(path, '1', (4, 5)))
        table.add(schema.picture('next', '1', (4, 5)))
    first, second = rows_of(file)
    assert first['path'] in (path, f'./{path}') and second['path'] == 'next'


def test_a_name_that_is_no_text(tmp_path):
    """Bytes that are no UTF-8 are escaped, the file stays UTF-8."""
    with CsvFile(tmp_path / 'faces.csv') as table:
        table.add(schema.picture(os.fsdecode(b'\xff.png'), '1', (4, 5)))
    assert rows_of(tmp_path / 'faces.csv')[0]['path'] == r'\udcff.png'


@pytest.mark.parametrize('name', ['a.png', 'b.MP4'])
def test_a_picture_is_never_overwritten(folder, name, capsys):
    """Where a shell's * put one in the place of the table's name."""
    for path in (name, 'other.png'):
        Path(path).write_bytes(BLANK)
    assert cli.main(['classify', '--csv', name, 'other.png']) == 2
    assert name in capsys.readouterr().err and Path(name).read_bytes() == BLANK


def test_a_table_that_cannot_be_written(folder, capsys):
    Path('blank.png').write_bytes(BLANK)
    for name, reason in (('no/faces.csv', 'No such file'), ('.', 'directory')):
        assert cli.main(['classify', '--csv', name, 'blank.png']) == 1
        error = capsys.readouterr().err
        assert name in error and reason in error and len(error) <= 300


def test_a_full_disk(folder, capsys):
    """It is told, with the table's name."""
    Path('blank.png').write_bytes(BLANK)
    assert cli.main(['classify', '--csv', '/dev/full', 'blank.png']) == 1
    error = capsys.readouterr().err
    assert '/dev/full' in error and 'No space left' in error
