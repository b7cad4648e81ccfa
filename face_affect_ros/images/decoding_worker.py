# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The process that ``decoding_process.py`` starts: pictures on stdin, pixels on stdout.

A request is two lengths, JSON and the encoded picture; an answer is a length, JSON and the pixels.
"""

from __future__ import annotations

import json
import resource
import select
import struct
import sys
from typing import Any

IDLE_S = 3.0
"""Seconds without a request after which the process ends and gives its memory back."""

MOST_MEMORY = 4 << 30
"""Bytes of address space that the process may take."""

MOST_SECONDS = 120
"""Seconds of processor time after which the system ends it, whoever started it."""


def main() -> None:
    """Answer requests until there are none."""
    sys.path.pop(0)  # this file's folder, whose names would hide others'
    _limit(resource.RLIMIT_AS, MOST_MEMORY)
    _limit(resource.RLIMIT_CPU, MOST_SECONDS)
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while select.select([incoming], [], [], IDLE_S)[0]:
        lengths = incoming.read(16)
        if len(lengths) < 16:
            return
        order, data = (incoming.read(length) for length in struct.unpack('<QQ', lengths))
        answer, pixels = _decoded(json.loads(order), data)
        text = json.dumps(answer).encode()
        outgoing.write(struct.pack('<Q', len(text)) + text)
        if pixels is not None:
            outgoing.write(pixels.data)
        outgoing.flush()


def _limit(kind: int, most: int) -> None:
    """Set a limit of the system, or keep one that is lower."""
    hard = resource.getrlimit(kind)[1]
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (limit, limit))


def _decoded(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], Any]:
    """Return the answer to a request, and the pixels if there are any."""
    from face_affect_ros import images

    try:
        pixels = images.decode(
            data,
            order['name'],
            warn=lambda _: None,
            max_pixels=order['max_pixels'],
            reduction=order['reduction'],
        )
    except images.ImageError as error:
        return {'code': error.code, 'message': error.message}, None
    return {'shape': pixels.shape}, pixels


if __name__ == '__main__':
    main()
