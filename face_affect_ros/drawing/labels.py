# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is written about a face, where there is room for it, and how it is drawn."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.drawing import highlights
from face_affect_ros.drawing import primitives
from face_affect_ros.drawing.palette import COLORS
from face_affect_ros.drawing.palette import DARK
from face_affect_ros.drawing.palette import Color
from face_affect_ros.drawing.palette import color_of
from face_affect_ros.faces import EMOTIONS
from face_affect_ros.faces import UNKNOWN
from face_affect_ros.faces import Age
from face_affect_ros.faces import Box
from face_affect_ros.faces import Distribution
from face_affect_ros.faces import Face
from face_affect_ros.tasks import TASKS

_OPACITY = 0.78
_BRIGHT, _DIM = 255, 205

_MOST_HIDDEN = 0.15
"""Share of faces that a plate may hide; what would hide more is not drawn."""

_CROWD = 8
_CROWD_WIDTH = 2.8
"""Among more than ``_CROWD`` faces no plate is wider than this many sides of its face, or one
could not see whose it is, and none tells attributes."""


@dataclass(frozen=True)
class _Line:
    """One line of a plate: words with their brightness (0..255), and the capitals' height."""

    words: tuple[tuple[str, int], ...]
    height: int


@dataclass(frozen=True)
class _Plate:
    """What is written about a face: lines, and the shares of the bar below (may be empty)."""

    lines: tuple[_Line, ...]
    shares: tuple[tuple[Color, float], ...]
    padding: int

    @functools.cached_property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width = max(_width(line) for line in self.lines)
        heights = sum(line.height for line in self.lines)
        gaps = (len(self.lines) - 1 + bool(self.shares)) * self.gap
        return width + 2 * self.padding, heights + gaps + self.bar + 2 * self.padding

    @property
    def gap(self) -> int:
        """Space between lines in pixels."""
        return max(3, round(self.lines[0].height * 0.75))

    @property
    def bar(self) -> int:
        """Height of the bar in pixels."""
        return max(3, round(self.lines[0].height * 0.38)) if self.shares else 0


def arrange(
    faces: Sequence[Face],
    width: int,
    height: int,
) -> Iterator[tuple[_Plate, tuple[int, int], Color]]:
    """Yield plate, place (left, top) and colour of every face that has room for a plate.

    :param faces: largest first.
    """
    areas = np.array([_visible(face.box, width, height) for face in faces]).reshape(-1, 4)
    plates = np.empty((0, 4))
    unit = max(1.0, min(width, height) / 480)
    for index, face in enumerate(faces):
        is_crowd = len(faces) > _CROWD
        widest = min(width, _CROWD_WIDTH * side_of(face.box)) if is_crowd else width
        told = 0 if is_crowd else highlights.MOST
        for plate in _plates(face, widest, height, unit, told):
            spots = _spots(areas[index], plate.size, width, height)
            costs = _costs(spots, areas, index, plates)
            best = int(np.argmin(costs))
            if costs[best] > _MOST_HIDDEN:
                continue
            plates = np.concatenate([plates, spots[best : best + 1]])
            yield plate, (int(spots[best, 0]), int(spots[best, 1])), color_of(face)
            break


def side_of(box: Box) -> float:
    """Return the side in pixels of the square as large as a box."""
    return math.sqrt(box.width * box.height)


def _visible(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of the part of a box that lies in the picture."""
    return max(box.x, 0), max(box.y, 0), min(box.right, width), min(box.bottom, height)


def _spots(face: np.ndarray, size: tuple[int, int], width: int, height: int) -> np.ndarray:
    """Return (N, 4) left, top, right, bottom of places for a plate, most wanted first."""
    left, top, right, bottom = face
    plate_width, plate_height = size
    gap = max(5, round((right - left) * 0.04))
    middle, far = (left + right - plate_width) / 2, right - plate_width
    above, below = top - gap - plate_height, bottom + gap
    inside = bottom - gap - plate_height
    corners = np.round(
        [
            (left, above),
            (left, below),
            (middle, above),
            (middle, below),
            (far, above),
            (far, below),
            (right + gap, top),
            (left - gap - plate_width, top),
            (right + gap, inside),
            (left - gap - plate_width, inside),
            (middle, inside),
        ]
    )
    corners = corners[:, :2].clip(0, np.maximum((width - plate_width, height - plate_height), 0))
    return np.concatenate([corners, corners + size], axis=1)


def _costs(spots: np.ndarray, faces: np.ndarray, own: int, plates: np.ndarray) -> np.ndarray:
    """Return how bad places for a plate are: what share of faces and plates would be hidden."""
    hidden = boxes.overlap_of_smaller(spots, faces)
    plate, face = boxes.area(spots[:1])[0], boxes.area(faces[own : own + 1])[0]
    hidden[:, own] *= min(plate, face) / face  # a small plate on a large face is no harm
    taken = boxes.overlap_of_smaller(spots, plates).sum(axis=1)
    return hidden.sum(axis=1) + 3 * taken + 1e-4 * np.arange(len(spots))


def _plates(face: Face, width: float, height: int, unit: float, attributes: int) -> list[_Plate]:
    """Return the plates that a face may get, the most telling first.

    :param width: the widest that a plate may be.
    :param unit: size of the picture, 1 for VGA and smaller.
    :param attributes: how many attributes are told at most.
    """
    least = max(7, round(7 * math.sqrt(unit)))
    text = round(min(max(side_of(face.box) * 0.085, least), 10 * unit))
    emotion, traits = _emotion_words(face), _trait_words(face)
    small = max(least, round(text * 0.86))
    lines = tuple(
        _Line(words, size) for words, size in ((emotion, text), (traits, small)) if words
    )
    plates = [
        _Plate((*lines, *more), _shares(face), round(text * 0.75))
        for more in (*_attribute_lines(face, small, attributes), ())
        if lines or more
    ]
    if emotion:
        plates += [
            _Plate((_Line(emotion[:count], size),), (), max(3, round(size * 0.55)))
            for count, size in ((2, least), (1, least), (1, 6))
        ]
    return [plate for plate in plates if plate.size[0] <= width and plate.size[1] <= height]


def _emotion_words(face: Face) -> tuple[tuple[str, int], ...]:
    """Return emotion and its probability."""
    if face.emotion is None:
        return ()
    if face.emotion.label == UNKNOWN:
        return (('emotion ?', _BRIGHT),)
    return (face.emotion.label, _BRIGHT), (_percent(face.emotion.confidence), _DIM)


def _trait_words(face: Face) -> tuple[tuple[str, int], ...]:
    """Return labels with their probabilities, age and track, as far as they are given."""
    words: list[tuple[str, int]] = []
    for name, task in TASKS.items():
        result = face.result(name)
        if name == 'emotion' or result is None:
            continue
        if isinstance(result, Age):
            words.append((f'{result.years:.0f} y', _BRIGHT))
        elif isinstance(result, Distribution) and result.label == UNKNOWN:
            words.append((f'{name} ?', _DIM))
        elif isinstance(result, Distribution):
            words += [(task.shown(result.label), _BRIGHT), (_percent(result.confidence), _DIM)]
    if face.track_id:
        words.append((f'#{face.track_id % 1000}', _DIM))
    return tuple(words)


def _attribute_lines(face: Face, height: int, most: int) -> list[tuple[_Line]]:
    """Return the lines that tell the most, one fewer and so on down to one attribute."""
    words = highlights.of(face.attributes, face.attribute_thresholds)[:most]
    return [
        (_Line(((', '.join(words[:count]), _DIM),), height),) for count in range(len(words), 0, -1)
    ]


def _percent(probability: float) -> str:
    """Return a probability as whole percent; never 100 for what is less than certain."""
    return f'{min(round(probability * 100), 99 if probability < 1 else 100)}%'


def _shares(face: Face) -> tuple[tuple[Color, float], ...]:
    """Return the colour and the share of each emotion in their fixed order."""
    if face.emotion is None:
        return ()
    return tuple((COLORS[name], face.emotion.scores.get(name, 0.0)) for name in EMOTIONS)


def draw_plate(picture: np.ndarray, plate: _Plate, left: int, top: int, color: Color):
    """Draw a plate with its top-left corner at a pixel; all of it lies in the picture."""
    width, height = plate.size
    region = picture[top : top + height, left : left + width]
    primitives.blend(region, primitives.rounded(width, height, plate.padding), DARK, _OPACITY)
    baseline = plate.padding
    for number, line in enumerate(plate.lines):
        baseline += line.height
        _write(region, line, plate.padding, baseline, color if number == 0 else None)
        baseline += plate.gap
    if plate.shares:
        _draw_shares(region, plate)


def _draw_shares(region: np.ndarray, plate: _Plate):
    """Draw the bar along the bottom of a plate."""
    width, height = plate.size
    bar = region[
        height - plate.padding - plate.bar : height - plate.padding,
        plate.padding : width - plate.padding,
    ]
    ends = np.cumsum([share for _, share in plate.shares])
    ends = np.round(ends / max(float(ends[-1]), 1e-9) * bar.shape[1]).astype(int)
    strip = np.empty_like(bar)
    for (color, _), start, end in zip(plate.shares, [0, *ends[:-1]], ends):
        strip[:, start:end] = color
    weight = primitives.rounded(bar.shape[1], plate.bar, plate.bar / 2)[..., None] / np.float32(
        255
    )
    bar[:] = (strip * weight + bar * (1 - weight)).astype(np.uint8)


def _write(region: np.ndarray, line: _Line, left: int, baseline: int, color: Color | None):
    """Write a line of words; with a colour, a dot of it comes first."""
    if color is not None:
        primitives.dot(
            region, left + line.height * 0.4, baseline - line.height / 2, line.height * 0.36, color
        )
        left += _dot_width(line.height)
    for word, brightness in line.words:
        mask, ascent = primitives.glyphs(word, line.height, brightness == _BRIGHT)
        rows = region[max(0, baseline - ascent) : baseline - ascent + mask.shape[0]]
        part = mask[max(0, ascent - baseline) :][: rows.shape[0]]
        primitives.blend(rows[:, left : left + mask.shape[1]], part, (brightness,) * 3, 1.0)
        left += mask.shape[1] + _word_gap(line.height)


def _width(line: _Line) -> int:
    """Return a line's width in pixels, its dot included (the second line has room to spare)."""
    words = [
        primitives.glyphs(word, line.height, brightness == _BRIGHT)[0].shape[1]
        for word, brightness in line.words
    ]
    return sum(words) + (len(words) - 1) * _word_gap(line.height) + _dot_width(line.height)


def _word_gap(height: int) -> int:
    """Return the space between words in pixels."""
    return max(3, round(height * 0.55))


def _dot_width(height: int) -> int:
    """Return the room in pixels that the dot before an emotion takes."""
    return round(height * 1.35)
