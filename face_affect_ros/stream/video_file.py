# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The frames of a video file, in order and with their times."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from face_affect_ros.images.decoding import VIDEO
from face_affect_ros.images.decoding import other_kind
from face_affect_ros.images.sizes import check_size
from face_affect_ros.images.turning import turned
from face_affect_ros.quoting import quoted
from face_affect_ros.stream.types import Frame
from face_affect_ros.stream.types import FrameTiming

ENDINGS = (
    *('.mp4', '.m4v', '.mov', '.avi', '.mkv', '.webm', '.mpg', '.mpeg', '.ts', '.mts'),
    *('.wmv', '.flv', '.ogv', '.3gp'),
)

USUAL_RATE = 30.0
"""Frames a second where a file does not say."""

_SIGNATURE = 1100
"""Bytes from a file's beginning that tell what it is."""


class VideoError(ValueError):
    """A file that cannot be read as a video; the text names it."""


@dataclass(frozen=True)
class VideoFrame:
    """A frame.

    :param number: which frame of the file it is, from 0.
    :param time_s: its time in the file, seconds from 0.
    :param image: (H, W, 3) uint8 BGR, upright, and turned as is wanted.
    """

    number: int
    time_s: float
    image: np.ndarray

    def of_stream(self) -> Frame:
        """Return it as the stages take it: its time stands for stamp and reception."""
        # A stamp of 0 means that there is none.
        stamp_ns = 1 + round(self.time_s * 1e9)
        return Frame(None, stamp_ns, self.image, FrameTiming(stamp_ns, stamp_ns * 1e-9))


class VideoFile:
    """A video file that is read from its beginning; a context manager.

    :param path: of the file.
    :param rotate: degrees by which the upright frames are turned clockwise, of
        ``images.turning.ANGLES``.
    :raises VideoError: OpenCV cannot read it.
    :raises ImageError: its frames have too many pixels.
    """

    def __init__(self, path: str | os.PathLike[str], rotate: int = 0) -> None:
        """Open the file."""
        self.path = os.fspath(path)
        self._rotate = rotate
        self._capture = cv2.VideoCapture(self.path)
        if not self._capture.isOpened():
            raise VideoError(
                f'video {quoted(self.path)} cannot be read: it is damaged, or of a kind that '
                'OpenCV does not know; make an MP4 of it (ffmpeg -i IN OUT.mp4)'
            )
        width, height = (
            int(self._capture.get(each))
            for each in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        check_size(width, height, f'video {quoted(self.path)}')

    def __enter__(self) -> VideoFile:
        """Return the file."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Close the file."""
        self._capture.release()

    @property
    def rate(self) -> float:
        """Frames a second, as the file says; ``USUAL_RATE`` where it does not."""
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        return rate if 0 < rate < 1000 else USUAL_RATE

    @property
    def count(self) -> int:
        """Frames in the file, as it says; 0: it does not."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def frames(self, every_s: float = 0.0) -> Iterator[VideoFrame]:
        """Yield the frames.

        :param every_s: seconds between frames that are yielded, at least; 0: all are.
        """
        number, time_s, due = 0, 0.0, 0.0
        while self._capture.grab():
            time_s = self._time_of(number, time_s)
            if time_s + 0.5 / self.rate >= due:
                read, image = self._capture.retrieve()
                if read:
                    due = time_s + every_s
                    yield VideoFrame(number, time_s, turned(image, self._rotate))
            number += 1

    def _time_of(self, number: int, before_s: float) -> float:
        """Return the time of the frame that was grabbed; by the rate where the file has none."""
        time_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        if number == 0:
            return max(0.0, time_s)
        return time_s if time_s > before_s else before_s + 1 / self.rate


def is_video(path: str) -> bool:
    """Return whether a path is that of a video file, by how it begins or by its ending."""
    if not os.path.isfile(path):
        return False
    try:
        with open(path, 'rb') as file:
            begin = file.read(_SIGNATURE)
    except OSError:
        return False
    return other_kind(begin) == VIDEO or path.lower().endswith(ENDINGS)
