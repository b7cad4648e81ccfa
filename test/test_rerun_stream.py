# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The stream as a Rerun recording, by the library itself; and what is said without it."""

import sys

import numpy as np
import pytest

from face_affect_ros import cli
from face_affect_ros.drawing.rerun_stream import DISPLAYS
from face_affect_ros.drawing.rerun_stream import RerunError
from face_affect_ros.drawing.rerun_stream import RerunStream
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.tasks import AGE_RANGES
from face_affect_ros.tasks import EMOTIONS

MAGIC = b'RRF'


@pytest.fixture
def headless(monkeypatch):
    """Have no display."""
    for name in DISPLAYS:
        monkeypatch.delenv(name, raising=False)


def face(track_id=7):
    """Return a face with an emotion and an age."""
    emotions = dict.fromkeys(EMOTIONS, 0.0) | {'happy': 1.0}
    ages = dict.fromkeys(AGE_RANGES, 0.0) | {'25-32': 1.0}
    return Face(
        Box(10, 10, 40, 50),
        0.9,
        emotion=Distribution('happy', 1.0, emotions),
        age=Age(30.0, 4.0, '25-32', ages),
        track_id=track_id,
    )


def test_frames_are_recorded(headless, tmp_path):
    """With and without faces, with and without stamps; each adds to the file."""
    pytest.importorskip('rerun', reason='no Rerun: pip install rerun-sdk')
    sizes = []
    for count in (1, 8):
        path = tmp_path / f'{count}.rrd'
        stream = RerunStream(str(path))
        for number in range(count):
            image = np.random.default_rng(number).integers(0, 256, (90, 120, 3), np.uint8)
            stream.log(image, [face()] if number % 2 == 0 else [], number * 33_000_000)
        stream.close()
        content = path.read_bytes()
        assert content.startswith(MAGIC)
        assert b'emotion/happy' in content and b'camera' in content
        sizes.append(len(content))
    assert sizes[1] > 3 * sizes[0] / 2


def test_without_a_display_a_file_is_needed(headless, tmp_path):
    """One that can be written."""
    pytest.importorskip('rerun', reason='no Rerun: pip install rerun-sdk')
    with pytest.raises(RerunError, match=r'give a file'):
        RerunStream()
    with pytest.raises(RerunError, match='no such folder'):
        RerunStream(str(tmp_path / 'nowhere/stream.rrd'))


def test_without_rerun_it_names_the_extra(monkeypatch):
    """And what to type."""
    monkeypatch.setitem(sys.modules, 'rerun', None)
    with pytest.raises(RerunError, match=r'pip install "face_affect_ros\[rerun\]"'):
        RerunStream('stream.rrd')


@pytest.mark.parametrize(
    'words', [['camera', '--rerun'], ['--privacy', 'strict', '--rerun'], ['detection', '--rerun']]
)
def test_what_does_not_go_with_it_is_refused(words, capsys):
    """As wrong usage, before anything starts."""
    assert cli.main(['run', *words]) == 2
    assert '--rerun' in capsys.readouterr().err
