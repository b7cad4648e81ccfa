# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What processes take of the machine, as Linux tells it."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

SHARED_MEMORY = Path('/dev/shm')
MARK = 'fastdds'
"""In the names of what the middleware keeps in shared memory."""


@dataclass(frozen=True)
class Taken:
    """What a process takes, with the processes that it started.

    :param memory_mb: resident memory, MB.
    :param threads: their number.
    :param files: open file descriptors.
    :param cpu_s: processor time so far, those that have ended included, s.
    """

    memory_mb: float = 0.0
    threads: int = 0
    files: int = 0
    cpu_s: float = 0.0

    def __add__(self, other: Taken) -> Taken:
        """Add up."""
        return Taken(
            self.memory_mb + other.memory_mb,
            self.threads + other.threads,
            self.files + other.files,
            self.cpu_s + other.cpu_s,
        )


def taken_by(pid: int) -> Taken:
    """Return what a process and its children take now; nothing of one that has ended."""
    total = Taken()
    for each in (pid, *_children(pid)):
        with contextlib.suppress(OSError, IndexError, ValueError):
            total += _taken_by_one(each)
    return total


def shared_files() -> int:
    """Return how many files the middleware keeps in shared memory."""
    return sum(MARK in name for name in os.listdir(SHARED_MEMORY))


class Peak:
    """The most resident memory of a process and its children while the context lasts, MB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.before_mb = self.most_mb = taken_by(pid).memory_mb

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.02):
            self.most_mb = max(self.most_mb, taken_by(self._pid).memory_mb)


def _taken_by_one(pid: int) -> Taken:
    folder = Path('/proc', str(pid))
    fields = (folder / 'stat').read_text().rpartition(')')[2].split()
    pages = int((folder / 'statm').read_text().split()[1])
    return Taken(
        pages * os.sysconf('SC_PAGE_SIZE') / 1e6,
        int(fields[17]),
        len(os.listdir(folder / 'fd')),
        sum(map(int, fields[11:15])) / os.sysconf('SC_CLK_TCK'),
    )


def _children(pid: int) -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for task in Path('/proc', str(pid), 'task').iterdir():
            found += map(int, (task / 'children').read_text().split())
    return found
