# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How large a GIF is: Pillow only tells once it has taken memory for its first frame."""

from __future__ import annotations

import struct
from typing import IO

_HAS_PALETTE = 0x80


def size(file: IO[bytes]) -> tuple[int, int]:
    """Return width and height in pixels that hold the screen and the first frame.

    :param file: at its beginning; of a damaged one the size as far as it is there.
    """
    begin = file.read(13)
    if len(begin) < 13:
        return 0, 0
    width, height, flags = struct.unpack_from('<HHB', begin, 6)
    if flags & _HAS_PALETTE:
        file.read(3 << (flags & 7) + 1)
    while (kind := file.read(1)) not in (b'', b';'):
        if kind == b',':
            frame = file.read(8)
            if len(frame) == 8:
                left, top, across, down = struct.unpack('<HHHH', frame)
                return max(width, left + across), max(height, top + down)
        elif kind == b'!':
            file.read(1)
            while length := file.read(1)[:1]:
                if not length[0]:
                    break
                file.read(length[0])
    return width, height
