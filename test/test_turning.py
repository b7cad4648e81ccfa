# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Cameras that are mounted otherwise: pictures are turned, points are turned back."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from samples import ASTRONAUT_LANDMARKS
from samples import astronaut
from samples import model

from face_affect_ros import cli
from face_affect_ros import images
from face_affect_ros.detection.head_pose import Camera
from face_affect_ros.detection.head_pose import head_pose
from face_affect_ros.images import turning
from face_affect_ros.stream.video_file import VideoFile

DEGREES = st.sampled_from(turning.ANGLES)


def as_mounted(picture, rotate):
    """Return what a camera sees whose pictures have to be turned by so many degrees."""
    return np.ascontiguousarray(np.rot90(picture, rotate // 90))


@given(degrees=DEGREES, width=st.integers(1, 9), height=st.integers(1, 9), seed=st.integers(0, 9))
def test_a_turned_camera_gives_the_upright_picture(degrees, width, height, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    mounted = as_mounted(picture, degrees)
    np.testing.assert_array_equal(images.turned(mounted, degrees), picture)
    assert turning.size_before((width, height), degrees) == mounted.shape[1::-1]
    assert images.turned(mounted, degrees).flags.c_contiguous


@given(
    degrees=DEGREES,
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    part=st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
)
def test_points_go_where_their_pixels_were(degrees, size, part):
    width, height = size
    x, y = int(part[0] * width), int(part[1] * height)
    turned = np.zeros((height, width), np.uint8)
    turned[y, x] = 255
    mounted = as_mounted(turned, degrees)
    (point,) = turning.points_before(np.array([(x + 0.5, y + 0.5)]), degrees, size)
    column, row = (point - 0.5).astype(int)
    assert mounted[row, column] == 255 and (point - 0.5 == [column, row]).all()


@settings(max_examples=8)
@given(degrees=DEGREES, left=st.integers(0, 150), top=st.integers(0, 40))
def test_the_same_faces_as_upright(degrees, left, top):
    """Boxes, landmarks and all that is told, wherever the face is."""
    upright = astronaut()[top : top + 300, left : left + 320]
    mounted = as_mounted(upright, degrees)
    expected = model().analyze(upright)
    assert model().analyze(images.turned(mounted, degrees)) == expected


@given(degrees=DEGREES)
def test_a_head_is_where_the_camera_sees_it(degrees):
    """Frames of faces are those of the camera as it is mounted: its calibration is not turned."""
    camera = Camera(np.array([[420.0, 0, 250], [0, 420, 260], [0, 0, 1]]), np.empty(0))
    seen = np.array(ASTRONAUT_LANDMARKS)
    # Where the points of the mounted camera lie in the turned picture.
    back = (360 - degrees) % 360
    turned = turning.points_before(seen, back, (512, 512))
    place, turn = head_pose(turning.points_before(turned, degrees, (512, 512)), camera)
    expected_place, expected_turn = head_pose(seen, camera)
    assert place == pytest.approx(expected_place) and turn == pytest.approx(expected_turn)


@pytest.mark.parametrize('degrees', [45, -90, 360])
def test_other_angles_are_refused(degrees):
    with pytest.raises(ValueError, match='0, 90, 180 or 270'):
        images.turned(astronaut(), degrees)


def objects(capsys, *arguments):
    assert cli.main(['classify', '--json', *map(str, arguments)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize('degrees', turning.ANGLES)
def test_classify(degrees, tmp_path, capsys):
    """Sizes, boxes and the annotated picture are those of the turned picture."""
    upright = astronaut()[:300, :400]
    for name, picture in (('a.png', upright), ('b.png', as_mounted(upright, degrees))):
        cv2.imwrite(str(tmp_path / name), picture)
    (expected,) = objects(capsys, tmp_path / 'a.png')
    out = ['--rotate', degrees, '--annotate', tmp_path / 'out']
    (found,) = objects(capsys, tmp_path / 'b.png', *out)
    assert {**found, 'path': ''} == {**expected, 'path': ''} and len(found['faces']) == 1
    drawn = cv2.imread(str(tmp_path / 'out/b.png'))
    plain = cv2.resize(upright, (800, 600))  # small pictures are enlarged for the words
    assert drawn.shape == plain.shape
    assert 0.002 < (np.abs(drawn.astype(int) - plain).max(axis=2) > 60).mean() < 0.2


def test_classify_a_video(tmp_path, capsys):
    """Frames, and the annotated video."""
    upright = cv2.resize(astronaut()[20:220, 100:340], (160, 120))
    mounted = as_mounted(upright, 270)
    path = tmp_path / 'a.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 10, (120, 160))
    for _ in range(3):
        writer.write(mounted)
    writer.release()
    options = ['--rotate', 270, '--min-face-size', 20, '--annotate', tmp_path / 'out']
    found = objects(capsys, path, *options)
    assert [(each['width'], each['height'], len(each['faces'])) for each in found] == [
        (160, 120, 1)
    ] * 3
    with VideoFile(tmp_path / 'out/a.mp4') as video:
        assert {frame.image.shape for frame in video.frames()} == {(120, 160, 3)}


def test_frames_of_a_bag(tmp_path):
    """As the node ``camera`` turns them."""
    pytest.importorskip('rosbags')
    import recordings

    from face_affect_ros.evaluation.bags.bag import Bag
    from face_affect_ros.evaluation.bags.frames import FrameReader

    path = recordings.record(tmp_path / 'bag', recordings.frames(2))
    with Bag(path) as bag:
        plain, turned = (
            [frame.image for frame in FrameReader(bag, recordings.TOPIC, rotate=degrees)]
            for degrees in (0, 90)
        )
    assert len(plain) == 2
    for before, after in zip(plain, turned):
        np.testing.assert_array_equal(after, images.turned(before, 90))
