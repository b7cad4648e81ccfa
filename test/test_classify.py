# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify`` on files, folders and stdin."""

import io
import json
import math
import re
import sys

import cv2
import numpy as np
import pytest

from face_affect_ros import cli
from face_affect_ros import faces
from face_affect_ros import images
from face_affect_ros.cli import pictures
from face_affect_ros.cli import schema


def write(path, image):
    """Write a picture and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def no_constant(name):
    """Refuse NaN and Infinity, which JSON does not have."""
    raise AssertionError(f'{name} in JSON')


def objects(text):
    """Return the objects of JSON lines."""
    return [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]


@pytest.fixture
def blank():
    """Return a picture without a face."""
    return np.full((120, 160, 3), 90, np.uint8)


def test_a_line_a_face(astronaut_file, capsys):
    """The astronaut's face is found where it is, with both labels."""
    assert cli.main(['classify', str(astronaut_file)]) == 0
    captured = capsys.readouterr()
    found = re.fullmatch(
        rf'{re.escape(str(astronaut_file))}: face 1 of 1 +(\w+) +\d+% +(\w+) +\d+% +'
        r'\d+ \+- ?\d+ years +(?:[a-z, -]+ +)?at (\d+),(\d+) size (\d+)x(\d+)\n',
        captured.out,
    )
    assert found and found[1] in faces.EMOTIONS and found[2] in (*faces.GENDERS, 'unknown')
    x, y, width, height = (int(value) for value in found.groups()[2:])
    assert x < 225 < x + width and y < 115 < y + height and 60 < width < 140
    assert captured.err == ''


def test_json_has_exactly_the_schema(astronaut_file, capsys):
    """Keys, label lists and ranges of all that Model 1 tells."""
    assert cli.main(['classify', '--json', str(astronaut_file)]) == 0
    (one,) = objects(capsys.readouterr().out)
    assert list(one) == ['schema', 'path', 'width', 'height', 'model', 'error', 'faces']
    assert (
        one['schema'],
        one['path'],
        one['width'],
        one['height'],
        one['model'],
        one['error'],
    ) == (1, str(astronaut_file), 512, 512, '1', None)
    (face,) = one['faces']
    assert list(face) == [
        'box',
        'confidence',
        'landmarks',
        'quality',
        'emotion',
        'gender',
        'age',
        'attributes',
    ]
    assert len(face['box']) == 4 and [len(point) for point in face['landmarks']] == [2] * 5
    for part, labels in (('emotion', faces.EMOTIONS), ('gender', faces.GENDERS)):
        assert list(face[part]) == ['label', 'confidence', 'scores']
        scores = face[part]['scores']
        assert tuple(scores) == labels and sum(scores.values()) == pytest.approx(1, abs=1e-4)
        assert face[part]['confidence'] == max(scores.values())
    assert list(face['age']) == ['years', 'deviation', 'range', 'scores']
    assert tuple(face['age']['scores']) == faces.AGE_RANGES
    assert sum(face['age']['scores'].values()) == pytest.approx(1, abs=1e-4)
    assert 0 <= face['age']['years'] <= 100 and face['age']['range'] in faces.AGE_RANGES
    assert tuple(face['attributes']) == faces.ATTRIBUTES
    assert all(0 <= score <= 1 for score in face['attributes'].values())
    assert 0 <= face['quality'] <= 1
    assert 0.8 < face['confidence'] <= 1


def test_json_never_has_nan():
    """Not a number, infinite and not given are null."""
    face = faces.Face(
        faces.Box(1, 2, 3, math.inf),
        math.nan,
        age=faces.Age(math.nan, 1.0, '25-32', {'25-32': math.nan}),
        attributes={'Smiling': 0.25},
        emotion=faces.Distribution('happy', 0.5, {'happy': 0.5}),
    )
    (one,) = objects(schema.line(schema.picture('a', '2', (4, 5), [face])))
    (found,) = one['faces']
    assert found['box'] == [1, 2, 3, None] and found['confidence'] is None
    assert found['age'] == {
        'years': None,
        'deviation': 1,
        'range': '25-32',
        'scores': {'25-32': None},
    }
    assert found['attributes'] == {'Smiling': 0.25} and found['gender'] is None


def test_an_unknown_gender_keeps_its_scores(astronaut_file, capsys):
    """A threshold of 1 leaves every gender open."""
    assert cli.main(['classify', '--json', '--gender-threshold', '1', str(astronaut_file)]) == 0
    gender = objects(capsys.readouterr().out)[0]['faces'][0]['gender']
    assert gender['label'] == 'unknown' and sum(gender['scores'].values()) == pytest.approx(1)


def test_parts_that_are_off_are_null(astronaut_file, capsys):
    """And nothing is said of them to people."""
    off = ['--no-gender-enable', '--no-age-enable', '--no-attributes-enable']
    assert cli.main(['classify', '--json', *off, str(astronaut_file)]) == 0
    (face,) = objects(capsys.readouterr().out)[0]['faces']
    assert (face['gender'], face['age'], face['attributes']) == (None, None, None)
    assert face['emotion']['label'] in faces.EMOTIONS and face['quality'] is not None
    assert cli.main(['classify', *off, str(astronaut_file)]) == 0
    assert re.search(r'face 1 of 1  \w+ +\d+% +at', capsys.readouterr().out)


def test_a_bad_file_among_good_ones(astronaut_file, tmp_path, blank, capsys):
    """It is named, the rest are done, the exit code is 1, its JSON object says why."""
    good = write(tmp_path / 'blank.png', blank)
    cut = tmp_path / 'cut.png'
    cut.write_bytes(astronaut_file.read_bytes()[:20000])
    missing = tmp_path / 'missing.jpg'
    names = [str(path) for path in (cut, missing, good, astronaut_file)]
    assert cli.main(['classify', '--json', *names]) == 1
    captured = capsys.readouterr()
    found = objects(captured.out)
    assert [one['path'] for one in found] == names
    assert [bool(one['error']) for one in found] == [True, True, False, False]
    assert [len(one['faces']) for one in found] == [0, 0, 0, 1]
    assert found[0]['width'] is None and found[0]['height'] is None
    assert captured.err.count('\n') == 2
    assert 'cut.png' in captured.err and 'missing.jpg' in captured.err
    assert cli.main(['classify', *names]) == 1
    captured = capsys.readouterr()
    assert f'{good}: no face' in captured.out and 'face 1 of 1' in captured.out
    assert 'cut.png' in captured.err


def test_a_folder_in_natural_order_with_all_folders_in_it(tmp_path, blank, capsys):
    """Numbers count as numbers; endings in any case; hidden and other files are left out."""
    for name in ('b10.png', 'b9.PNG', 'sub/x2.bmp', 'sub/x10.tiff', 'a.webp'):
        write((tmp_path / name).with_suffix((tmp_path / name).suffix.lower()), blank)
    (tmp_path / 'b9.png').rename(tmp_path / 'b9.PNG')
    (tmp_path / '.hidden.png').write_bytes(b'x')
    (tmp_path / 'notes.txt').write_text('x')
    assert cli.main(['classify', '--json', str(tmp_path)]) == 0
    names = [one['path'][len(str(tmp_path)) + 1 :] for one in objects(capsys.readouterr().out)]
    assert names == ['a.webp', 'b9.PNG', 'b10.png', 'sub/x2.bmp', 'sub/x10.tiff']


def test_a_folder_without_pictures(tmp_path, capsys):
    """The error says what was looked for."""
    (tmp_path / 'notes.txt').write_text('x')
    assert cli.main(['classify', str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert str(tmp_path) in captured.err and not captured.out
    for ending in images.endings():
        assert ending in captured.err


def test_one_picture_on_stdin(astronaut_file, monkeypatch, capsys):
    """``-`` reads bytes; it can be given once only; rubbish is an error."""

    def feed(data):
        monkeypatch.setattr(sys, 'stdin', io.TextIOWrapper(io.BytesIO(data)))

    feed(astronaut_file.read_bytes())
    assert cli.main(['classify', '--json', '-']) == 0
    (one,) = objects(capsys.readouterr().out)
    assert one['path'] == '-' and len(one['faces']) == 1
    feed(b'rubbish')
    assert cli.main(['classify', '-']) == 1
    assert 'stdin' in capsys.readouterr().err
    assert cli.main(['classify', '-', '-']) == 2


def test_cut_faces_are_described_as_they_are(astronaut, tmp_path, capsys):
    """The picture's frame is the box, whatever its size."""
    cut = write(tmp_path / 'cut.png', astronaut[60:180, 165:285])
    assert cli.main(['classify', '--json', '--cut-faces', str(cut)]) == 0
    (face,) = objects(capsys.readouterr().out)[0]['faces']
    assert face['box'] == [0, 0, 120, 120] and face['emotion']['scores']
    assert len(face['landmarks']) == 5


def test_a_smaller_minimum_finds_smaller_faces(astronaut, tmp_path, capsys):
    """--min-face-size reaches the detector."""
    small = write(
        tmp_path / 'small.png', cv2.resize(astronaut, (150, 150), interpolation=cv2.INTER_AREA)
    )
    found = []
    for size in ('20', '120'):
        assert cli.main(['classify', '--json', '--min-face-size', size, str(small)]) == 0
        found.append(len(objects(capsys.readouterr().out)[0]['faces']))
    assert found[0] >= 1 and found[1] == 0


def test_annotate_writes_pictures_and_keeps_the_inputs(astronaut, tmp_path, blank, capsys):
    """Folders are kept, photographs become JPEG, lossless pictures PNG, inputs stay the same."""
    source, target = tmp_path / 'in', tmp_path / 'new/out'
    write(source / 'a.png', astronaut)
    write(source / 'deep/b.webp', blank)
    before = {path: path.read_bytes() for path in source.rglob('*.*')}
    assert cli.main(['classify', str(source), '--annotate', str(target)]) == 0
    assert {path: path.read_bytes() for path in source.rglob('*.*')} == before
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob('*.*')) == [
        'a.png',
        'deep/b.jpg',
    ]
    difference = (cv2.imread(str(target / 'a.png')) != astronaut).any(axis=2)
    assert difference[50:190, 160:290].any() and not difference[300:].any()


def test_annotate_keeps_pictures_of_one_name_apart(tmp_path, blank, capsys):
    """Two inputs of one name are two outputs."""
    first, second = (write(tmp_path / name / 'a.png', blank) for name in 'xy')
    assert cli.main(['classify', str(first), str(second), '--annotate', str(tmp_path / 'o')]) == 0
    assert sorted(path.name for path in (tmp_path / 'o').iterdir()) == ['a-2.png', 'a.png']


def test_annotate_never_writes_beside_what_is_read(tmp_path, blank, capsys):
    """The inputs' own folder is refused before anything is done."""
    picture = write(tmp_path / 'a.png', blank)
    before = picture.read_bytes()
    for place in (tmp_path, tmp_path / 'x' / '..'):
        assert cli.main(['classify', str(picture), '--annotate', str(place)]) == 2
        captured = capsys.readouterr()
        assert '--annotate' in captured.err and not captured.out
    assert picture.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_annotated_pictures_are_not_read_again(tmp_path, blank, capsys):
    """An output folder inside the input folder is no input of the next call."""
    write(tmp_path / 'a.png', blank)
    for _ in range(2):
        assert (
            cli.main(['classify', '--json', str(tmp_path), '--annotate', str(tmp_path / 'out')])
            == 0
        )
        assert len(objects(capsys.readouterr().out)) == 1


def test_annotate_where_nothing_can_be_written(tmp_path, blank, capsys):
    """The picture is named, its result is shown all the same."""
    picture = write(tmp_path / 'a.png', blank)
    (tmp_path / 'file').write_text('in the way')
    assert cli.main(['classify', str(picture), '--annotate', str(tmp_path / 'file')]) == 1
    captured = capsys.readouterr()
    assert 'no face' in captured.out and 'cannot be written' in captured.err


def test_missing_weights_are_named(tmp_path, astronaut_file, capsys):
    """An altered weight file is told in one line, with what to do."""
    (tmp_path / 'mtcnn_pnet.onnx').write_bytes(b'rubbish')
    assert cli.main(['classify', '--weights-dir', str(tmp_path), str(astronaut_file)]) == 1
    error = capsys.readouterr().err
    assert 'mtcnn_pnet' in error and 'take it out of' in error and 'Traceback' not in error


def test_many_pictures_show_progress_on_a_terminal(tmp_path, blank, monkeypatch, capsys):
    """A bar on stderr, results whole on stdout; no bar where nobody looks."""
    for number in range(6):
        write(tmp_path / f'{number}.png', blank)
    assert cli.main(['classify', str(tmp_path)]) == 0
    assert capsys.readouterr().err == ''
    monkeypatch.setattr(sys.stderr, 'isatty', lambda: True, raising=False)
    assert cli.main(['classify', str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert '6/6' in captured.err or '/6 [' in captured.err
    assert captured.out.count('no face') == 6


def test_natural_key():
    """Digits are compared as numbers, letters without their case."""
    names = ['b', 'a10', 'A9', 'a2b1', 'a2', '10', '9']
    assert sorted(names, key=pictures.natural_key) == ['9', '10', 'a2', 'a2b1', 'A9', 'a10', 'b']


@pytest.mark.shared
def test_real_pictures(shared_media, tmp_path, capsys):
    """Groups and pictures without a face."""
    names = ['couple.jpg', 'group_friends.jpg', 'none_landscape.jpg']
    files = [str(shared_media / 'pictures' / name) for name in names]
    assert cli.main(['classify', '--json', *files, '--annotate', str(tmp_path)]) == 0
    counts = [len(one['faces']) for one in objects(capsys.readouterr().out)]
    assert counts[0] == 2 and counts[1] >= 5 and counts[2] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == names
