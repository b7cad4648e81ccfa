# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The messages' classes for bags: those of ROS as rosbags has them, and this package's own."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import numpy as np

from face_affect_ros.stream.message_builder import NAMES
from face_affect_ros.stream.message_builder import MessageBuilder

PACKAGE = 'face_affect_ros'
DEFINITIONS = 'message_definitions'
"""Folder of the package with the ``.msg`` files."""

FACES = f'{PACKAGE}/msg/FaceDetectionArray'
ATTRIBUTES = f'{PACKAGE}/msg/FaceAttributesArray'
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
IMAGE_TYPES = (IMAGE, COMPRESSED_IMAGE)


@functools.cache
def typestore() -> Any:
    """Return a ``rosbags.typesys.store.Typestore`` with ROS's and this package's types."""
    from rosbags.typesys import Stores
    from rosbags.typesys import get_types_from_msg
    from rosbags.typesys import get_typestore

    store = get_typestore(Stores.ROS2_HUMBLE)
    types: dict[str, Any] = {}
    for name, text in definitions().items():
        types.update(get_types_from_msg(text, f'{PACKAGE}/msg/{name}'))
    store.register(types)
    return store


def definitions() -> dict[str, str]:
    """Return the text of this package's message definitions by their names."""
    folder = resources.files(PACKAGE).joinpath(DEFINITIONS)
    return {
        file.name.removesuffix('.msg'): file.read_text(encoding='utf-8')
        for file in sorted(folder.iterdir(), key=lambda each: each.name)
        if file.name.endswith('.msg')
    }


@functools.cache
def builder() -> MessageBuilder:
    """Return what makes messages that rosbags can write."""
    types = {name.rpartition('/')[2]: kind for name, kind in typestore().types.items()}
    return MessageBuilder(
        {name: types[name] for name in NAMES},
        functools.partial(np.array, dtype=np.float32),
        lambda: _empty_image(types),
    )


def _empty_image(types: dict[str, Any]) -> Any:
    header = types['Header'](stamp=types['Time'](sec=0, nanosec=0), frame_id='')
    return types['Image'](
        header=header,
        height=0,
        width=0,
        encoding='',
        is_bigendian=0,
        step=0,
        data=np.empty(0, np.uint8),
    )
