# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Topics and messages as they lie in a bag."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import Protocol

ZSTD_MAGIC = b'\x28\xb5\x2f\xfd'
"""What compressed data begins with; a serialised message begins with its byte order."""


@dataclass(frozen=True)
class Topic:
    """A topic of a bag.

    :param name: its name.
    :param type: its type, as ``sensor_msgs/msg/Image``.
    :param count: messages; None: not known before they are read.
    :param qos: the offered profiles as rosbags has them, ``rosbags.interfaces.Qos``.
    """

    name: str
    type: str
    count: int | None
    qos: tuple[Any, ...] = ()

    @property
    def is_reliable(self) -> bool:
        """Whether every publisher was reliable; so also where nobody says."""
        return all(each.reliability.name != 'BEST_EFFORT' for each in self.qos)

    @property
    def is_latched(self) -> bool:
        """Whether every publisher kept messages for who subscribes later (transient local)."""
        return bool(self.qos) and all(
            each.durability.name == 'TRANSIENT_LOCAL' for each in self.qos
        )

    def merged(self, other: Topic) -> Topic:
        """Return the topic with what another file of the bag has of it."""
        known = self.count is not None and other.count is not None
        return replace(
            self,
            count=self.count + other.count if known else None,  # type: ignore[operator]
            qos=self.qos or other.qos,
        )


@dataclass(frozen=True)
class StoredMessage:
    """A message as it lies in a bag.

    :param recorded_ns: when it was recorded, nanoseconds.
    :param data: serialised, decompressed.
    """

    topic: str
    type: str
    recorded_ns: int
    data: bytes


class StorageFile(Protocol):
    """A storage file that is open; ``storage`` is ``mcap`` or ``sqlite3``."""

    storage: str
    topics: list[Topic]
    problems: list[str]

    def messages(self, topics: Collection[str]) -> Iterator[StoredMessage]:
        """Iterate over the messages of some topics in the order of their recording."""

    def close(self) -> None:
        """Close the file."""


def decompressed(data: bytes) -> bytes:
    """Return a stored message's data, decompressed where the recorder compressed each message."""
    if data[: len(ZSTD_MAGIC)] != ZSTD_MAGIC:
        return bytes(data)
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj().decompress(data)
