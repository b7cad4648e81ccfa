# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A hundred faces cut out of real pictures: what the converted networks are compared on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from samples import ASTRONAUT_BOX
from samples import astronaut

MEDIA = Path(__file__).resolve().parents[2] / 'shared/media/dlib_faces'
COUNT = 100


@cache
def crops(size: int, factor: float = 1.0) -> np.ndarray:
    """Return (100, size, size, 3) uint8 BGR, read-only: dlib's 43 faces, then the astronaut's.

    :param factor: side of the crop in sides of the face's box; further ones are wider.
    """
    cuts = [
        cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)
        for _, cut in zip(range(COUNT), _cuts(factor))
    ]
    found = np.stack(cuts)
    found.setflags(write=False)
    return found


def _cuts(factor: float) -> Iterator[np.ndarray]:
    """Yield crops without end."""
    for wider in (1.0, 1.3):
        for path, box in _boxes():
            yield _cut(_picture(path), box, factor * wider)
    rng = np.random.default_rng(7)
    while True:
        x, y, width, height = ASTRONAUT_BOX
        shift = rng.uniform(-0.15, 0.15, 2) * width
        yield _cut(astronaut(), (x + shift[0], y + shift[1], width, height), factor)


def _boxes() -> list[tuple[Path, tuple[float, float, float, float]]]:
    """Return the boxed faces: picture and x, y, width, height; none where they are not at hand."""
    if not (MEDIA / 'boxes.csv').is_file():
        return []
    with (MEDIA / 'boxes.csv').open() as stream:
        return [
            (MEDIA / file, (float(x), float(y), float(width), float(height)))
            for file, x, y, width, height in list(csv.reader(stream))[1:]
        ]


@cache
def _picture(path: Path) -> np.ndarray:
    """Return a picture."""
    return cv2.imread(str(path))


def _cut(picture: np.ndarray, box: tuple[float, float, float, float], factor: float) -> np.ndarray:
    """Cut a square around a box, its border replicated."""
    x, y, width, height = box
    side = max(int(max(width, height) * factor), 2)
    left, top = int(x + width / 2 - side / 2), int(y + height / 2 - side / 2)
    rows = np.clip(np.arange(top, top + side), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, picture.shape[1] - 1)
    return picture[np.ix_(rows, columns)]


def grey(pictures: np.ndarray) -> np.ndarray:
    """Return (N, H, W) uint8 of BGR pictures."""
    return np.stack([cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures])
