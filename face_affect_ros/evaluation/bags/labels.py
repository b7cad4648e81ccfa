# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which faces of a replay the lines of a table of labels are about.

A line says when: ``stamp`` (of one frame), ``frame`` (its number, from 0), or ``start`` and
``end`` (both included). Times are seconds of the stamps with decimals, or whole nanoseconds;
``start`` and ``end`` below a year are seconds since the first frame. It says who: ``track`` (the
id of the replay, which counts from 1), ``box`` or ``x``, ``y``, ``width``, ``height`` in pixels,
or nothing where the frame has one face.
"""

from __future__ import annotations

from bisect import bisect_left
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from decimal import InvalidOperation

import numpy as np

from face_affect_ros.detection import boxes
from face_affect_ros.quoting import quoted

STAMP, FRAME, START, END, TRACK = 'stamp', 'frame', 'start', 'end', 'track'
TIMES = ({STAMP}, {FRAME}, {START, END})
"""The columns that say when, one set of them in a table."""

TOLERANCE_NS = 20 * 10**6
"""A stamp that differs by more is another frame's."""

MIN_IOU = 0.3
"""Least IoU of a label's box with the face that it is about."""

NOT_FOUND = -1
"""The face of a label that is about one that was not found."""

_YEAR_S = 366 * 86400
_NANOSECONDS = 10**15
"""From here on a whole number is nanoseconds: as seconds it would be 30 million years."""

_NAMED_LINES = 5


@dataclass(frozen=True)
class Faces:
    """What was found in a replay.

    :param stamps: (N,) nanoseconds, of each frame of the topic, by its number.
    :param frame: (M,) number of the frame of each face, never decreasing.
    :param track: (M,) its id.
    :param boxes: (M, 4) x, y, width, height in pixels.
    :param answered: numbers of the frames that were evaluated; others could not be decoded.
    """

    stamps: np.ndarray
    frame: np.ndarray
    track: np.ndarray
    boxes: np.ndarray
    answered: frozenset[int]


@dataclass(frozen=True)
class Matches:
    """Which labels are about which faces.

    :param label: (K,) rows of the table.
    :param face: (K,) rows of the faces, ``NOT_FOUND`` where there is no such face in the frame.
    :param frame: (K,) the frames' numbers.
    :param misses: rows of the table that match nothing, by the reason.
    """

    label: np.ndarray
    face: np.ndarray
    frame: np.ndarray
    misses: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def problems(self, name: str, count: int) -> list[str]:
        """Return in words what matches nothing.

        :param name: of the table.
        :param count: its rows.
        """
        return [
            f'{name}: {len(rows)} of {count} rows match nothing: {reason} '
            f'(line {", ".join(str(row + 2) for row in rows[:_NAMED_LINES])}'
            f'{", ..." if len(rows) > _NAMED_LINES else ""})'
            for reason, rows in self.misses.items()
        ]


class ColumnsError(ValueError):
    """A table whose columns do not say when."""


def match(columns: Mapping[str, Sequence[str]], label_boxes: np.ndarray, faces: Faces) -> Matches:
    """Return which faces the rows of a table are about.

    :param columns: the cells of its columns by their names.
    :param label_boxes: (L, 4) a row, x, y, width, height in pixels; NaN: not given.
    :raises ColumnsError: no column, or more than one kind, says when.
    """
    times = [names for names in TIMES if names <= columns.keys()]
    if len(times) != 1:
        raise ColumnsError(
            'a table of labels needs one of the columns "stamp" or "frame", or "start" and "end"'
        )
    matcher = _Matcher(columns, label_boxes, faces)
    found: list[tuple[int, int, int]] = []
    misses: dict[str, list[int]] = {}
    for row in range(len(label_boxes)):
        try:
            found += [(row, face, frame) for frame, face in matcher.matches(row, times[0])]
        except _NoMatchError as reason:
            misses.setdefault(str(reason), []).append(row)
    table = np.array(found, int).reshape(-1, 3)
    return Matches(table[:, 0], table[:, 1], table[:, 2], misses)


def nanoseconds(text: str, begin_ns: int | None = None) -> int:
    """Return a time in nanoseconds.

    :param text: seconds with decimals, or whole nanoseconds.
    :param begin_ns: what seconds of less than a year count from; None: from the epoch.
    :raises ValueError: it is no number.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f'{quoted(text)} is no time') from error
    if not value.is_finite():
        raise ValueError(f'{quoted(text)} is no time')
    if value >= _NANOSECONDS:
        return int(value)
    return int(value * 10**9) + (begin_ns if begin_ns is not None and value < _YEAR_S else 0)


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise ValueError(f'{quoted(text)} is no {what}') from error


class _NoMatchError(Exception):
    """A row that matches nothing; the text says why."""


class _Matcher:
    """Looks the rows of one table up.

    :param columns: cells by column.
    :param label_boxes: (L, 4) boxes.
    """

    def __init__(
        self, columns: Mapping[str, Sequence[str]], label_boxes: np.ndarray, faces: Faces
    ) -> None:
        self._columns, self._boxes, self._faces = columns, label_boxes, faces
        self._order = np.argsort(faces.stamps, kind='stable')
        self._stamps = faces.stamps[self._order].tolist()
        self._begin_ns = self._stamps[0] if self._stamps else 0

    def matches(self, row: int, times: set[str]) -> Iterator[tuple[int, int]]:
        """Return frame and face of each frame that a row is about.

        :raises _NoMatchError: there is none.
        """
        try:
            frames = self._frames(row, times)
            track = self._track(row)
        except ValueError as error:
            raise _NoMatchError(str(error)) from error
        if not frames:
            raise _NoMatchError('no frame at that time' if times != {FRAME} else 'no such frame')
        frames = [frame for frame in frames if frame in self._faces.answered]
        if not frames:
            raise _NoMatchError('the frame could not be decoded')
        found = [(frame, self._face(frame, row, track)) for frame in frames]
        pairs = [(frame, face) for frame, face in found if face is not None]
        if not pairs:
            raise _NoMatchError(
                'no such track'
                if track is not None
                else 'several faces in the frame and neither track nor box'
            )
        return iter(pairs)

    def _frames(self, row: int, times: set[str]) -> list[int]:
        if times == {FRAME}:
            number = _whole(self._columns[FRAME][row], 'frame number')
            return [number] if 0 <= number < len(self._faces.stamps) else []
        if times == {STAMP}:
            return self._nearest(nanoseconds(self._columns[STAMP][row]))
        first, last = (
            nanoseconds(self._columns[name][row], self._begin_ns) for name in (START, END)
        )
        begin, end = bisect_left(self._stamps, first), bisect_right(self._stamps, last)
        return sorted(self._order[begin:end].tolist())

    def _nearest(self, stamp_ns: int) -> list[int]:
        place = bisect_left(self._stamps, stamp_ns)
        near = [each for each in (place - 1, place) if 0 <= each < len(self._stamps)]
        best = min(near, key=lambda each: abs(self._stamps[each] - stamp_ns), default=None)
        if best is None or abs(self._stamps[best] - stamp_ns) > TOLERANCE_NS:
            return []
        return [int(self._order[best])]

    def _track(self, row: int) -> int | None:
        cell = self._columns[TRACK][row].strip() if TRACK in self._columns else ''
        return _whole(cell, 'track id') if cell else None

    def _face(self, frame: int, row: int, track: int | None) -> int | None:
        """Return a face's row, ``NOT_FOUND``, or None where the label is not about this frame."""
        first, last = np.searchsorted(self._faces.frame, (frame, frame + 1))
        if track is not None:
            own = np.flatnonzero(self._faces.track[first:last] == track)
            return int(first + own[0]) if len(own) else None
        if first == last:
            return NOT_FOUND
        if np.isfinite(self._boxes[row]).all():
            return self._by_box(first, last, row)
        return int(first) if last - first == 1 else None

    def _by_box(self, first: int, last: int, row: int) -> int:
        overlap = boxes.iou(
            boxes.to_xyxy(self._boxes[row][None]), boxes.to_xyxy(self._faces.boxes[first:last])
        )[0]
        best = int(overlap.argmax())
        return int(first) + best if overlap[best] >= MIN_IOU else NOT_FOUND
