# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a replay leaves behind beside the report: a bag with the answers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import Literal

from face_affect_ros.evaluation.bags.bag import METADATA
from face_affect_ros.evaluation.bags.bag import BagError
from face_affect_ros.evaluation.bags.message_types import ATTRIBUTES
from face_affect_ros.evaluation.bags.message_types import FACES
from face_affect_ros.evaluation.bags.message_types import builder
from face_affect_ros.evaluation.bags.message_types import typestore
from face_affect_ros.evaluation.bags.offline import Answer
from face_affect_ros.evaluation.bags.storage_files import has_odd_name
from face_affect_ros.evaluation.bags.storage_files import is_storage
from face_affect_ros.quoting import quoted

BAG_VERSION: Literal[8] = 8
"""Of rosbag2's metadata: the newest whose QoS profiles are written as Humble writes them."""


class AnswerBag:
    """A bag in the making; a context manager.

    :param path: folder; the bag of an earlier run in it is removed.
    :param namespace: of the topics ``faces`` and ``attributes``.
    :param storage: ``mcap`` or ``sqlite3``.
    """

    def __init__(self, path: Path, namespace: str, storage: str = 'mcap') -> None:
        """Create the bag with its two topics."""
        self._writer = _writer(path, storage)
        self._writer.open()
        self._faces, self._attributes = (
            self._writer.add_connection(
                f'{namespace}/{topic}', kind, typestore=typestore(), offered_qos_profiles=[_qos()]
            )
            for topic, kind in (('faces', FACES), ('attributes', ATTRIBUTES))
        )

    def __enter__(self) -> AnswerBag:
        """Return the bag."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Finish the bag, also one that ends early: what is in it is whole."""
        self._writer.close()

    def add(self, answer: Answer) -> None:
        """Write an answer's two messages at the time of its frame's recording."""
        for connection, kind, message in (
            (self._faces, FACES, builder().detected(answer.found)),
            (self._attributes, ATTRIBUTES, builder().described(answer.described)),
        ):
            self._writer.write(
                connection, answer.frame.recorded_ns, typestore().serialize_cdr(message, kind)
            )


def write_bag(
    path: Path, storage: str, topics: Mapping[str, tuple[str, Sequence[tuple[int, bytes]]]]
) -> None:
    """Write serialised messages into a new bag.

    :param topics: type and messages by topic: time in nanoseconds, data.
    """
    with _writer(path, storage) as writer:
        for topic, (kind, messages) in topics.items():
            connection = writer.add_connection(
                topic, kind, typestore=typestore(), offered_qos_profiles=[_qos()]
            )
            for recorded_ns, data in messages:
                writer.write(connection, recorded_ns, data)


def _writer(path: Path, storage: str) -> Any:
    from rosbags.rosbag2 import StoragePlugin
    from rosbags.rosbag2 import Writer

    _remove_older(path)
    kind = 'mcap' if has_odd_name(path) else storage
    return Writer(path, version=BAG_VERSION, storage_plugin=StoragePlugin[kind.upper()])


def _remove_older(path: Path) -> None:
    """Remove the bag of an earlier run.

    :raises BagError: there is something else.
    """
    if not path.exists():
        return
    if not path.is_dir() or not all(_is_of_bag(each) for each in path.iterdir()):
        raise BagError(f'{quoted(path)} is no bag of answers: choose another --to')
    shutil.rmtree(path)


def _is_of_bag(file: Path) -> bool:
    return file.is_file() and (file.name.startswith(METADATA) or is_storage(file))


def _qos() -> Any:
    """Return the profile of the nodes' outputs: reliable, the last 5."""
    from rosbags.interfaces import Qos
    from rosbags.interfaces import QosDurability
    from rosbags.interfaces import QosHistory
    from rosbags.interfaces import QosLiveliness
    from rosbags.interfaces import QosReliability
    from rosbags.interfaces import QosTime

    never = QosTime(9223372036, 854775807)
    return Qos(
        QosHistory.KEEP_LAST,
        5,
        QosReliability.RELIABLE,
        QosDurability.VOLATILE,
        never,
        never,
        QosLiveliness.AUTOMATIC,
        never,
        False,
    )
