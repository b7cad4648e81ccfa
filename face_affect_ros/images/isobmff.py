# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""AVIF and HEIC files: how large the pictures in them are, told before their reader begins."""

from __future__ import annotations

import re
import struct
from typing import Any

_EXTENT = re.compile(rb'ispe\0{4}(.{8})', re.DOTALL)
"""The property "image spatial extents" (ISO 23008-12, 6.5.3)."""

_LOOKED_AT = 1 << 18
"""Bytes from a file's beginning, where writers put what is not a picture."""


def largest(data: Any) -> tuple[int, int]:
    """Return width and height in pixels of the largest picture in a file; 1, 1: it tells none."""
    sizes = (struct.unpack('>II', found[1]) for found in _EXTENT.finditer(data[:_LOOKED_AT]))
    return max(sizes, key=lambda size: size[0] * size[1], default=(1, 1))
