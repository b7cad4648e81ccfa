# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The bytes of an image file as decoders read them, piece by piece, but not without end.

A file may have millions of empty segments or chunks, or fields that take milliseconds each to
unpack: of ten megabytes a header alone takes Pillow up to a minute.
"""

from __future__ import annotations

import io
import time

from face_affect_ros import interruption
from face_affect_ros.images.errors import TOO_LARGE
from face_affect_ros.images.errors import ImageError

HEADER_S = 0.5
"""Seconds of processor time for a header; usual ones take a millisecond."""

PICTURE_S = 2.0
SECONDS_PER_PIXEL = 5e-7
"""Seconds of processor time for a whole picture: some twenty times of what a large one takes."""

READS = 20_000
BYTES_PER_READ = 256
"""Pieces that are read: so many, and one more for so many bytes of the file."""


class BoundedFile(io.BytesIO):
    """A file in memory that refuses to be read in too many pieces, or for too long.

    Reading stops where the thread's work is over (``interruption``).

    :param data: the whole file.
    :param name: what error messages call it.
    """

    def __init__(self, data: memoryview, name: str) -> None:
        super().__init__(data)
        self._name = name
        self._reads_left = READS + len(data) // BYTES_PER_READ
        self._began_at = time.thread_time()
        self._seconds = HEADER_S

    def allow_pixels(self, count: int) -> None:
        """Allow the time that so many pixels may take, from now on."""
        self._began_at = time.thread_time()
        self._seconds = PICTURE_S + SECONDS_PER_PIXEL * count

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes.

        :raises ImageError: TOO_LARGE, after too many pieces or too long a time.
        :raises Interrupted: this thread's work is over.
        """
        interruption.check()
        self._reads_left -= 1
        if self._reads_left < 0 or time.thread_time() - self._began_at > self._seconds:
            raise too_many_parts(self._name)
        return super().read(size)


def too_many_parts(name: str) -> ImageError:
    """Return the error of a file whose parts would take too long to read."""
    return ImageError(
        TOO_LARGE,
        f'{name} has too many segments, chunks or fields beside its pixels: save it anew, '
        'without metadata',
    )
