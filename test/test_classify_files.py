# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Files, folders and names of every kind: what fails is named, the rest is done."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from restricted import command
from restricted import run

from face_affect_ros import cli
from face_affect_ros.cli import annotated
from face_affect_ros.cli import pictures

BLANK = cv2.imencode('.png', np.full((40, 60, 3), 90, np.uint8))[1].tobytes()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for path in tmp_path.rglob('*'):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)


def put(*names):
    """Write a blank picture under each name."""
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(BLANK)


def told(text, limit=300):
    """Return the errors on stderr, each a line that is not too long."""
    lines = text.splitlines()
    assert all(line.startswith('face-affect classify: ') for line in lines), text
    assert all(len(line) <= limit and line.isprintable() for line in lines)
    return lines


def test_closed_files_and_folders_are_named(folder):
    """Also one in a folder that is read; what is beside them is described."""
    put('in/a.png', 'in/closed/b.png', 'in/z.png', 'in/deep/closed.png', 'locked/c.png')
    for path in ('in/closed', 'in/deep/closed.png', 'locked'):
        os.chmod(path, 0)
    done = run('classify', 'in', 'locked/c.png', 'locked')
    assert done.returncode == 1
    assert done.stdout.splitlines() == ['in/a.png: no face', 'in/z.png: no face']
    errors = told(done.stderr)
    assert len(errors) == 4
    for error, name in zip(errors, ('closed', 'closed.png', 'locked/c.png', 'locked')):
        assert name in error and 'Permission denied' in error


def test_closed_folders_have_json_objects(folder):
    """A program sees what is missing in the one stream that it reads."""
    put('in/closed/b.png')
    os.chmod('in/closed', 0)
    done = run('classify', '--json', 'in')
    one = json.loads(done.stdout)
    assert done.returncode == 1 and one['path'] == 'in/closed'
    assert 'Permission denied' in one['error'] and one['faces'] == []


def test_a_folder_that_cannot_be_written(folder):
    """Every result is shown, every picture that is missing is named, nothing is left behind."""
    put('in/a.png', 'in/b.png')
    os.mkdir('out', 0o500)
    done = run('classify', 'in', '--annotate', 'out')
    assert done.returncode == 1 and done.stdout.count('no face') == 2
    errors = told(done.stderr)
    assert [name in error for name, error in zip(('a.png', 'b.png'), errors)] == [True, True]
    os.chmod('out', 0o700)
    assert os.listdir('out') == []


def odd_names():
    """Return names that a file may have, though few do."""
    return [
        'two\nlines.png',
        '\x1b[31mred.png',
        os.fsdecode(b'\xff\xfe.png'),
        'x\u00b23.png',
        '\u202egnp.png',
        ' .png',
        '-.png',
        'x' * 251 + '.png',
        '\U0001f600.png',
        '9' * 250,
    ]


def test_odd_names(folder, capsys):
    """A line is a line, and the annotated picture has the same name."""
    put(*(f'in/{name}' for name in odd_names()[:-1]))
    assert cli.main(['classify', 'in', '--annotate', 'out']) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(odd_names()) - 1 and all(line.isprintable() for line in lines)
    assert sorted(os.listdir('out')) == sorted(odd_names()[:-1])
    assert cli.main(['classify', '--json', 'in']) == 0
    found = [json.loads(line)['path'] for line in capsys.readouterr().out.splitlines()]
    assert sorted(found) == sorted(f'in/{name}' for name in odd_names()[:-1])


def test_a_name_without_room_for_an_ending(folder, capsys):
    """Its annotated picture is named, and the next is written."""
    put('9' * 254, 'a.png')
    assert cli.main(['classify', '9' * 254, 'a.png', '--annotate', 'out']) == 1
    captured = capsys.readouterr()
    assert captured.out.count('no face') == 2 and os.listdir('out') == ['a.png']
    assert 'too long' in told(captured.err)[0]


def test_names_of_nothing(folder, capsys):
    """Each is told in a short line that says what it is; the picture behind them is done."""
    put('a.png')
    os.symlink('loop', 'loop')
    os.symlink('gone', 'broken')
    names = {
        'x' * 256: 'too long',
        'y' * 5000: 'too long',
        'a\0b': 'null',
        'loop': 'links',
        'broken': 'link to nothing',
        'gone': 'no such file',
        'a.png/b': 'Not a directory',
        '': 'no such file',
        'https://example.org/a.jpg': 'URL',
        'data:image/png;base64,' + 'A' * 5000: 'data URI',
        'a\nb': r'a\nb',
    }
    for more in ([], ['--annotate', 'out'], ['--json']):
        assert cli.main(['classify', *names, 'a.png', *more]) == 1
        captured = capsys.readouterr()
        for line, word in zip(told(captured.err), names.values(), strict=True):
            assert word in line
        assert 'a.png' in captured.out


@pytest.mark.parametrize(
    'target',
    [
        'loop',
        'loop/deeper',
        'a.png',
        'a.png/deeper',
        '/dev/null',
        'x' * 256,
        '/proc/nothing',
        'broken',
    ],
)
def test_annotate_into_what_is_no_folder(folder, target, capsys):
    """Loops of links, files, devices; a link to nothing is no folder either."""
    put('in/a.png', 'a.png')
    os.symlink('loop', 'loop')
    os.symlink('gone', 'broken')
    assert cli.main(['classify', 'in', '--annotate', target]) in (1, 2)
    (error,) = told(capsys.readouterr().err)
    assert 'cannot be written' in error


def test_a_full_disk(folder, tmp_path):
    """What does not fit is named, and no piece of it stays; what was there before stays whole."""
    put('in/a.png', 'out/a.png')
    done = run('classify', 'in/a.png', '--annotate', 'out', preexec_fn=limit_files)
    assert done.returncode == 1 and 'no face' in done.stdout
    (error,) = told(done.stderr)
    assert 'out/a.png' in error and 'File too large' in error
    assert os.listdir('out') == ['a.png'] and Path('out/a.png').read_bytes() == BLANK


def limit_files():
    """Let no file grow beyond 100 bytes: as on a full disk, the first bytes still go."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_what_is_no_regular_file(folder, capsys):
    """Pipes without a writer, sockets and devices in a folder are named, not waited for."""
    put('in/z.png')
    os.mkfifo('in/pipe.jpg')
    os.symlink('/dev/zero', 'in/device.jpg')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind('in/socket.jpg')
        assert cli.main(['classify', 'in']) == 1
    captured = capsys.readouterr()
    assert captured.out == 'in/z.png: no face\n'
    for line, word in zip(told(captured.err), ('device', 'nobody writes', 'socket'), strict=True):
        assert word in line


def test_pipes_of_a_shell(folder):
    """<(...) gives a path that is a pipe; two of them are two pictures."""
    put('a.png')
    words = ' '.join(f"'{word}'" for word in command('classify'))
    done = subprocess.run(
        ['bash', '-c', f'{words} <(cat a.png) <(sleep 0.2; cat a.png) --annotate out'],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('no face') == 2 and len(os.listdir('out')) == 2


def test_files_that_vanish(folder, monkeypatch, capsys):
    """Between looking for them and reading them."""
    put('in/a.png', 'in/b.png', 'in/c.png')
    sources = pictures.find(['in'])
    monkeypatch.setattr(pictures, 'find', lambda *_: sources)
    os.remove('in/b.png')
    assert cli.main(['classify', 'in']) == 1
    captured = capsys.readouterr()
    assert captured.out == 'in/a.png: no face\nin/c.png: no face\n'
    assert 'b.png' in told(captured.err)[0]


def test_links_to_folders_are_not_followed(folder, capsys):
    """One that leads back would have no end; one named by itself is looked into."""
    put('in/a.png')
    os.symlink('..', 'in/back')
    os.symlink('in', 'link')
    assert cli.main(['classify', 'link']) == 0
    assert capsys.readouterr().out == 'link/a.png: no face\n'


@pytest.mark.parametrize('link', [os.link, os.symlink], ids=['hard', 'symbolic'])
def test_an_input_is_never_written(folder, link, capsys):
    """Not through a link in the output folder either."""
    put('in/a.png')
    os.mkdir('out')
    link(os.path.abspath('in/a.png'), 'out/a.png')
    assert cli.main(['classify', 'in', '--annotate', 'out']) == 0
    assert Path('in/a.png').read_bytes() == BLANK
    assert Path('out/a.png').read_bytes() != BLANK and not Path('out/a.png').is_symlink()


def test_twenty_thousand_pictures_have_names_at_once(folder):
    """Time grows with their number, also where all have one name; it took twelve seconds."""

    def seconds(count, name):
        sources = [
            pictures.Source(f'in/{number}.png', Path(name.format(number)))
            for number in range(count)
        ]
        start = time.process_time()
        found = annotated.targets(sources, Path('out'))
        assert len(set(found.values())) == count
        return time.process_time() - start

    for name in ('{}.png', 'same.png'):
        few, many = seconds(2_500, name), seconds(20_000, name)
        assert many < 24 * few


@pytest.mark.parametrize(('width', 'height'), [(20_000, 1), (1, 20_000), (65_536, 2), (1, 1)])
def test_long_thin_pictures(folder, width, height, capsys):
    """One of 4 kB took 12 GB: what is written is no larger than can be looked at."""
    cv2.imwrite('thin.png', np.full((height, width, 3), 90, np.uint8))
    assert cli.main(['classify', 'thin.png', '--annotate', 'out']) == 0
    written = cv2.imread('out/thin.png')
    assert written.shape[0] * written.shape[1] <= max(4_000_000, width * height)
    assert written.shape[0] * width == written.shape[1] * height


def test_a_picture_that_its_format_cannot_hold(folder, capsys):
    """A picture on stdin becomes a JPEG, which has a limit: it is named, the rest is done."""
    cv2.imwrite('wide.png', np.full((1, 65_501, 3), 90, np.uint8))
    os.rename('wide.png', 'wide')
    put('a.png')
    assert cli.main(['classify', 'wide', 'a.png', '--annotate', 'out']) == 1
    captured = capsys.readouterr()
    assert captured.out == 'wide: no face\na.png: no face\n' and os.listdir('out') == ['a.png']
    (error,) = told(captured.err)
    assert 'wide.jpg' in error and '65501x1' in error


def test_a_picture_too_long_for_a_cut_face(folder, capsys):
    """It is named, the next is described."""
    cv2.imwrite('wide.png', np.full((1, 40_000, 3), 90, np.uint8))
    put('a.png')
    assert cli.main(['classify', '--cut-faces', 'wide.png', 'a.png']) == 1
    captured = capsys.readouterr()
    assert 'a.png: face 1 of 1' in captured.out
    assert '40000x1' in told(captured.err)[0]
