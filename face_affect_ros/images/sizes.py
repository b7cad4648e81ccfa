# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How large an image may be; compared before memory is taken."""

from __future__ import annotations

from face_affect_ros.images.errors import BAD_IMAGE
from face_affect_ros.images.errors import TOO_LARGE
from face_affect_ros.images.errors import ImageError

MAX_PIXELS = 64_000_000
"""Largest width x height that is decoded or converted."""

MAX_FILE_BYTES = 8 * MAX_PIXELS
"""Largest file that is read: ``MAX_PIXELS`` of 16-bit RGBA without compression."""


def check_size(width: int, height: int, name: str, max_pixels: int = MAX_PIXELS) -> None:
    """
    Refuse an image without pixels, or with more than ``max_pixels``.

    :raises ImageError: BAD_IMAGE or TOO_LARGE.
    """
    if width < 1 or height < 1:
        raise ImageError(
            BAD_IMAGE, f'{name} is empty ({width}x{height}): width and height must be at least 1'
        )
    if width * height > max_pixels:
        remedy = 'scale it down' + (' or raise max_pixels' if max_pixels < MAX_PIXELS else '')
        raise ImageError(
            TOO_LARGE,
            f'{name} has {width}x{height} = {width * height:,} pixels, more than the '
            f'{max_pixels:,} that are accepted: {remedy}',
        )
