# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Picture files and the one on stdin, as all commands read them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from face_affect_ros.cli import pictures

if TYPE_CHECKING:
    import numpy as np


class PictureError(Exception):
    """A picture that cannot be read or analyzed; the text names it."""


def read(source: pictures.Source, warn: Callable[[Warning], None]) -> np.ndarray:
    """Return a picture as (H, W, 3) uint8 BGR.

    :raises PictureError: it cannot be read.
    """
    from face_affect_ros import images
    from face_affect_ros.images import files

    try:
        if source.path != pictures.STDIN:
            return images.load(source.path, warn)
        data = files.read_object(sys.stdin.buffer, images.MAX_FILE_BYTES)
        return images.decode(data, 'picture on stdin', warn)
    except images.ImageError as error:
        raise PictureError(str(error)) from error
