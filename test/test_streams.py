# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Closed standard streams, as services and ``exec ... >&-`` have them."""

import itertools
import subprocess
import sys

import pytest

STREAMS = ('<&-', '>&-', '2>&-')


def face_affect(words, closed):
    """Run the command line with streams closed; return the finished process."""
    return subprocess.run(
        ['sh', '-c', f'exec "$0" -m face_affect_ros.cli {words} {closed}', sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
        cwd='/',
    )


@pytest.mark.parametrize(
    'closed',
    [' '.join(some) for count in (1, 2, 3) for some in itertools.combinations(STREAMS, count)],
)
def test_closed_streams_are_no_failure(closed):
    """Any of them: the exit code is that of the work."""
    done = face_affect('--version', closed)
    assert done.returncode == 0
    assert done.stderr == ''


@pytest.mark.parametrize('closed', STREAMS)
def test_wrong_usage_is_still_told_by_exit_code(closed):
    """The error goes where it can."""
    assert face_affect('nonsense', closed).returncode == 2


def test_nothing_is_read_from_a_closed_stream():
    """A picture on stdin that is closed is an empty one, named as such."""
    done = face_affect('classify -', '<&-')
    assert done.returncode == 1
    assert 'Traceback' not in done.stderr and done.stderr


def test_nothing_else_gets_the_number_of_a_closed_stream():
    """A file that is opened later would be written into by whatever prints."""
    code = (
        'import os, tempfile; from face_affect_ros.cli import main; main(["--version"]); '
        'made = tempfile.TemporaryFile(); os.write(2, bytes([48 + made.fileno()]))'
    )
    done = subprocess.run(
        ['sh', '-c', 'exec "$0" -c "$1" <&- >&-', sys.executable, code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd='/',
    )
    assert int(done.stderr) > 2
