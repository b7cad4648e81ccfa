# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""MTCNN finds the faces that people marked and those that the ``mtcnn`` package finds."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from samples import detector
from scipy.optimize import linear_sum_assignment

from face_affect_ros import images
from face_affect_ros.detection import boxes

MEDIA = Path(__file__).resolve().parents[2] / 'shared/media'
PICTURES = sorted(
    path for folder in ('dlib_faces', 'pictures') for path in (MEDIA / folder).glob('*.jpg')
)
SAME_FACE, MARKED_FACE = 0.7, 0.4
"""Least intersection over union with the package's box and with a marked one."""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PICTURES, reason=f'no pictures in {MEDIA}'),
]


@cache
def found_by_us(path: Path) -> np.ndarray:
    """Return our boxes as left, top, right, bottom; settings as the package's."""
    settings = detector(
        min_face_size=20.0, scale_factor=0.709, thresholds=(0.6, 0.7, 0.8), landmark_nms=0.0
    )
    return boxes.to_xyxy(settings.detect(images.load(path)).boxes.astype(float))


@pytest.fixture(scope='module')
def reference():
    """Return the package's detector; skip where it is not installed."""
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    reason = 'no package mtcnn: pip install "face_affect_ros[reference]"'
    return pytest.importorskip('mtcnn', reason=reason).MTCNN()


def found_by_package(package, path: Path) -> np.ndarray:
    """Return the package's boxes as left, top, right, bottom."""
    rgb = cv2.cvtColor(images.load(path), cv2.COLOR_BGR2RGB)
    rows = package.detect_faces(rgb, min_face_size=20, fit_to_image=False, output_type='numpy')
    return boxes.to_xyxy(np.asarray(rows, float).reshape(-1, 16)[:, 1:5])


def matched(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the overlaps of the best one-to-one assignment, best first."""
    overlaps = boxes.iou(ours, theirs)
    rows, columns = linear_sum_assignment(-overlaps)
    return np.sort(overlaps[rows, columns])[::-1]


@pytest.mark.slow
@pytest.mark.parametrize('path', PICTURES, ids=lambda path: path.stem)
def test_the_same_faces_as_the_package(reference, path):
    """One for one, at IoU >= 0.7: none missed, none added, none elsewhere."""
    ours, theirs = found_by_us(path), found_by_package(reference, path)
    overlaps = matched(ours, theirs)
    assert (len(ours), int((overlaps >= SAME_FACE).sum())) == (len(theirs),) * 2, (
        f'{len(ours)} faces of ours, {len(theirs)} of the package; overlaps of the pairs: '
        f'{np.round(overlaps, 2).tolist()}'
    )


def marked_faces() -> dict[str, np.ndarray]:
    """Return the marked boxes by picture, as left, top, right, bottom."""
    with (MEDIA / 'dlib_faces/boxes.csv').open() as file:
        rows = list(csv.DictReader(file))
    return {
        name: boxes.to_xyxy(
            np.array([[float(row[key]) for key in 'xywh'] for row in rows if row['file'] == name])
        )
        for name in sorted({row['file'] for row in rows})
    }


def test_the_marked_faces_are_found():
    """All 43 of dlib's pictures, one for one, and no other in these pictures."""
    marked = marked_faces()
    assert sum(map(len, marked.values())) == 43
    found = {name: found_by_us(MEDIA / 'dlib_faces' / name) for name in marked}
    hits = {
        name: int((matched(found[name], faces) > MARKED_FACE).sum())
        for name, faces in marked.items()
    }
    assert hits == {name: len(faces) for name, faces in marked.items()}
    assert {name: len(faces) for name, faces in found.items()} == hits


def test_one_person_has_one_box():
    """Two boxes stand on one face of a crowd in the reference; no other face is lost."""
    picture = images.load(MEDIA / 'pictures/crowd_stands.jpg')
    both = detector(landmark_nms=0.0).detect(picture)
    one = detector().detect(picture)
    near = [np.hypot(*(faces.boxes[:, :2] - (290, 106)).T) < 12 for faces in (both, one)]
    assert [int(rows.sum()) for rows in near] == [2, 1]
    assert len(one) == len(both) - 1


@pytest.mark.parametrize('name', ['none_cartoon', 'none_landscape'])
def test_no_face_where_there_is_none(name):
    """A cartoon and a landscape."""
    assert len(found_by_us(MEDIA / f'pictures/{name}.jpg')) == 0
