# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the command line prints, whatever is at the other end: no traceback, ever."""

import contextlib
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

CALL = 'import sys; from face_affect_ros.cli import main; sys.exit(main())'
RESULTS = {
    'classify': ['classify', 'a.png'],
    'json': ['classify', '--json', 'a.png'],
    'models': ['models', 'list'],
    'version': ['--version'],
}
HELP = {'help': ['--help'], 'run help': ['run', '--help'], 'wrong': ['classify', '--wrong']}
COMMANDS = {**RESULTS, **HELP}


@pytest.fixture(autouse=True)
def picture(tmp_path, monkeypatch):
    """Make a picture in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    cv2.imwrite('a.png', np.full((40, 60, 3), 90, np.uint8))


def run(arguments, **options):
    """Run the command line in a process of its own."""
    return subprocess.run([sys.executable, '-c', CALL, *arguments], timeout=100, **options)


ENCODINGS = {
    'ascii': {'PYTHONIOENCODING': 'ascii'},
    'latin-1': {'PYTHONIOENCODING': 'latin-1'},
    'C': {'LC_ALL': 'C', 'PYTHONUTF8': '0', 'PYTHONCOERCECLOCALE': '0'},
    'POSIX': {'LC_ALL': 'C'},
    'UTF-8': {'PYTHONUTF8': '1'},
}


@pytest.mark.parametrize('variables', ENCODINGS.values(), ids=ENCODINGS)
def test_names_that_the_encoding_cannot_show(variables):
    """They are escaped; results and errors come all the same."""
    names = ['grüße.png', '日本.png', '\U0001f600.png', os.fsdecode(b'\xff.png')]
    for name in names:
        os.link('a.png', os.fsencode(name))
    done = run(
        ['classify', *map(os.fsencode, names), 'keine-größe.png'],
        capture_output=True,
        env={**os.environ, **variables},
    )
    assert done.returncode == 1 and b'Traceback' not in done.stderr
    assert done.stdout.count(b': no face') == len(names)
    assert len(done.stderr.splitlines()) == 1 and b'no such file' in done.stderr


@pytest.mark.parametrize('arguments', COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize('closed', ['>&-', '<&- >&- 2>&-'])
def test_closed_streams(arguments, closed):
    """As a service manager may start it: it works, and says what it can."""
    words = ' '.join(f"'{word}'" for word in [sys.executable, '-c', CALL, *arguments])
    done = subprocess.run(['bash', '-c', f'{words} {closed}'], capture_output=True, timeout=100)
    assert done.returncode == (2 if '--wrong' in arguments else 0)
    assert b'Traceback' not in done.stderr and b'Exception' not in done.stderr


@pytest.mark.parametrize('arguments', RESULTS.values(), ids=RESULTS)
def test_a_full_disk(arguments):
    """Results that cannot be written are an error, in one line."""
    with open('/dev/full', 'wb') as full:
        done = run(arguments, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == 1
        assert done.stderr.decode() == (
            'face-affect: error: what is printed cannot be written: No space left on device\n'
        )
        for stdout in (full, subprocess.DEVNULL):  # nor can an error
            assert run(['classify', 'missing'], stdout=stdout, stderr=full).returncode == 1


@pytest.mark.parametrize('arguments', RESULTS.values(), ids=RESULTS)
def test_a_reader_that_leaves(arguments):
    """``face-affect ... | head -0`` ends quietly, with the exit code of SIGPIPE."""
    with without_reader() as writing:
        done = run(arguments, stdout=writing, stderr=subprocess.PIPE)
    assert done.returncode == 141 and done.stderr == b''


@pytest.mark.parametrize('arguments', HELP.values(), ids=HELP)
def test_help_that_nobody_reads(arguments):
    """argparse passes over what it cannot print."""
    with open('/dev/full', 'wb') as full, without_reader() as writing:
        for stdout in (full, writing):
            done = run(arguments, stdout=stdout, stderr=subprocess.PIPE)
            assert done.returncode in (0, 1, 2, 141) and b'Traceback' not in done.stderr


@contextlib.contextmanager
def without_reader():
    """Yield the end of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)
