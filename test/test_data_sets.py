# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Labelled pictures are read from Parquet, CSV and folders; what is wrong is counted and named."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip('pyarrow')

import pyarrow
from pyarrow import parquet

from face_affect_ros.evaluation.data.data_set import DataSetError
from face_affect_ros.evaluation.data.data_set import open_data_set
from face_affect_ros.evaluation.data.mapping import ColumnMapping
from face_affect_ros.evaluation.data.mapping import MappingError
from face_affect_ros.evaluation.data.mapping import read_mapping
from face_affect_ros.evaluation.data.selection import select
from face_affect_ros.evaluation.data.truth import read_truth
from face_affect_ros.faces import ATTRIBUTES

PNG = cv2.imencode('.png', np.zeros((4, 4, 3), np.uint8))[1].tobytes()


def truth_of(path, mapping=None):
    """Return a data set, its labels and what is wrong with them."""
    mapping = mapping or ColumnMapping()
    data = open_data_set(path, mapping)
    return data, *read_truth(data, mapping)


def csv_file(folder, text: str):
    """Return a CSV file of this text; two pictures lie beside it."""
    for name in 'ab':
        (folder / f'{name}.png').write_bytes(PNG)
    file = folder / 'faces.csv'
    file.write_text(text)
    return file


def test_csv(tmp_path):
    """Words in any case, empty cells, boxes, people, attributes that tell the gender."""
    data, truth, issues = truth_of(
        csv_file(
            tmp_path,
            'path;emotion;age;box;person;Male;Smiling\n'
            'a.png;Happy;31;"1 2 30 40";ann;1;-1\n'
            'b.png;;;;ann;0;\n',
        )
    )
    assert (
        not issues
        and len(data) == 2
        and truth.tasks
        == (
            'emotion',
            'gender',
            'age',
            'attributes',
        )
    )
    assert truth.emotion.tolist() == [3, -1] and truth.gender.tolist() == [1, 0]
    np.testing.assert_array_equal(truth.age, [31, np.nan])
    np.testing.assert_array_equal(truth.boxes[0], [1, 2, 30, 40])
    assert np.isnan(truth.boxes[1]).all() and truth.person.tolist() == [0, 0]
    smiling = truth.attributes[:, ATTRIBUTES.index('Smiling')]
    assert smiling.tolist() == [0, -1]
    assert data.read(1) == tmp_path / 'b.png' and data.places[1].endswith('row 1: b.png')


def test_names_of_columns_in_capitals(tmp_path):
    """Are ours, where no column has our name."""
    data, truth, issues = truth_of(csv_file(tmp_path, 'Path,Emotion,AGE,age\na.png,sad,9,31\n'))
    assert list(data.columns) == ['path', 'emotion', 'AGE', 'age'] and not issues
    assert truth.emotion.tolist() == [4] and truth.age.tolist() == [31]


def test_parquet(tmp_path):
    """Encoded pictures, also in a structure; numbers are classes; boxes in four columns."""
    file = tmp_path / 'faces.parquet'
    table = {
        'image': [{'bytes': PNG, 'path': None}, {'bytes': None, 'path': 'x.png'}],
        'gender': pyarrow.array([0, 1], pyarrow.int8()),
        'identity': [7, 8],
        **{name: [1.0, None] for name in ('x', 'y', 'width', 'height')},
    }
    parquet.write_table(pyarrow.table(table), file)
    data, truth, issues = truth_of(file)
    assert not issues and truth.gender.tolist() == [0, 1] and truth.person.tolist() == [0, 1]
    assert data.read(0) == PNG and data.read(1) == tmp_path / 'x.png'
    np.testing.assert_array_equal(truth.boxes, [[1] * 4, [np.nan] * 4])


@pytest.mark.parametrize(
    ('classes', 'task', 'expected'),
    [
        (('happy', 'sadness'), 'emotion', [3, 4]),
        (('women', 'men'), 'gender', [0, 1]),
        (('7', '70'), 'age', [7, 70]),
    ],
)
def test_folders_of_classes(tmp_path, classes, task, expected):
    """Their names tell the task; folders of parts become a column; what is hidden is left out."""
    for name, part in zip(classes, ('train', 'test')):
        folder = tmp_path / part / name
        folder.mkdir(parents=True)
        (folder / 'one.png').write_bytes(PNG)
        (folder / '.hidden.png').write_bytes(PNG)
    data, truth, issues = truth_of(tmp_path)
    assert not issues and truth.tasks == (task,)
    found = dict(zip(data.columns['part'], getattr(truth, task)))
    assert found == dict(zip(('train', 'test'), expected))


def test_a_mapping(tmp_path):
    """Names of columns and classes; null leaves pictures out and is no issue."""
    file = csv_file(tmp_path, 'file,feeling,sex,emotion\na.png,merry,1,x\nb.png,contempt,2,y\n')
    yaml = tmp_path / 'names.yaml'
    yaml.write_text(
        'columns: {path: file, emotion: feeling, gender: sex}\n'
        'classes:\n'
        '  emotion: {merry: happy, contempt: null}\n'
        '  gender: {1: male, 2: female}\n'
    )
    _, truth, issues = truth_of(file, read_mapping(yaml))
    assert not issues
    assert truth.emotion.tolist() == [3, -1] and truth.gender.tolist() == [1, 0]


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('[', 'is no YAML'),
        ('rows: {}', 'only the keys columns and classes'),
        ('columns: [1]', 'must be a mapping'),
        ('classes: {emotion: happy}', 'classes.emotion'),
    ],
)
def test_a_mapping_that_is_none(tmp_path, text, words):
    """Is refused with the place."""
    (tmp_path / 'm.yaml').write_text(text)
    with pytest.raises(MappingError, match=words):
        read_mapping(tmp_path / 'm.yaml')
    with pytest.raises(MappingError, match='No such file'):
        read_mapping(tmp_path / 'none.yaml')


def test_a_mapping_to_a_column_that_is_not_there(tmp_path):
    """Names those that are."""
    file = csv_file(tmp_path, 'path,feeling\na.png,happy\n')
    with pytest.raises(MappingError, match=r"'emoton' for emotion.*path, feeling"):
        truth_of(file, ColumnMapping({'emotion': 'emoton'}))


def test_labels_that_are_none(tmp_path):
    """Are counted and named, with what was meant; the rest is read."""
    _, truth, issues = truth_of(
        csv_file(
            tmp_path,
            'path,emotion,age,box,gender,Bald\n'
            + 'a.png,hapy,200,1 2 3,0,maybe\n' * 2
            + 'b.png,sad,12,0 0 5 -5,female,1\n',
        )
    )
    told = '\n'.join(issues)
    assert truth.emotion.tolist() == [-1, -1, 4] and truth.age[2] == 12
    assert "2 x unknown label: emotion 'hapy' (did you mean happy?" in told
    assert '2 x label out of range: age' in told and '3 x a box that is none' in told
    assert '2 x unknown label: gender' in told and '2 x unknown label: Bald' in told


@pytest.mark.parametrize(
    ('name', 'content', 'words'),
    [
        ('none.csv', None, 'no such file'),
        ('x.txt', b'a', 'is no data set'),
        ('x.csv', b'', 'is empty'),
        ('x.csv', b'\xff\xfe', 'is no CSV file'),
        ('x.csv', b'emotion\nhappy\n', 'no column image or path; it has emotion'),
        ('x.parquet', b'PAR1', 'is no Parquet file'),
    ],
)
def test_what_is_no_data_set(tmp_path, name, content, words):
    """Is refused, saying what it lacks."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataSetError, match=words):
        open_data_set(tmp_path / name)


def test_an_empty_folder(tmp_path):
    """Says what was looked for."""
    (tmp_path / 'loose.png').write_bytes(PNG)
    with pytest.raises(DataSetError, match='folders named after a class'):
        open_data_set(tmp_path)


def test_a_selection(tmp_path):
    """All conditions hold; values with commas are alternatives; a limit spreads evenly."""
    rows = ''.join(f'a.png,{i % 3},{i % 2 == 0}\n' for i in range(12))
    data = open_data_set(csv_file(tmp_path, f'path,age,ambiguous\n{rows}'))
    assert select(data, ['age=1']).tolist() == [1, 4, 7, 10]
    assert select(data, ['age=1,2', 'ambiguous=true']).tolist() == [2, 4, 8, 10]
    assert select(data, [], 3).tolist() == [0, 6, 11]
    with pytest.raises(DataSetError, match=r'no picture.*by --where age=9'):
        select(data, ['age=9'])
    with pytest.raises(DataSetError, match='the columns are path, age, ambiguous'):
        select(data, ['years=9'])


def test_the_digest_changes_with_the_data(tmp_path):
    """So that what is known of other data is not taken for this one's."""
    first = open_data_set(csv_file(tmp_path, 'path,age\na.png,1\n')).digest
    again = open_data_set(tmp_path / 'faces.csv').digest
    second = open_data_set(csv_file(tmp_path, 'path,age\na.png,2\n')).digest
    (tmp_path / 'a.png').write_bytes(PNG + b'\0')
    third = open_data_set(tmp_path / 'faces.csv').digest
    assert first == again and len({first, second, third}) == 3
