# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding in a process of its own, which can be given up at any moment.

Decoders cannot be stopped, some hold the interpreter meanwhile, and a small file may take seconds
and gigabytes. The process is started when it is needed, is limited in memory, and ends by itself
when it was not for a while, or with this one.
"""

from __future__ import annotations

import json
import os
import selectors
import struct
import subprocess
import sys
from math import prod
from pathlib import Path
from typing import IO
from typing import Any

import numpy as np

from face_affect_ros import interruption
from face_affect_ros.images.errors import TOO_LARGE
from face_affect_ros.images.errors import ImageError
from face_affect_ros.images.jpeg import Buffer

WORKER = Path(__file__).with_name('decoding_worker.py')

POLL_S = 0.02
"""Seconds between two looks whether anybody still waits."""

CHUNK = 1 << 20


class DecodingProcess:
    """Decodes one picture at a time, for one thread."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def decode(self, data: Buffer, name: str, max_pixels: int, reduction: int) -> np.ndarray:
        """Decode as ``images.decode``.

        :raises ImageError: as ``images.decode``; TOO_LARGE where the process ended over it.
        :raises Interrupted: this thread's work is over.
        """
        order = json.dumps({'name': name, 'max_pixels': max_pixels, 'reduction': reduction})
        for _ in range(2):
            try:
                return self._ask(order.encode(), memoryview(data).cast('B'))
            except (BrokenPipeError, EOFError):
                if not self._ended_well():
                    break
            except ImageError:
                raise
            except BaseException:
                self.close()
                raise
        self.close()
        raise ImageError(
            TOO_LARGE,
            f'{name} could not be decoded with the memory that it may take: scale it down',
        )

    def _ended_well(self) -> bool:
        """Return whether the process ended because nothing came for a while."""
        assert self._process is not None
        return self._process.wait() == 0

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()

    def _ask(self, order: bytes, data: memoryview) -> np.ndarray:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        for part in (struct.pack('<QQ', len(order), len(data)), order, data):
            _write(process.stdin, memoryview(part))
        (length,) = struct.unpack('<Q', _read(process.stdout, 8).tobytes())
        answer = json.loads(_read(process.stdout, length).tobytes())
        if 'code' in answer:
            raise ImageError(answer['code'], answer['message'])
        shape = answer['shape']
        return _read(process.stdout, prod(shape)).reshape(shape)

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started anew where there is none or it has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                os.set_blocking(pipe.fileno(), False)
        return self._process


def _write(pipe: IO[bytes], data: memoryview) -> None:
    for begin in range(0, len(data), CHUNK):
        part = data[begin : begin + CHUNK]
        while len(part):
            _wait(pipe, selectors.EVENT_WRITE)
            part = part[pipe.write(part) or 0 :]


def _read(pipe: IO[bytes], size: int) -> np.ndarray:
    """Return bytes as an array."""
    found = np.empty(size, np.uint8)
    place, left = memoryview(found), size  # type: ignore[arg-type]
    while left:
        _wait(pipe, selectors.EVENT_READ)
        count: Any = pipe.readinto(place[size - left :])  # type: ignore[attr-defined]
        if count == 0:
            raise EOFError('the decoding process ended')
        left -= count or 0
    return found


def _wait(pipe: IO[bytes], event: int) -> None:
    """Wait until a pipe can be read or written, as long as anybody waits for that."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        while not selector.select(POLL_S):
            interruption.check()
    interruption.check()
