# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures for a training are looked at first: counted, and everything wrong told at once."""

from __future__ import annotations

import json
import shutil

import numpy as np
import own_faces
import pytest

from face_affect_ros import cli
from face_affect_ros import crops
from face_affect_ros.faces import ATTRIBUTES
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.registry.catalogue import CropSpec

pytest.importorskip('face_affect_ros_training')
from face_affect_ros_training.data import packed
from face_affect_ros_training.own import face_lookup
from face_affect_ros_training.own import rows

EVERY = dict.fromkeys(EMOTIONS, 2)
CSV = 'emotion,path,note\n'


@pytest.fixture(scope='module')
def classes(astronaut, tmp_path_factory):
    """Return a folder with two faces of each emotion; do not write to it."""
    return own_faces.write_classes(tmp_path_factory.mktemp('classes'), astronaut, EVERY)


@pytest.fixture
def copy(classes, tmp_path):
    """Return a copy of the folder."""
    return shutil.copytree(classes, tmp_path / 'faces')


def check(capsys, data, *options, recipe='emotion_mini_xception'):
    """Return the exit code, the report and what is told on stderr."""
    code = cli.main(['train', recipe, '--data', str(data), '--check', '--json', *options])
    captured = capsys.readouterr()
    return code, json.loads(captured.out) if captured.out else None, captured.err


def kinds(report) -> list[str]:
    """Return the kinds of all faults."""
    return [fault['kind'] for fault in report['faults']]


def test_folders(capsys, classes):
    """A tenth of each class, one picture at least, is kept; nothing is written."""
    code, report, errors = check(capsys, classes)
    assert (code, report['faults']) == (0, []), errors
    assert report['found'] == 14 and report['used'] == {'train': 7, 'validation': 7}
    assert report['classes']['emotion'] == {
        name: {'train': 1, 'validation': 1} for name in EMOTIONS
    }
    assert sorted(path.name for path in classes.iterdir()) == sorted(EMOTIONS)


def test_the_table(capsys, classes):
    """People get the classes, a line each."""
    assert cli.main(['train', 'emotion_mini_xception', '--data', str(classes), '--check']) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['emotion', 'train', 'validation']
    assert [line.split() for line in lines[2:9]] == [[name, '1', '1'] for name in EMOTIONS]
    assert '14 pictures, used: 7 for train, 7 for validation' in lines


@pytest.mark.parametrize(
    'names', [('train', 'val'), ('Training', 'validation'), ('train', 'test')]
)
def test_folders_of_parts(capsys, classes, tmp_path, astronaut, names):
    """Parts that are there are taken; a test part stands in for a validation part."""
    shutil.copytree(classes, tmp_path / names[0])
    (tmp_path / names[1] / 'happy').mkdir(parents=True)
    (tmp_path / names[1] / 'happy/new.png').write_bytes(own_faces.encoded(astronaut, 70))
    code, report, _ = check(capsys, tmp_path)
    assert code == 0 and report['used'] == {'train': 14, 'validation': 1}


def test_a_test_part_beside_a_validation_part(capsys, classes, tmp_path, astronaut):
    """Is left alone, and that is said."""
    for part in ('train', 'val', 'test'):
        number = len(part) * 10 + 60
        own_faces.write_classes(tmp_path / part, astronaut, {})
        (tmp_path / part / 'sad').mkdir(parents=True)
        (tmp_path / part / 'sad/one.png').write_bytes(own_faces.encoded(astronaut, number + 1))
    shutil.copytree(classes, tmp_path / 'train', dirs_exist_ok=True)
    code, report, _ = check(capsys, tmp_path)
    assert code == 0 and report['used'] == {'train': 15, 'validation': 1}
    assert 'test part' in ' '.join(report['notes'])


def test_everything_wrong_is_told_at_once(capsys, copy):
    """Kinds, counts and places; exit code 1."""
    (copy / 'hapy').mkdir()
    shutil.copy(copy / 'sad/8.png', copy / 'hapy/a.png')
    shutil.copy(copy / 'happy/6.png', copy / 'sad/twin.png')
    (copy / 'fear/broken.jpg').write_bytes(b'no picture')
    (copy / 'loose.png').write_bytes(b'')
    for path in (copy / 'disgust').iterdir():
        path.unlink()
    code, report, errors = check(capsys, copy)
    assert code == 1
    assert sorted(set(kinds(report))) == [
        'empty class',
        'no label',
        'the same picture with different labels',
        'unknown label',
        'unreadable picture',
    ]
    for told in (
        "'hapy' (did you mean happy?",
        'hapy/a.png',
        'broken.jpg',
        'loose.png',
        'disgust',
        'unreadable picture: 1',
        'happy/6.png and',
    ):
        assert told in errors


def test_many_of_one_kind_are_counted(capsys, copy, astronaut):
    """A wrong label of many pictures is one line with the first three."""
    own_faces.write_classes(copy, astronaut, {'hapy': 5})
    _, report, errors = check(capsys, copy)
    assert kinds(report).count('unknown label') == 5
    (line,) = (line for line in errors.splitlines() if "'hapy'" in line)
    assert line.strip().startswith('5x ') and line.count('.png') == 3


def test_skip_bad_and_allow_empty(capsys, copy):
    """What cannot be read is left out and counted; a class may be empty, with a note."""
    (copy / 'fear/broken.jpg').write_bytes(b'no picture')
    shutil.rmtree(copy / 'disgust')
    assert check(capsys, copy, '--skip-bad')[0] == 1
    assert check(capsys, copy, '--allow-empty')[0] == 1
    code, report, _ = check(capsys, copy, '--skip-bad', '--allow-empty')
    assert code == 0 and report['left_out']['unreadable picture'] == 1
    assert any('disgust' in note for note in report['notes'])


def test_pictures_without_a_face_and_twice(capsys, copy):
    """Are left out and counted; a picture of both parts is judged, not learned."""
    import cv2

    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    cv2.imwrite(str(copy / 'sad/noise.png'), noise)
    shutil.copy(copy / 'sad/8.png', copy / 'sad/again.png')
    code, report, _ = check(capsys, copy)
    assert code == 0
    assert report['left_out'] == {
        'without a face': 1,
        'there twice': 1,
        'of the training part that are in the validation part too': 0,
    }
    (copy.parent / 'judge/sad').mkdir(parents=True)
    shutil.copy(copy / 'sad/8.png', copy.parent / 'judge/sad')
    _, report, _ = check(capsys, copy, '--validation', str(copy.parent / 'judge'))
    assert report['used'] == {'train': 13, 'validation': 1}
    assert report['left_out']['of the training part that are in the validation part too'] == 2


@pytest.mark.parametrize('delimiter', [',', ';', '\t'])
def test_a_csv_file(capsys, classes, tmp_path, delimiter):
    """Paths are relative to it; columns in any order; unused ones are named."""
    shutil.copytree(classes, tmp_path / 'all')
    lines = [
        f'{path.parent.name},{path.relative_to(tmp_path)},x'
        for path in sorted(tmp_path.glob('all/*/*.png'))
    ]
    text = (CSV + '\n'.join(lines) + '\n').replace(',', delimiter)
    (tmp_path / 'faces.csv').write_text(f'\ufeff{text}', encoding='utf-8')
    code, report, _ = check(capsys, tmp_path / 'faces.csv')
    assert code == 0 and report['found'] == 14
    assert report['notes'] == ['columns not used: note']


def test_what_can_be_wrong_in_a_csv_file(capsys, copy):
    """Each line that is wrong is named by its number."""
    file = copy / 'faces.csv'
    good = ''.join(
        f'{name},{next((copy / name).iterdir()).relative_to(copy)},\n' for name in EMOTIONS
    )
    file.write_text(CSV + good + 'happy,gone.png,\nhapy,happy/7.png,\n,sad/8.png,\nsad,,\n')
    code, report, errors = check(capsys, file)
    assert code == 1
    assert {'no such file', 'unknown label', 'no label'} <= set(kinds(report))
    assert 'gone.png' in errors and 'line 9' in errors and 'line 10' in errors


@pytest.mark.parametrize(
    ('head', 'missing'),
    [('emotion', 'path'), ('path', 'emotion'), ('path,emotions', 'emotion'), ('', 'path')],
)
def test_columns_that_are_missing(capsys, tmp_path, head, missing):
    """Are named beside those that there are."""
    (tmp_path / 'faces.csv').write_text(f'{head}\n')
    code, _, errors = check(capsys, tmp_path / 'faces.csv')
    assert code == 1 and f'{missing} (there are: {head.replace(",", ", ") or "none"}' in errors


def test_ages_and_genders(capsys, copy):
    """A recipe of two labels takes a table, and says so where it gets folders."""
    recipe = 'age_gender_levi_hassner'
    code, _, errors = check(capsys, copy, recipe=recipe)
    assert code == 1 and 'age and gender' in errors and 'CSV' in errors
    names = sorted(str(path.relative_to(copy)) for path in copy.glob('*/*.png'))
    file = copy / 'people.csv'
    lines = [
        f'{name},{("female", "m")[index % 2]},{20 + index}' for index, name in enumerate(names)
    ]
    file.write_text('path,gender,age\n' + '\n'.join(lines))
    code, report, errors = check(capsys, file, recipe=recipe)
    assert code == 0, errors
    assert sum(report['classes']['gender']['male'].values()) == 7
    assert report['classes']['attributes']['Male'] == report['classes']['gender']['male']
    file.write_text('path,gender,age\n' + '\n'.join([*lines, f'{names[0]},female,150']))
    code, report, errors = check(capsys, file, recipe=recipe)
    assert code == 1 and 'label out of range' in kinds(report) and "'150'" in errors


def test_attributes(capsys, copy):
    """A few columns do for going on from the embedded network; from nothing all are needed."""
    names = sorted(str(path.relative_to(copy)) for path in copy.glob('*/*.png'))
    lines = [f'{name},{(1, -1)[index % 2]},{index % 3 % 2}' for index, name in enumerate(names)]
    file = copy / 'faces.csv'
    file.write_text('path,smiling,Eyeglasses\n' + '\n'.join(lines))
    code, report, errors = check(capsys, file, recipe='attributes_moon')
    assert code == 0, errors
    assert sum(report['classes']['attributes']['Smiling'].values()) == 7
    assert 'Bald' in ' '.join(report['notes'])
    code, report, _ = check(capsys, file, '--starting-from', 'scratch', recipe='attributes_moon')
    assert code == 1 and kinds(report).count('missing column') == len(ATTRIBUTES) - 2


def test_a_parquet_file(capsys, astronaut, tmp_path):
    """Encoded pictures and labels as in the files that the embedded networks learned from."""
    pyarrow = pytest.importorskip('pyarrow')
    parquet = pytest.importorskip('pyarrow.parquet')
    pictures = [own_faces.encoded(astronaut, number) for number in range(14)] + [None]
    emotions = [number % 7 for number in range(14)] + [9]
    parquet.write_table(
        pyarrow.table({'image': pictures, 'emotion': emotions}), tmp_path / 'faces.parquet'
    )
    code, report, errors = check(capsys, tmp_path / 'faces.parquet')
    assert code == 1 and sorted(kinds(report)) == ['unknown label', 'unreadable picture']
    assert 'row 14' in errors
    assert sum(report['used'].values()) == 14
    (tmp_path / 'none.parquet').write_bytes(b'PAR1')
    code, _, errors = check(capsys, tmp_path / 'none.parquet')
    assert code == 1 and 'no Parquet file' in errors


def test_a_person_is_on_one_side(capsys, copy):
    """All pictures of somebody are learned, or all are judged."""
    names = sorted(str(path.relative_to(copy)) for path in copy.glob('*/*.png'))
    for seed in range(3):
        lines = [f'{name},{("f", "m")[index % 2]},{index % 4}' for index, name in enumerate(names)]
        file = copy / 'people.csv'
        file.write_text('path,gender,person\n' + '\n'.join(lines))
        code, report, _ = check(capsys, file, '--seed', str(seed), recipe='gender_mini_xception')
        counts = report['classes']['gender']
        assert code == 0 and {counts['female']['validation'], counts['male']['validation']} <= {
            3,
            4,
        }


@pytest.mark.parametrize(
    ('name', 'content', 'told'),
    [
        ('gone', None, 'no such file'),
        ('a.txt', '', 'neither a folder'),
        ('a.csv', b'path,emotion\n\xff\xfe', 'UTF-8'),
        ('b.csv', b'path,emotion\n"a', 'no such file'),
    ],
)
def test_nothing_to_be_read(capsys, tmp_path, name, content, told):
    """One line; exit code 1."""
    if content is not None:
        (tmp_path / name).write_bytes(content or b'')
    code, _, errors = check(capsys, tmp_path / name)
    assert code == 1 and told in errors and 'Traceback' not in errors


def test_an_empty_folder(capsys, tmp_path):
    """Has no picture."""
    code, report, _ = check(capsys, tmp_path)
    assert code == 1 and kinds(report) == ['no picture']


@pytest.mark.parametrize(
    ('arguments', 'told'),
    [
        (['emotion'], 'emotion_mini_xception'),
        (['emotion_teacher'], '--as emotion_mini_xception'),
        (['emotion_mini_xception', '--as', 'gender_mini_xception'], 'is for gender'),
        (['emotion_mini_xception', '--as', 'nothing'], "'nothing'"),
        (['emotion_mini_xception', '--epochs', '0'], '--epochs'),
    ],
)
def test_wrong_usage(capsys, tmp_path, arguments, told):
    """Names that do not exist or do not go together: exit code 2."""
    assert cli.main(['train', *arguments, '--data', str(tmp_path), '--check']) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize('is_cut', [False, True])
def test_what_is_packed_is_what_the_run_time_sees(astronaut, tmp_path, is_cut):
    """The crop of a packed view is the crop of the picture, to the last bit."""
    from face_affect_ros.detection.mtcnn import MtcnnSettings
    from face_affect_ros.faces import Box
    from face_affect_ros.model import context_crops
    from face_affect_ros.model import face_squares
    from face_affect_ros.pipeline import load_model
    from face_affect_ros.settings import ModelSettings

    picture, spec = own_faces.face(astronaut, 3), CropSpec(64, 1, 0.95)
    row = rows.Sample('here', lambda: own_faces.encoded(astronaut, 3))
    found = face_lookup.FaceLocator(is_cut).locate(row).face
    with packed.Writer(tmp_path / 'own.pixels') as writer:
        writer.add(found.view.grey.pixels)
        packed.save(
            tmp_path, 'own_train', writer.finish(), found.frame[None], np.array([found.score]), {}
        )
    stored, frames, _, _ = packed.load(tmp_path, 'own_train')
    x, y, side, *right = frames[0]
    mine = crops.cut_face(
        crops.whole(stored[0]), crops.FaceSquare(x, y, side, tuple(right)), spec.size, spec.factor
    )
    model = load_model(1, ModelSettings(mtcnn=MtcnnSettings(min_face_size=face_lookup.SMALLEST)))
    detections = (
        model.align(picture, [Box(0, 0, *picture.shape[1::-1])])
        if is_cut
        else model.detector.detect(picture)
    )
    (view,) = context_crops(picture, detections)[:1]
    expected = crops.cut(view, face_squares(detections)[0], spec)
    np.testing.assert_array_equal(mine, expected)


def test_packed_pictures(tmp_path):
    """Come back as they were, whatever their sizes; rows by index and by mask."""
    random = np.random.default_rng(0)
    pictures = [
        random.integers(0, 256, shape, np.uint8)
        for shape in ((3, 5), (4, 4, 3), (1, 1), (7, 2, 3))
    ]
    with packed.Writer(tmp_path / 'own.pixels') as writer:
        for picture in pictures:
            writer.add(picture)
        packed.save(
            tmp_path,
            'own_val',
            writer.finish(),
            np.zeros((4, 5)),
            np.ones(4),
            {'emotion': np.arange(4)},
        )
    stored, _, _, labels = packed.load(tmp_path, 'own_val')
    assert packed.is_there(tmp_path, 'own_val') and not packed.is_there(tmp_path, 'own_train')
    assert len(stored) == 4 and labels['emotion'].tolist() == [0, 1, 2, 3]
    for index, picture in enumerate(pictures):
        np.testing.assert_array_equal(stored[index], picture)
    np.testing.assert_array_equal(stored[np.array([3, 1])][1], pictures[1])
    np.testing.assert_array_equal(stored[np.array([False, False, True, False])][0], pictures[2])
