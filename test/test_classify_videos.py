# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""``face-affect classify`` of videos: every frame once, as a stream."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from samples import small_astronaut

from face_affect_ros import cli
from face_affect_ros.stream.video_file import VideoError
from face_affect_ros.stream.video_file import VideoFile
from face_affect_ros.stream.video_file import is_video

RATE, FRAMES = 10.0, 10
SMALL = ('--min-face-size', '20')


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    """Return a video of the astronaut, who moves to the right by two pixels a frame."""
    path = tmp_path_factory.mktemp('videos') / 'astronaut.mp4'
    picture = np.pad(small_astronaut(), ((0, 0), (0, 64), (0, 0)))
    height, width = picture.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), RATE, (width, height))
    for number in range(FRAMES):
        writer.write(np.roll(picture, 2 * number, axis=1))
    writer.release()
    return path


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_frame_once_with_its_time(video, capsys):
    """And one person keeps one track id."""
    assert cli.main(['classify', str(video), '--json', *SMALL]) == 0
    lines = lines_of(capsys)
    assert [line['frame'] for line in lines] == list(range(FRAMES))
    assert [line['time_s'] for line in lines] == pytest.approx(np.arange(FRAMES) / RATE, abs=1e-3)
    assert {len(line['faces']) for line in lines} == {1}
    assert {line['faces'][0]['track_id'] for line in lines} == {1}
    moved = lines[-1]['faces'][0]['box'][0] - lines[0]['faces'][0]['box'][0]
    assert moved == pytest.approx(2 * (FRAMES - 1), abs=5)


def test_one_frame_in_so_many_seconds(video, capsys):
    assert cli.main(['classify', str(video), '--json', '--every', '0.4', *SMALL]) == 0
    lines = lines_of(capsys)
    assert [line['frame'] for line in lines] == [0, 4, 8]
    assert {line['faces'][0]['track_id'] for line in lines} == {1}


def test_the_same_answers_at_each_run(video, capsys):
    """The speed of the machine decides nothing."""
    runs = []
    for _ in range(2):
        assert cli.main(['classify', str(video), '--json', *SMALL]) == 0
        runs.append(capsys.readouterr().out)
    assert runs[0] == runs[1]


def test_in_words(video, capsys):
    """With time and track."""
    assert cli.main(['classify', str(video), '--every', '0.5', *SMALL]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f'{video} 0.00 s: face 1 of 1, track 1')
    assert second.startswith(f'{video} 0.50 s: face 1 of 1, track 1')


def test_annotated(video, tmp_path):
    """A video as long and as large, with something drawn into each frame."""
    assert cli.main(['classify', str(video), '--annotate', str(tmp_path), *SMALL]) == 0
    with VideoFile(video) as before, VideoFile(tmp_path / 'astronaut.mp4') as after:
        pairs = list(zip(before.frames(), after.frames(), strict=True))
        assert after.rate == pytest.approx(RATE)
    assert len(pairs) == FRAMES
    for plain, drawn in pairs:
        assert plain.image.shape == drawn.image.shape
        difference = cv2.absdiff(plain.image, drawn.image)
        assert (difference.max(axis=2) > 60).mean() > 0.005


def test_one_that_cannot_be_read_costs_no_other(video, tmp_path, capsys):
    """It is named, and the exit code is 1."""
    broken = tmp_path / 'broken.mp4'
    broken.write_bytes(video.read_bytes()[:200])
    text = tmp_path / 'text.mp4'
    text.write_text('no video')
    arguments = ['classify', '--json', '--every', '1', str(broken), str(text), str(video), *SMALL]
    assert cli.main(arguments) == 1
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert [bool(line['error']) for line in lines] == [True, True, False]
    for name in ('broken.mp4', 'text.mp4'):
        assert name in captured.err
    assert lines[-1]['faces']


def test_cut_faces_are_no_videos(video, capsys):
    assert cli.main(['classify', '--cut-faces', str(video)]) == 1
    assert '--cut-faces is for pictures' in capsys.readouterr().err


def test_in_folders_videos_are_counted_not_read(video, astronaut_file, tmp_path, capsys):
    """As is everything else that is no picture."""
    for source in (video, astronaut_file):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    for name in ('notes.txt', 'more.TXT', 'README'):
        (tmp_path / name).write_text('words')
    assert cli.main(['classify', str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 1
    assert 'not read: 2 .txt, 1 ' in captured.err
    assert '1 .mp4' in captured.err and '1 without an ending' in captured.err
    assert 'name a video by itself' in captured.err


def test_what_is_a_video(video, astronaut_file, tmp_path):
    """By its content, whatever its name; else by its ending."""
    renamed = tmp_path / 'film.jpg'
    renamed.write_bytes(video.read_bytes())
    assert is_video(str(video)) and is_video(str(renamed))
    assert not is_video(str(astronaut_file))
    assert not is_video(str(tmp_path / 'nothing.mp4'))
    with pytest.raises(VideoError, match='film'):
        VideoFile(tmp_path / 'no film.mp4')
