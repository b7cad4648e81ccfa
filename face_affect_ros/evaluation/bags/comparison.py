# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the running graph answered to a bag, beside what the same stages answer offline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import numpy as np

from face_affect_ros.evaluation.bags.frames import BagFrame
from face_affect_ros.evaluation.bags.message_types import ATTRIBUTES
from face_affect_ros.evaluation.bags.message_types import FACES
from face_affect_ros.evaluation.bags.message_types import typestore
from face_affect_ros.evaluation.bags.offline import OfflineStages
from face_affect_ros.evaluation.bags.rows import LABELS
from face_affect_ros.evaluation.bags.rows import NUMBERS
from face_affect_ros.evaluation.bags.rows import SCORES
from face_affect_ros.evaluation.bags.rows import rows_of
from face_affect_ros.evaluation.bags.rows import rows_of_message

SAME = 1e-5
"""Greatest difference of numbers that count as the same: they went through float32."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class LiveAnswers:
    """What came from a graph while a bag was played into it.

    :param found: numbers of the frames with a message on ``faces``.
    :param rows: by the frame's number, a row a face; of every frame with a message on
        ``attributes``.
    :param latency_ms: of these frames, from the camera's callback to publication.
    :param strangers: messages whose stamp is no frame's.
    """

    found: Sequence[int]
    rows: Mapping[int, Sequence[Row]]
    latency_ms: Mapping[int, float]
    strangers: int = 0


@dataclass
class Comparison:
    """Frames that both saw.

    :param frames: how many.
    :param same: how many with the same answers in everything.
    :param other_faces: how many with another number of faces.
    :param faces: faces that were compared.
    :param other_ids: faces whose id is not the one that it was so far.
    :param other_labels: faces with another label, by the label.
    :param most: greatest difference of a number, by column (pixels, years, probabilities).
    """

    frames: int = 0
    same: int = 0
    other_faces: int = 0
    faces: int = 0
    other_ids: int = 0
    other_labels: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LABELS, 0))
    most: dict[str, float] = field(default_factory=dict)


def live_answers(
    frames: Sequence[BagFrame], faces: Iterable[bytes], attributes: Iterable[bytes]
) -> LiveAnswers:
    """Return recorded messages by the frames that they are of, by the stamps.

    Of frames with the same stamp the messages come in the frames' order.

    :param faces: serialised messages of ``faces`` in order.
    :param attributes: the same of ``attributes``.
    """
    numbers: dict[int, list[int]] = defaultdict(list)
    for frame in frames:
        numbers[frame.stamp_ns].append(frame.number)
    found = [number for number, _ in _numbered(faces, FACES, numbers) if number is not None]
    rows: dict[int, Sequence[Row]] = {}
    latency: dict[int, float] = {}
    strangers = 0
    for number, message in _numbered(attributes, ATTRIBUTES, numbers):
        if number is None:
            strangers += 1
            continue
        rows[number] = rows_of_message(message, number)
        latency[number] = float(message.processing.latency_ms)
    return LiveAnswers(found, rows, latency, strangers)


def offline_again(
    frames: Iterable[BagFrame], stages: OfflineStages, live: LiveAnswers
) -> dict[int, Sequence[Row]]:
    """Return rows by frame of the stages on the frames alone that the graph's stages took.

    What a dropped frame changes in those after it (who is followed, when traits are refreshed) is
    so the same in both.
    """
    taken = {*live.found, *live.rows}
    again: dict[int, Sequence[Row]] = {}
    for frame in frames:
        if frame.number in taken and frame.image is not None:
            answer = stages(frame, describe=frame.number in live.rows)
            if frame.number in live.rows:
                again[frame.number] = rows_of(answer)
    return again


def compare(live: Mapping[int, Sequence[Row]], offline: Mapping[int, Sequence[Row]]) -> Comparison:
    """Return how answers differ on the frames that are in both."""
    result = Comparison()
    ids: dict[int, int] = {}
    for number in sorted(live.keys() & offline.keys()):
        ours, theirs = live[number], offline[number]
        result.frames += 1
        if len(ours) != len(theirs):
            result.other_faces += 1
            continue
        differences = [_difference(a, b, ids, result) for a, b in zip(ours, theirs)]
        result.same += not any(differences)
    return result


def _numbered(
    messages: Iterable[bytes], kind: str, numbers: Mapping[int, Sequence[int]]
) -> Iterator[tuple[int | None, Any]]:
    """Yield each message with its frame's number; None: its stamp is no frame's."""
    given: dict[int, int] = defaultdict(int)
    for data in messages:
        message = typestore().deserialize_cdr(data, kind)
        stamp = message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
        own = numbers.get(stamp, ())
        place = given[stamp]
        given[stamp] += 1
        yield (own[place] if place < len(own) else None), message


def _difference(ours: Row, theirs: Row, ids: dict[int, int], result: Comparison) -> bool:
    """Note how two answers about a face differ; return whether they do."""
    result.faces += 1
    other_id = ids.setdefault(ours['track'], theirs['track']) != theirs['track']
    result.other_ids += other_id
    differs = other_id
    for name in LABELS:
        is_other = ours[name] != theirs[name]
        result.other_labels[name] += is_other
        differs |= is_other
    for name in (*NUMBERS, *SCORES):
        distance = _distance(ours[name], theirs[name])
        result.most[name] = max(result.most.get(name, 0.0), distance)
        differs |= distance > SAME * (1 if name in SCORES else max(1.0, abs(float(theirs[name]))))
    return bool(differs)


def _distance(ours: Any, theirs: Any) -> float:
    """Return the greatest difference; infinite where only one is given."""
    a, b = np.asarray(ours, np.float32), np.asarray(theirs, np.float32)
    if (np.isnan(a) != np.isnan(b)).any():
        return float('inf')
    return float(np.nan_to_num(np.abs(a - b)).max())
