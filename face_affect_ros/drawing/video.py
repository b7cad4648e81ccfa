# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A video with the faces drawn into every frame."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from face_affect_ros.drawing.picture import annotate
from face_affect_ros.faces import Face
from face_affect_ros.quoting import quoted

DEFAULT_RATE = 10.0
"""Frames a second where nothing says how many."""


class VideoWriteError(Exception):
    """A video that cannot be written; the text names it."""


class AnnotatedVideo:
    """An MP4 video in the making; a context manager.

    :param path: an ``.mp4`` file.
    :param rate: frames a second.
    """

    def __init__(self, path: str | os.PathLike[str], rate: float = DEFAULT_RATE) -> None:
        """Begin with the first frame's size."""
        self._path, self._rate = os.fspath(path), rate
        self._writer: Any = None
        self._size = (0, 0)

    def __enter__(self) -> AnnotatedVideo:
        """Return the video."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()

    def add(self, image: np.ndarray, faces: Sequence[Face]) -> None:
        """Write the next frame; one of another size than the first is scaled.

        :param image: (H, W, 3) uint8 BGR.
        :raises VideoWriteError: OpenCV cannot write the file.
        """
        picture = annotate(image, faces)
        if self._writer is None:
            self._size = picture.shape[1], picture.shape[0]
            self._writer = self._opened()
        if picture.shape[1::-1] != self._size:
            picture = cv2.resize(picture, self._size)
        self._writer.write(picture)

    def _opened(self) -> Any:
        rate = float(Fraction(self._rate).limit_denominator(1000))
        writer = cv2.VideoWriter(self._path, cv2.VideoWriter.fourcc(*'mp4v'), rate, self._size)
        if not writer.isOpened():
            raise VideoWriteError(
                f'{quoted(self._path)} cannot be written: OpenCV makes no MP4 video of '
                '{}x{} pixels there'.format(*self._size)
            )
        return writer
