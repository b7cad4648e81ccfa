# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Faces of several people as one picture: a heading and rows of faces for each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from face_affect_ros.drawing import primitives

SIDE = 112
"""Pixels of a face on the sheet."""

COLUMNS = 8
MOST_ROWS = 2
"""Rows of faces a person; how many more there are is told behind the heading."""

MOST_HEIGHT = 60_000
"""Pixels, of JPEG's 65,500; groups that would go beyond are left out."""

_GAP, _MARGIN, _CAPITAL = 8, 28, 13
_BACKGROUND, _INK, _PALE = (250, 249, 247), (48, 40, 32), (150, 142, 134)


@dataclass(frozen=True)
class Group:
    """The faces of one person.

    :param title: heading.
    :param note: in a paler colour behind it.
    :param faces: square (S, S, 3) uint8 BGR pictures; those that have room are shown.
    """

    title: str
    note: str
    faces: Sequence[np.ndarray]


def contact_sheet(groups: Sequence[Group]) -> np.ndarray:
    """Return the sheet, (H, W, 3) uint8 BGR."""
    bands: list[np.ndarray] = []
    height = 2 * _MARGIN
    for group in groups:
        band = _band(group)
        if height + len(band) > MOST_HEIGHT:
            break
        bands.append(band)
        height += len(band)
    edge = _blank(_MARGIN)
    return np.concatenate([edge, *bands, edge])


def face_tile(image: np.ndarray, box: Sequence[float], side: int = SIDE) -> np.ndarray:
    """Return the square around a face, (side, side, 3) uint8; the border is repeated.

    :param image: (H, W, 3) uint8 BGR.
    :param box: x, y, width, height in pixels.
    """
    x, y, width, height = box
    reach = 0.72 * max(width, height)
    matrix = np.array(
        [
            [2 * reach / side, 0, x + width / 2 - reach],
            [0, 2 * reach / side, y + height / 2 - reach],
        ]
    )
    shrunk = max(1, int(2 * reach / side))
    if shrunk > 1:
        image = cv2.resize(image, None, fx=1 / shrunk, fy=1 / shrunk, interpolation=cv2.INTER_AREA)
        matrix /= shrunk
    return cv2.warpAffine(
        image,
        matrix,
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _band(group: Group) -> np.ndarray:
    """Return heading and faces of one person."""
    heading = _blank(3 * _CAPITAL)
    right = _write(heading, group.title, _MARGIN, _INK, strong=True)
    _write(heading, group.note, right + _CAPITAL, _PALE, strong=False)
    shown = group.faces[: COLUMNS * MOST_ROWS]
    rows = [_row(shown[start : start + COLUMNS]) for start in range(0, len(shown), COLUMNS)]
    return np.concatenate([heading, *rows, _blank(2 * _CAPITAL)])


def _row(faces: Sequence[np.ndarray]) -> np.ndarray:
    """Return faces side by side, with round corners."""
    row = _blank(SIDE + _GAP)
    mask = primitives.rounded(SIDE, SIDE, 10)[..., None] / np.float32(255)
    for place, face in enumerate(faces):
        left = _MARGIN + place * (SIDE + _GAP)
        tile = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        under = row[:SIDE, left : left + SIDE]
        under[:] = np.round(under * (1 - mask) + tile * mask)
    return row


def _write(
    band: np.ndarray, text: str, left: int, color: tuple[int, int, int], strong: bool
) -> int:
    """Write a text and return where it ends; letters that the font lacks are question marks."""
    plain = text.encode('ascii', 'replace').decode()
    mask, ascent = primitives.glyphs(plain, _CAPITAL, strong)
    top = 2 * _CAPITAL - ascent
    room = band[top : top + mask.shape[0], left : left + mask.shape[1]]
    primitives.blend(room, mask[: room.shape[0]], color, 1.0)
    return left + mask.shape[1]


def _blank(height: int) -> np.ndarray:
    width = 2 * _MARGIN + COLUMNS * (SIDE + _GAP) - _GAP
    return np.full((height, width, 3), _BACKGROUND, np.uint8)
