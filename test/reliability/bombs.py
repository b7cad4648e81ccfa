# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Small pictures that would cost seconds and gigabytes, and what the nodes spend on each."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from functools import cache
from functools import partial
from typing import Any

import hostile
import numpy as np
from builtin_interfaces.msg import Duration
from PIL import Image as PillowImage
from robot import astronaut
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from face_affect_ros.image_messages import convert
from face_affect_ros.srv import ClassifyImage
from reliability import resources
from reliability.nodes import Nodes

MOST_MB = 1000.0
"""Memory that a picture may take for a moment; of 8 megapixels some 100 MB are its own."""

MOST_CPU_S = 6.0
"""Processor time that a picture may take, on a busy machine."""

PATIENCE_S = 15
"""Seconds that whoever sends a bomb waits for its answer: it may do what it can."""

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)

ERRORS = {
    value: name
    for name, value in vars(ClassifyImage.Response).items()
    if isinstance(value, int) and name.isupper()
}


def raw(picture: np.ndarray) -> Image:
    """Return a picture as a message."""
    return convert.to_image_message(picture, Header(frame_id='head_camera'))


def claim(width: int, height: int) -> bytes:
    """Return a PNG that claims to be of a size."""
    data = bytearray(hostile.encoded(PICTURE, 'PNG'))
    data[16:24] = struct.pack('>II', width, height)
    data[29:33] = hostile.checksum(bytes(data[12:29]))
    return bytes(data)


def moving(kind: str, frames: int) -> bytes:
    """Return an animation."""
    pictures = [
        PillowImage.new('RGB', (640, 480), (number % 256, 9, 9)) for number in range(frames)
    ]
    stream = io.BytesIO()
    pictures[0].save(stream, kind, save_all=True, append_images=pictures[1:])
    return stream.getvalue()


def blank(kind: str, width: int, height: int, **options: Any) -> bytes:
    """Return a picture of one colour, which has many pixels in few bytes."""
    stream = io.BytesIO()
    PillowImage.new('RGB', (width, height), (90, 9, 9)).save(stream, kind, **options)
    return stream.getvalue()


def large_exif() -> bytes:
    """Return a JPEG whose EXIF has thousands of fields that all claim the same megabytes."""
    fields = [(40000 + number, 5, 1_200_000, 100) for number in range(5000)]
    chunk = hostile.chunk(b'eXIf', hostile.tiff(fields, bytes(9_000_000)))
    data = hostile.encoded(PICTURE, 'PNG')
    return data[:33] + chunk + data[33:]


BOMBS: dict[str, Callable[[], bytes]] = {
    'PNG, 64 megapixels': partial(hostile.blank_png, 8000, 8000),
    'PNG, 8 megapixels': partial(hostile.blank_png, 3840, 2160),
    'PNG, 3 pixels wide': partial(hostile.blank_png, 3, 2_000_000),
    'PNG, 3 pixels high': partial(hostile.blank_png, 2_000_000, 3),
    'PNG, claims 2 billion pixels': partial(claim, 2**31 - 1, 1),
    'PNG, EXIF of 5,000 fields': large_exif,
    'JPEG, 500 scans': lambda: hostile.many_scans(astronaut(), 500),
    'GIF, 50 frames': partial(moving, 'GIF', 50),
    'JPEG 2000, 8 megapixels': partial(blank, 'JPEG2000', 3840, 2160),
    'AVIF, 8 megapixels': partial(blank, 'AVIF', 3840, 2160, speed=10),
    'WebP, 50 frames': partial(moving, 'WEBP', 50),
    **{
        f'too many {kind}': partial(hostile.many_parts, PICTURE, kind)
        for kind in hostile.MANY_PARTS
    },
}
"""Files to send, by what they are."""

BOMBS = {name: cache(make) for name, make in BOMBS.items()}


def _of_no_size(**fields: Any) -> Image:
    return Image(**{'height': 48, 'width': 64, 'encoding': 'bgr8', 'step': 192, **fields})


MESSAGES: dict[str, Callable[[], Image]] = {
    'raw, 4 billion x 4 billion': lambda: _of_no_size(height=2**32 - 1, width=2**32 - 1),
    'raw, a step of 4 billion': lambda: _of_no_size(step=2**32 - 1, data=bytes(9216)),
    'raw, 1 pixel wide': lambda: raw(np.zeros((2_000_000, 1, 3), np.uint8)),
    'raw, 1 pixel high': lambda: raw(np.zeros((1, 2_000_000, 3), np.uint8)),
}
"""Messages to send."""


def measure(nodes: Nodes, name: str) -> dict[str, Any]:
    """Send a bomb, then an ordinary picture; return what it cost.

    :param name: one of ``BOMBS`` or ``MESSAGES``.
    """
    sent = (
        {'compressed': CompressedImage(data=BOMBS[name]())}
        if name in BOMBS
        else {'image': MESSAGES[name]()}
    )
    (pid,) = nodes.pids
    cpu = resources.taken_by(pid).cpu_s
    begin = time.monotonic()
    with resources.Peak(pid) as peak:
        answer = nodes.robot.classify(**sent, timeout=Duration(sec=PATIENCE_S))
        took = time.monotonic() - begin
        following = nodes.ask(astronaut(), 20.0)
    return {
        'picture': name,
        'answer': ERRORS[answer.error_code] if answer.error_code else f'{took:.2f} s',
        'memory_mb': peak.most_mb - peak.before_mb,
        'cpu_s': resources.taken_by(pid).cpu_s - cpu,
        'next_s': time.monotonic() - begin - took,
        'next_answered': following.success,
    }


def fault(row: dict[str, Any]) -> str:
    """Return what is wrong with a measured row, or an empty text."""
    if not row['next_answered']:
        return f'{row["picture"]}: the next picture is not answered'
    if row['memory_mb'] > MOST_MB:
        return f'{row["picture"]}: {row["memory_mb"]:.0f} MB'
    return f'{row["picture"]}: {row["cpu_s"]:.1f} s' if row['cpu_s'] > MOST_CPU_S else ''
