# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What libjpeg, libpng, libtiff and rosidl write to standard error, kept out of it.

Of a damaged picture or message they write a line or thousands, by themselves and past every log:
of a camera with a bad cable thirty lines a second. While one is read, standard error is a file in
memory; what others write in the meantime is passed on behind it. (A pipe would not do: decoders
that hold the interpreter would wait for its reader for ever.)
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Callable
from collections.abc import Iterator

STDERR = 2

MESSAGE = re.compile(
    rb'Corrupt JPEG|Premature end of JPEG|Unsupported marker type|Inconsistent progression'
    rb'|Invalid SOS|Warning: |Caution: |Application transferred|Arithmetic|libpng |libjpeg'
    rb'|JPEG |Bogus |Quantization|Huffman|tempfile\.tif: |TIFF'
    rb'|\w+: .*(?:directory|IFD|tag|strip)'
    rb'|(?:sequence|array) size exceeds|string (?:not null|capacity)|failed to (?:assign|create)'
)
"""How a line of theirs begins."""

LONGEST = 1 << 20
"""Bytes that are looked at behind a picture, and kept; further ones are dropped."""


class _Stderr:
    """Standard error of this process, while threads decode."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoding = 0
        self._file = -1
        self._stderr = -1
        self._read = 0

    def begin(self) -> None:
        """
        Lead standard error into memory, from the first thread on.

        :raises OSError: it is closed, or there are too many files.
        """
        with self._lock:
            if not self._decoding:
                if self._file < 0:
                    self._file = _appending(os.memfd_create('stderr'))
                self._stderr = os.dup(STDERR)
                os.dup2(self._file, STDERR)
            self._decoding += 1

    def end(self) -> bytes:
        """Lead it back behind the last thread, and return the decoders' first line."""
        with self._lock:
            self._decoding -= 1
            if self._decoding:
                return b''
            os.dup2(self._stderr, STDERR)
            os.close(self._stderr)
            text = self._unread()
        return _passed_on(text)

    def _unread(self) -> bytes:
        """Return what was written since the last time.

        What another thread is about to write even now stands behind it and comes with the next.
        """
        size = os.fstat(self._file).st_size
        text = os.pread(self._file, min(size - self._read, LONGEST), self._read)
        self._read = size
        if size > LONGEST:
            os.ftruncate(self._file, 0)
            self._read = 0
        return text


def _appending(file: int) -> int:
    """Have writes to a file in memory go behind each other: by themselves they may overlap."""
    fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


def _passed_on(text: bytes) -> bytes:
    """Pass on what is not of decoders; return the first line that is."""
    lines = text.splitlines(keepends=True)
    others = b''.join(line for line in lines if not MESSAGE.match(line))
    if others:
        with contextlib.suppress(OSError):
            os.write(STDERR, others)
    return next((line for line in lines if MESSAGE.match(line)), b'')


_STDERR = _Stderr()


@contextlib.contextmanager
def told_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Have decoders' first line told, in place of all of them on standard error.

    :param tell: called with it behind the picture, where there is one.
    """
    try:
        _STDERR.begin()
    except (AttributeError, OSError):  # not of Linux, or as ``begin`` says
        yield
        return
    try:
        yield
    finally:
        line = _STDERR.end()
    if line:
        tell(line.decode(errors='replace').strip())
