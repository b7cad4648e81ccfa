# Copyright 2026 The face_affect_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Is there memory for the networks, and shared memory for pictures?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from face_affect_ros.doctor.finding import Finding
from face_affect_ros.doctor.finding import ok
from face_affect_ros.doctor.finding import problem

LEAST_MIB = 500
"""What the nodes take with a crowd (docs/performance.md)."""

SHARED = Path('/dev/shm')

LEAST_SHARED_MIB = 16
"""Two pictures of 1920x1080."""


def check_memory(meminfo: Path = Path('/proc/meminfo')) -> Iterator[Finding]:
    """Return whether enough memory is free."""
    if not meminfo.is_file():
        return
    lines = (line.split(':', 1) for line in meminfo.read_text().splitlines() if ':' in line)
    kib = {name: int(rest.split()[0]) for name, rest in lines}
    available, total = kib.get('MemAvailable', 0) // 1024, kib.get('MemTotal', 0) // 1024
    values = {'available_mib': available, 'total_mib': total}
    if available < LEAST_MIB:
        yield problem(
            'memory-low',
            f'{available} MiB of {total} are free; the nodes take up to {LEAST_MIB}',
            'end other programs, or switch tasks off (age.enable:=false and its like)',
            **values,
        )
    else:
        yield ok('memory', f'{available} of {total} MiB are free', **values)


def check_shared_memory(folder: Path = SHARED) -> Iterator[Finding]:
    """Return whether processes that were killed have filled the shared memory."""
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free // 2**20
    left = sum(name.startswith('fastdds') for name in os.listdir(folder))
    if free < LEAST_SHARED_MIB:
        yield problem(
            'memory-shared',
            f'{folder} has {free} MiB left ({left} files of Fast DDS)',
            'fastdds shm clean, or delete the fastdds_* in it while no ROS node runs',
            free_mib=free,
        )
