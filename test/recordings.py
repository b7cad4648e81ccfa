# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bags that tests record: one moving face, with what may be wrong with them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='no rosbags')
pytest.importorskip('skimage', reason='no scikit-image, whose photograph is recorded')

import samples
import yaml
from rosbags.interfaces import Qos
from rosbags.interfaces import QosDurability
from rosbags.interfaces import QosHistory
from rosbags.interfaces import QosLiveliness
from rosbags.interfaces import QosReliability
from rosbags.interfaces import QosTime
from rosbags.rosbag2 import CompressionFormat
from rosbags.rosbag2 import CompressionMode
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores
from rosbags.typesys import get_types_from_msg
from rosbags.typesys import get_typestore

BEGIN_NS = 1_700_000_000 * 10**9
PERIOD_NS = 100_000_000
LATE_NS = 3_000_000
"""By how much a frame is recorded later than its stamp says."""

TOPIC = '/head_camera/image'
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED = 'sensor_msgs/msg/CompressedImage'
TEXT = 'std_msgs/msg/String'

ODD = 'odd_msgs/msg/Odd'
"""A type that is installed nowhere."""

TYPES = get_typestore(Stores.ROS2_HUMBLE)
TYPES.register(get_types_from_msg('string data', ODD))
STORAGES = ('sqlite3', 'mcap')
ENDINGS = {'sqlite3': '.db3', 'mcap': '.mcap'}

FOREVER = QosTime(2147483647, 4294967295)
BEST_EFFORT = Qos(
    QosHistory.KEEP_LAST,
    5,
    QosReliability.BEST_EFFORT,
    QosDurability.VOLATILE,
    FOREVER,
    FOREVER,
    QosLiveliness.AUTOMATIC,
    FOREVER,
    False,
)
RELIABLE = BEST_EFFORT._replace(reliability=QosReliability.RELIABLE)


@cache
def picture(number: int = 0) -> np.ndarray:
    """Return a frame of 200x160 with one face that moves to the right, BGR."""
    part = samples.astronaut()[20:340, 100 - 4 * (number % 10) : 500 - 4 * (number % 10)]
    return cv2.resize(part, (200, 160), interpolation=cv2.INTER_AREA)


@cache
def wall() -> np.ndarray:
    """Return a frame without a face."""
    return np.full((160, 200, 3), 90, np.uint8)


def header(stamp_ns: int):
    """Return a header of a time in nanoseconds."""
    time = TYPES.types['builtin_interfaces/msg/Time'](*divmod(stamp_ns, 10**9))
    return TYPES.types['std_msgs/msg/Header'](time, 'head_camera')


def raw(image: np.ndarray, stamp_ns: int, encoding: str = 'bgr8') -> bytes:
    """Return a serialised Image."""
    height, width = image.shape[:2]
    step = image.itemsize * (image.size // height)
    message = TYPES.types[IMAGE](
        header(stamp_ns), height, width, encoding, 0, step, image.reshape(-1).view(np.uint8)
    )
    return bytes(TYPES.serialize_cdr(message, IMAGE))


def compressed(image: np.ndarray, stamp_ns: int, ending: str = 'png') -> bytes:
    """Return a serialised CompressedImage."""
    data = cv2.imencode(f'.{ending}', image)[1]
    message = TYPES.types[COMPRESSED](header(stamp_ns), ending, data.reshape(-1))
    return bytes(TYPES.serialize_cdr(message, COMPRESSED))


def text(words: str) -> bytes:
    """Return a serialised String."""
    return bytes(TYPES.serialize_cdr(TYPES.types[TEXT](words), TEXT))


def stamp(number: int) -> int:
    """Return the stamp of a frame in nanoseconds."""
    return BEGIN_NS + number * PERIOD_NS


def frames(count: int, first: int = 0) -> list[tuple[str, str, int, bytes]]:
    """Return frames of the moving face: topic, type, time of recording, data."""
    return [
        (TOPIC, IMAGE, stamp(number) + LATE_NS, raw(picture(number), stamp(number)))
        for number in range(first, first + count)
    ]


def record(
    path: Path, messages, storage: str = 'sqlite3', mode: str = 'none', topics=(), qos=BEST_EFFORT
) -> Path:
    """Record messages into a bag; return its folder.

    :param messages: topic, type, time of recording in ns, serialised data.
    :param mode: of compression: none, file, message or storage.
    :param topics: topics and types without a message.
    :param qos: what the publishers offered.
    """
    writer = Writer(path, version=8, storage_plugin=StoragePlugin[storage.upper()])
    writer.set_compression(CompressionMode[mode.upper()], CompressionFormat.ZSTD)
    connections = {}
    with writer:
        for topic, kind in (*topics, *((topic, kind) for topic, kind, _, _ in messages)):
            if topic not in connections:
                connections[topic] = writer.add_connection(
                    topic, kind, typestore=TYPES, offered_qos_profiles=[qos]
                )
        for topic, _, recorded_ns, data in messages:
            writer.write(connections[topic], recorded_ns, data)
    return path


def record_split(path: Path, parts, storage: str = 'sqlite3', mode: str = 'none') -> Path:
    """Record a bag in several files, as rosbag2 splits them."""
    names, told = [], None
    path.mkdir()
    for number, messages in enumerate(parts):
        part = record(path.parent / f'{path.name}_{number}', messages, storage, mode)
        own = yaml.safe_load((part / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
        (file,) = (part / name for name in own['relative_file_paths'])
        file.rename(path / file.name)
        names.append(file.name)
        if told is None:
            told = own
        else:
            told['message_count'] += own['message_count']
            for topic, more in zip(
                told['topics_with_message_count'], own['topics_with_message_count']
            ):
                topic['message_count'] += more['message_count']
    told['relative_file_paths'] = names
    (path / 'metadata.yaml').write_text(yaml.safe_dump({'rosbag2_bagfile_information': told}))
    return path


def storage_file(path: Path) -> Path:
    """Return a bag's storage file."""
    (file,) = (each for each in path.iterdir() if each.name != 'metadata.yaml')
    return file


def cut(file: Path, share: float) -> None:
    """Cut a file off."""
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
