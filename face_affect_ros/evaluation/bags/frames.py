# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera frames of a bag: which topic, and every picture in the order of its recording."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from face_affect_ros import images
from face_affect_ros.evaluation.bags.bag import Bag
from face_affect_ros.evaluation.bags.bag import BagError
from face_affect_ros.evaluation.bags.message_types import COMPRESSED_IMAGE
from face_affect_ros.evaluation.bags.message_types import IMAGE
from face_affect_ros.evaluation.bags.message_types import IMAGE_TYPES
from face_affect_ros.evaluation.bags.message_types import typestore
from face_affect_ros.evaluation.bags.stored import StoredMessage
from face_affect_ros.image_messages import convert
from face_affect_ros.image_messages.encodings import DEPTH_ENCODINGS
from face_affect_ros.images.bit_depth import StreamDepth
from face_affect_ros.quoting import quoted
from face_affect_ros.quoting import shortened

_COMPRESSED = '/compressed'
_MOST = 200
"""Most characters of the reason why a picture cannot be decoded."""


class TopicError(BagError):
    """There is no such topic, or several; the text lists those of the bag."""


@dataclass(frozen=True)
class BagFrame:
    """One picture of a bag.

    :param number: which picture of its topic it is, from 0.
    :param recorded_ns: when it was recorded, nanoseconds.
    :param stamp_ns: its own time, nanoseconds; 0: it has none, or cannot be read.
    :param header: its header, a ``std_msgs/Header`` of rosbags; None: it cannot be read.
    :param image: (H, W, 3) uint8 BGR; None: it cannot be decoded.
    :param error: why not.
    :param decode_ms: what unpacking and decoding took.
    """

    number: int
    recorded_ns: int
    stamp_ns: int = 0
    header: Any = None
    image: np.ndarray | None = None
    error: str = ''
    decode_ms: float = 0.0


class FrameReader:
    """Iterates over a topic's pictures.

    :param bag: an open bag.
    :param topic: its name (``image_topic``).
    :param max_pixels: of the largest picture taken.
    :param rotate: degrees by which pictures are turned clockwise.

    ``digest`` is a hash of the messages that the newest iteration read.
    """

    def __init__(
        self, bag: Bag, topic: str, max_pixels: int = images.MAX_PIXELS, rotate: int = 0
    ) -> None:
        """Keep the bag."""
        self.bag = bag
        self.topic = topic
        self.max_pixels = max_pixels
        self._rotate = rotate
        self.type = bag.topics[topic].type
        self.digest = hashlib.sha256()
        self._depth = StreamDepth()

    def __iter__(self) -> Iterator[BagFrame]:
        """Iterate over all pictures, also over those that cannot be decoded."""
        self.digest = hashlib.sha256()
        self._depth = StreamDepth()
        for number, message in enumerate(self.bag.messages((self.topic,))):
            yield self._frame(number, message)

    def _frame(self, number: int, stored: StoredMessage) -> BagFrame:
        self.digest.update(stored.data)
        begin = time.monotonic()
        header, stamp_ns, image, error = None, 0, None, ''
        try:
            message = typestore().deserialize_cdr(stored.data, self.type)
            header = message.header
            stamp_ns = header.stamp.sec * 10**9 + header.stamp.nanosec
            image = images.turned(self._decode(message), self._rotate)
        except images.ImageError as refusal:
            error = shortened(str(refusal), _MOST)
        except Exception as damage:  # whatever rosbags raises at bytes that are no such message
            error = f'is no {self.type}: {shortened(str(damage) or type(damage).__name__)}'
        elapsed_ms = (time.monotonic() - begin) * 1e3
        return BagFrame(number, stored.recorded_ns, stamp_ns, header, image, error, elapsed_ms)

    def _decode(self, message: Any) -> np.ndarray:
        limits: dict[str, Any] = {'max_pixels': self.max_pixels, 'depth': self._depth}
        if self.type == IMAGE:
            return convert.to_bgr(message, **limits)
        return convert.compressed_to_bgr(
            message, partial(images.decode, warn=lambda _: None, **limits)
        )


def image_topic(bag: Bag, wanted: str | None = None) -> str:
    """Return the topic to evaluate.

    Without ``wanted`` it is the only topic of colour or grey pictures; of one that was recorded
    both raw and compressed the raw one.

    :raises TopicError: there is none, or several are left to choose from.
    """
    if wanted is not None:
        return _checked(bag, wanted)
    pictures = [name for name, topic in bag.topics.items() if topic.type in IMAGE_TYPES]
    if not pictures:
        raise TopicError(f'{quoted(bag.path)} has no image topics; {_listed(bag)}')
    filled = [name for name in pictures if bag.topics[name].count != 0]
    if not filled:
        raise TopicError(f'no image topic has a message in {quoted(bag.path)}; {_listed(bag)}')
    colour = [name for name in filled if not _is_depth(bag, name)] if len(filled) > 1 else filled
    chosen = [
        name
        for name in colour
        if name.removesuffix(_COMPRESSED) not in colour or not name.endswith(_COMPRESSED)
    ]
    if len(chosen) != 1:
        raise TopicError(
            f'several image topics: choose one with --topic: {", ".join(chosen or filled)}'
        )
    return chosen[0]


def _checked(bag: Bag, wanted: str) -> str:
    topic = bag.topics.get(wanted) or bag.topics.get(f'/{wanted}')
    if topic is None:
        raise TopicError(f'no topic {quoted(wanted)}; {_listed(bag)}')
    if topic.type not in IMAGE_TYPES:
        raise TopicError(
            f'{topic.name} is of type {topic.type}, not {" or ".join(IMAGE_TYPES)}; {_listed(bag)}'
        )
    if topic.count == 0:
        raise TopicError(f'{topic.name} has no message in {quoted(bag.path)}; {_listed(bag)}')
    return topic.name


def _is_depth(bag: Bag, name: str) -> bool:
    """Return whether a topic's first picture holds distances."""
    first = next(bag.messages((name,)), None)
    if first is None:
        return False
    try:
        message = typestore().deserialize_cdr(first.data, first.type)
    except Exception:
        return False
    if first.type == COMPRESSED_IMAGE:
        source = message.format.partition(';')[0].strip()
        return source in DEPTH_ENCODINGS or 'compresseddepth' in message.format.lower()
    return message.encoding in DEPTH_ENCODINGS


def _listed(bag: Bag) -> str:
    """Return the topics of a bag in words."""
    if not bag.topics:
        return 'it has no topics at all'
    listed = ', '.join(
        f'{topic.name} ({topic.type}, {"?" if topic.count is None else topic.count})'
        for topic in bag.topics.values()
    )
    return f'its topics are {listed}'
