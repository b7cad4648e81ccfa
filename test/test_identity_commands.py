# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect verify``, ``enrol``, ``forget``, ``recognise`` and ``cluster``."""

from __future__ import annotations

import json
import os
import stat

import cv2
import numpy as np
import pytest
import samples
import skimage.data

from face_affect_ros import cli
from face_affect_ros import images

KEY = 'correct horse battery staple'


def lfw_like(seed: int) -> np.ndarray:
    """Return the astronaut in other light, size and place."""
    random = np.random.default_rng(seed)
    picture = samples.astronaut()[: 300 + 20 * seed, 100 - 10 * seed : 400]
    picture = picture[:, ::-1] if seed % 2 else picture
    return (picture * random.uniform(0.7, 1)).astype(np.uint8)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return pictures: of her, of two, of nobody, too small, too blurred, none."""
    place = tmp_path_factory.mktemp('pictures')
    shown = {
        'her_1.png': lfw_like(1),
        'her_2.png': lfw_like(2),
        'two.png': np.hstack([samples.astronaut(), samples.astronaut()[:, ::-1]]),
        'nobody.png': np.ascontiguousarray(skimage.data.coffee()[..., ::-1]),
        'small.png': cv2.resize(samples.astronaut(), None, fx=0.2, fy=0.2),
        'blurred.png': cv2.GaussianBlur(samples.astronaut(), (0, 0), 5),
    }
    for name, picture in shown.items():
        cv2.imwrite(str(place / name), picture)
    (place / 'broken.png').write_bytes(b'no picture')
    return place


@pytest.fixture
def gallery(folder, tmp_path, capsys):
    """Return the file of a gallery with her alone."""
    file = tmp_path / 'people.gallery'
    assert cli.main(['enrol', 'Eileen', str(folder / 'her_1.png'), '--gallery', str(file)]) == 0
    capsys.readouterr()
    return file


def test_two_pictures_of_her_are_the_same_person(folder, capsys):
    """In words and as JSON."""
    pair = [str(folder / 'her_1.png'), str(folder / 'her_2.png')]
    assert cli.main(['verify', *pair]) == 0
    assert 'the same person' in capsys.readouterr().out
    assert cli.main(['verify', *pair, '--json']) == 0
    found = json.loads(capsys.readouterr().out)
    assert found['same'] and found['probability'] > 0.9
    assert found['distance'] <= found['threshold'] and [found['first'], found['second']] == pair


@pytest.mark.parametrize(
    ('name', 'told'),
    [
        ('two.png', '2 faces'),
        ('nobody.png', 'no face'),
        ('small.png', 'too small'),
        ('blurred.png', 'too blurred'),
        ('broken.png', 'broken.png'),
        ('missing.png', 'no such file'),
    ],
)
def test_what_cannot_be_verified_or_enrolled(folder, gallery, capsys, name, told):
    """Each is named with what is wrong; the gallery stays as it was."""
    before = gallery.read_bytes()
    good, bad = str(folder / 'her_1.png'), str(folder / name)
    assert cli.main(['verify', good, bad]) == 1
    captured = capsys.readouterr()
    assert told in captured.err and name in captured.err and not captured.out
    assert cli.main(['enrol', 'Bo', bad, '--gallery', str(gallery)]) == 1
    captured = capsys.readouterr()
    assert told in captured.err and 'nothing is changed' in captured.err and not captured.out
    assert all(len(line) <= 300 for line in captured.err.splitlines())
    assert gallery.read_bytes() == before


def test_the_largest_of_several(folder, tmp_path, capsys):
    """--largest takes one; the refusal says so."""
    file, two = str(tmp_path / 'g'), str(folder / 'two.png')
    assert cli.main(['enrol', 'Eileen', two, '--gallery', file]) == 1
    assert '--largest' in capsys.readouterr().err
    assert cli.main(['enrol', 'Eileen', two, '--gallery', file, '--largest']) == 0
    assert cli.main(['verify', two, str(folder / 'her_2.png'), '--largest']) == 0


def test_good_pictures_are_enrolled_beside_bad_ones(folder, tmp_path, capsys):
    """A folder: what is refused is in the JSON, and the exit code is 1."""
    file = tmp_path / 'g'
    assert cli.main(['enrol', 'Eileen', str(folder), '--gallery', str(file), '--json']) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found['name'], found['enrolled'], found['names']) == ('Eileen', 2, ['Eileen'])
    refused = {os.path.basename(each['path']) for each in found['refused']}
    assert refused == {'two.png', 'nobody.png', 'small.png', 'blurred.png', 'broken.png'}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_who_is_in_pictures(folder, gallery, capsys):
    """A line a face; small ones are unknown and say why; a broken picture fails alone."""
    names = ['her_2.png', 'nobody.png', 'small.png', 'broken.png']
    paths = [str(folder / name) for name in names]
    assert cli.main(['recognise', *paths, '--gallery', str(gallery)]) == 1
    captured = capsys.readouterr()
    her, nobody, small = captured.out.splitlines()
    assert 'face 1 of 1  Eileen' in her and nobody.endswith('no face')
    assert 'unknown' in small and 'too small' in small and 'broken.png' in captured.err
    assert cli.main(['recognise', *paths, '--gallery', str(gallery), '--json']) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each['path'] for each in found] == paths
    assert [len(each['faces']) for each in found] == [1, 0, 1, 0] and found[3]['error']
    (face,) = found[0]['faces']
    assert face['name'] == 'Eileen' and face['probability'] > 0.9 and face['problem'] is None
    assert found[2]['faces'][0]['probability'] is None


def test_who_is_forgotten(folder, gallery, capsys):
    """Is unknown, also in the copy; forgetting again is refused by name."""
    assert cli.main(['forget', 'Eileen', '--gallery', str(gallery)]) == 0
    assert 'forgotten; 0 people' in capsys.readouterr().out
    for file in (gallery, gallery.with_name('people.gallery.bak')):
        assert b'Eileen' not in file.read_bytes()
    where = ['--gallery', str(gallery), '--json']
    assert cli.main(['recognise', str(folder / 'her_1.png'), *where]) == 0
    assert json.loads(capsys.readouterr().out)['faces'][0]['name'] == 'unknown'
    assert cli.main(['forget', 'Eileen', '--gallery', str(gallery)]) == 1
    assert "'Eileen' is not enrolled" in capsys.readouterr().err


@pytest.mark.parametrize('name', ['', 'a/b', 'a\nb', 'x' * 80, 'unknown'])
def test_names_that_are_wrong_usage(folder, gallery, capsys, name):
    """Refused before any picture is looked at."""
    for command in (['enrol', name, str(folder / 'her_1.png')], ['forget', name]):
        assert cli.main([*command, '--gallery', str(gallery)]) == 2
        captured = capsys.readouterr()
        assert 'cannot be a name' in captured.err and not captured.out


def test_keys_come_from_a_file_or_the_environment(folder, tmp_path, monkeypatch, capsys):
    """The one as good as the other; without, or with another one, the gallery is closed."""
    file, key_file = tmp_path / 'g', tmp_path / 'key'
    key_file.write_text(f'{KEY}\n')
    picture, where = str(folder / 'her_1.png'), ['--gallery', str(file)]
    assert cli.main(['enrol', 'Eileen', picture, *where, '--key-file', str(key_file)]) == 0
    assert b'Eileen' not in file.read_bytes()
    assert cli.main(['recognise', picture, *where]) == 1
    assert 'it is encrypted: give its key' in capsys.readouterr().err
    monkeypatch.setenv('FACE_AFFECT_GALLERY_KEY', KEY)
    assert cli.main(['recognise', picture, *where]) == 0
    assert 'Eileen' in capsys.readouterr().out
    for text, told in (
        ('another key', 'key is another one'),
        ('', 'is empty'),
        ('a', 'too short'),
    ):
        key_file.write_text(text)
        assert cli.main(['forget', 'Eileen', *where, '--key-file', str(key_file)]) == 1
        assert told in capsys.readouterr().err
    assert cli.main(['forget', 'Eileen', *where, '--key-file', str(tmp_path / 'no')]) == 1
    assert 'cannot be read' in capsys.readouterr().err


def test_a_damaged_gallery_offers_its_copy(folder, gallery, capsys):
    """As told, it is one command."""
    picture, where = str(folder / 'her_2.png'), ['--gallery', str(gallery)]
    assert cli.main(['enrol', 'Eileen', picture, *where]) == 0
    gallery.write_bytes(gallery.read_bytes()[:-3])
    capsys.readouterr()
    assert cli.main(['recognise', picture, *where]) == 1
    assert 'its copy is whole (1 enrolled): mv ' in capsys.readouterr().err
    assert cli.main(['recognise', picture, '--gallery', f'{gallery}.none']) == 1
    assert 'face-affect enrol makes it' in capsys.readouterr().err


def test_pictures_are_sorted_by_person(folder, tmp_path, capsys):
    """Her pictures lie in one folder, each once, and the sheet shows her faces."""
    out = tmp_path / 'sorted'
    assert cli.main(['cluster', str(folder), '--to', str(out), '--json']) == 1
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert 'broken.png' in captured.err and found['unusable'] == 2
    (person,) = found['people']
    assert person['folder'] == 'person_01' and person['faces'] == 4
    assert sorted(os.listdir(out)) == ['contact_sheet.jpg', 'person_01']
    shown = ['her_1.png', 'her_2.png', 'two.png']
    assert sorted(os.listdir(out / 'person_01')) == shown
    for name in shown:
        assert (out / 'person_01' / name).read_bytes() == (folder / name).read_bytes()
    sheet = images.load(out / 'contact_sheet.jpg')
    assert sheet.shape[0] > 150 and sheet.std() > 20
    assert cli.main(['cluster', str(folder), '--to', str(out)]) == 2
    assert 'not empty' in capsys.readouterr().err


def test_pictures_of_one_name_lie_beside_each_other(folder, tmp_path, capsys):
    """From two folders; nobody alone gets a folder."""
    for place in ('a', 'b'):
        (tmp_path / place).mkdir()
        (tmp_path / place / 'x.png').write_bytes((folder / 'her_1.png').read_bytes())
    where = [str(tmp_path / 'a'), str(tmp_path / 'b')]
    assert cli.main(['cluster', *where, '--to', str(tmp_path / 'out')]) == 0
    assert sorted(os.listdir(tmp_path / 'out/person_01')) == ['x-2.png', 'x.png']
    assert cli.main(['cluster', where[0], '--to', str(tmp_path / 'alone')]) == 0
    assert '0 people' in capsys.readouterr().out and not os.listdir(tmp_path / 'alone')
